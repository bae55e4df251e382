"""Where members of the staff are logged in, so that they see it and can end it."""

import hashlib

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from newsroom.models.staff import StaffAction


class StaffSessionQuerySet(models.QuerySet):
    """Sessions of accounts, without those that ran out."""

    def alive(self, at):
        """Keep those of an account that have not run out."""
        return self.filter(expire_date__gt=at, user__isnull=False).order_by("-begun_at", "session_key")

    def end(self, thing, *, by, at, action):
        """Log out whoever holds these sessions at the next request, write it down at `thing`, and return how many."""
        with transaction.atomic():
            ended, _rows = self.order_by().delete()
            if ended:
                StaffAction.record(user=by, action=action, thing=thing, at=at, reason=str(ended))
        return ended


class StaffSession(AbstractBaseSession):
    """One browser that is logged in: whose, since when, last used on which day, and roughly what it is.

    No network address: who takes the database does not learn where somebody sits.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")
    begun_at = models.DateTimeField(null=True)
    used_on = models.DateField(null=True)
    device = models.CharField(max_length=60, blank=True)

    objects = BaseSessionManager.from_queryset(StaffSessionQuerySet)()

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls):
        from newsroom.sessions import SessionStore

        return SessionStore

    @property
    def mark(self):
        """A name for the session in a form, from which its key cannot be told."""
        return mark_of(self.session_key)


def mark_of(session_key):
    """Return the mark of a session's key: 16 hex digits."""
    return hashlib.sha256(f"newsroom.session:{session_key}".encode()).hexdigest()[:16]
