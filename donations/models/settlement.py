"""Make our rows say what the provider says: the one way in which a gift is paid and money reaches the books."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext_noop

from donations import signals
from donations.models.books import Journal, JournalLine, Payout, PayoutItem, income_account
from donations.models.gift import Gift
from donations.models.guard import Guard
from donations.models.plan import Plan, PlanPeriod
from donations.models.thanks import Message, Receipt
from donations.providers.base import Payout as PayoutStanding
from donations.providers.base import Status

STATES = {
    Status.PROCESSING: Gift.State.PROCESSING,
    Status.PAID: Gift.State.PAID,
    Status.FAILED: Gift.State.FAILED,
    Status.EXPIRED: Gift.State.EXPIRED,
    Status.CANCELLED: Gift.State.CANCELLED,
    Status.REFUSED: Gift.State.REFUSED,
}
Account, Kind = JournalLine.Account, Journal.Kind


@dataclass(frozen=True)
class Outcome:
    """What became of a standing: applied, ignored or parked, and why."""

    state: str
    reason: str = ""


def settle(standing, *, provider, at, seen_at=None):
    """Apply what was fetched from `provider` (its name) in one transaction, and return the Outcome.

    `seen_at` is when the fetch began: of two looks the later one decides what a plan is. Applying the same standing
    again changes nothing: every row it writes is unique by the provider's own ids.
    """
    if isinstance(standing, PayoutStanding):
        return _settle_payout(standing, provider, at=at)
    if not standing.ref:
        return Outcome("parked", "no id")
    with transaction.atomic():
        gift = _gift_of(standing, provider)
        if gift is None:
            return _suspend(standing, provider, at=at)
        if (gift.mode, gift.account) != (standing.mode, standing.account):
            return Outcome("parked", "another mode or account")
        plan = _update_plan(gift, standing, seen_at=seen_at or at, at=at)
        for charge in standing.charges:
            _book(gift, charge, plan=plan, at=at)
        _book_takings(standing, gift.provider, gift=gift, at=at)
        return _move(gift, standing, at=at)


def settle_known(sender, provider, standing, at, **kwargs):
    """Apply what a provider of our own says of itself."""
    settle(standing, provider=provider, at=at)


def _gift_of(standing, provider):
    """Return the gift behind a hand-over, locked: by the hand-over's id, or by our own where we never learned that."""
    gifts = Gift.objects.select_for_update().filter(provider=provider)
    gift = gifts.filter(account=standing.account, provider_ref=standing.ref).first()
    if gift is None and standing.reference:
        gift = gifts.filter(public_id=standing.reference, provider_ref="").first()
        if gift is not None:
            gift.learn_hand_over(standing.ref)
    return gift


def _suspend(standing, provider, *, at):
    """Book money whose promise nobody knows: it waits in suspense until a person assigns it or gives it back."""
    if not standing.charges:
        return Outcome("parked", "unknown gift")
    for charge in standing.charges:
        place = _place(standing, provider, charge.ref, charge.occurred_at, at)
        lines = [(Account.CLEARING, _settled(charge)), (Account.SUSPENSE, -_settled(charge))]
        journal, _made = Journal.post(kind=Kind.CHARGE, lines=lines, **place)
        _book_fee(charge, None, place, about=journal)
    _book_takings(standing, provider, gift=None, at=at)
    return Outcome("applied", "suspense: unknown gift")


def _place(standing, provider, ref, occurred_at, at):
    return {
        "mode": standing.mode, "provider": provider, "account": standing.account, "external_ref": ref,
        "occurred_at": occurred_at, "posted_at": at,
    }  # fmt: skip


def _settled(charge):
    return charge.settled or charge.money


