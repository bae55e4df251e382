"""Giving money back: never more than came in, however often and from wherever it is asked; much only by two people."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from donations.models.books import Journal, JournalLine
from donations.models.gift import Gift
from donations.models.provider import ProviderCall
from donations.money import Money
from donations.providers.base import NotFound, ProviderDown
from newsroom.models import StaffAction


class NotRefundable(ValueError):
    """The refund would give back more than is left, or money that is not ours to give; the text says why."""


def refundable(charge):
    """Return what is left of a charge: less refunds, disputes that are open or lost, and refunds on their way."""
    taken = (JournalLine.Account.REFUNDS, JournalLine.Account.DISPUTES, JournalLine.Account.DISPUTES_LOST)
    lines = JournalLine.objects.filter(journal__about=charge, account__in=taken)
    gone = lines.aggregate(total=Sum("amount_minor"))["total"] or 0
    booked = Journal.objects.filter(about=charge, kind=Journal.Kind.REFUND).values("external_ref")
    calls = ProviderCall.objects.filter(gift=charge.gift_id, operation="refund", parameters__charge=charge.external_ref)
    waiting = calls.exclude(state="rejected").exclude(Q(state="confirmed") & Q(provider_ref__in=booked))
    received = charge.received
    return Money(received.minor - gone - sum(call.money.minor for call in waiting), received.currency)


def refund(charge, money, *, by, reason, nonce, at):
    """Give back `money` of a charge (its Journal) through the provider, once for each form; return its ProviderCall.

    The books follow when the provider tells of it. Raises NotRefundable, ProviderDown (the same key is sent again by
    the worker) and Refused.
    """
    if charge.gift_id is None or charge.kind != Journal.Kind.CHARGE:
        raise NotRefundable(_("Only a charge of a known gift can be given back here."))
    if not reason.strip():
        raise NotRefundable(_("Give a reason."))
    with transaction.atomic():
        gift = Gift.objects.select_for_update().get(pk=charge.gift_id)
        call = ProviderCall.objects.filter(gift=gift, operation="refund", subject=nonce).first()
        if call is None:
            left = refundable(charge)
            if money.currency != left.currency or not 1 <= money.minor <= left.minor:
                raise NotRefundable(_("Of this charge %(left)s can be given back.") % {"left": left.short})
            parameters = {"charge": charge.external_ref, "minor": money.minor, "currency": money.currency}
            call = ProviderCall.prepare(gift, "refund", subject=nonce, at=at, parameters=parameters)
            StaffAction.record(user=by, action="refund", thing=gift, reason=reason.strip()[:300], at=at)
    call.perform(at=at)
    try:
        gift.refresh(at=at)
    except (ProviderDown, NotFound):
        pass  # the notice or the reconciliation brings it into the books
    return call


def has_begun(charge, nonce):
    """Tell whether the form of this nonce gave something back already: pressed again, it does nothing more."""
    return ProviderCall.objects.filter(gift=charge.gift_id, operation="refund", subject=nonce).exists()


def needs_two(charge, money):
    """Tell whether giving back `money` of a charge takes two people: more than REFUND_ALONE of it would be gone.

    What was given back before counts, so that a large refund cannot be cut into small ones.
    """
    received = charge.received
    return (Money(received.minor - refundable(charge).minor, received.currency) + money).decimal > settings.REFUND_ALONE


class RefundOrder(models.Model):
    """A refund that waits for a second person. Written by `order`; approved or turned down once, by somebody else."""

    class State(models.TextChoices):
        ORDERED = "ordered", gettext_lazy("Waits for a second person")
        APPROVED = "approved", gettext_lazy("Approved")
        DECLINED = "declined", gettext_lazy("Turned down")

    charge = models.ForeignKey("donations.Journal", models.PROTECT, related_name="refund_orders")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=300)
    nonce = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.ORDERED)
    ordered_by = models.ForeignKey("newsroom.User", models.SET_NULL, null=True, related_name="+")
    ordered_at = models.DateTimeField()
    decided_by = models.ForeignKey("newsroom.User", models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refundorder_gives"),
            models.CheckConstraint(
                condition=Q(state="ordered") | Q(decided_at__isnull=False), name="refundorder_decided_when"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(decided_by=None) | ~Q(decided_by=F("ordered_by")),
                name="refundorder_two_people",
            ),
            models.UniqueConstraint(
                fields=["charge"], condition=Q(state="ordered"), name="refundorder_one_open_per_charge"
            ),
        ]

    def __str__(self):
        return self.money.short

    @property
    def money(self):
        """The amount."""
        return Money(self.amount_minor, self.currency)

    @classmethod
    def open_for(cls, charge):
        """Return the order that waits for this charge, or None."""
        return cls.objects.filter(charge=charge, state=cls.State.ORDERED).first()

    @classmethod
    def order(cls, charge, money, *, by, reason, nonce, at):
        """Write down what somebody wants to give back, once for each form; raises NotRefundable."""
        if not reason.strip():
            raise NotRefundable(_("Give a reason."))
        with transaction.atomic():
            Gift.objects.select_for_update().only("pk").get(pk=charge.gift_id)
            if known := cls.objects.filter(nonce=nonce).first():
                return known
            if cls.open_for(charge):
                raise NotRefundable(_("A refund of this charge waits for a second person already."))
            left = refundable(charge)
            if money.currency != left.currency or not 1 <= money.minor <= left.minor:
                raise NotRefundable(_("Of this charge %(left)s can be given back.") % {"left": left.short})
            order = cls.objects.create(
                charge=charge, amount_minor=money.minor, currency=money.currency, reason=reason.strip()[:300],
                nonce=nonce, ordered_by=by, ordered_at=at,
            )  # fmt: skip
            StaffAction.record(user=by, action="order refund", thing=charge.gift, reason=order.reason, at=at)
        return order

    def approve(self, *, by, at):
        """Give the money back; return the ProviderCall. Whoever ordered it cannot, and nobody can twice."""
        if by.pk == self.ordered_by_id:
            raise NotRefundable(_("Another person must approve this."))
        with transaction.atomic():
            self._decide(self.State.APPROVED, "approve refund", by=by, at=at)
        return refund(self.charge, self.money, by=by, reason=self.reason, nonce=self.nonce, at=at)

    def decline(self, *, by, at):
        """Turn the order down, or take one's own back."""
        with transaction.atomic():
            self._decide(self.State.DECLINED, "turn refund down", by=by, at=at)

    def _decide(self, state, action, *, by, at):
        waiting = RefundOrder.objects.filter(pk=self.pk, state=self.State.ORDERED)
        if not waiting.update(state=state, decided_by=by, decided_at=at):
            raise NotRefundable(_("This was decided already."))
        StaffAction.record(user=by, action=action, thing=self.charge.gift, reason=self.reason, at=at)
        self.refresh_from_db()
