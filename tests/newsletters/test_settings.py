"""Settings without a password: the link comes by mail, looking changes nothing, a forwarded letter opens nothing."""

import json
import re

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from newsletters.addresses import email_key
from newsletters.models import (
    AddressChange,
    ConsentEvent,
    Subscriber,
    Subscription,
    Suppression,
    settings_token,
)
from newsroom import worker
from newsroom.models import SealingKey
from tests.newsletters.make import later, make_due, make_newsletter, make_reader, pump, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def newsletter():
    return make_newsletter()


@pytest.fixture
def reader(newsletter):
    return make_reader("vera@example.org", newsletter)


def link(reader):
    return f"/newsletters/settings/{settings_token(reader, at=timezone.now())}/"


def links_in(letters, page):
    return [(letter.to[0], re.search(rf"(/newsletters/{page}/[^\s]+)", letter.body).group(1)) for letter in letters]


# The link


def test_link_comes_by_mail_to_readers_alone_and_the_answer_is_the_same(client, reader):
    pages = [
        client.post("/newsletters/settings/", {"email": address}).content.decode().replace(address, "")
        for address in ("vera@example.org", "stranger@example.org")
    ]
    worker.drain()
    assert pages[0] == pages[1]
    ((address, found),) = links_in(mail.outbox, "settings")
    assert address == "vera@example.org"
    page = client.get(found)
    assert page.status_code == 200
    assert "vera" not in page.content.decode(), "the page names no address"
    assert "no-store" in page["Cache-Control"]
    assert not page.cookies


def test_link_is_sent_twice_an_hour_at_most(client, reader):
    for _time in range(10):
        client.post("/newsletters/settings/", {"email": "vera@example.org"})
    worker.drain()
    assert len(mail.outbox) == 2


def test_robot_in_the_trap_gets_the_same_answer_and_no_mail(client, reader):
    client.post("/newsletters/settings/", {"email": "vera@example.org", "website": "x"})
    worker.drain()
    assert not mail.outbox


def test_link_dies_after_a_day(client, reader):
    address = link(reader)
    with time_machine.travel(later(timezone.now(), hours=25)):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("token", ["x", "²", "%00", "a" * 3000, "W10:x:y"])
def test_forged_link_opens_nothing(client, reader, token):
    assert client.get(f"/newsletters/settings/{token}/").status_code == 404
    assert client.post(f"/newsletters/settings/{token}/", {"do": "erase", "sure": "on"}).status_code == 404
    assert Subscriber.objects.exists()


def test_forwarded_letter_cannot_open_the_settings(client, newsletter, reader):
    make_due(newsletter)
    source = read(pump().letters[0][1]).as_bytes().decode()
    token = re.search(r"/leave/([0-9a-f-]{45})", source).group(1)
    assert "/newsletters/settings/" in source
    assert not re.search(r"/newsletters/settings/[^\s\"<)]", source), "the letter names the page without a token"
    assert client.get(f"/newsletters/settings/{token}/").status_code == 404


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(client, reader, method):
    before = list(Subscription.objects.values())
    getattr(client, method)(link(reader) + "?do=erase&sure=on")
    assert list(Subscription.objects.values()) == before


@pytest.mark.parametrize("email", ["", "x", "a@b.example\x00", "a" * 300 + "@example.org"])
def test_wrong_address_is_said_at_the_field(client, reader, email):
    answer = client.post("/newsletters/settings/", {"email": email})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.content.decode()


@pytest.mark.parametrize("data", [{}, {"do": "x"}, {"do": "pause", "weeks": "400"}, {"do": "pause"}, {"do": "\x00"}])
def test_unknown_wish_is_refused(client, reader, data):
    assert client.post(link(reader), data).status_code == 400
    assert not Subscription.objects.exclude(paused_until=None).exists()