def _update_plan(gift, standing, *, seen_at, at):
    if standing.plan is None or not standing.plan.ref:
        return None
    plan, _made = Plan.objects.get_or_create(
        provider=gift.provider, account=gift.account, provider_ref=standing.plan.ref,
        defaults={"gift": gift, "created_at": at},
    )  # fmt: skip
    plan.follow(standing.plan, seen_at=seen_at, at=at)
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
    if state == Gift.State.FAILED:
        Guard.note_failure(at=at)
        transaction.on_commit(lambda: signals.failed.send_robust(Gift, gift=gift, at=at))
    return Outcome("applied")


def _first_charge(gift):
    return Journal.objects.filter(gift=gift, kind=Kind.CHARGE).aggregate(first=Min("occurred_at"))["first"]


def _date_payment(gift):
    """Date the gift by its first charge, also when a later one was announced before it."""
    first = _first_charge(gift)
    if first and first != gift.paid_at:
        gift.paid_at = first
        gift.save(update_fields=["paid_at"])


# Money that came in


def _book(gift, charge, *, plan, at):
    """Write one charge and its fee into the books; the receipt and its letter follow in the same transaction."""
    period, is_extra = _period(gift, charge, plan)
    of = None if is_extra else gift
    place = _place(gift, gift.provider, charge.ref, charge.occurred_at, at)
    lines = _charge_lines(charge, Account.SUSPENSE if is_extra else income_account(gift))
    journal, made = Journal.post(kind=Kind.CHARGE, gift=of, period=period, lines=lines, **place)
    _book_fee(charge, of, place, about=journal)
    if not made:
        return
    wrong = _what_is_wrong(gift, charge, plan, is_extra=is_extra)
    if wrong:
        gift.ask_review(wrong)
    if plan is not None and plan.is_after_stop(charge) and not is_extra:
        Message.queue("after_stop", subject_id=journal.pk, gift=gift, at=at)
    elif not wrong:
        Receipt.issue(journal, at=at)
        Message.queue("receipt", subject_id=journal.pk, gift=gift, at=at)
        transaction.on_commit(lambda: signals.charged.send_robust(Gift, gift=gift, journal=journal, at=at))


def _charge_lines(charge, account):
    """Return the lines of a charge; what the provider converted goes through the exchange account at its rate."""
    if charge.settled is None or charge.settled.currency == charge.money.currency:
        return [(Account.CLEARING, charge.money), (account, -charge.money)]
    return [
        (Account.CLEARING, charge.settled), (Account.FX, -charge.settled), (Account.FX, charge.money),
        (account, -charge.money),
    ]  # fmt: skip


def _book_fee(charge, gift, place, *, about):
    if charge.fee and charge.fee.minor:
        lines = [(Account.FEES, charge.fee), (Account.CLEARING, -charge.fee)]
        Journal.post(kind=Kind.FEE, gift=gift, about=about, lines=lines, **place)


def _what_is_wrong(gift, charge, plan, *, is_extra):
    """Return the sentence for the person who must look at this charge, or ""."""
    if is_extra:
        return gettext_noop("Charged more often than promised.")
    if plan is not None and plan.is_after_stop(charge):
        return gettext_noop("Charged after the gift was stopped.")
    if not (plan.has_promised(charge.money) if plan else charge.money == gift.money):
        return gettext_noop("The amount charged is not the amount promised.")
    return ""


def _period(gift, charge, plan):
    """Return (the billing period, whether the money is more than was promised): one charge a gift, or one a period."""
    if plan is None:
        others = Journal.objects.filter(gift=gift, kind=Kind.CHARGE).exclude(external_ref=charge.ref)
        return None, others.exists()
    starts_on = charge.starts_on or charge.occurred_at.date()
    period, _made = PlanPeriod.objects.get_or_create(
        plan=plan, starts_on=starts_on, defaults={"charge_ref": charge.ref}
    )
    is_extra = period.charge_ref != charge.ref
    return (None if is_extra else period), is_extra


# Money that went back


