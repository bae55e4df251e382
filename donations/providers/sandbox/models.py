"""The sandbox's own books. Nothing of ours reads them but through the adapter."""

import calendar
import datetime
import hashlib
import json

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from donations.money import Money
from donations.tokens import random_id

SESSION_HOURS = 24
PENDING_SECONDS = 8
LATE_SECONDS = 60


class KeyReused(Exception):
    """An idempotency key came again with other parameters."""


def fingerprint(parameters):
    """Return a hash of a request's parameters, whatever their order."""
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


def after_months(day, months, *, anchor):
    """Return the day `months` later, on the anchor's day of the month or the last one that the month has."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(anchor, calendar.monthrange(year, month + 1)[1]))


class SandboxSession(models.Model):
    """One hand-over: a page on which nobody pays."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PROCESSING = "processing", _("Processing")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Outcome(models.TextChoices):
        PAY = "pay", _("Pay")
        DECLINE = "decline", _("Decline the card")
        PENDING = "pending", _("Pending, then paid")
        LATE = "late", _("Pay, but the notice comes late")
        TWICE = "twice", _("Pay, and the notice comes twice")
        CLOSE = "close", _("Pay and close the window")
        CANCEL = "cancel", _("Go back without paying")

    ref = models.CharField(max_length=40, unique=True)
    key = models.CharField(max_length=80, unique=True)
    fingerprint = models.CharField(max_length=64)
    reference = models.CharField(max_length=64)
    cadence = models.CharField(max_length=5)
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=12)
    return_url = models.CharField(max_length=500)
    cancel_url = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    def __str__(self):
        return self.ref

    # Events

    @classmethod
    def open(cls, *, key, at, **parameters):
        """Return the session of this idempotency key, made when the key is new. Raises KeyReused."""
        print_ = fingerprint(parameters)
        try:
            with transaction.atomic():
                return cls.objects.create(
                    ref=f"sbx_{random_id()}", key=key, fingerprint=print_, created_at=at, **parameters
                )
        except IntegrityError:
            session = cls.objects.get(key=key)
        if session.fingerprint != print_:
            raise KeyReused(key)
        return session

    def settle(self, outcome, *, at):
        """Do what the visitor chose, once, and tell whether this call did it. Notices follow through the worker."""
        ends_in = {
            self.Outcome.DECLINE: self.State.FAILED,
            self.Outcome.CANCEL: self.State.CANCELLED,
            self.Outcome.PENDING: self.State.PROCESSING,
        }
        state = ends_in.get(outcome, self.State.PAID)
        with transaction.atomic():
            if not self._move(self.State.OPEN, state, at):
                return False
            if state == self.State.PAID:
                wait = LATE_SECONDS if outcome == self.Outcome.LATE else 0
                self._pay(at, wait=wait, copies=2 if outcome == self.Outcome.TWICE else 1)
            else:
                SandboxNotice.announce(f"session.{state}", "session", self.ref, at=at)
            if state == self.State.PROCESSING:
                from donations.providers.sandbox.tasks import finish_pending

                later = at + datetime.timedelta(seconds=PENDING_SECONDS)
                finish_pending.using(run_after=later).enqueue(ref=self.ref)
        return True

    def finish(self, *, at):
        """Let a pending payment arrive."""
        with transaction.atomic():
            if self._move(self.State.PROCESSING, self.State.PAID, at):
                self._pay(at)

    def _move(self, before, after, at):
        moved = type(self).objects.filter(pk=self.pk, state=before).update(state=after, settled_at=at)
        if moved:
            self.state, self.settled_at = after, at
        return bool(moved)

    def _pay(self, at, *, wait=0, copies=1):
        plan = SandboxPlan.begin(self, at=at) if self.cadence != "once" else None
        charge = SandboxCharge.make(self, plan=plan, starts_on=timezone.localdate(at) if plan else None, at=at)
        for kind, thing in (("session.paid", self), ("charge.succeeded", charge)):
            SandboxNotice.announce(kind, kind.partition(".")[0], thing.ref, at=at, wait=wait, copies=copies)

    # Questions

    def state_at(self, at):
        """Return the state at `at`; an open session expires by itself."""
        late = self.created_at + datetime.timedelta(hours=SESSION_HOURS) <= at
        return "expired" if late and self.state == self.State.OPEN else self.state

    @property
    def money(self):
        """The amount to pay."""
        return Money(self.amount_minor, self.currency)


