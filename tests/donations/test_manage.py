"""A donor's own page: a mailed link that works once, no cookie, and nobody sees anything of anybody else."""

import datetime
import re

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from donations import jobs
from donations.models import (
    AccessLink,
    Donor,
    DonorIdentity,
    DonorSession,
    Gift,
    Journal,
    Message,
    Plan,
    ProviderCall,
    Receipt,
    SandboxPlan,
    give_back,
)
from donations.money import Money
from tests.donations.making import make_gift, make_offers
from tests.donations.worlds import SandboxWorld, deliver, paid
from tests.make import make_edition, make_user

MANAGE = "/support/manage/"
ACTIONS = ["page", "change", "card", "pause", "resume", "stop", "statement", "data", "erase"]
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@pytest.fixture
def world(db):
    return SandboxWorld()


@pytest.fixture
def plan(edition, world):
    """A monthly gift of five euros that was paid."""
    return paid(world, cadence="month", email="reader@example.org").plan


def ask(client, address="reader@example.org"):
    page = client.get(MANAGE).content.decode()
    return client.post(MANAGE, {"email": address, "nonce": dict(HIDDEN.findall(page))["nonce"]})


def link(work):
    """Return the path in the latest letter with a link."""
    work()
    letters = [letter for letter in mail.outbox if "/support/manage/open/" in letter.body]
    return re.search(r"/support/manage/open/[\w-]+/", letters[-1].body)[0]


@pytest.fixture
def inside(client, plan, work):
    """Return a function that posts to the donor's page with what a form there holds."""
    ask(client)
    page = client.post(link(work)).content.decode()
    fields = dict(HIDDEN.findall(page))

    def act(action, **data):
        return client.post(reverse(f"donations:{action}"), {**fields, **data})

    act.fields, act.html = fields, page
    return act


# The way in


def test_the_answer_is_the_same_for_every_address_and_an_unknown_one_makes_nothing(client, plan, work):
    known, unknown = ask(client), ask(Client(), "nobody@example.org")
    strip = re.compile(r'name="nonce" value="[^"]+"|nonce="[^"]+"')
    assert strip.sub("", known.content.decode()) == strip.sub("", unknown.content.decode())
    assert known.status_code == unknown.status_code == 200
    work()
    assert Donor.objects.count() == DonorIdentity.objects.count() == 1
    assert [letter.to for letter in mail.outbox if "/open/" in letter.body] == [["reader@example.org"]]


def test_known_and_unknown_addresses_take_the_same_queries(client, plan, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    ask(client, "warm@example.org")
    for address in ("reader@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as captured:
            ask(client, address)
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("address", ["", "x", "a@b", "a" * 300 + "@example.org", "nul\x00@example.org"])
def test_what_is_no_address_is_refused_at_its_field(client, edition, address):
    answer = ask(client, address)
    assert answer.status_code == 422
    assert "field__error" in answer.content.decode()


def test_a_form_that_is_not_ours_is_refused(client, plan):
    assert client.post(MANAGE, {"email": "reader@example.org", "nonce": "forged"}).status_code == 422
    assert client.post(MANAGE, {}).status_code == 422


def test_one_address_is_not_flooded(client, plan, work):
    assert [ask(client).status_code for _time in range(6)] == [200] * 4 + [429] * 2
    work()
    assert len([letter for letter in mail.outbox if "/open/" in letter.body]) == 4


def test_opening_shows_a_button_and_only_the_button_spends_the_link(client, plan, work):
    ask(client)
    path = link(work)
    for _time in range(3):
        assert "Open my page" in client.get(path).content.decode()
    assert AccessLink.objects.count() == 1
    assert "€5 every month" in client.post(path).content.decode()
    assert client.post(path).status_code == client.get(path).status_code == 410
    assert Client().post(path).status_code == 410


def test_a_link_is_over_after_a_quarter_of_an_hour(client, plan, work):
    ask(client)
    path = link(work)
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=16), tick=False):
        assert client.get(path).status_code == client.post(path).status_code == 410


def test_a_session_is_over_after_half_an_hour_and_when_one_leaves(client, inside):
    assert inside("page").status_code == 200
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=31), tick=False):
        assert inside("page").status_code == 403
    assert inside("leave").status_code == 302
    assert inside("page").status_code == 403


def test_only_hashes_of_tokens_are_kept(client, plan, work):
    ask(client)
    path = link(work)
    token = path.split("/")[-2]
    page = client.post(path).content.decode()
    session = dict(HIDDEN.findall(page))["session"]
    rows = [
        *AccessLink.objects.values_list("token_hash", flat=True),
        *DonorSession.objects.values_list("token_hash", flat=True),
    ]
    assert rows
    assert not {token, session} & set(rows)


def test_no_page_sets_a_cookie_or_may_be_kept_or_tells_the_referrer(client, inside):
    for answer in (client.get(MANAGE), inside("page"), inside("stop"), inside("statement"), inside("data")):
        assert not answer.cookies
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"


