"""What every provider must promise, whatever stands behind it."""

import datetime

import pytest
from django.utils import timezone

from donations.money import Money
from donations.providers.base import BadNotice, HandOver, NotFound, Payout, ProviderDown, Refused, Status
from tests.donations.bank_world import BankWorld
from tests.donations.conftest import a_world

pytestmark = pytest.mark.usefixtures("edition")


@pytest.fixture(params=["sandbox", "stripe", "bank"])
def world(request, db, settings):
    """Every provider, each with what happens at it."""
    if request.param == "bank":
        yield BankWorld(settings)
    else:
        yield from a_world(request.param, settings)


def asked(**changes):
    given = {
        "reference": "g1", "cadence": "month", "money": Money(500, "EUR"), "language": "en",
        "return_url": "http://localhost/a/", "cancel_url": "http://localhost/b/",
    }  # fmt: skip
    return HandOver(**{**given, **changes})


def standing(world, gift):
    return world.provider.fetch("session", gift.provider_ref)


def paid(world, **fields):
    gift = world.gift(**fields)
    world.pay(gift)
    return gift, standing(world, gift)


def test_the_same_key_opens_the_same_page_and_another_key_another(world):
    first, again = (world.provider.hand_over(asked(), key="k1") for _time in range(2))
    assert first == again
    assert first.url.startswith("http")
    assert world.provider.hand_over(asked(), key="k2") != first
    assert world.sessions() == 2


def test_a_key_for_something_else_is_refused(world):
    world.provider.hand_over(asked(), key="k1")
    with pytest.raises(Refused):
        world.provider.hand_over(asked(money=Money(600, "EUR")), key="k1")


@pytest.mark.parametrize("kind", ["session", "charge", "plan", "refund", "dispute", "payout", "nonsense"])
@pytest.mark.parametrize("ref", ["", "unknown_1"])
def test_what_is_not_there_is_not_found(world, kind, ref):
    with pytest.raises(NotFound):
        world.provider.fetch(kind, ref)


def test_a_page_is_open_and_then_paid_with_the_promised_money_in_whole_units(world):
    gift = world.gift(minor=1234)
    before = standing(world, gift)
    assert (before.status, before.reference, before.charges) == (Status.OPEN, gift.public_id, ())
    world.pay(gift)
    after = standing(world, gift)
    assert after.status == Status.PAID
    assert [charge.money for charge in after.charges] == [Money(1234, "EUR")]
    assert bool(after.charges[0].fee) == world.has_fees
    assert (after.mode, after.account) == (world.provider.mode, world.provider.account)


def test_session_charge_and_plan_lead_to_the_same_standing(world):
    _gift, first = paid(world, cadence="month")
    for kind, ref in (("charge", first.charges[0].ref), ("plan", first.plan.ref)):
        assert world.provider.fetch(kind, ref) == first
    assert first.plan.state == "active"
    assert first.plan.money == Money(500, "EUR")
    assert first.charges[0].starts_on is not None


def test_a_refund_with_its_key_happens_once_and_never_exceeds_the_charge(world):
    gift, first = paid(world)
    charge = first.charges[0].ref
    refs = {world.provider.refund(charge, Money(200, "EUR"), key="r1") for _time in range(2)}
    assert len(refs) == 1
    with pytest.raises(Refused):
        world.provider.refund(charge, Money(301, "EUR"), key="r2")
    with pytest.raises(NotFound):
        world.provider.refund("unknown_1", Money(1, "EUR"), key="r3")
    world.carry_out()
    refunds = standing(world, gift).refunds
    assert [(one.money, one.charge_ref) for one in refunds] == [(Money(200, "EUR"), charge)]
    assert world.provider.fetch("refund", refunds[0].ref).ref == gift.provider_ref


