"""Make our rows say what the provider says: the one way in which a gift is paid and money reaches the books."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext_noop

from donations import signals
from donations.models.books import Journal, JournalLine
from donations.models.gift import Gift, Plan, PlanPeriod
from donations.models.thanks import Message, Receipt
from donations.providers.base import Status

STATES = {
    Status.PROCESSING: Gift.State.PROCESSING,
    Status.PAID: Gift.State.PAID,
    Status.FAILED: Gift.State.FAILED,
    Status.EXPIRED: Gift.State.EXPIRED,
    Status.CANCELLED: Gift.State.CANCELLED,
}
Account = JournalLine.Account


@dataclass(frozen=True)
class Outcome:
    """What became of a standing: applied, ignored or parked, and why."""

    state: str
    reason: str = ""


def settle(standing, *, provider, at):
    """Apply a Standing fetched from `provider` (its name) in one transaction, and return the Outcome.

    Applying the same standing again changes nothing: every row it writes is unique by the provider's own ids.
    """
    if not standing.ref or not standing.reference:
        return Outcome("parked", "no id")
    with transaction.atomic():
        gift = _gift_of(standing, provider)
        if gift is None:
            return Outcome("parked", "unknown gift")
        if (gift.mode, gift.account) != (standing.mode, standing.account):
            return Outcome("parked", "another mode or account")
        plan = _update_plan(gift, standing, at=at)
        for charge in standing.charges:
            _book(gift, charge, plan=plan, at=at)
        return _move(gift, standing, at=at)


def _gift_of(standing, provider):
    """Return the gift behind a hand-over, locked: by the hand-over's id, or by our own where we never learned that."""
    gifts = Gift.objects.select_for_update().filter(provider=provider)
    gift = gifts.filter(account=standing.account, provider_ref=standing.ref).first()
    if gift is None:
        gift = gifts.filter(public_id=standing.reference, provider_ref="").first()
        if gift is not None:
            gift.learn_hand_over(standing.ref)
    return gift


def _update_plan(gift, standing, *, at):
    if standing.plan is None or not standing.plan.ref:
        return None
    plan, made = Plan.objects.get_or_create(
        provider=gift.provider, account=gift.account, provider_ref=standing.plan.ref,
        defaults={"gift": gift, "state": standing.plan.state, "next_on": standing.plan.next_on, "created_at": at},
    )  # fmt: skip
    if not made:
        plan.follow(standing.plan, at=at)
    return plan


def _move(gift, standing, *, at):
    if gift.state == Gift.State.PAID:
        _date_payment(gift)
        late = standing.status not in {Status.PAID, Status.OPEN, Status.PROCESSING}
        return Outcome("ignored", "superseded: already paid") if late else Outcome("applied")
    state = STATES.get(standing.status)
    if state is None or state == gift.state:
        return Outcome("applied")
    if state == Gift.State.PAID and not standing.charges:
        return Outcome("parked", "paid without a charge")
    if state != Gift.State.PAID and not gift.is_waiting:
        return Outcome("ignored", f"superseded: already {gift.state}")
    gift.state = state
    if state == Gift.State.PAID:
        gift.paid_at = _first_charge(gift) or min(charge.occurred_at for charge in standing.charges)
    gift.save(update_fields=["state", "paid_at"])
    return Outcome("applied")


def _first_charge(gift):
    return Journal.objects.filter(gift=gift, kind=Journal.Kind.CHARGE).aggregate(first=Min("occurred_at"))["first"]


def _date_payment(gift):
    """Date the gift by its first charge, also when a later one was announced before it."""
    first = _first_charge(gift)
    if first and first != gift.paid_at:
        gift.paid_at = first
        gift.save(update_fields=["paid_at"])


def _book(gift, charge, *, plan, at):
    """Write one charge and its fee into the books; the receipt and its letter follow in the same transaction."""
    period, is_extra = _period(gift, charge, plan)
    income = Account.INCOME_RECURRING if plan else Account.INCOME_ONCE
    fields = {
        "mode": gift.mode, "provider": gift.provider, "account": gift.account, "external_ref": charge.ref,
        "occurred_at": charge.occurred_at, "posted_at": at,
    }  # fmt: skip
    journal, made = Journal.post(
        kind=Journal.Kind.CHARGE,
        gift=None if is_extra else gift,
        period=period,
        lines=[(Account.CLEARING, charge.money), (Account.SUSPENSE if is_extra else income, -charge.money)],
        **fields,
    )
    if not made:
        return
    if charge.fee and charge.fee.minor:
        lines = [(Account.FEES, charge.fee), (Account.CLEARING, -charge.fee)]
        Journal.post(kind=Journal.Kind.FEE, gift=None if is_extra else gift, lines=lines, **fields)
    if is_extra:
        gift.ask_review(gettext_noop("Charged more often than promised."))
    elif charge.money != gift.money:
        gift.ask_review(gettext_noop("The amount charged is not the amount promised."))
    else:
        Receipt.issue(journal, at=at)
        Message.queue("receipt", subject_id=journal.pk, gift=gift, at=at)
        transaction.on_commit(lambda: signals.charged.send_robust(Gift, gift=gift, journal=journal, at=at))


def _period(gift, charge, plan):
    """Return (the billing period, whether the money is more than was promised): one charge a gift, or one a period."""
    if plan is None:
        others = Journal.objects.filter(gift=gift, kind=Journal.Kind.CHARGE).exclude(external_ref=charge.ref)
        return None, others.exists()
    starts_on = charge.starts_on or charge.occurred_at.date()
    period, _made = PlanPeriod.objects.get_or_create(
        plan=plan, starts_on=starts_on, defaults={"charge_ref": charge.ref}
    )
    is_extra = period.charge_ref != charge.ref
    return (None if is_extra else period), is_extra