class SandboxPlan(models.Model):
    """A payment that comes again by the sandbox's clock."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        ENDED = "ended", _("Ended")

    ref = models.CharField(max_length=40, unique=True)
    session = models.OneToOneField(SandboxSession, models.PROTECT, related_name="plan")
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    anchor_day = models.PositiveSmallIntegerField()
    next_on = models.DateField(db_index=True)

    def __str__(self):
        return self.ref

    @classmethod
    def begin(cls, session, *, at):
        """Return the plan that a first payment starts."""
        months, today = 12 if session.cadence == "year" else 1, timezone.localdate(at)
        return cls.objects.create(
            ref=f"sbp_{random_id()}",
            session=session,
            anchor_day=today.day,
            next_on=after_months(today, months, anchor=today.day),
        )

    def renew(self, *, until):
        """Charge every period that begins on `until` or earlier and return how many. Each period is charged once."""
        charged = 0
        while self.state == self.State.ACTIVE and self.next_on <= until:
            with transaction.atomic():
                starts_on, months = self.next_on, 12 if self.session.cadence == "year" else 1
                following = after_months(starts_on, months, anchor=self.anchor_day)
                if (
                    not type(self)
                    .objects.filter(pk=self.pk, next_on=starts_on, state="active")
                    .update(next_on=following)
                ):
                    return charged
                self.next_on = following
                at = timezone.make_aware(datetime.datetime.combine(starts_on, datetime.time()))
                charge = SandboxCharge.make(self.session, plan=self, starts_on=starts_on, at=at)
                SandboxNotice.announce("charge.succeeded", "charge", charge.ref, at=at)
                charged += 1
        return charged


class SandboxCharge(models.Model):
    """Money that would have moved: 1.4 % and 25 minor units stay with the sandbox as its fee."""

    ref = models.CharField(max_length=40, unique=True)
    session = models.ForeignKey(SandboxSession, models.PROTECT, related_name="charges")
    plan = models.ForeignKey(SandboxPlan, models.PROTECT, null=True, related_name="charges")
    starts_on = models.DateField(null=True)
    amount_minor = models.PositiveBigIntegerField()
    fee_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "starts_on"], name="sandboxcharge_once")]

    def __str__(self):
        return self.ref

    @classmethod
    def make(cls, session, *, plan, starts_on, at):
        """Return the charge of a session or of one period of its plan."""
        return cls.objects.create(
            ref=f"sbc_{random_id()}",
            session=session,
            plan=plan,
            starts_on=starts_on,
            occurred_at=at,
            amount_minor=session.amount_minor,
            fee_minor=session.amount_minor * 14 // 1000 + 25,
            currency=session.currency,
        )


class SandboxNotice(models.Model):
    """One announcement, delivered as often as `copies` says."""

    ref = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=30)
    object_ref = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    copies = models.PositiveSmallIntegerField(default=1)
    delivered_at = models.DateTimeField(null=True)

    def __str__(self):
        return f"{self.kind} {self.ref}"

    @classmethod
    def announce(cls, kind, object_kind, object_ref, *, at, wait=0, copies=1):
        """Write the announcement and the task that delivers it."""
        from donations.providers.sandbox.tasks import deliver_notice

        with transaction.atomic():
            notice = cls.objects.create(
                ref=f"sbe_{random_id()}",
                kind=kind,
                object_kind=object_kind,
                object_ref=object_ref,
                occurred_at=at,
                copies=copies,
            )
            task = deliver_notice.using(run_after=at + datetime.timedelta(seconds=wait)) if wait else deliver_notice
            task.enqueue(ref=notice.ref)
        return notice


class SandboxClock(models.Model):
    """What day it is in the sandbox: never earlier than in the world outside. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    today = models.DateField()

    class Meta:
        verbose_name = _("sandbox clock")
        verbose_name_plural = _("sandbox clock")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="sandboxclock_one")]

    def __str__(self):
        return str(self.today)

    @classmethod
    def read(cls, *, at):
        """Return the sandbox's day."""
        clock = cls.objects.filter(pk=1).first()
        today = timezone.localdate(at)
        return max(clock.today, today) if clock else today

    @classmethod
    def advance(cls, months, *, at):
        """Turn the clock `months` ahead, charge every plan that falls due, and return (the new day, charges made)."""
        today = cls.read(at=at)
        return cls.turn_to(after_months(today, months, anchor=today.day))

    @classmethod
    def turn_to(cls, day):
        """Turn the clock to `day`, charge every plan that falls due, and return (the day, charges made)."""
        with transaction.atomic():
            cls.objects.update_or_create(pk=1, defaults={"today": day})
            due = (
                SandboxPlan.objects.filter(state="active", next_on__lte=day)
                .select_related("session")
                .order_by("next_on", "pk")
            )
            return day, sum(plan.renew(until=day) for plan in due)
