"""Giving money back: never more than came in, however often and from wherever it is asked."""

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

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
