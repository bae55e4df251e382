"""The way out for letters: how fast they may go, and whether the mail server refuses us. One row, all machines."""

import datetime

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _


class Channel(models.Model):
    """The throttle and the circuit breaker that every worker shares."""

    name = models.CharField(max_length=20, unique=True, default="letters", editable=False)
    per_minute = models.PositiveIntegerField(
        _("letters per minute"), null=True, blank=True,
        help_text=_("All workers together; empty for no limit. Your mail provider says what it takes."),
    )  # fmt: skip
    per_day = models.PositiveIntegerField(
        _("letters a day"), null=True, blank=True,
        help_text=_("All workers together, by days of UTC; empty for no limit. The rest goes out the next day."),
    )  # fmt: skip
    day = models.DateField(null=True, editable=False)
    day_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    tokens = models.FloatField(default=0, editable=False)
    refilled_at = models.DateTimeField(null=True, editable=False)
    broken_at = models.DateTimeField(_("refused since"), null=True, editable=False)
    broken_reply = models.CharField(_("reply of the mail server"), max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = _("way out for letters")
        verbose_name_plural = _("ways out for letters")
        permissions = [("mend_channel", _("Can let letters go out again after a refusal"))]
        constraints = [
            models.CheckConstraint(condition=Q(per_minute__isnull=True) | Q(per_minute__gt=0), name="channel_moves"),
            models.CheckConstraint(condition=Q(per_day__isnull=True) | Q(per_day__gt=0), name="channel_moves_a_day"),
        ]

    def __str__(self):
        return self.name

    # Events

    @classmethod
    def grant(cls, wanted, *, at):
        """Return how many letters may go now, at most `wanted`, and count them: no two machines get the same ones.

        The bucket fills evenly and holds what is due in one second, at least one letter.
        """
        state = cls.objects.filter(name="letters").values_list("per_minute", "per_day", "broken_at").first()
        if state is None or state == (None, None, None):
            return wanted
        if state[2] is not None:
            return 0
        with transaction.atomic():
            channel = cls.objects.select_for_update().get(name="letters")
            granted = channel._left_today(wanted, at=at)
            if channel.per_minute is not None:
                granted = channel._take(granted, at=at)
            channel.day_count += granted
            channel.save(update_fields=["tokens", "refilled_at", "day", "day_count"])
            return granted

    def _left_today(self, wanted, *, at):
        """Return how many of the wanted letters the day still allows; a new day of UTC begins at nought."""
        today = at.astimezone(datetime.UTC).date()
        if self.day is None or today > self.day:
            self.day, self.day_count = today, 0
        return wanted if self.per_day is None else max(0, min(wanted, self.per_day - self.day_count))

    def _take(self, wanted, *, at):
        a_second = self.per_minute / 60
        gone = (at - self.refilled_at).total_seconds() if self.refilled_at else 0
        tokens = min(max(a_second, 1), self.tokens + max(gone, 0) * a_second)
        granted = min(wanted, int(tokens))
        self.tokens = tokens - granted
        self.refilled_at = max(at, self.refilled_at or at)
        return granted

    @classmethod
    def give_back(cls, count):
        """Return letters to the bucket that were granted and not sent."""
        if count:
            rows = cls.objects.filter(name="letters")
            rows.filter(per_minute__isnull=False).update(tokens=models.F("tokens") + count)
            rows.update(day_count=Greatest(models.F("day_count") - count, 0))

    @classmethod
    def trip(cls, reply, *, at):
        """Stop all letters because the server refuses us, and tell whether this call did it."""
        cls.objects.bulk_create([cls(name="letters")], ignore_conflicts=True)
        rows = cls.objects.filter(name="letters", broken_at__isnull=True)
        return bool(rows.update(broken_at=at, broken_reply=reply[:200]))

    @classmethod
    def mend(cls):
        """Let letters go out again: somebody has looked."""
        return bool(cls.objects.filter(broken_at__isnull=False).update(broken_at=None, broken_reply=""))

    # Questions

    @classmethod
    def current(cls):
        """Return the row, or an unsaved one without a limit."""
        return cls.objects.filter(name="letters").first() or cls()

    def fills_in(self, count):
        """Return how long so many letters take at this pace, or None without a limit."""
        return datetime.timedelta(minutes=count / self.per_minute) if self.per_minute else None
