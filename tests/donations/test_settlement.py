"""Whatever order the provider speaks in, the books come out the same."""

import dataclasses
import datetime
import itertools

import pytest
from django.utils import timezone

from donations.models import Gift, Journal, JournalLine, Message, Plan, PlanPeriod, Receipt, SandboxClock, settle
from donations.money import Money
from donations.providers.base import Charge, PlanStanding, Standing, Status
from donations.providers.sandbox.adapter import Sandbox
from tests.donations.making import make_gift, session_of


def standing_of(gift, **changes):
    """Return how a paid single gift stands at the provider."""
    charge = Charge("ch_1", gift.money, timezone.now(), fee=Money(30, "EUR"))
    given = Standing(
        ref=gift.provider_ref, reference=gift.public_id, mode="sandbox", account="demo", status=Status.PAID,
        money=gift.money, charges=(charge,),
    )  # fmt: skip
    return dataclasses.replace(given, **changes)


def apply(standing):
    return settle(standing, provider="sandbox", at=timezone.now())


def balance(**by):
    sums = {}
    for line in JournalLine.objects.filter(**by):
        sums[line.account] = sums.get(line.account, 0) + line.amount_minor
    return sums


def test_the_same_standing_applied_again_changes_nothing(edition):
    gift = make_gift()
    standing = standing_of(gift)
    assert {apply(standing).state for _time in range(3)} == {"applied"}
    assert Journal.objects.count() == 2
    assert Receipt.objects.count() == 1


def test_every_order_of_a_plans_charges_ends_in_the_same_books(edition):
    start = timezone.now().replace(day=1) - datetime.timedelta(days=62)
    days = [start + datetime.timedelta(days=31 * number) for number in range(3)]
    ends = []
    for order in itertools.permutations(range(3)):
        gift = make_gift(cadence="month", at=start)
        for number in order:
            charge = Charge(f"{gift.pk}-{number}", gift.money, days[number], starts_on=days[number].date())
            plan = PlanStanding(f"plan-{gift.pk}", "active", (days[-1] + datetime.timedelta(days=31)).date())
            apply(standing_of(gift, charges=(charge,), plan=plan))
        gift.refresh_from_db()
        ends.append((gift.state, gift.paid_at, balance(journal__gift=gift), gift.plan.periods.count()))
    assert all(end == ends[0] for end in ends)
    assert ends[0][0:2] == ("paid", days[0])
    assert ends[0][2] == {"provider_clearing": 1500, "income_recurring": -1500}


@pytest.mark.parametrize("money", [Money(400, "EUR"), Money(500, "USD")])
def test_an_amount_that_differs_is_booked_as_it_is_reviewed_and_not_thanked_for(edition, money):
    gift = make_gift(email="reader@example.org")
    apply(standing_of(gift, charges=(Charge("ch_1", money, timezone.now()),)))
    gift.refresh_from_db()
    assert gift.needs_review == "The amount charged is not the amount promised."
    line = JournalLine.objects.get(account="income_once")
    assert (line.amount_minor, line.currency) == (-money.minor, money.currency)
    assert not Message.objects.exists()
    assert not Receipt.objects.exists()


def test_a_second_charge_for_one_gift_goes_to_suspense_and_to_a_person(edition):
    gift = make_gift()
    apply(standing_of(gift))
    apply(standing_of(gift, charges=(Charge("ch_2", gift.money, timezone.now()),)))
    gift.refresh_from_db()
    assert gift.needs_review == "Charged more often than promised."
    assert balance()["suspense"] == -500
    assert balance()["income_once"] == -500
    assert Receipt.objects.count() == 1


def test_a_second_charge_for_one_period_goes_to_suspense(edition):
    gift, day = make_gift(cadence="month"), timezone.now()
    plan = PlanStanding("plan_1", "active", day.date())
    for ref in ("ch_1", "ch_2"):
        apply(standing_of(gift, plan=plan, charges=(Charge(ref, gift.money, day, starts_on=day.date()),)))
    assert balance() == {"provider_clearing": 1000 - 30 * 0, "income_recurring": -500, "suspense": -500}
    assert PlanPeriod.objects.count() == 1


def test_a_standing_of_another_account_is_parked(edition):
    gift = make_gift()
    assert apply(standing_of(gift, mode="live")).state == "parked"
    assert apply(standing_of(gift, ref="")).state == "parked"
    assert not Journal.objects.exists()


def test_money_that_nobody_knows_waits_in_suspense(edition):
    gift = make_gift()
    outcome = apply(standing_of(gift, ref="x", reference="y"))
    assert (outcome.state, outcome.reason) == ("applied", "suspense: unknown gift")
    assert balance() == {"provider_clearing": 470, "suspense": -500, "fees": 30}
    assert apply(standing_of(gift, ref="x", reference="y", charges=())).state == "parked"
    gift.refresh_from_db()
    assert gift.state == "handed_off"


