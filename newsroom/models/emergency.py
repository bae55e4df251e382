"""The emergency: while its row stands, the site is read and not written."""

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from newsroom import pagecache
from newsroom.models.staff import StaffAction


class Emergency(models.Model):
    """The one row of read-only mode: since when, by whom, why. Without it the site is written as always."""

    ONLY = 1

    since = models.DateTimeField(_("since"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("read-only mode")
        verbose_name_plural = _("read-only mode")
        default_permissions = ()
        permissions = [("switch_emergency", _("Can switch read-only mode on and off"))]
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="emergency_one_row")]

    def __str__(self):
        return self.reason

    @classmethod
    def begin(cls, *, by, reason, at):
        """Stop all writing; returns False when it is stopped already."""
        try:
            with transaction.atomic():
                row = cls.objects.create(pk=cls.ONLY, since=at, by=by, reason=reason[:300])
                StaffAction.record(user=by, action="read-only on", thing=row, reason=row.reason, at=at)
                pagecache.bump("emergency")
        except IntegrityError:
            return False
        return True

    @classmethod
    def end(cls, *, by, at):
        """Let everybody write again; returns False when nothing was stopped."""
        with transaction.atomic():
            gone, _kinds = cls.objects.filter(pk=cls.ONLY).delete()
            if gone:
                StaffAction.record(user=by, action="read-only off", thing=cls(pk=cls.ONLY), at=at)
                pagecache.bump("emergency")
        return bool(gone)
