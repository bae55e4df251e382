"""What comes back: one suppression per failure through whichever door, none for policy, and nothing read is stored."""

import base64
import json
import mailbox as folders

import pytest
from django.test import Client
from django.utils import timezone

from newsletters import channels, mailbox
from newsletters.letter import envelope_sender, mailbox_address
from newsletters.models import Delivery, DeliveryEvent, StrayMail, Subscription, Suppression
from newsroom import worker
from tests.make import make_user
from tests.newsletters.make import Recorder, later, make_due, make_newsletter, make_reader, pump, read

pytestmark = pytest.mark.django_db
BROKEN_REPORT = (
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: message/delivery-status\r\n\r\n\xff\xfe: \x00\r\n--b--"
)
SECRET = "hook:secret-of-the-hook"


@pytest.fixture(autouse=True)
def _box(settings, tmp_path):
    settings.MAILBOX_ADDRESS = "letters@lantern.example"
    settings.MAILBOX_URL = f"maildir:{tmp_path / 'box'}"
    settings.MAIL_PROVIDER, settings.ANYMAIL = "postmark", {"WEBHOOK_SECRET": SECRET}
    folders.Maildir(str(tmp_path / "box"))


@pytest.fixture
def newsletter():
    return make_newsletter()


@pytest.fixture
def delivery(newsletter):
    """A letter that the mail server accepted."""
    make_reader("vera@example.org", newsletter)
    make_due(newsletter)
    pump()
    return Delivery.objects.get()


def dsn(delivery, *, status="5.1.1", action="failed", said="550 5.1.1 <vera@example.org>: no such user", to=None):
    """Return a delivery status notification as Postfix writes it."""
    return f"""From: MAILER-DAEMON@relay.example
To: {to or envelope_sender(delivery.pk)}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry, vera@example.org could not be reached.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; vera@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b--
""".replace("\n", "\r\n").encode()


def put(settings, content):
    folders.Maildir(settings.MAILBOX_URL.removeprefix("maildir:")).add(content)


def hook(event, *, secret=SECRET, provider="postmark"):
    authorization = "Basic " + base64.b64encode(secret.encode()).decode()
    return Client(enforce_csrf_checks=True).post(
        f"/hooks/mail/{provider}/", json.dumps(event), content_type="application/json",
        headers={"Authorization": authorization},
    )  # fmt: skip


def bounce(kind="HardBounce", code=1, number=42, details="smtp;550 5.1.1 no such user"):
    return {
        "RecordType": "Bounce", "Type": kind, "TypeCode": code, "ID": number, "MessageID": "x", "Details": details,
        "Email": "vera@example.org", "BouncedAt": "2026-11-25T10:00:00Z",
    }  # fmt: skip


# The mailbox


def test_each_letter_has_an_envelope_of_its_own(newsletter):
    make_reader("vera@example.org", newsletter)
    make_due(newsletter)
    senders = []
    channel = Recorder()
    channel.deliver = lambda sender, recipient, message: senders.append(sender) or "250 ok"
    pump(channel)
    assert senders == [envelope_sender(Delivery.objects.get().pk)]
    assert senders[0].startswith("letters+bounce-")
    assert len(senders[0].partition("@")[0]) <= 64


def test_letter_names_a_mail_address_to_leave_and_a_mail_there_is_enough(settings, newsletter):
    make_reader("vera@example.org", newsletter)
    make_due(newsletter)
    letter = read(pump().letters[0][1])
    address = letter["List-Unsubscribe"].partition("<mailto:")[2].rstrip(">")
    put(settings, f"From: vera@example.org\r\nTo: {address}\r\nSubject: x\r\n\r\nbye\r\n".encode())
    worker.drain(at=later(timezone.now(), minutes=2))
    subscription = Subscription.objects.get()
    assert (subscription.state, subscription.left_how) == ("unsubscribed", "mail")
    assert not list(folders.Maildir(settings.MAILBOX_URL.removeprefix("maildir:")).keys())


def test_forged_mail_lets_nobody_out(newsletter):
    make_reader("vera@example.org", newsletter)
    address = mailbox_address("leave", f"{Subscription.objects.get().pk:012d}-{'0' * 32}")
    mailbox.take(f"To: {address}\r\n\r\nbye".encode(), at=timezone.now())
    assert Subscription.objects.get().state == "confirmed"


