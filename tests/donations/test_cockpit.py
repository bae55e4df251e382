"""The cockpit: figures of each mode and currency, what is red and where to go, drawn without script."""

import datetime

import pytest
from django.utils import timezone

from donations import cockpit
from donations.models import ProviderEvent, ReconRun
from donations.money import Money
from tests.donations.worlds import SandboxWorld, deliver, paid
from tests.make import make_user

PAGE = "/admin/donations/journal/cockpit/"


@pytest.fixture
def world(db):
    return SandboxWorld()


def test_the_page_shows_income_plans_and_a_plot(client, edition, world):
    paid(world, cadence="month", minor=1200)
    paid(world, cadence="year", minor=3000)
    client.force_login(make_user("Fundraiser"))
    page = client.get(PAGE).content.decode()
    assert "<svg" in page
    assert "<rect" in page
    assert "€14.50 a month from 2 plans" in page
    assert "2 new, 0 lost" in page


def test_recurring_counts_a_twelfth_of_an_annual_gift_and_mixes_no_currency(edition, world):
    paid(world, cadence="month", minor=500)
    paid(world, cadence="year", minor=3000)
    assert cockpit.recurring("sandbox") == [("EUR", Money(750, "EUR"), 2)]
    assert cockpit.recurring("live") == []


def test_failed_cards_and_recoveries_are_counted(edition, world):
    gift = paid(world, cadence="month")
    world.break_card(gift, 1)
    for _month in range(2):
        world.renew()
        deliver(world)
    assert cockpit.movement("sandbox", timezone.now()) == {"new": 1, "lost": 0, "failed": 1, "recovered": 1}


def test_bars_stand_for_months_in_whole_units(edition, world):
    paid(world)
    bars = cockpit.plot("sandbox", "EUR")
    assert len(bars) == 12
    assert [bar.height for bar in bars[:-1]] == [0] * 11
    assert bars[-1].height == cockpit.BASE - 20
    assert "€4.68" in bars[-1].title


def test_silence_after_hand_overs_is_red(edition, world):
    now = timezone.now()
    ReconRun.compare(world.provider, at=now)
    world.gift()
    paid(world)
    assert not any(is_red for is_red, _sentence, _url in cockpit.health(now))
    ProviderEvent.objects.update(received_at=now - datetime.timedelta(hours=25))
    red = [sentence for is_red, sentence, _url in cockpit.health(now) if is_red]
    assert len(red) == 1
    assert red[0].startswith("Last notice")


@pytest.mark.parametrize("role", ["Reporter", "Editor", "Photo editor", "Newsletter editor"])
def test_nobody_else_sees_it(client, edition, role):
    client.force_login(make_user(role))
    assert client.get(PAGE).status_code == 403
