"""The sandbox's own books. Nothing of ours reads them but through the adapter."""

import datetime
import hashlib
import json

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from donations.days import after_months
from donations.money import Money
from donations.tokens import random_id

SESSION_HOURS = 24
PENDING_SECONDS = 8
LATE_SECONDS = 60
RETRY_DAYS = 15
MOST_FAILURES = 4


class KeyReused(Exception):
    """An idempotency key came again with other parameters."""


def fingerprint(parameters):
    """Return a hash of a request's parameters, whatever their order."""
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


class SandboxSession(models.Model):
    """One hand-over: a page on which nobody pays."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PROCESSING = "processing", _("Processing")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Failed")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")

    class Outcome(models.TextChoices):
        PAY = "pay", _("Pay")
        DECLINE = "decline", _("Decline the card")
        REFUSE = "refuse", _("Pay with a card from a country that is refused")
        AUTHENTICATE = "authenticate", _("The bank asks for a confirmation first")
        PENDING = "pending", _("Pending, then paid")
        LATE = "late", _("Pay, but the notice comes late")
        TWICE = "twice", _("Pay, and the notice comes twice")
        SHUFFLED = "shuffled", _("Pay, and the notices come in the wrong order")
        LOST = "lost", _("Pay, but no notice ever comes")
        CLOSE = "close", _("Pay and close the window")
        FAILS_ONCE = "fails_once", _("Pay; the card fails once at the next renewal")
        FAILS = "fails", _("Pay; the card has expired by the next renewal")
        DISPUTED_LOST = "disputed_lost", _("Pay; the bank takes it back next month")
        DISPUTED_WON = "disputed_won", _("Pay; the bank disputes it next month and gives in")
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
            self.Outcome.REFUSE: self.State.REFUSED,
            self.Outcome.CANCEL: self.State.CANCELLED,
            self.Outcome.PENDING: self.State.PROCESSING,
        }
        state = ends_in.get(outcome, self.State.PAID)
        at = SandboxClock.now(at=at)
        with transaction.atomic():
            if not self._move(self.State.OPEN, state, at):
                return False
            if state == self.State.PAID:
                self._pay(at, outcome)
            else:
                SandboxNotice.announce(f"session.{state}", "session", self.ref, at=at)
            if state == self.State.PROCESSING:
                from donations.providers.sandbox.tasks import finish_pending

                later = timezone.now() + datetime.timedelta(seconds=PENDING_SECONDS)
                finish_pending.using(run_after=later).enqueue(ref=self.ref)
        return True

    def finish(self, *, at):
        """Let a pending payment arrive."""
        with transaction.atomic():
            at = SandboxClock.now(at=at)
            if self._move(self.State.PROCESSING, self.State.PAID, at):
                self._pay(at, self.Outcome.PAY)

    def _move(self, before, after, at):
        moved = type(self).objects.filter(pk=self.pk, state=before).update(state=after, settled_at=at)
        if moved:
            self.state, self.settled_at = after, at
        return bool(moved)

    def _pay(self, at, outcome):
        plan = SandboxPlan.begin(self, outcome, at=at) if self.cadence != "once" else None
        ends = {"disputed_lost": "lost", "disputed_won": "won"}.get(outcome, "")
        day = timezone.localdate(at) if plan else None
        charge = SandboxCharge.make(self, plan=plan, starts_on=day, at=at, dispute_ends=ends)
        told = [("session.paid", self), ("charge.succeeded", charge)]
        wait = LATE_SECONDS if outcome == self.Outcome.LATE else 0
        copies = {"twice": 2, "lost": 0}.get(outcome, 1)
        for kind, thing in reversed(told) if outcome == "shuffled" else told:
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
    """A payment that comes again by the sandbox's clock. A card that fails is tried again every fifteen days."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAST_DUE = "past_due", _("Past due")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    ref = models.CharField(max_length=40, unique=True)
    session = models.OneToOneField(SandboxSession, models.PROTECT, related_name="plan")
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    amount_minor = models.PositiveBigIntegerField(null=True)
    cadence = models.CharField(max_length=5, blank=True)
    anchor_day = models.PositiveSmallIntegerField()
    next_on = models.DateField(db_index=True)
    paused_until = models.DateField(null=True)
    failures_left = models.PositiveSmallIntegerField(default=0, help_text="How often the card still fails.")
    failed = models.PositiveSmallIntegerField(default=0, help_text="How often it failed for this period.")
    retry_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=10, blank=True)

    def __str__(self):
        return self.ref

    @classmethod
    def begin(cls, session, outcome="pay", *, at):
        """Return the plan that a first payment starts."""
        today = timezone.localdate(at)
        return cls.objects.create(
            ref=f"sbp_{random_id()}",
            session=session,
            anchor_day=today.day,
            failures_left={"fails_once": 1, "fails": 99}.get(outcome, 0),
            next_on=after_months(today, 12 if session.cadence == "year" else 1, anchor=today.day),
        )

    def renew(self, *, until):
        """Charge every period that begins on `until` or earlier and return how many. Each period is charged once."""
        charged = 0
        while (due := self._due_on()) is not None and due <= until:
            with transaction.atomic():
                fresh = type(self).objects.select_for_update().get(pk=self.pk)
                if (fresh.state, fresh.next_on, fresh.retry_on) != (self.state, self.next_on, self.retry_on):
                    return charged
                self.refresh_from_db()
                charged += self._try(due)
        return charged

    def _due_on(self):
        """Return the day of the next attempt, or None while there is none."""
        if self.state == self.State.PAUSED:
            return max(self.next_on, self.paused_until) if self.paused_until else None
        return None if self.state == self.State.ENDED else self.retry_on or self.next_on

    def _try(self, due):
        """Charge the period that is due, or let the card fail; return how many charges were made."""
        at = timezone.make_aware(datetime.datetime.combine(due, datetime.time()))
        if self.failures_left:
            self._fail(due, at)
            return 0
        starts_on = self.next_on
        while self.state == self.State.PAUSED and self._after(starts_on) <= due:
            starts_on = self._after(starts_on)
        charge = SandboxCharge.make(self.session, plan=self, starts_on=starts_on, at=at, amount_minor=self.money.minor)
        self.state, self.failed, self.retry_on, self.paused_until = self.State.ACTIVE, 0, None, None
        self.next_on = self._after(starts_on)
        self.save()
        SandboxNotice.announce("charge.succeeded", "charge", charge.ref, at=at)
        return 1

    def _fail(self, due, at):
        self.failures_left, self.failed = self.failures_left - 1, self.failed + 1
        self.state, self.retry_on = self.State.PAST_DUE, due + datetime.timedelta(days=RETRY_DAYS)
        if self.failed >= MOST_FAILURES:
            self.state, self.end_reason = self.State.ENDED, "card"
        self.save()
        kind = "plan.ended" if self.state == self.State.ENDED else "charge.failed"
        SandboxNotice.announce(kind, "plan", self.ref, at=at)

    def _after(self, day):
        return after_months(day, 12 if self.every == "year" else 1, anchor=self.anchor_day)

    def change(self, *, at, kind="plan.updated", **fields):
        """Set fields of a plan that has not ended and announce it; a plan that has ended stays as it is."""
        with transaction.atomic():
            if type(self).objects.filter(pk=self.pk).exclude(state="ended").update(**fields):
                SandboxNotice.announce(kind, "plan", self.ref, at=at)
            self.refresh_from_db()

    @property
    def every(self):
        """Month or year."""
        return self.cadence or self.session.cadence

    @property
    def money(self):
        """What the next period costs."""
        return Money(self.amount_minor or self.session.amount_minor, self.session.currency)