# Nobody else


@pytest.mark.parametrize("action", ACTIONS)
def test_another_donors_session_finds_nothing(client, inside, world, work, action):
    stranger = paid(world, cadence="month", minor=1000, email="other@example.org")
    answer = inside(action, plan=stranger.plan.public_id, amount="7", cadence="month", months="1", sure="")
    if action in {"change", "card", "pause", "resume", "stop"}:
        assert answer.status_code == 404
    else:
        assert "€10" not in answer.content.decode()
    assert Plan.objects.get(pk=stranger.plan.pk).cancel_requested_at is None
    assert not ProviderCall.objects.filter(gift=stranger).exclude(operation="hand_over").exists()


@pytest.mark.parametrize("action", ACTIONS)
def test_without_a_session_nothing_opens(client, plan, action):
    address = reverse(f"donations:{action}")
    assert client.get(address).status_code == 302
    for data in ({}, {"session": "forged", "plan": plan.public_id}, {"session": "\x00", "plan": "\x00"}):
        assert client.post(address, data).status_code == 403
    assert client.post(address, headers={"Origin": "https://elsewhere.example"}).status_code == 403


# What a donor may do


def test_the_history_shows_payments_with_their_receipts(inside, plan):
    assert "€5" in inside.html
    assert str(Receipt.objects.get()) in inside.html


def test_the_amount_and_the_rhythm_change_from_the_next_charge_on(inside, plan, world):
    assert "From the next time on" in inside("change", amount="7,50", cadence="month").content.decode()
    assert inside("change", amount="7,50", cadence="month").status_code == 200
    plan.refresh_from_db()
    assert plan.money == Money(750, "EUR")
    assert ProviderCall.objects.filter(operation="change_plan").count() == 1
    world.renew()
    deliver(world)
    charge = Journal.objects.filter(kind="charge").order_by("pk").last()
    assert charge.received == Money(750, "EUR")
    assert not Gift.objects.get().needs_review
    assert Receipt.objects.count() == 2


@pytest.mark.parametrize("amount", ["", "x", "1", "1e3", "-5", "5.005,1", "999999999", "5\x00"])
def test_an_amount_that_is_none_is_refused_and_kept(inside, plan, amount):
    answer = inside("change", amount=amount, cadence="month")
    assert answer.status_code == 422
    assert "field__error" in answer.content.decode()
    assert SandboxPlan.objects.get().amount_minor is None


def test_a_pause_charges_nothing_and_ends_by_itself_or_by_a_button(inside, plan, world):
    assert "Paused until" in inside("pause", months="2").content.decode()
    world.renew()
    deliver(world)
    assert Journal.objects.filter(kind="charge").count() == 1
    fresh = dict(HIDDEN.findall(inside("page").content.decode()))
    assert "Your gift goes on." in inside("resume", nonce=fresh["nonce"]).content.decode()
    plan.refresh_from_db()
    assert plan.state == "active"


def test_stopping_is_one_button_and_one_confirmation_and_is_told_by_mail(inside, plan, work):
    page = inside("stop").content.decode()
    assert "Stop now" in page
    assert SandboxPlan.objects.get().state == "active"
    assert "Nothing more will be charged" in inside("stop", sure="yes").content.decode()
    assert SandboxPlan.objects.get().state == "ended"
    work()
    assert Message.objects.filter(kind="plan_ended", state="sent").count() == 1
    assert inside("change", amount="7", cadence="month").status_code == 422
    assert "Stopped." in inside("stop", sure="yes").content.decode()


def test_a_stop_while_the_provider_is_down_holds_and_is_repeated(inside, plan, world):
    world.down(2)
    assert "told again until it does" in inside("stop", sure="yes").content.decode()
    plan.refresh_from_db()
    assert plan.cancel_requested_at
    world.up()
    jobs.sweep(at=timezone.now() + datetime.timedelta(minutes=16))
    plan.refresh_from_db()
    assert (plan.state, plan.end_reason) == ("ended", "donor")


def test_another_card_is_laid_down_at_the_provider_and_the_way_back_is_a_link(client, inside, plan, world):
    world.break_card(plan.gift, 99)
    answer = inside("card")
    assert "/sandbox/card/" in answer["Location"]
    path = answer["Location"].replace("http://localhost:8000", "").split("://")[-1]
    path = "/" + path.partition("/")[2] if not path.startswith("/") else path
    back = client.post(path)["Location"]
    assert SandboxPlan.objects.get().failures_left == 0
    assert "€5 every month" in client.post(back).content.decode()


def test_the_statement_sums_a_year_and_takes_refunds_off(inside, plan, world):
    charge = Journal.objects.get(kind="charge")
    give_back(charge, Money(200, "EUR"), by=make_user(), reason="Asked.", nonce="n", at=timezone.now())
    page = inside("statement", year=str(timezone.localdate().year)).content.decode()
    assert "Together: €3" in page
    assert "Nothing in this year." in inside("statement", year="1999").content.decode()
    assert inside("statement", year="x" * 50).status_code == 200


