"""The sandbox's money after a charge: its balance, refunds, disputes, payouts; and the keys of calls."""

import datetime

from django.db import IntegrityError, models, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from donations.money import Money
from donations.providers.sandbox.models import SandboxCharge, SandboxClock, SandboxNotice, fingerprint
from donations.tokens import random_id

DISPUTE_FEE_MINOR = 1500
DAYS_TO_DISPUTE = 10
DAYS_TO_DECIDE = 25


class TooMuch(Exception):
    """A refund of more than is left of the charge."""


class SandboxAnswer(models.Model):
    """What was answered to a call with an idempotency key; sent again, it is answered alike and nothing happens."""

    key = models.CharField(max_length=80, unique=True)
    fingerprint = models.CharField(max_length=64)
    answer = models.CharField(max_length=120)

    def __str__(self):
        return self.key

    @classmethod
    def once(cls, key, act, **parameters):
        """Return what `act()` returned when this key came first. Raises KeyReused for other parameters."""
        from donations.providers.sandbox.models import KeyReused

        print_ = fingerprint(parameters)
        try:
            with transaction.atomic():
                row = cls.objects.create(key=key, fingerprint=print_, answer="")
                row.answer = act()
                row.save(update_fields=["answer"])
                return row.answer
        except IntegrityError:
            row = cls.objects.get(key=key)
        if row.fingerprint != print_:
            raise KeyReused(key)
        return row.answer


class SandboxMovement(models.Model):
    """One change of the sandbox's balance."""

    kind = models.CharField(max_length=12)
    ref = models.CharField(max_length=40)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    occurred_at = models.DateTimeField(db_index=True)
    object_kind = models.CharField(max_length=12)
    object_ref = models.CharField(max_length=40)
    payout = models.ForeignKey("donations.SandboxPayout", models.PROTECT, null=True, related_name="movements")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "ref"], name="sandboxmovement_once")]

    def __str__(self):
        return f"{self.kind} {self.ref}"


class SandboxRefund(models.Model):
    """Money that would have gone back."""

    ref = models.CharField(max_length=40, unique=True)
    charge = models.ForeignKey(SandboxCharge, models.PROTECT, related_name="refunds")
    amount_minor = models.PositiveBigIntegerField()
    occurred_at = models.DateTimeField()

    def __str__(self):
        return self.ref

    @classmethod
    def make(cls, charge, minor, *, at):
        """Return a refund; never more than the charge in all. Raises TooMuch."""
        with transaction.atomic():
            charge = SandboxCharge.objects.select_for_update().get(pk=charge.pk)
            gone = charge.refunds.aggregate(total=Sum("amount_minor"))["total"] or 0
            gone += charge.disputes.exclude(state="won").aggregate(total=Sum("amount_minor"))["total"] or 0
            if not 1 <= minor <= charge.amount_minor - gone:
                raise TooMuch(charge.ref)
            now = SandboxClock.now(at=at)
            refund = cls.objects.create(ref=f"sbr_{random_id()}", charge=charge, amount_minor=minor, occurred_at=now)
            move("refund", refund.ref, -minor, charge.currency, now, "refund", refund.ref)
            SandboxNotice.announce("refund.created", "refund", refund.ref, at=now)
        return refund


class SandboxDispute(models.Model):
    """A bank that takes a charge back."""

    class State(models.TextChoices):
        INQUIRY = "inquiry", _("Inquiry")
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    ref = models.CharField(max_length=40, unique=True)
    charge = models.ForeignKey(SandboxCharge, models.PROTECT, related_name="disputes")
    amount_minor = models.PositiveBigIntegerField()
    state = models.CharField(max_length=7, choices=State)
    will_end = models.CharField(max_length=4, default="lost")
    occurred_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    def __str__(self):
        return self.ref

    @classmethod
    def begin(cls, charge, *, at, state="open", will_end="lost"):
        """Return a dispute about what is left of a charge; an inquiry moves no money."""
        now = at
        with transaction.atomic():
            left = charge.amount_minor - (charge.refunds.aggregate(total=Sum("amount_minor"))["total"] or 0)
            dispute = cls.objects.create(
                ref=f"sbd_{random_id()}", charge=charge, amount_minor=left, state=state, will_end=will_end,
                occurred_at=now,
            )  # fmt: skip
            if state == "open":
                dispute._withdraw(now)
            SandboxNotice.announce("dispute.created", "dispute", dispute.ref, at=now)
        return dispute

    def escalate(self, *, at):
        """Turn an inquiry into a dispute that takes the money."""
        with transaction.atomic():
            if type(self).objects.filter(pk=self.pk, state="inquiry").update(state="open", occurred_at=at):
                self.refresh_from_db()
                self._withdraw(at)
                SandboxNotice.announce("dispute.updated", "dispute", self.ref, at=at)

    def close(self, state, *, at):
        """End an open dispute as won or lost, once."""
        with transaction.atomic():
            if not type(self).objects.filter(pk=self.pk, state="open").update(state=state, closed_at=at):
                return
            self.refresh_from_db()
            if state == "won":
                move("dispute_won", self.ref, self.amount_minor, self.charge.currency, at, "dispute", self.ref)
            SandboxNotice.announce("dispute.closed", "dispute", self.ref, at=at)

    def _withdraw(self, at):
        currency = self.charge.currency
        move("dispute", self.ref, -self.amount_minor, currency, at, "dispute", self.ref)
        move("dispute_fee", self.ref, -DISPUTE_FEE_MINOR, currency, at, "dispute", self.ref)


class SandboxPayout(models.Model):
    """Money that would have gone to the newsroom's bank."""

    ref = models.CharField(max_length=40, unique=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    occurred_at = models.DateTimeField()

    def __str__(self):
        return self.ref

    @classmethod
    def pay_out(cls, *, at):
        """Pay out, for each currency, whatever the balance holds of the time before `at`; nothing when it is empty."""
        waiting = SandboxMovement.objects.filter(payout=None, occurred_at__lt=at).exclude(kind="payout")
        for row in list(waiting.order_by().values("currency").annotate(total=Sum("amount_minor"))):
            if row["total"] <= 0:
                continue
            with transaction.atomic():
                payout = cls.objects.create(
                    ref=f"sbo_{random_id()}", amount_minor=row["total"], currency=row["currency"], occurred_at=at
                )
                waiting.filter(currency=row["currency"]).update(payout=payout)
                move("payout", payout.ref, -row["total"], row["currency"], at, "payout", payout.ref)
                SandboxNotice.announce("payout.paid", "payout", payout.ref, at=at)


def move(kind, ref, minor, currency, at, object_kind, object_ref):
    """Write one movement of the balance."""
    if minor:
        SandboxMovement.objects.create(
            kind=kind, ref=ref, amount_minor=minor, currency=currency, occurred_at=at, object_kind=object_kind,
            object_ref=object_ref,
        )  # fmt: skip


def let_banks_act(*, until):
    """Open the disputes that visitors ordered, and decide those that are open for long."""
    for charge in SandboxCharge.objects.filter(dispute_ends__gt="", disputes=None):
        opens = charge.occurred_at + datetime.timedelta(days=DAYS_TO_DISPUTE)
        if opens <= until:
            SandboxDispute.begin(charge, at=opens, will_end=charge.dispute_ends)
    for dispute in SandboxDispute.objects.filter(state="open").select_related("charge"):
        decided = dispute.occurred_at + datetime.timedelta(days=DAYS_TO_DECIDE)
        if decided <= until:
            dispute.close(dispute.will_end, at=decided)


def money_of(charge):
    """Return the amount of a charge."""
    return Money(charge.amount_minor, charge.currency)