def test_post_from_another_site_is_refused(client, reader):
    answer = client.post(link(reader), {"do": "erase", "sure": "on"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert Subscriber.objects.exists()


# What can be settled


def test_reader_chooses_letters_and_their_form(client, newsletter, reader):
    other = make_newsletter("Morning")
    client.post(link(reader), {"do": "choose", "newsletters": other.slug, f"variant-{other.slug}": "full"})
    states = dict(reader.subscriptions.values_list("newsletter__name", "state"))
    assert states == {newsletter.name: "unsubscribed", "Morning": "confirmed"}
    assert reader.subscriptions.get(newsletter=other).variant == "full"
    assert ConsentEvent.objects.filter(method="settings", action="confirm").exists()


def test_form_that_is_not_offered_becomes_the_common_one(client, newsletter, reader):
    data = {"do": "choose", "newsletters": [newsletter.slug, "none"], f"variant-{newsletter.slug}": "discreet"}
    client.post(link(reader), data)
    assert reader.subscriptions.get().variant == "standard"


@pytest.mark.parametrize(("weeks", "days"), [("4", 28), ("8", 56)])
def test_pause_drops_what_waits_and_ends_by_itself(client, newsletter, reader, weeks, days):
    issue = make_due(newsletter)
    issue.start(at=timezone.now())
    client.post(link(reader), {"do": "pause", "weeks": weeks})
    assert issue.totals()["dropped"] == 1
    now = timezone.now()
    assert not Subscription.objects.receiving(newsletter, later(now, days=days - 1)).exists()
    assert Subscription.objects.receiving(newsletter, later(now, days=days + 1)).exists()
    client.post(link(reader), {"do": "go_on"})
    assert Subscription.objects.receiving(newsletter, now).exists()


def test_export_holds_all_that_is_kept(client, newsletter, reader):
    make_due(newsletter)
    pump()
    answer = client.post(link(reader), {"do": "export"})
    assert answer["Content-Disposition"].startswith("attachment")
    kept = json.loads(answer.content)
    assert kept["address"] == "vera@example.org"
    assert [event["action"] for event in kept["consent"]] == ["request", "confirm"]
    assert kept["letters"][0]["state"] == "accepted"
    assert kept["newsletters"][0]["newsletter__name"] == newsletter.name


def test_erasing_needs_its_tick_and_destroys_the_key(client, reader):
    client.post(link(reader), {"do": "erase"})
    assert Subscriber.objects.exists()
    client.post(link(reader), {"do": "erase", "sure": "on", "never_again": "on"})
    assert not Subscriber.objects.exists()
    assert not SealingKey.objects.exists()
    assert Suppression.objects.get().reason == "request"


# Another address


def ask_to_move(client, reader, address="new@example.org"):
    client.post(link(reader), {"do": "change", "email": address})
    worker.drain()
    found = dict(links_in(mail.outbox, "settings/change"))
    mail.outbox.clear()
    return found


def test_letters_move_when_both_mailboxes_said_yes(client, newsletter, reader):
    links = ask_to_move(client, reader)
    assert set(links) == {"vera@example.org", "new@example.org"}
    old_link = link(reader)
    client.post(links["new@example.org"])
    client.post(links["new@example.org"])
    assert Subscriber.objects.get().read_address() == "vera@example.org"
    client.post(links["vera@example.org"])
    moved = Subscriber.objects.get()
    assert moved.read_address() == "new@example.org"
    assert moved.email_key == email_key("new@example.org")
    assert SealingKey.objects.count() == 1, "the old address cannot be read any more"
    assert client.get(old_link).status_code == 404, "links sent to the old mailbox are void"
    make_due(newsletter)
    assert pump().recipients == ["new@example.org"]


def test_looking_at_the_link_says_no_yes(client, reader):
    links = ask_to_move(client, reader)
    for address in links.values():
        assert client.get(address).status_code == 200
        client.head(address)
    assert Subscriber.objects.get().read_address() == "vera@example.org"


def test_who_reads_at_the_new_address_already_keeps_one_subscription(client, newsletter, reader):
    other = make_newsletter("Morning")
    make_reader("new@example.org", other)
    for address in ask_to_move(client, reader).values():
        client.post(address)
    there = Subscriber.objects.get()
    assert there.email_key == email_key("new@example.org")
    assert {found.newsletter.name for found in there.subscriptions.confirmed()} == {newsletter.name, "Morning"}
    assert not AddressChange.objects.exists()


def test_suppressed_address_is_never_written_to_and_the_answer_is_the_same(client, reader):
    Suppression.impose(email_key("new@example.org"), "request", at=timezone.now())
    answer = client.post(link(reader), {"do": "change", "email": "new@example.org"}).content.decode()
    worker.drain()
    assert "written to both addresses" in answer
    assert not mail.outbox


def test_change_that_nobody_answered_is_forgotten_with_its_address(client, reader):
    ask_to_move(client, reader)
    AddressChange.forget_old(at=later(timezone.now(), days=4))
    assert not AddressChange.objects.exists()
    assert SealingKey.objects.count() == 1


def test_letters_that_ask_a_reader_name_no_address(client, reader):
    client.post(link(reader), {"do": "change", "email": "new@example.org"})
    worker.drain()
    assert not any("example.org" in letter.body.replace(letter.to[0], "") for letter in mail.outbox)
