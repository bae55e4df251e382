"""The sandbox as a provider: keys, pages, clock. What it promises here, every later adapter promises too."""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from donations import providers
from donations.days import after_months
from donations.models import SandboxCharge, SandboxClock, SandboxNotice, SandboxPlan, SandboxSession
from donations.money import Money
from donations.providers.base import HandOver, NotFound, Refused, UnknownProvider
from tests.donations.making import make_gift, session_of

pytestmark = pytest.mark.django_db


def asked(**changes):
    given = {
        "reference": "g1", "cadence": "month", "money": Money(500, "EUR"), "language": "en", "return_url": "http://home/a",
        "cancel_url": "http://home/b",
    }  # fmt: skip
    return HandOver(**{**given, **changes})


def test_the_same_key_gives_the_same_page():
    provider = providers.active()
    first, second = provider.hand_over(asked(), key="k1"), provider.hand_over(asked(), key="k1")
    assert first == second
    assert provider.hand_over(asked(), key="k2") != first


def test_a_key_used_for_something_else_is_refused():
    provider = providers.active()
    provider.hand_over(asked(), key="k1")
    with pytest.raises(Refused):
        provider.hand_over(asked(money=Money(600, "EUR")), key="k1")
    assert SandboxSession.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "ref"), [("session", "x"), ("charge", "x"), ("plan", "x"), ("payout", "x"), ("plan", "")]
)
def test_an_unknown_object_is_not_found(kind, ref):
    with pytest.raises(NotFound):
        providers.active().fetch(kind, ref)


def test_session_charge_and_plan_tell_of_the_same_hand_over(edition):
    gift = make_gift(cadence="month")
    session_of(gift).settle("pay", at=timezone.now())
    provider = providers.active()
    refs = [gift.provider_ref, SandboxCharge.objects.get().ref, SandboxPlan.objects.get().ref]
    standings = [provider.fetch(kind, ref) for kind, ref in zip(("session", "charge", "plan"), refs, strict=True)]
    assert standings[0] == standings[1] == standings[2]
    assert standings[0].reference == gift.public_id
    assert standings[0].charges[0].fee == Money(500 * 14 // 1000 + 25, "EUR")


def test_a_page_is_settled_once(edition):
    session = session_of(make_gift())
    assert session.settle("pay", at=timezone.now())
    assert not session.settle("pay", at=timezone.now())
    assert not session.settle("decline", at=timezone.now())
    assert SandboxCharge.objects.count() == 1
    assert SandboxNotice.objects.count() == 2


def test_the_pay_page_says_that_no_money_moves_and_asks_for_no_card(client, edition):
    page = client.get(f"/sandbox/pay/{make_gift().provider_ref}/").content.decode()
    assert "Sandbox: no money moves" in page
    assert "<input" not in page


def test_a_forged_outcome_and_a_form_of_another_site_are_refused(client, edition):
    path = f"/sandbox/pay/{make_gift().provider_ref}/"
    assert client.post(path, {"outcome": "free"}).status_code == 422
    assert client.post(path, {"outcome": "pay"}, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert not SandboxCharge.objects.exists()


def test_the_sandbox_is_not_there_when_another_provider_is_in_charge(client, edition, settings):
    path = f"/sandbox/pay/{make_gift().provider_ref}/"
    settings.PAYMENT_PROVIDER = "none"
    assert client.get(path).status_code == 404
    assert providers.active() is None
    with pytest.raises(UnknownProvider):
        providers.by_name("sandbox")


@pytest.mark.parametrize(
    ("day", "months", "anchor", "expected"),
    [
        ("2026-01-31", 1, 31, "2026-02-28"),
        ("2026-02-28", 1, 31, "2026-03-31"),
        ("2028-01-31", 1, 31, "2028-02-29"),
        ("2026-12-15", 1, 15, "2027-01-15"),
        ("2028-02-29", 12, 29, "2029-02-28"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_one(day, months, anchor, expected):
    assert after_months(datetime.date.fromisoformat(day), months, anchor=anchor).isoformat() == expected


def test_the_clock_charges_each_period_once(edition):
    gift = make_gift(cadence="month", at=timezone.now())
    session_of(gift).settle("pay", at=timezone.now())
    day, charged = SandboxClock.advance(1, at=timezone.now())
    assert charged == 1
    assert SandboxClock.turn_to(day) == (day, 0)
    assert SandboxClock.advance(12, at=timezone.now())[1] == 12
    assert SandboxCharge.objects.count() == 14


def test_a_single_gift_never_comes_again(edition):
    session_of(make_gift()).settle("pay", at=timezone.now())
    assert SandboxClock.advance(12, at=timezone.now())[1] == 0


def test_the_command_advances_month_by_month(edition, capsys, settings):
    session_of(make_gift(cadence="month")).settle("pay", at=timezone.now())
    call_command("sandbox_advance", months=2)
    assert "2 renewals" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("sandbox_advance", months=0)
    settings.PAYMENT_PROVIDER = "none"
    with pytest.raises(CommandError):
        call_command("sandbox_advance")