def test_report_of_an_unknown_mailbox_suppresses_it_and_the_totals_stay_right(delivery):
    assert mailbox.take(dsn(delivery), at=timezone.now()) == "report"
    suppression = Suppression.objects.get()
    assert suppression.evidence == "550 5.1.1 <…>: no such user"
    assert delivery.issue.totals()["failed"] == delivery.issue.totals()["total"] == 1


def test_one_failure_through_three_doors_is_one_suppression_and_stays_lifted(newsletter):
    make_reader("vera@example.org", newsletter)
    make_due(newsletter)
    pump(Recorder(channels.BadAddress("550 5.1.1 no such user")))
    delivery = Delivery.objects.get()
    mailbox.take(dsn(delivery), at=timezone.now())
    Delivery.objects.update(accepted_at=timezone.now())
    assert hook(bounce()).status_code == 200
    assert hook(bounce()).status_code == 200
    assert Suppression.objects.count() == 1
    assert DeliveryEvent.objects.count() == 3
    Suppression.objects.get().lift(by=make_user(), reason="She wrote to us.", at=timezone.now())
    mailbox.take(dsn(delivery, said="550 5.1.1 told once more"), at=timezone.now())
    assert not Suppression.objects.in_force().exists()


@pytest.mark.parametrize(
    ("status", "action", "said"),
    [
        ("5.7.1", "failed", "550 5.7.1 blocked"),
        ("5.1.1", "failed", "550 5.7.515 the domain does not meet the level"),
        ("4.4.1", "delayed", "450 4.4.1 later"),
        ("5.2.2", "failed", "552 5.2.2 mailbox full"),
        ("2.0.0", "delivered", "250 2.0.0 ok"),
    ],
)
def test_policy_delay_and_one_full_mailbox_suppress_nobody(delivery, status, action, said):
    mailbox.take(dsn(delivery, status=status, action=action, said=said), at=timezone.now())
    assert not Suppression.objects.exists()


def test_report_without_its_own_address_is_found_by_the_leave_link_it_returns(delivery):
    link = f"\r\n<https://x/newsletters/leave/{delivery.subscription.leave_token}>\r\n--b--".encode()
    content = dsn(delivery, to="letters@lantern.example").replace(
        b"--b--", b"--b\r\nContent-Type: text/plain\r\n" + link
    )
    assert mailbox.take(content, at=timezone.now()) == "report"
    assert Suppression.objects.exists()


def test_complaint_lets_the_reader_out_at_once(delivery):
    content = dsn(delivery).replace(b"report-type=delivery-status", b"report-type=feedback-report")
    assert mailbox.take(content, at=timezone.now()) == "complaint"
    assert Subscription.objects.get().left_how == "complaint"
    assert Suppression.objects.get().reason == "complaint"


@pytest.mark.parametrize("header", ["Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: bulk"])
def test_out_of_office_counts_as_nothing(delivery, header):
    content = f"To: {envelope_sender(delivery.pk)}\r\n{header}\r\nSubject: Away\r\n\r\nBack on Monday."
    assert mailbox.take(content.encode(), at=timezone.now()) == "auto"
    assert not StrayMail.objects.exists()
    assert not DeliveryEvent.objects.exists()


def test_what_is_not_understood_is_kept_once_without_addresses(client):
    content = "To: letters@lantern.example\r\nSubject: From vera@example.org\r\n\r\nPlease write to vera@example.org."
    for _time in range(2):
        assert mailbox.take(content.encode(), at=timezone.now()) == "stray"
    stray = StrayMail.objects.get()
    assert "vera" not in stray.subject + stray.text
    client.force_login(make_user("Administrator"))
    assert "Please write to" in client.get(f"/admin/newsletters/straymail/{stray.pk}/change/").content.decode()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00\xff", b"Subject: =?x?q?y?=\r\n\r\n\xff", b"Content-Type: multipart/report; report-type=\r\n\r\n",
        b"Content-Type: text/plain; charset=none\r\n\r\nx", b"To: letters+bounce-9999999999999999999999-0@x\r\n\r\nx",
        b"To: letters+leave-000000000001-00@x\r\n\r\nx", b"To: " + b"a@b, " * 5000 + b"\r\n\r\nx",
        BROKEN_REPORT,
    ],
)  # fmt: skip
def test_no_mail_breaks_the_reading(delivery, content):
    mailbox.take(content, at=timezone.now())
    assert not Suppression.objects.exists()


