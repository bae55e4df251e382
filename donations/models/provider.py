"""What passes between us and a provider: what we asked (outbox) and what it announced (inbox)."""

import datetime
import logging

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from donations import providers
from donations.models.guard import Guard
from donations.money import Money
from donations.providers.base import BadAnswer, HandedOver, NotFound, ProviderDown, Refused, UnknownProvider
from donations.tokens import random_id

logger = logging.getLogger(__name__)

# How long an event waits after each try, in seconds; after the last one a person must look.
WAITS = (60, 300, 1800, 7200, 43_200, 86_400)


class ProviderCall(models.Model):
    """One request to a provider; its idempotency key is committed before the call and kept for every repetition."""

    class State(models.TextChoices):
        PREPARED = "prepared", _("Prepared")
        CONFIRMED = "confirmed", _("Confirmed")
        REJECTED = "rejected", _("Rejected")
        UNKNOWN = "unknown", _("Unknown")

    gift = models.ForeignKey("donations.Gift", models.PROTECT, related_name="calls")
    operation = models.CharField(max_length=30)
    subject = models.CharField(
        max_length=64, blank=True, db_default="", help_text="What tells this from others of its kind."
    )
    parameters = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))
    idempotency_key = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=9, choices=State, default=State.PREPARED)
    provider_ref = models.CharField(max_length=120, blank=True)
    redirect_url = models.CharField(max_length=500, blank=True)
    error = models.CharField(max_length=120, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gift", "operation", "subject"], name="call_once_per_subject"),
        ]
        # Serves the sweeper: calls whose answer never came.
        indexes = [models.Index(fields=["state", "created_at"], name="call_unsettled")]

    def __str__(self):
        return f"{self.operation} {self.state}"

    @classmethod
    def prepare(cls, gift, operation, *, at, subject="", parameters=None):
        """Return the call for this operation on a gift, with its key; the first one stays for every repetition."""
        call, _made = cls.objects.get_or_create(
            gift=gift, operation=operation, subject=subject,
            defaults={
                "idempotency_key": f"{operation}-{random_id()}", "created_at": at, "updated_at": at,
                "parameters": parameters or {},
            },
        )  # fmt: skip
        return call

    def perform(self, *, at):
        """Send the call unless it was answered, and keep the answer. Raises ProviderDown and Refused.

        Must not run inside a transaction. After ProviderDown the same key is sent again by the sweeper.
        """
        if self.state == self.State.CONFIRMED:
            return
        if self.state == self.State.REJECTED:
            raise Refused(self.error)
        try:
            answer = OPERATIONS[self.operation](providers.by_name(self.gift.provider), self)
        except ProviderDown as error:
            self.remain_unknown(error, at=at)
            raise
        except (Refused, NotFound) as error:
            self.reject(error, at=at)
            raise Refused(str(error)) from error
        self.confirm(answer if isinstance(answer, HandedOver) else HandedOver(answer, ""), at=at)

    def confirm(self, page, *, at):
        """Note that the provider did it, and where the reader goes."""
        self._close(self.State.CONFIRMED, at, provider_ref=page.ref, redirect_url=page.url, error="")

    def reject(self, error, *, at):
        """Note that the provider said no."""
        self._close(self.State.REJECTED, at, error=str(error)[:120])

    def remain_unknown(self, error, *, at):
        """Note that no answer came: only a repetition with the same key will tell."""
        self._close(self.State.UNKNOWN, at, error=str(error)[:120])

    def _close(self, state, at, **fields):
        open_ = type(self).objects.filter(pk=self.pk, state__in=[self.State.PREPARED, self.State.UNKNOWN])
        open_.update(state=state, updated_at=at, tries=F("tries") + 1, **fields)
        self.refresh_from_db()

    @property
    def money(self):
        """The amount that this call moves or promises."""
        return Money(self.parameters["minor"], self.parameters["currency"])


def _until(call):
    text = call.parameters["until"]
    return datetime.date.fromisoformat(text) if text else None


# What each operation but the hand-over asks of the provider.
OPERATIONS = {
    "refund": lambda to, call: to.refund(call.parameters["charge"], call.money, key=call.idempotency_key),
    "change_plan": lambda to, call: to.change_plan(
        call.parameters["plan"], call.money, call.parameters["cadence"], key=call.idempotency_key
    ),
    "pause_plan": lambda to, call: to.pause_plan(call.parameters["plan"], _until(call), key=call.idempotency_key),
    "resume_plan": lambda to, call: to.resume_plan(call.parameters["plan"], key=call.idempotency_key),
    "end_plan": lambda to, call: to.end_plan(call.parameters["plan"], key=call.idempotency_key),
    "new_card": lambda to, call: to.new_card(
        call.parameters["plan"], call.parameters["return"], key=call.idempotency_key
    ),
}


