"""The health page and the feed: what DNS says in words, with the record to paste. DNS is a peer of the test's own."""

import socketserver
import threading

import dns.message
import dns.resolver
import dns.rrset
import pytest
from django.utils import timezone

from newsletters import health
from newsletters.models import Channel, Delivery, DeliveryEvent
from newsroom.models import StaffAction
from tests.make import make_article, make_user
from tests.newsletters.make import make_newsletter, make_readers, pump, send_letter, story_block

pytestmark = pytest.mark.django_db


class Peer(socketserver.BaseRequestHandler):
    """A DNS server that answers from `zone`: {(name, type): [text, …]}."""

    def handle(self):
        content, reply_socket = self.request
        query = dns.message.from_wire(content)
        reply, question = dns.message.make_response(query), query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        rows = self.server.zone.get((question.name.to_text().rstrip("."), kind), [])
        if rows:
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *rows))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        reply_socket.sendto(reply.to_wire(), self.client_address)


@pytest.fixture
def zone(settings):
    """The zone that the test's own DNS server knows, and the way to ask it."""
    settings.EMAIL_HOST, settings.DKIM_SELECTOR = "relay.lantern.example", "s1"
    settings.DEFAULT_FROM_EMAIL = "news@lantern.example"
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Peer) as server:
        server.zone = {}
        threading.Thread(target=server.serve_forever, daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        yield server.zone, health.Dns(resolver)
        server.shutdown()


GOOD = {
    ("lantern.example", "TXT"): ['"v=spf1 mx -all"', '"other"'],
    ("s1._domainkey.lantern.example", "TXT"): ['"v=DKIM1; k=rsa; p=MIIB" "AAAA"'],
    ("_dmarc.lantern.example", "TXT"): ['"v=DMARC1; p=none"'],
    ("relay.lantern.example", "A"): ["192.0.2.7"],
    ("7.2.0.192.in-addr.arpa", "PTR"): ["relay.lantern.example."],
}


def look(zone, **changes):
    table, ask = zone
    table.update({**GOOD, **changes.pop("rows", {})})
    return {check.name: check for check in health.examine(ask=ask, hello=lambda: changes.get("tls", True))}


def test_everything_that_is_right_is_called_so(zone, settings):
    settings.EMAIL_USE_TLS = True
    checks = look(zone)
    assert {name: check.is_good for name, check in checks.items()} == dict.fromkeys(
        ["SPF", "DKIM", "DMARC", "PTR", "TLS"], True
    )
    assert not any(check.record for check in checks.values())


@pytest.mark.parametrize(
    ("rows", "name", "record"),
    [
        ({("lantern.example", "TXT"): []}, "SPF", 'lantern.example. TXT "v=spf1 mx a:relay.lantern.example -all"'),
        ({("lantern.example", "TXT"): ['"v=spf1 -all"', '"v=spf1 mx"']}, "SPF", "v=spf1"),
        ({("lantern.example", "TXT"): ['"v=spf1 +all"']}, "SPF", "v=spf1"),
        ({("s1._domainkey.lantern.example", "TXT"): ['"v=DKIM1; p="']}, "DKIM", "s1._domainkey.lantern.example."),
        ({("_dmarc.lantern.example", "TXT"): []}, "DMARC", '_dmarc.lantern.example. TXT "v=DMARC1; p=none'),
        ({("7.2.0.192.in-addr.arpa", "PTR"): []}, "PTR", "192.0.2.7 PTR relay.lantern.example."),
        ({("7.2.0.192.in-addr.arpa", "PTR"): ["other.example."]}, "PTR", "PTR"),
    ],
)
def test_what_is_wrong_is_said_with_the_record_to_paste(zone, rows, name, record):
    check = look(zone, rows=rows)[name]
    assert not check.is_good
    assert record in check.record


def test_letters_in_the_clear_are_told(zone):
    assert "set EMAIL_USE_TLS" in look(zone)["TLS"].words
    assert "in the clear" in look(zone, tls=False)["TLS"].words


def test_silent_dns_breaks_nothing(zone):
    table, ask = zone
    assert not any(check.is_good for check in health.examine(ask=ask, hello=lambda: False))
    assert not table


# The page


@pytest.fixture
def letter():
    newsletter = make_newsletter()
    make_readers(3, newsletter)
    return send_letter(newsletter, [])


def test_page_shows_rates_against_the_two_lines(client, letter):
    client.force_login(make_user("Newsletter editor"))
    page = client.get("/admin/newsletters/channel/").content.decode()
    assert "3 letters in the last 24 hours" in page
    assert "over 0.3" not in page
    delivery = Delivery.objects.first()
    DeliveryEvent.take(delivery, "complaint", source="test", event_id="1", reply="", at=delivery.accepted_at)
    assert "over 0.3" in client.get("/admin/newsletters/channel/").content.decode()


def test_page_looks_when_asked_and_not_before(client, letter, monkeypatch):
    monkeypatch.setattr(health, "examine", lambda: [health.Check("SPF", "x.example", "Missing.", "x TXT y")])
    client.force_login(make_user("Newsletter editor"))
    assert "x TXT y" not in client.get("/admin/newsletters/channel/").content.decode()
    assert "x TXT y" in client.post("/admin/newsletters/channel/").content.decode()


def test_administrator_sets_the_pace_and_mends_and_others_do_not(client):
    Channel.trip("550 5.7.1 no", at=timezone.now())
    client.force_login(make_user("Newsletter editor"))
    assert client.post("/admin/newsletters/channel/pace/", {"per_minute": "60"}).status_code == 403
    assert client.post("/admin/newsletters/channel/mend/").status_code == 403
    client.force_login(make_user("Administrator"))
    for wrong in ("0", "-1", "x", "9" * 30, "²"):
        assert client.post("/admin/newsletters/channel/pace/", {"per_minute": wrong}).status_code == 422
    client.post("/admin/newsletters/channel/pace/", {"per_minute": "60", "per_day": "4000"})
    client.post("/admin/newsletters/channel/mend/")
    channel = Channel.objects.get()
    assert (channel.per_minute, channel.per_day, channel.broken_at) == (60, 4000, None)
    assert set(StaffAction.objects.values_list("action", flat=True)) >= {"set pace", "mend"}


# The feed


def test_feed_shows_the_letters_from_their_blocks(client, django_capture_on_commit_callbacks):
    newsletter = make_newsletter()
    story = make_article(published=True, headline="The flood")
    issue = send_letter(newsletter, [story])
    answer = client.get(f"/newsletters/{newsletter.slug}/feed/")
    feed = answer.content.decode()
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert issue.subject in feed or "The week of the flood" in feed
    assert "The flood" in feed
    assert "/leave/" not in feed
    with django_capture_on_commit_callbacks(execute=True):
        story.withdraw(by=None, at=timezone.now(), note="Wrong.")
    assert "The flood" not in client.get(f"/newsletters/{newsletter.slug}/feed/").content.decode()


def test_newsletter_without_archive_has_no_feed(client):
    newsletter = make_newsletter(has_archive=False)
    assert client.get(f"/newsletters/{newsletter.slug}/feed/").status_code == 404
    assert pump().letters == []
    assert story_block