def test_my_data_is_everything_in_a_file(inside, plan):
    said = inside("data").json()
    assert said["address"] == "reader@example.org"
    assert said["gifts"][0]["plan"]["state"] == "active"
    assert said["payments"][0]["amount"] == "5.00 EUR"


def test_erasing_stops_every_plan_and_destroys_the_key_and_no_total_moves(inside, plan, work):
    lines = Journal.objects.count()
    assert "Erase everything" in inside("erase").content.decode()
    assert DonorIdentity.objects.exists()
    assert "do not know your address any more" in inside("erase", sure="yes").content.decode()
    assert not DonorIdentity.objects.exists()
    assert SandboxPlan.objects.get().state == "ended"
    assert inside("page").status_code == 403
    assert Journal.objects.count() == lines
    sent = len(mail.outbox)
    work()
    assert len(mail.outbox) == sent


def test_identities_that_nothing_needs_are_forgotten_on_schedule(edition, world):
    now = timezone.now()
    abandoned = make_gift(email="a@example.org")
    failed = paid(world, "decline", email="f@example.org")
    once = paid(world, email="o@example.org")
    monthly = paid(world, cadence="month", email="m@example.org")

    def known():
        return set(DonorIdentity.objects.values_list("donor__gifts", flat=True))

    for days, left in (
        (6, {abandoned, failed, once, monthly}),
        (8, {failed, once, monthly}),
        (31, {once, monthly}),
        (91, {monthly}),
    ):
        jobs.forget(at=now + datetime.timedelta(days=days))
        assert known() == {gift.pk for gift in left}, days


def test_a_donor_whose_old_plan_ended_is_kept_while_another_runs(edition, world):
    old, new = (paid(world, cadence="month", email="two@example.org") for _number in range(2))
    old.plan.ask_to_end(at=timezone.now())
    assert old.donor == new.donor
    jobs.forget(at=timezone.now() + datetime.timedelta(days=400))
    assert DonorIdentity.objects.count() == 1
    new.plan.ask_to_end(at=timezone.now())
    jobs.forget(at=timezone.now() + datetime.timedelta(days=80))
    assert DonorIdentity.objects.count() == 1
    jobs.forget(at=timezone.now() + datetime.timedelta(days=100))
    assert not DonorIdentity.objects.exists()


def test_annual_gifts_are_announced_two_weeks_before_once(edition, world, work):
    gift = paid(world, cadence="year", minor=3000, email="reader@example.org")
    due = gift.plan.next_on
    at = timezone.now().replace(year=due.year, month=due.month, day=1) - datetime.timedelta(days=5)
    jobs.announce_annual_charges(at=timezone.now())
    assert not Message.objects.filter(kind="annual").exists()
    at = timezone.make_aware(datetime.datetime.combine(due, datetime.time())) - datetime.timedelta(days=13)
    for _time in range(2):
        jobs.announce_annual_charges(at=at)
    work()
    assert Message.objects.filter(kind="annual", state="sent").count() == 1


def test_a_quiet_letter_names_no_amount_and_no_cause(edition, world, work):
    from donations.models import SafetyPolicy

    SafetyPolicy.objects.create(edition=edition, notice="Take care.", quiet_letters=True)
    paid(world, cadence="month", email="reader@example.org")
    work()
    letter = mail.outbox[-1]
    html = letter.alternatives[0][0]
    for words in ("€", "5", "Receipt", "gift", "Thank"):
        assert words not in letter.subject
    for words in ("€", "Receipt", "every month", "sandbox"):
        assert words not in letter.body
        assert words not in html
    assert "/support/manage/" in letter.body


def test_the_newsrooms_own_words_stand_in_the_letter_and_the_facts_stay(edition, world, work):
    from donations.models import LetterText

    LetterText.objects.create(
        edition=edition,
        kind="receipt",
        subject="Post",
        opening="Dear reader, {amount} came.\n\n{unknown} <b>",
        closing="Vera",
    )
    paid(world, cadence="month", email="reader@example.org")
    work()
    letter = mail.outbox[-1]
    assert letter.subject == "Post"
    for words in (
        "Dear reader, €5 came.",
        "{unknown} <b>",
        "Vera",
        str(Receipt.objects.get()),
        "every month until you stop",
    ):
        assert words in letter.body, words
    assert "&lt;b&gt;" in letter.alternatives[0][0]


def test_an_edition_under_its_prefix_manages_in_its_language(client, edition, world, work):
    russian = make_offers(make_edition("ru", currency="EUR", language="ru"))
    paid(world, cadence="month", email="reader@example.org", edition=russian)
    assert "Моя поддержка" in client.get("/ru/support/manage/").content.decode()
    ask(client)
    work()
    assert "/ru/support/manage/open/" in mail.outbox[-1].body
