"""Gifts that come again: the plan, what was changed about it, and its billing periods."""

import datetime

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from donations import providers
from donations.models.gift import Cadence, Gift
from donations.models.provider import ProviderCall
from donations.models.thanks import Message
from donations.money import Money
from donations.providers.base import NotFound, ProviderDown
from donations.tokens import random_id


class PlanEnded(ValueError):
    """The plan has ended, or was told to: nothing about it can be changed any more."""


class PlanQuerySet(models.QuerySet):
    """Plans by what may still be charged."""

    def going_on(self):
        """Keep those that are not ended, and whose donor has not asked to end them."""
        return self.exclude(state=Plan.State.ENDED).filter(cancel_requested_at=None)

    def beside_others(self):
        """Keep those whose donor has another one that goes on."""
        others = (
            Plan.objects.going_on()
            .filter(gift__donor=models.OuterRef("gift__donor"), gift__mode=models.OuterRef("gift__mode"))
            .exclude(pk=models.OuterRef("pk"))
        )
        return self.going_on().exclude(gift__donor=None).filter(models.Exists(others))


class Plan(models.Model):
    """A promise to give again and again, as the provider carries it out."""

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        ACTIVE = "active", _("Active")
        PAST_DUE = "past_due", _("Past due")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    gift = models.OneToOneField(Gift, models.PROTECT, related_name="plan")
    public_id = models.CharField(max_length=32, unique=True, default=random_id, editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    provider = models.CharField(max_length=20)
    account = models.CharField(max_length=64)
    provider_ref = models.CharField(max_length=120, help_text="Never blanked, also when the plan has ended.")
    amount_minor = models.PositiveBigIntegerField(null=True, help_text="Empty while it is the gift's own amount.")
    cadence = models.CharField(max_length=5, choices=Cadence, blank=True, db_default="")
    next_on = models.DateField(null=True)
    paused_until = models.DateField(null=True)
    seen_at = models.DateTimeField(null=True, help_text="When the provider was asked for what stands here.")
    cancel_requested_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        permissions = [("stop_plan", "Can stop gifts that come again")]
        constraints = [
            models.UniqueConstraint(fields=["provider", "account", "provider_ref"], name="plan_provider_ref"),
            models.CheckConstraint(condition=~Q(provider_ref=""), name="plan_ref_never_blank"),
            models.CheckConstraint(condition=~Q(state="ended") | Q(ended_at__isnull=False), name="plan_ended_has_time"),
        ]
        # Serves the notices before an annual charge, and the sweeper's look for late renewals.
        indexes = [models.Index(fields=["state", "next_on"], name="plan_due")]

    def __str__(self):
        return f"{self.gift}"

    def earlier(self):
        """Return the plans that the same donor began before this one and that go on, the newest first."""
        same = Plan.objects.going_on().filter(gift__donor=self.gift.donor_id, gift__mode=self.gift.mode)
        return same.filter(pk__lt=self.pk).exclude(gift__donor=None)

    # Events

    def follow(self, standing, *, seen_at, at):
        """Take over what the provider says; a plan that has ended stays ended, and an older look changes nothing."""
        if self.state == self.State.ENDED or (self.seen_at and seen_at < self.seen_at):
            return
        before = self.state
        self._follow_promise(standing, at=at)
        self.state, self.next_on, self.seen_at = standing.state, standing.next_on, seen_at
        self.paused_until = standing.paused_until if standing.state == self.State.PAUSED else None
        if standing.state == self.State.ENDED:
            self.ended_at = at
            self.end_reason = "donor" if self.cancel_requested_at else standing.reason or "provider"
        self.save(update_fields=[
            "state", "next_on", "seen_at", "paused_until", "ended_at", "end_reason", "amount_minor", "cadence",
        ])  # fmt: skip
        if before != standing.state:
            self._note_move(before, at=at)

    def _follow_promise(self, standing, *, at):
        cadence = standing.cadence or self.every
        money = standing.money or self.money
        if (money, cadence) != (self.money, self.every) and money.currency == self.gift.currency:
            self.amount_minor, self.cadence = money.minor, cadence
            self.changes.create(kind="changed", amount_minor=money.minor, cadence=cadence, at=at)

    def _note_move(self, before, *, at):
        """Write down what became of the plan, and tell the donor what he must know."""
        kinds = {"active": "recovered" if before == "past_due" else "resumed" if before == "paused" else ""}
        kind = kinds.get(self.state, self.state)
        if not kind:
            return
        change = self.changes.create(kind=kind, amount_minor=self.money.minor, cadence=self.every, at=at)
        letters = {"past_due": "card_failed", "ended": "plan_ended"}
        if kind in letters:
            Message.queue(letters[kind], subject_id=change.pk, gift=self.gift, at=at)

    def ask_to_change(self, money, cadence, *, nonce, at):
        """Let the provider charge another amount, or in another rhythm, from the next period on. See `_tell`."""
        parameters = {"minor": money.minor, "currency": money.currency, "cadence": cadence}
        with transaction.atomic():
            call = self._call("change_plan", nonce, at, parameters)
            self.changes.get_or_create(
                kind="asked", call=call, defaults={"amount_minor": money.minor, "cadence": cadence, "at": at}
            )
        return self._tell(call, at=at)

    def ask_to_pause(self, until, *, nonce, at):
        """Let the provider charge nothing before `until`; without a date, until somebody resumes. See `_tell`."""
        call = self._call("pause_plan", nonce, at, {"until": until.isoformat() if until else ""})
        return self._tell(call, at=at)

    def ask_to_resume(self, *, nonce, at):
        """Let the provider charge again. See `_tell`."""
        return self._tell(self._call("resume_plan", nonce, at, {}), at=at)

    def ask_to_end(self, *, at):
        """Stop the plan: from now on no charge is wanted, and whatever lands anyway is shown. See `_tell`."""
        with transaction.atomic():
            rows = type(self).objects.filter(pk=self.pk, cancel_requested_at=None).exclude(state="ended")
            rows.update(cancel_requested_at=at)
            self.refresh_from_db()
            if self.state == self.State.ENDED:
                return True
            call = ProviderCall.prepare(self.gift, "end_plan", at=at, parameters={"plan": self.provider_ref})
        return self._tell(call, at=at)

    def ask_for_card(self, *, return_url, nonce, at):
        """Return the address of the page on which another card is laid down. Raises ProviderDown and Refused."""
        call = self._call("new_card", nonce, at, {"return": return_url})
        call.perform(at=at)
        return call.redirect_url

    def _call(self, operation, nonce, at, parameters):
        if self.state == self.State.ENDED or self.cancel_requested_at:
            raise PlanEnded
        parameters = {"plan": self.provider_ref, **parameters}
        return ProviderCall.prepare(self.gift, operation, subject=nonce, at=at, parameters=parameters)

    def _tell(self, call, *, at):
        """Send the call and take over the answer; tell whether the provider has confirmed it.

        False means that it did not answer: the worker repeats the call with the same key. Raises Refused.
        """
        try:
            call.perform(at=at)
            self.refresh(at=at)
        except ProviderDown:
            return False
        except NotFound:
            return call.state == call.State.CONFIRMED
        return True

    def refresh(self, *, at):
        """Ask the provider how this plan stands and apply the answer. Raises ProviderDown and NotFound."""
        from donations.models.settlement import settle

        standing = providers.by_name(self.provider).fetch("plan", self.provider_ref)
        outcome = settle(standing, provider=self.provider, at=at)
        self.refresh_from_db()
        return outcome

    # Questions

    def has_promised(self, money):
        """Tell whether this amount was promised at some time: a change and a renewal may cross each other."""
        if money in {self.money, self.gift.money}:
            return True
        return money.currency == self.gift.currency and self.changes.filter(amount_minor=money.minor).exists()

    def is_after_stop(self, charge):
        """Tell whether a charge landed although the donor, or a collection stop, wanted no more."""
        return bool(self.cancel_requested_at and charge.occurred_at > self.cancel_requested_at)

    @property
    def money(self):
        """What is charged each time now."""
        return Money(self.amount_minor or self.gift.amount_minor, self.gift.currency)

    @property
    def every(self):
        """How often it is charged now."""
        return self.cadence or self.gift.cadence

    @property
    def notice_id(self):
        """The name of the notice before the next charge: one for each date."""
        return f"{self.pk}-{self.next_on:%Y%m%d}"

    @property
    def is_open(self):
        """Whether money may still be charged."""
        return self.state != self.State.ENDED and not self.cancel_requested_at


class PlanChange(models.Model):
    """Something that happened to a plan: the donor changed it, a card failed, it recovered, it ended."""

    class Kind(models.TextChoices):
        ASKED = "asked", _("Change asked for")
        CHANGED = "changed", _("Changed")
        PAST_DUE = "past_due", _("Card failed")
        RECOVERED = "recovered", _("Recovered")
        PAUSED = "paused", _("Paused")
        RESUMED = "resumed", _("Resumed")
        ENDED = "ended", _("Ended")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="changes")
    call = models.OneToOneField(ProviderCall, models.PROTECT, null=True)
    kind = models.CharField(max_length=9, choices=Kind)
    amount_minor = models.PositiveBigIntegerField()
    cadence = models.CharField(max_length=5, choices=Cadence)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        # Serves the cockpit: what happened to plans in a month.
        indexes = [models.Index(fields=["kind", "at"], name="planchange_kind")]

    def __str__(self):
        return f"{self.kind} {self.plan_id}"


class PlanPeriod(models.Model):
    """One billing period of a plan; it is charged at most once."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="periods")
    starts_on = models.DateField()
    charge_ref = models.CharField(max_length=120)

    class Meta:
        ordering = ["plan", "starts_on"]
        constraints = [models.UniqueConstraint(fields=["plan", "starts_on"], name="planperiod_once")]

    def __str__(self):
        return f"{self.plan_id} {self.starts_on}"


def due_notices(at):
    """Return annual plans that are charged in two weeks or less and whose donor was not told yet."""
    until = at.date() + datetime.timedelta(days=14)
    told = Message.objects.filter(kind="annual").values("subject_id")
    plans = Plan.objects.filter(state="active", next_on__gt=at.date(), next_on__lte=until, cancel_requested_at=None)
    annual = Q(cadence="year") | Q(cadence="", gift__cadence="year")
    known = {row["subject_id"] for row in told}
    return [plan for plan in plans.filter(annual).select_related("gift") if plan.notice_id not in known]
