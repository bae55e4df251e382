"""A second plan from one address: the donor is asked by mail, never on a page; the staff see who gives twice."""

import pytest
from django.core import mail

from donations.models import Plan
from newsroom import worker
from tests.donations.worlds import SandboxWorld, deliver, paid
from tests.make import make_user

QUESTION = "Another gift from this address comes again as well: €5 every month."
LIST = "/admin/donations/plan/"


@pytest.fixture
def world(db):
    return SandboxWorld()


def letters():
    worker.drain()
    return [letter.body for letter in mail.outbox]


def test_the_first_receipt_of_a_second_plan_asks_whether_it_was_meant(edition, world):
    paid(world, cadence="month", minor=500, email="reader@example.org")
    paid(world, cadence="month", minor=700, email="reader@example.org")
    first, second = letters()
    assert QUESTION not in first
    assert QUESTION in second


def test_other_people_single_gifts_and_ended_plans_ask_nothing(edition, world):
    paid(world, cadence="month", minor=500, email="one@example.org")
    paid(world, cadence="month", minor=500, email="two@example.org")
    paid(world, cadence="once", minor=500, email="two@example.org")
    Plan.objects.update(cancel_requested_at="2026-01-01T00:00Z")
    paid(world, cadence="month", minor=700, email="one@example.org")
    paid(world, cadence="month", minor=700)
    paid(world, cadence="month", minor=800)
    assert len(letters()) == 4
    assert not [letter for letter in letters() if "Another gift" in letter]


def test_the_page_that_gives_tells_nobody_who_gives_already(reader):
    reader.pay(reader.give(email="reader@example.org"))
    deliver(SandboxWorld())
    known = reader.confirm(reader.look(), email="reader@example.org")
    unknown = reader.confirm(reader.look(), email="nobody@example.org")
    assert known.status_code == unknown.status_code == 302


def test_the_list_shows_whose_gifts_come_twice(edition, world, client):
    twice = [paid(world, cadence="month", minor=minor, email="one@example.org") for minor in (500, 700)]
    paid(world, cadence="month", minor=500, email="two@example.org")
    paid(world, cadence="month", minor=500)
    paid(world, cadence="month", minor=500)
    assert {plan.gift_id for plan in Plan.objects.beside_others()} == {gift.pk for gift in twice}
    client.force_login(make_user("Fundraiser"))
    assert client.get(LIST, {"twice": "1"}).context["cl"].result_count == 2
    Plan.objects.filter(gift=twice[0]).update(cancel_requested_at="2026-01-01T00:00Z")
    assert not Plan.objects.beside_others().exists()