def test_a_failure_after_a_failure_is_ignored_and_money_after_it_is_booked(edition):
    gift = make_gift()
    assert apply(standing_of(gift, status=Status.FAILED, charges=())).state == "applied"
    assert apply(standing_of(gift, status=Status.EXPIRED, charges=())).state == "ignored"
    apply(standing_of(gift))
    gift.refresh_from_db()
    assert gift.state == "paid"


def test_a_plan_that_ended_stays_ended(edition):
    gift, day = make_gift(cadence="month"), timezone.now()
    charge = Charge("ch_1", gift.money, day, starts_on=day.date())
    for state in ("active", "ended", "active"):
        apply(standing_of(gift, plan=PlanStanding("plan_1", state, day.date()), charges=(charge,)))
    plan = Plan.objects.get()
    assert plan.state == "ended"
    assert plan.ended_at is not None
    assert plan.provider_ref == "plan_1"


def test_renewals_by_the_clock_are_booked_once_each(edition, work):
    gift = make_gift(cadence="month", email="reader@example.org")
    session_of(gift).settle("pay", at=timezone.now())
    for _month in range(3):
        SandboxClock.advance(1, at=timezone.now())
    work()
    assert Journal.objects.filter(kind="charge", gift=gift).count() == 4
    assert PlanPeriod.objects.count() == Receipt.objects.count() == Message.objects.filter(state="sent").count() == 4
    assert Plan.objects.get().next_on == session_of(gift).plan.next_on


def test_a_renewal_whose_notice_was_lost_is_found_by_the_sweeper(edition):
    from donations import jobs

    gift = make_gift(cadence="month")
    session_of(gift).settle("pay", at=timezone.now())
    gift.refresh(at=timezone.now())
    SandboxClock.advance(1, at=timezone.now())
    assert Journal.objects.filter(kind="charge").count() == 1
    jobs.sweep(at=timezone.now() + datetime.timedelta(days=35))
    assert Journal.objects.filter(kind="charge").count() == 2


def test_a_gift_of_which_no_word_came_is_asked_about_after_a_quarter_of_an_hour(edition):
    from donations import jobs

    gift, now = make_gift(), timezone.now()
    session_of(gift).settle("pay", at=now)
    jobs.sweep(at=now + datetime.timedelta(minutes=14))
    assert Gift.objects.get().state == "handed_off"
    jobs.sweep(at=now + datetime.timedelta(minutes=16))
    assert Gift.objects.get().state == "paid"


def test_a_hand_over_that_never_answered_is_finished_or_given_up(edition, monkeypatch):
    from donations import jobs

    gift, now = make_gift(), timezone.now()
    gift.calls.update(state="unknown")
    Gift.objects.filter(pk=gift.pk).update(state="ready", provider_ref="")
    jobs.sweep(at=now + datetime.timedelta(minutes=16))
    assert Gift.objects.get().state == "handed_off"
    Gift.objects.filter(pk=gift.pk).update(state="ready")
    jobs.sweep(at=now + datetime.timedelta(hours=25))
    assert Gift.objects.get().state == "expired"


def test_a_page_that_nobody_paid_on_expires(edition):
    gift = make_gift()
    session = session_of(gift)
    session.created_at -= datetime.timedelta(hours=25)
    session.save()
    gift.refresh(at=timezone.now())
    assert gift.state == "expired"
    assert Sandbox().fetch("session", session.ref).status == "expired"


def test_of_two_looks_at_a_plan_the_later_one_decides(edition):
    gift, now = make_gift(cadence="month"), timezone.now()
    charge = Charge("ch_1", gift.money, now, starts_on=now.date())
    for minutes, state in ((0, "active"), (10, "past_due"), (5, "active")):
        standing = standing_of(gift, plan=PlanStanding("plan_1", state, now.date()), charges=(charge,))
        settle(standing, provider="sandbox", at=now, seen_at=now + datetime.timedelta(minutes=minutes))
    assert Plan.objects.get().state == "past_due"


def test_money_that_was_converted_goes_through_the_exchange_account(edition):
    gift, now = make_gift(), timezone.now()
    charge = Charge("ch_1", gift.money, now, fee=Money(40, "USD"), settled=Money(540, "USD"))
    apply(standing_of(gift, charges=(charge,)))
    sums = {}
    for line in JournalLine.objects.filter(journal__kind="charge"):
        sums.setdefault(line.currency, []).append((line.account, line.amount_minor))
    assert sorted(sums["USD"]) == [("fx", -540), ("provider_clearing", 540)]
    assert sorted(sums["EUR"]) == [("fx", 500), ("income_once", -500)]
    assert Receipt.objects.count() == 1