def test_mail_that_breaks_stays_in_the_box(settings, monkeypatch):
    put(settings, b"Subject: x\r\n\r\ny")
    monkeypatch.setattr(mailbox, "take", lambda content, at: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mailbox.read_all(settings.MAILBOX_URL, at=timezone.now())
    assert len(list(folders.Maildir(settings.MAILBOX_URL.removeprefix("maildir:")).keys())) == 1


# Failures of the moment


def fail_softly(newsletter, *, at):
    make_due(newsletter, at=at)
    pump(Recorder(channels.Rejected("552 5.2.2 mailbox full")), at=at)


def test_five_issues_in_a_row_over_fifteen_days_suppress(newsletter):
    make_reader("vera@example.org", newsletter)
    now = timezone.now()
    for number in range(5):
        assert not Suppression.objects.exists()
        fail_softly(newsletter, at=later(now, days=4 * number))
    assert Suppression.objects.get().evidence == "552 5.2.2 mailbox full"


def test_five_issues_in_a_few_days_do_not_suppress(newsletter):
    make_reader("vera@example.org", newsletter)
    now = timezone.now()
    for number in range(6):
        fail_softly(newsletter, at=later(now, days=number))
    assert not Suppression.objects.exists()


def test_letter_that_arrives_begins_the_count_anew(newsletter):
    make_reader("vera@example.org", newsletter)
    now = timezone.now()
    for number in range(9):
        at = later(now, days=4 * number)
        if number == 4:
            make_due(newsletter, at=at)
            pump(at=at)
        else:
            fail_softly(newsletter, at=at)
    assert not Suppression.objects.exists()


# Providers


def test_failure_that_a_provider_reports_suppresses_once(delivery):
    assert hook(bounce()).status_code == 200
    assert hook(bounce()).status_code == 200
    assert Suppression.objects.get().evidence == "smtp;550 5.1.1 no such user"
    assert DeliveryEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("event", "suppressed"),
    [
        (bounce("Transient", 2, details=""), 0),
        (bounce("SoftBounce", 4096, details="smtp;452 4.2.2 full"), 0),
        (bounce("Blocked", 100006, details="smtp;550 5.7.1 blocked"), 0),
        ({"RecordType": "Open", "Recipient": "vera@example.org", "MessageID": "x"}, 0),
        ({"RecordType": "Click", "Recipient": "vera@example.org", "MessageID": "x", "OriginalLink": "y"}, 0),
        (bounce() | {"Email": "stranger@example.org"}, 0),
        (bounce() | {"Email": "no address"}, 0),
        (bounce("SpamComplaint", 100001, details="") | {"RecordType": "SpamComplaint"}, 1),
    ],
)  # fmt: skip
def test_only_what_says_something_about_the_mailbox_counts(delivery, event, suppressed):
    assert hook(event).status_code == 200
    assert Suppression.objects.count() == suppressed


def test_opening_and_clicking_leave_no_trace(delivery):
    for kind in ("Open", "Click"):
        hook(
            {"RecordType": kind, "Recipient": "vera@example.org", "MessageID": "x", "OriginalLink": "https://x.example"}
        )
    assert not DeliveryEvent.objects.exists()


@pytest.mark.parametrize("secret", ["", "hook:wrong", "hook:"])
def test_hook_without_the_secret_is_refused(delivery, secret):
    assert hook(bounce(), secret=secret).status_code in {400, 403}
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("provider", ["mailgun", "nobody", "x"])
def test_hook_of_another_provider_is_not_there(delivery, provider):
    assert hook(bounce(), provider=provider).status_code == 404


def test_hook_is_closed_without_a_secret_of_ours(delivery, settings):
    settings.ANYMAIL = {}
    assert hook(bounce()).status_code == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{", b"7"])
def test_broken_report_is_refused_and_never_500(delivery, body):
    authorization = "Basic " + base64.b64encode(SECRET.encode()).decode()
    answer = Client().post(
        "/hooks/mail/postmark/", body, content_type="application/json", headers={"Authorization": authorization}
    )
    assert answer.status_code == 400
