"""Who has a thing open at this moment. Names beside the text, never a lock."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

GONE_AFTER = datetime.timedelta(seconds=30)
SWEPT_AFTER = datetime.timedelta(minutes=10)


@dataclass(frozen=True)
class Companion:
    """Somebody else who has the same thing open; idle when no key was pressed for a while."""

    name: str
    is_idle: bool


class Presence(models.Model):
    """One person at one thing, renewed by every beat of an open tab."""

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    is_idle = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [
            models.UniqueConstraint(fields=["content_type", "object_id", "user"], name="presence_one_per_person"),
        ]
        # Serves the sweep.
        indexes = [models.Index(fields=["seen_at"], name="presence_seen")]

    def __str__(self):
        return f"{self.content_type_id}/{self.object_id}: {self.user_id}"

    # Events

    @classmethod
    def beat(cls, thing, *, by, at, is_idle=False):
        """Note that this person has the thing open, in one statement."""
        row = cls(content_type=thing.content_type, object_id=thing.pk, user=by, seen_at=at, is_idle=is_idle)
        cls.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["content_type", "object_id", "user"],
            update_fields=["seen_at", "is_idle"],
        )

    @classmethod
    def sweep(cls, *, at):
        """Delete what is over and return how many rows that were."""
        return cls.objects.filter(seen_at__lt=at - SWEPT_AFTER).delete()[0]

    # Questions

    @classmethod
    def companions(cls, content_type, ids, *, at, but=None):
        """Return {id: [Companion, …]} of those who were here in the last half minute; `but` is left out."""
        here = cls.objects.filter(
            content_type=content_type, object_id__in=ids, seen_at__gt=at - GONE_AFTER, user__is_active=True
        ).select_related("user")
        found = {}
        for row in here.order_by("user__first_name", "user__last_name", "user_id"):
            if but is None or row.user_id != but.pk:
                found.setdefault(row.object_id, []).append(Companion(str(row.user), row.is_idle))
        return found
