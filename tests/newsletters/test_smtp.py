"""A real SMTP server takes an issue, puts off, refuses, and hangs up."""

import socket

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.utils import timezone

from newsletters import sending
from newsletters.channels import SmtpChannel
from newsletters.models import Issue, Suppression
from tests.newsletters.make import later, make_due, make_newsletter, make_reader, make_readers, read

pytestmark = pytest.mark.django_db


class Peer:
    """A mail server that keeps letters and answers as a test says: {address: reply at RCPT or at the last dot}."""

    def __init__(self):
        self.letters, self.at_rcpt, self.at_data, self.connections = [], {}, {}, 0
        self.options = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = self.at_rcpt.pop(address, None)
        if answer == "drop":
            server.transport.close()
            return "421 gone"
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        self.options = options
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        (address,) = envelope.rcpt_tos
        answer = self.at_data.pop(address, None)
        if answer == "drop":
            server.transport.close()
            return "421 gone"
        if answer:
            return answer
        self.letters.append((address, envelope.original_content, session.peer))
        return f"250 2.0.0 kept {len(self.letters)}"


class FreePortController(Controller):
    """A controller on a port of its own."""

    def factory(self):
        return SMTP(self.handler, decode_data=False, enable_SMTPUTF8=False, timeout=30)


@pytest.fixture
def peer(settings):
    handler = Peer()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = FreePortController(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield handler
    controller.stop()


@pytest.fixture
def issue():
    newsletter = make_newsletter("Неделя")
    make_readers(3, newsletter)
    issue = make_due(newsletter)
    issue.start(at=timezone.now())
    return issue


def send(*, at=None, rounds=5):
    at = at or timezone.now()
    postman = sending.Postman(clock=lambda: at)
    assert isinstance(postman.channel, SmtpChannel)
    for _round in range(rounds):
        if not sending.run(postman, at=at):
            break
    postman.close()


def addresses(issue):
    return [
        delivery.subscriber.read_address() for delivery in issue.deliveries.select_related("subscriber").order_by("pk")
    ]


def states(issue):
    return {state: count for state, count in issue.totals().items() if count}


def test_issue_arrives_over_one_connection(peer, issue):
    send()
    assert [address for address, _content, _peer in peer.letters] == addresses(issue)
    assert len({client for _address, _content, client in peer.letters}) == 1
    issue.refresh_from_db()
    assert issue.state == "sent"
    assert issue.deliveries.first().reply == "250 2.0.0 kept 1"
    parsed = read(peer.letters[0][1])
    assert parsed["To"] == addresses(issue)[0]
    assert "Неделя" in parsed.get_body(preferencelist=("plain",)).get_content()
    assert "BODY=8BITMIME" in peer.options


def test_4xx_is_tried_again_later(peer, issue):
    first = addresses(issue)[0]
    peer.at_rcpt[first] = "451 4.7.1 come back in a minute"
    now = timezone.now()
    send(at=now)
    assert states(issue) == {"accepted": 2, "queued": 1, "total": 3}
    send(at=later(now, minutes=1))
    assert peer.letters[-1][0] == first
    issue.refresh_from_db()
    assert issue.state == "sent"


def test_unknown_mailbox_is_suppressed(peer, issue):
    first = addresses(issue)[0]
    peer.at_rcpt[first] = f"550 5.1.1 <{first}>: no such user"
    send()
    assert states(issue) == {"accepted": 2, "failed": 1, "total": 3}
    suppression = Suppression.objects.get()
    assert suppression.evidence.startswith("550 5.1.1")
    assert first not in suppression.evidence
    assert first not in issue.deliveries.get(state="failed").reply


def test_full_mailbox_fails_without_suppression(peer, issue):
    peer.at_rcpt[addresses(issue)[1]] = "552 5.2.2 mailbox full"
    send()
    assert states(issue) == {"accepted": 2, "failed": 1, "total": 3}
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("where", ["at_rcpt", "at_data"])
def test_refusal_of_policy_pauses_and_suppresses_nobody(peer, issue, where):
    getattr(peer, where)[addresses(issue)[1]] = "550 5.7.515 Access denied, domain does not meet the level"
    send()
    issue.refresh_from_db()
    assert issue.state == "paused"
    assert "5.7.515" in issue.state_note
    assert states(issue) == {"accepted": 1, "queued": 2, "total": 3}
    assert not Suppression.objects.exists()
    issue.resume(by=None, at=timezone.now())
    send(at=later(timezone.now(), hours=2))
    assert states(issue) == {"accepted": 3, "total": 3}


@pytest.mark.parametrize("where", ["at_rcpt", "at_data"])
def test_dropped_connection_returns_all_without_blame_and_nobody_is_lost(peer, issue, where):
    getattr(peer, where)[addresses(issue)[1]] = "drop"
    now = timezone.now()
    send(at=now)
    assert states(issue) == {"accepted": 1, "queued": 2, "total": 3}
    send(at=later(now, minutes=1))
    assert sorted(address for address, _content, _peer in peer.letters) == sorted(addresses(issue))
    issue.refresh_from_db()
    assert issue.state == "sent"


def test_421_returns_all_without_blame(peer, issue):
    peer.at_rcpt[addresses(issue)[0]] = "421 4.3.2 shutting down"
    send(rounds=1)
    assert states(issue) == {"queued": 3, "total": 3}
    assert {row.attempts for row in issue.deliveries.all()} == {0}


def test_server_that_is_away_is_waited_for(peer, issue, settings):
    now, port = timezone.now(), settings.EMAIL_PORT
    settings.EMAIL_PORT = 1
    send(at=now)
    assert states(issue) == {"queued": 3, "total": 3}
    settings.EMAIL_PORT = port
    send(at=later(now, seconds=2))
    assert states(issue) == {"accepted": 3, "total": 3}


def test_line_that_died_while_idle_is_opened_anew(peer, issue):
    channel, now = SmtpChannel(), timezone.now()
    postman = sending.Postman(channel, clock=lambda: now)
    sending.run(postman, at=now)
    channel.backend.connection.sock.close()
    newsletter = make_newsletter("Second")
    make_reader("other@example.org", newsletter)
    make_due(newsletter, at=now)
    sending.run(postman, at=now)
    postman.close()
    assert peer.letters[-1][0] == "other@example.org"
    assert not Issue.objects.exclude(state="sent").exists()