def _book_takings(standing, provider, *, gift, at):
    from donations.models.refunds import refundable

    made = [_book_refund(standing, provider, refund, gift=gift, at=at) for refund in standing.refunds]
    made += [
        _book_dispute(standing, provider, dispute, gift=gift, at=at)
        for dispute in standing.disputes
        if dispute.state != "inquiry"
    ]
    charges = {journal.about for journal in made if journal is not None and journal.about_id}
    if gift is not None and any(charge.gift_id and refundable(charge).minor < 0 for charge in charges):
        gift.ask_review(gettext_noop("More was given back than came in."))


def _book_refund(standing, provider, refund, *, gift, at):
    """Book what was given back and tell the donor; return the journal when it is new."""
    journal, made = _take(standing, provider, refund, Kind.REFUND, Account.REFUNDS, at=at)
    if made and gift is not None:
        Message.queue("refund", subject_id=journal.pk, gift=gift, at=at)
    return journal if made else None


def _take(standing, provider, thing, kind, account, *, at):
    """Book money that left the provider's balance because of a charge; return (journal, whether it is new)."""
    charge = Journal.objects.filter(
        provider=provider, account=standing.account, kind=Kind.CHARGE, external_ref=thing.charge_ref
    ).first()
    known = charge is not None and charge.gift_id is not None
    lines = [(account if known else Account.SUSPENSE, thing.money), (Account.CLEARING, -thing.money)]
    journal, made = Journal.post(
        kind=kind, gift_id=charge.gift_id if known else None, about=charge, lines=lines,
        **_place(standing, provider, thing.ref, thing.occurred_at, at),
    )  # fmt: skip
    return journal, made


def _book_dispute(standing, provider, dispute, *, gift, at):
    """Book what a bank took back, its fee and how it ended; the plan behind it stands still until a person looks."""
    from donations.tasks import pause_disputed

    journal, made = _take(standing, provider, dispute, Kind.DISPUTE, Account.DISPUTES, at=at)
    place = _place(standing, provider, dispute.ref, dispute.closed_at or dispute.occurred_at, at)
    common = {"gift_id": journal.gift_id, "about": journal.about}
    if dispute.fee and dispute.fee.minor:
        lines = [(Account.DISPUTE_FEES, dispute.fee), (Account.CLEARING, -dispute.fee)]
        Journal.post(kind=Kind.DISPUTE_FEE, lines=lines, **common, **place)
    back = Account.DISPUTES if journal.gift_id else Account.SUSPENSE
    if dispute.state == "won":
        lines = [(Account.CLEARING, dispute.money), (back, -dispute.money)]
        Journal.post(kind=Kind.DISPUTE_WON, lines=lines, **common, **place)
    elif dispute.state == "lost" and journal.gift_id:
        lines = [(Account.DISPUTES_LOST, dispute.money), (back, -dispute.money)]
        Journal.post(kind=Kind.DISPUTE_LOST, lines=lines, **common, **place)
    if made and gift is not None:
        gift.ask_review(gettext_noop("A bank disputes a payment."))
        if dispute.state == "open" and Plan.objects.filter(gift=gift, state__in=["active", "past_due"]).exists():
            pause_disputed.enqueue(gift_id=gift.pk)
    return journal if made else None


# Money that reached the bank


def _settle_payout(payout, provider, *, at):
    if not payout.ref:
        return Outcome("parked", "no id")
    with transaction.atomic():
        lines = [(Account.BANK, payout.money), (Account.CLEARING, -payout.money)]
        place = _place(payout, provider, payout.ref, payout.occurred_at, at)
        if payout.money.minor:
            Journal.post(kind=Kind.PAYOUT, lines=lines, **place)
        row, _made = Payout.objects.get_or_create(
            provider=provider, account=payout.account, ref=payout.ref,
            defaults={
                "mode": payout.mode, "amount_minor": payout.money.minor, "currency": payout.money.currency,
                "paid_at": payout.occurred_at,
            },
        )  # fmt: skip
        items = [PayoutItem(payout=row, kind=kind, external_ref=ref) for kind, ref in payout.covers]
        PayoutItem.objects.bulk_create(items, ignore_conflicts=True)
    return Outcome("applied")
