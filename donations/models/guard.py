"""The guard against card testing: nobody is looked at, only the failures of the whole site are counted."""

import datetime
import hashlib
import logging

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from newsroom import ratelimit

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 180
CHALLENGE_AFTER = 5
CLOSED_AFTER = 9
WAITING_MOST = 10
WAITING_FOR = datetime.timedelta(minutes=2)
QUIET = datetime.timedelta(minutes=30)
WORK_BITS = 15
SLOW_SECONDS = 60


class Guard(models.Model):
    """How carefully gifts are taken at the moment. One row; it falls back by itself."""

    class State(models.TextChoices):
        NORMAL = "normal", _("Normal")
        CHALLENGE = "challenge", _("A small task before each gift")
        CLOSED = "closed", _("No new gifts")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    state = models.CharField(max_length=9, choices=State, default=State.NORMAL)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("guard")
        verbose_name_plural = _("guard")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="guard_one")]

    def __str__(self):
        return self.get_state_display()

    @classmethod
    def read(cls, *, at):
        """Return the state at `at`; half an hour without a failure brings it back to normal."""
        guard = cls.objects.filter(pk=1, until__gt=at).first()
        return cls.State(guard.state) if guard else cls.State.NORMAL

    @classmethod
    def note_failure(cls, *, at):
        """Count a payment that did not go through, and raise the guard when there are too many within minutes."""
        few = ratelimit.allow("failed", "challenge", limit=CHALLENGE_AFTER - 1, seconds=WINDOW_SECONDS, at=at)
        some = ratelimit.allow("failed", "closed", limit=CLOSED_AFTER - 1, seconds=WINDOW_SECONDS, at=at)
        if not some:
            cls.move_to(cls.State.CLOSED, "many payments fail", at=at)
        elif not few or cls.read(at=at) != cls.State.NORMAL:
            cls.move_to(cls.State.CHALLENGE, "payments fail", at=at)

    @classmethod
    def note_waiting(cls, *, at):
        """Raise the guard to a challenge when many hand-overs wait for an outcome at once."""
        from donations.models.gift import Gift

        waiting = Gift.objects.filter(state="handed_off", handed_off_at__gt=at - WAITING_FOR)
        if waiting[:WAITING_MOST].count() >= WAITING_MOST:
            cls.move_to(cls.State.CHALLENGE, "many hand-overs at once", at=at)

    @classmethod
    def move_to(cls, state, reason, *, at, by=None):
        """Raise the guard, or set it by hand; one row and one alert for each change, however many failures follow."""
        with transaction.atomic():
            before = cls.read(at=at)
            if by is None and before == cls.State.CLOSED:
                state = cls.State.CLOSED
            until = at if state == cls.State.NORMAL else at + QUIET
            fields = {"state": state, "until": until, **({} if before == state else {"since": at})}
            cls.objects.update_or_create(pk=1, defaults=fields, create_defaults={**fields, "since": at})
            if before == state:
                return
            GuardMove.objects.create(state=state, reason=reason, by=by, at=at)
        logger.error("the guard of giving moved", extra={"state": str(state), "why": reason})


class GuardMove(models.Model):
    """One change of the guard, with its reason."""

    state = models.CharField(max_length=9, choices=Guard.State)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey("newsroom.User", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return f"{self.state} {self.reason}"


def is_worked(nonce, answer):
    """Tell whether `answer` is a number that makes SHA-256("nonce:answer") begin with WORK_BITS zero bits."""
    if not (answer.isascii() and answer.isdigit() and len(answer) <= 12):
        return False
    digest = hashlib.sha256(f"{nonce}:{answer}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - WORK_BITS) == 0


def allow_slow(*, at):
    """Tell whether somebody without script, who waited a minute instead, may pass: one a minute for the whole site."""
    return ratelimit.allow("slow gift", "site", limit=1, seconds=60, at=at)
