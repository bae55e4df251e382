"""What members of the staff did, for the record."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffAction(models.Model):
    """One thing that somebody on the staff did: who, what, to what, why. Never changed, never deleted.

    It holds no content: a scrubbed passage or a withdrawn name must not survive here.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="actions", verbose_name=_("who")
    )
    action = models.CharField(_("action"), max_length=40)
    kind = models.CharField(_("kind of thing"), max_length=60)
    object_id = models.CharField(_("id"), max_length=60)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(_("time"))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("staff action")
        verbose_name_plural = _("staff actions")
        # Serves the record of one thing, newest first.
        indexes = [models.Index(fields=["kind", "object_id", "-id"], name="staffaction_thing")]

    def __str__(self):
        return f"{self.action} {self.kind} {self.object_id}"

    @classmethod
    def record(cls, *, user, action, thing, at, reason=""):
        """Write down that `user` did `action` to the model instance `thing`."""
        return cls.objects.create(
            user=user, action=action, kind=thing._meta.label_lower, object_id=str(thing.pk), reason=reason, at=at
        )