class ProviderEventQuerySet(models.QuerySet):
    """Events by what is still to be done."""

    def due(self, at):
        """Keep what waits for another try at `at`, longest waiting first."""
        waiting = self.filter(state__in=["stored", "parked"], next_try_at__lte=at)
        return waiting.order_by("next_try_at")


class ProviderEvent(models.Model):
    """One signed announcement, stored before it is acted on. A nudge to look, not a fact."""

    class State(models.TextChoices):
        STORED = "stored", _("Stored")
        APPLIED = "applied", _("Applied")
        IGNORED = "ignored", _("Ignored")
        PARKED = "parked", _("Parked")
        DEAD = "dead", _("Given up")

    provider = models.CharField(max_length=20)
    account = models.CharField(max_length=64)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=30)
    object_ref = models.CharField(max_length=120)
    mode = models.CharField(max_length=7)
    body_sha256 = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.STORED)
    reason = models.CharField(max_length=120, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

    objects = ProviderEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("provider event")
        verbose_name_plural = _("provider events")
        constraints = [
            models.UniqueConstraint(fields=["provider", "account", "event_id"], name="event_once"),
            models.CheckConstraint(condition=~Q(object_ref=""), name="event_names_object"),
        ]
        # Serves the worker: what is still to be applied.
        indexes = [models.Index(fields=["state", "next_try_at"], name="event_waiting")]

    def __str__(self):
        return f"{self.kind} {self.event_id}"

    # Events

    @classmethod
    def store(cls, notice, *, provider, body_sha256, at):
        """Keep an announcement and the task that will look at it; tell whether it is new. A replay changes nothing."""
        from donations.tasks import apply_event

        try:
            with transaction.atomic():
                event = cls.objects.create(
                    provider=provider, account=notice.account, event_id=notice.event_id, kind=notice.kind,
                    object_kind=notice.object_kind, object_ref=notice.object_ref, mode=notice.mode,
                    body_sha256=body_sha256, occurred_at=notice.occurred_at, received_at=at,
                    next_try_at=at + datetime.timedelta(seconds=WAITS[0]),
                )  # fmt: skip
                apply_event.enqueue(event_id=event.pk)
                if notice.kind == "payment_intent.payment_failed":
                    Guard.note_failure(at=at)
        except IntegrityError:
            return False
        return True

    def apply(self, *, at):
        """Fetch the object that the event names and make our rows agree; safe to run twice, and by two at once.

        What cannot be applied yet is parked and tried again after a growing wait; after the last it is given up.
        """
        if self.state not in {self.State.STORED, self.State.PARKED}:
            return
        from donations.models.settlement import Outcome, settle

        try:
            provider = providers.by_name(self.provider)
            if (self.mode, self.account) != (provider.mode, provider.account):
                outcome = Outcome(self.State.PARKED, "another mode or account")
            else:
                standing = provider.fetch(self.object_kind, self.object_ref)
                outcome = settle(standing, provider=self.provider, at=at)
        except ProviderDown:
            outcome = Outcome(self.State.STORED, "provider down")
        except NotFound:
            outcome = Outcome(self.State.PARKED, "unknown object")
        except BadAnswer as error:
            outcome = Outcome(self.State.PARKED, f"unknown shape: {error}")
        except UnknownProvider:
            outcome = Outcome(self.State.PARKED, "provider switched off")
        self._close(outcome, at)

    def _close(self, outcome, at):
        tries, state, next_try_at = self.tries + 1, self.State(outcome.state), None
        if state in {self.State.STORED, self.State.PARKED}:
            if tries >= len(WAITS):
                state = self.State.DEAD
                logger.error("provider event given up", extra={"event": self.event_id, "why": outcome.reason})
            else:
                next_try_at = at + datetime.timedelta(seconds=WAITS[tries])
        open_ = type(self).objects.filter(pk=self.pk, state__in=[self.State.STORED, self.State.PARKED])
        open_.update(state=state, reason=outcome.reason[:120], tries=tries, next_try_at=next_try_at)
        self.refresh_from_db()
