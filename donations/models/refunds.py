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


def give_back(charge, money, *, by, reason, nonce, at):
    """Give back `money` of a charge (its Journal) through the provider, once for each form, if one person may.

    Return the ProviderCall; the books follow when the provider tells of it. What takes two people waits instead: then
    the RefundOrder is returned. Raises NotRefundable, ProviderDown (the same key is sent again by the worker) and
    Refused.
    """
    with transaction.atomic():
        gift = _lock(charge, reason)
        call = ProviderCall.objects.filter(gift=gift, operation="refund", subject=nonce).first()
        if call is None and needs_two(charge, money):
            return RefundOrder.order(charge, money, by=by, reason=reason, nonce=nonce, at=at)
        call = call or _prepare(charge, money, by=by, reason=reason, nonce=nonce, at=at)
    return _send(call, gift, at=at)


def _lock(charge, reason):
    """Return the gift of a charge, locked. Raises NotRefundable for no charge of a gift and without a reason."""
    if charge.gift_id is None or charge.kind != Journal.Kind.CHARGE:
        raise NotRefundable(_("Only a charge of a known gift can be given back here."))
    if not reason.strip():
        raise NotRefundable(_("Give a reason."))
    return Gift.objects.select_for_update().get(pk=charge.gift_id)


def _check_left(charge, money):
    left = refundable(charge)
    if money.currency != left.currency or not 1 <= money.minor <= left.minor:
        raise NotRefundable(_("Of this charge %(left)s can be given back.") % {"left": left.short})


def _prepare(charge, money, *, by, reason, nonce, at):
    """Write down the call that gives `money` back; its gift is locked."""
    _check_left(charge, money)
    parameters = {"charge": charge.external_ref, "minor": money.minor, "currency": money.currency}
    call = ProviderCall.prepare(charge.gift, "refund", subject=nonce, at=at, parameters=parameters)
    StaffAction.record(user=by, action="refund", thing=charge.gift, reason=reason.strip()[:300], at=at)
    return call


def _send(call, gift, *, at):
    call.perform(at=at)
    try:
        gift.refresh(at=at)
    except (ProviderDown, NotFound):
        pass  # the notice or the reconciliation brings it into the books
    return call


def needs_two(charge, money):
    """Tell whether giving back `money` of a charge takes two people: more than REFUND_ALONE of it would be gone.

    What was given back before counts, so that a large refund cannot be cut into small ones.
    """
    received = charge.received
    if money.currency != received.currency:
        return True
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
        with transaction.atomic():
            gift = _lock(charge, reason)
            if known := cls.objects.filter(nonce=nonce).first():
                return known
            if cls.open_for(charge):
                raise NotRefundable(_("A refund of this charge waits for a second person already."))
            _check_left(charge, money)
            order = cls.objects.create(
                charge=charge, amount_minor=money.minor, currency=money.currency, reason=reason.strip()[:300],
                nonce=nonce, ordered_by=by, ordered_at=at,
            )  # fmt: skip
            StaffAction.record(user=by, action="order refund", thing=gift, reason=order.reason, at=at)
        return order

    def approve(self, *, by, at):
        """Give the money back; return the ProviderCall. Whoever ordered it cannot, and nobody can twice.

        The approval and the call are written together: an order whose money is not there any more goes on waiting.
        Raises NotRefundable, ProviderDown and Refused.
        """
        if by.pk == self.ordered_by_id:
            raise NotRefundable(_("Another person must approve this."))
        with transaction.atomic():
            gift = _lock(self.charge, self.reason)
            self._decide(self.State.APPROVED, "approve refund", by=by, at=at)
            call = _prepare(self.charge, self.money, by=by, reason=self.reason, nonce=self.nonce, at=at)
        return _send(call, gift, at=at)

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