class SandboxCardPage(models.Model):
    """A page on which another card is laid down for a plan."""

    ref = models.CharField(max_length=40, unique=True)
    plan = models.ForeignKey(SandboxPlan, models.PROTECT, related_name="card_pages")
    return_url = models.CharField(max_length=500)
    used_at = models.DateTimeField(null=True)

    def __str__(self):
        return self.ref

    def lay_down(self, *, at):
        """Let a good card lie behind the plan, once; a payment that is due is tried at the next turn of the clock."""
        if type(self).objects.filter(pk=self.pk, used_at=None).update(used_at=at):
            self.plan.change(at=SandboxClock.now(at=at), failures_left=0)


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
    dispute_ends = models.CharField(max_length=4, blank=True, help_text="How a dispute ends that a visitor ordered.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "starts_on"], name="sandboxcharge_once")]

    def __str__(self):
        return self.ref

    @classmethod
    def make(cls, session, *, plan, starts_on, at, amount_minor=None, dispute_ends=""):
        """Return the charge of a session or of one period of its plan."""
        from donations.providers.sandbox.takings import move

        minor = amount_minor or session.amount_minor
        charge = cls.objects.create(
            ref=f"sbc_{random_id()}",
            session=session,
            plan=plan,
            starts_on=starts_on,
            occurred_at=at,
            amount_minor=minor,
            fee_minor=min(minor, minor * 14 // 1000 + 25),
            currency=session.currency,
            dispute_ends=dispute_ends,
        )
        move("charge", charge.ref, minor, charge.currency, at, "charge", charge.ref)
        move("fee", charge.ref, -charge.fee_minor, charge.currency, at, "charge", charge.ref)
        return charge


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
        from donations.providers.sandbox.faults import SandboxFault
        from donations.providers.sandbox.tasks import deliver_notice

        copies = 0 if SandboxFault.strikes("lost") else 2 if SandboxFault.strikes("twice") else copies
        wait = LATE_SECONDS if SandboxFault.strikes("late") else wait
        with transaction.atomic():
            notice = cls.objects.create(
                ref=f"sbe_{random_id()}",
                kind=kind,
                object_kind=object_kind,
                object_ref=object_ref,
                occurred_at=at,
                copies=copies,
            )
            task = (
                deliver_notice.using(run_after=timezone.now() + datetime.timedelta(seconds=wait))
                if wait
                else deliver_notice
            )
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
    def now(cls, *, at):
        """Return the sandbox's present: `at`, or the same time of day on the day to which the clock was turned."""
        day = cls.read(at=at)
        local = timezone.localtime(at)
        return at if local.date() == day else local.replace(year=day.year, month=day.month, day=day.day)

    @classmethod
    def advance(cls, months, *, at):
        """Turn the clock `months` ahead, charge every plan that falls due, and return (the new day, charges made)."""
        today = cls.read(at=at)
        return cls.turn_to(after_months(today, months, anchor=today.day))

    @classmethod
    def turn_to(cls, day):
        """Turn the clock to `day`: plans are charged, banks dispute and decide, and the balance is paid out.

        Returns (the day, charges made).
        """
        from donations.providers.sandbox.takings import SandboxPayout, let_banks_act

        end = timezone.make_aware(datetime.datetime.combine(day, datetime.time(23, 59)))
        with transaction.atomic():
            cls.objects.update_or_create(pk=1, defaults={"today": day})
            plans = SandboxPlan.objects.exclude(state="ended").select_related("session").order_by("next_on", "pk")
            charged = sum(plan.renew(until=day) for plan in plans)
            let_banks_act(until=end)
            SandboxPayout.pay_out(at=timezone.make_aware(datetime.datetime.combine(day, datetime.time())))
        return day, charged