def test_a_plan_changes_pauses_goes_on_and_ends_once(world):
    gift, first = paid(world, cadence="month")
    plan, until = first.plan.ref, timezone.now().date() + datetime.timedelta(days=40)
    world.provider.change_plan(plan, Money(700, "EUR"), "year", key="c1")
    now = standing(world, gift).plan
    assert (now.money, now.cadence) == (Money(700, "EUR"), "year")
    world.provider.pause_plan(plan, until, key="p1")
    now = standing(world, gift).plan
    assert (now.state, now.paused_until) == ("paused", until)
    world.provider.resume_plan(plan, key="p2")
    assert standing(world, gift).plan.state == "active"
    for key in ("e1", "e1", "e2"):
        world.provider.end_plan(plan, key=key)
    assert standing(world, gift).plan.state == "ended"
    with pytest.raises(NotFound):
        world.provider.end_plan("unknown_1", key="e3")


def test_another_card_has_a_page_of_its_own(world):
    _gift, first = paid(world, cadence="month")
    if not world.has_cards:
        with pytest.raises(Refused):
            world.provider.new_card(first.plan.ref, "http://localhost/c/", key="n1")
        return
    pages = {world.provider.new_card(first.plan.ref, "http://localhost/c/", key="n1") for _time in range(2)}
    assert len(pages) == 1
    assert pages.pop().url.startswith("http")


def test_the_list_of_movements_holds_every_cent(world):
    _gift, first = paid(world, minor=5000)
    world.refund(first.charges[0].ref, 100)
    _other, second = paid(world)
    expected = ["charge", "charge", "refund", "payout"] + (["fee", "fee"] if world.has_fees else ["payout", "payout"])
    if world.has_disputes:
        world.close_dispute(world.dispute(second.charges[0].ref), "won")
        expected += ["dispute", "dispute_fee", "dispute_won"]
    world.pay_out()
    now = timezone.now() + datetime.timedelta(minutes=1)
    listed = world.provider.movements(since=now - datetime.timedelta(days=1, minutes=2), until=now)
    assert sorted(one.kind for one in listed) == sorted(expected)
    assert sum(one.money.minor for one in listed) == 0
    assert world.provider.movements(since=now, until=now + datetime.timedelta(days=1)) == []
    payouts = [world.provider.fetch(one.object_kind, one.object_ref) for one in listed if one.kind == "payout"]
    assert all(isinstance(payout, Payout) for payout in payouts)
    covered = [cover for payout in payouts for cover in payout.covers]
    assert sorted(covered) == sorted((one.kind, one.ref) for one in listed if one.kind != "payout")
    for one in listed:
        assert world.provider.fetch(one.object_kind, one.object_ref).ref


def test_silence_is_an_error_of_its_own_and_changes_nothing(world):
    if not world.is_far:
        return  # nothing far away is asked, so nothing can be silent
    gift = world.gift()
    for ask in (
        lambda: world.provider.fetch("session", gift.provider_ref),
        lambda: world.provider.hand_over(asked(), key="k9"),
        lambda: world.provider.movements(since=timezone.now(), until=timezone.now()),
    ):
        world.down(1)
        with pytest.raises(ProviderDown):
            ask()
    world.up()
    assert world.sessions() == 1


def test_readers_are_told_how_to_pay_and_what_the_statement_will_say(world):
    assert world.provider.methods("EUR")
    words = world.provider.statement("Дальний берег & The Far Shore, a very long title")
    assert 0 < len(words) <= 22
    assert words.isascii()


def test_what_a_reader_must_do_himself_is_told_and_nothing_else(world):
    gift = world.gift()
    steps = world.provider.instructions(gift.provider_ref)
    assert (steps is None) == (world.name != "bank")
    assert steps is None or (steps.money, steps.code.replace(" ", "")) == (gift.money, gift.provider_ref)


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b"[" * 2000])
def test_a_notice_that_nobody_signed_is_refused(world, body):
    with pytest.raises(BadNotice):
        world.provider.read_notice(body, {}, at=timezone.now())
