"""Half a year by the sandbox's clock, with everything that goes wrong in one: each month the books balance."""

import pytest
from django.utils import timezone

from donations import jobs
from donations.models import Gift, Journal, JournalLine, Payout, Plan, Receipt, ReconRun, give_back, money_state
from donations.money import Money
from tests.donations.worlds import SandboxWorld, deliver, paid
from tests.make import make_user


@pytest.fixture
def world(db):
    return SandboxWorld()


def compare(world):
    run = ReconRun.compare(world.provider, at=timezone.now())
    assert run.state == "green", list(run.items.values())
    return run


def test_six_months_with_a_refund_a_dispute_a_failed_card_and_a_lost_notice_balance_each_month(edition, world):
    by = make_user("Administrator")
    for number in range(4):
        paid(world, cadence="month", minor=1000 + number, email=f"r{number}@example.org")
    failing = paid(world, "fails_once", cadence="month", minor=2000, email="card@example.org")
    expired = paid(world, "fails", cadence="month", minor=2000)
    won, lost = paid(world, "disputed_won", minor=5000), paid(world, "disputed_lost", minor=5000)
    given_back, unheard = paid(world, minor=3000), world.gift(minor=4000, email="lost@example.org")
    world.pay(unheard, "lost")
    give_back(
        Journal.objects.get(gift=given_back, kind="charge"), Money(1200, "EUR"), by=by, reason="Asked.", nonce="n",
        at=timezone.now(),
    )  # fmt: skip
    found = []
    for month in range(6):
        world.renew()
        if month == 2:
            world.letters()
        deliver(world)
        jobs.sweep(at=timezone.now())
        found.append(compare(world).items.filter(is_settled=True).count())
    assert found[0] > 0, "the lost notice was not found"
    assert found[2] > 0, "the lost month was not found"
    assert found[1] == found[3] == found[4] == found[5] == 0
    assert sum(JournalLine.objects.values_list("amount_minor", flat=True)) == 0
    assert Payout.objects.count() == 6
    assert not [payout for payout in Payout.objects.all() if payout.is_open]
    states = {gift: money_state(gift) for gift in (won, lost, given_back, unheard)}
    assert list(states.values()) == ["paid", "lost", "part_refunded", "paid"]
    assert Gift.objects.get(pk=unheard.pk).state == "paid"
    assert Plan.objects.get(gift=failing).state == "active"
    assert (Plan.objects.get(gift=expired).state, Plan.objects.get(gift=expired).end_reason) == ("ended", "card")
    assert Receipt.objects.count() == Journal.objects.filter(kind="charge").count()
    numbers = list(Receipt.objects.order_by("year", "number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
