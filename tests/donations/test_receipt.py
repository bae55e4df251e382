"""Receipts: one for each charge, numbered without gaps, and one quiet letter where an address was left."""

import datetime
import smtplib
import threading

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from donations import health, jobs
from donations.models import DonorIdentity, Journal, Message, Receipt
from donations.money import Money
from tests.donations.making import make_gift, make_offers, session_of
from tests.make import make_edition


def paid_gift(**fields):
    """Return a gift that is paid and booked."""
    gift = make_gift(**fields)
    session_of(gift).settle("pay", at=timezone.now())
    gift.refresh(at=timezone.now())
    return gift


def make_charge(ref, *, mode="sandbox"):
    money, now = Money(500, "EUR"), timezone.now()
    journal, _made = Journal.post(
        lines=[("provider_clearing", money), ("income_once", -money)], kind="charge", mode=mode, provider="sandbox",
        account=mode, external_ref=ref, occurred_at=now, posted_at=now,
    )  # fmt: skip
    return journal


def test_numbers_have_no_gaps_and_modes_do_not_mix(db):
    at = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
    numbers = [str(Receipt.issue(make_charge(f"s{number}"), at=at)) for number in range(3)]
    live = Receipt.issue(make_charge("l1", mode="live"), at=at)
    assert numbers == ["SANDBOX-2026-00001", "SANDBOX-2026-00002", "SANDBOX-2026-00003"]
    assert str(live) == "2026-00001"


def test_a_charge_has_one_receipt(db):
    journal = make_charge("c")
    assert Receipt.issue(journal, at=timezone.now()) == Receipt.issue(journal, at=timezone.now())


def test_a_receipt_that_fails_takes_its_number_back(db, monkeypatch):
    from django.db import transaction

    class Crash(Exception):
        pass

    with pytest.raises(Crash), transaction.atomic():
        Receipt.issue(make_charge("lost"), at=timezone.now())
        raise Crash
    assert Receipt.issue(make_charge("kept"), at=timezone.now()).number == 1


def test_parallel_receipts_take_different_numbers(transactional_db):
    charges = [make_charge(f"c{number}") for number in range(8)]

    def issue(journal):
        Receipt.issue(journal, at=timezone.now())
        connection.close()

    threads = [threading.Thread(target=issue, args=[journal]) for journal in charges]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Receipt.objects.values_list("number", flat=True)) == list(range(1, 9))


def test_the_letter_tells_amount_number_and_how_to_stop_and_its_subject_tells_nothing(edition, work):
    edition.contact_email, edition.postal_address = "desk@example.org", "Quay 1"
    edition.save()
    paid_gift(cadence="month", email="reader@example.org")
    work()
    letter = mail.outbox[0]
    number = str(Receipt.objects.get())
    html = letter.alternatives[0][0]
    assert letter.to == ["reader@example.org"]
    assert letter.subject == f"Receipt {number}"
    for body in (letter.body, html):
        for words in (
            "€5",
            number,
            "every month until you stop",
            "desk@example.org",
            "The next one is due on",
            "sandbox",
        ):
            assert words in body, words
        assert "reader@example.org" not in body
    assert "<img" not in html
    assert "http://" not in html.replace("http://localhost", "")
    assert "€" not in letter.subject


def test_the_letter_speaks_the_language_of_the_edition(edition, work):
    russian = make_offers(make_edition("ru", currency="EUR", language="ru", title="Дальний берег"))
    paid_gift(edition=russian, email="reader@example.org")
    work()
    assert "Дальний берег" in mail.outbox[0].body
    assert "/ru/" in mail.outbox[0].body


def test_plain_text_is_not_escaped(edition, work):
    edition.title = "Day & Night"
    edition.save()
    paid_gift(email="reader@example.org")
    work()
    assert "Day & Night" in mail.outbox[0].body
    assert "Day &amp; Night" in mail.outbox[0].alternatives[0][0]


def test_a_letter_is_sent_once_however_often_it_is_asked_for(edition):
    paid_gift(email="reader@example.org")
    message = Message.objects.get()
    assert [message.send(at=timezone.now()) for _time in range(3)] == [True, False, False]
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_down_leaves_the_letter_queued(edition, monkeypatch):
    paid_gift(email="reader@example.org")
    message = Message.objects.get()

    def down(self, fail_silently=False):
        raise smtplib.SMTPServerDisconnected("away")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMultiAlternatives.send", down)
        with pytest.raises(smtplib.SMTPException):
            message.send(at=timezone.now())
        message.refresh_from_db()
        assert (message.state, message.tries) == ("queued", 1)
    later = timezone.now() + datetime.timedelta(hours=1)
    jobs.send_forgotten_letters(at=later)
    assert len(mail.outbox) == 1


def test_a_letter_whose_sender_died_is_seen_and_not_sent_twice(edition):
    paid_gift(email="reader@example.org")
    Message.objects.update(state="sending")
    later = timezone.now() + datetime.timedelta(hours=1)
    jobs.send_forgotten_letters(at=later)
    assert not mail.outbox
    assert ("warning", "1 receipt has not left.") in health.status(later)


def test_an_erased_donor_gets_no_letter_and_the_books_stay(edition):
    paid_gift(email="reader@example.org")
    DonorIdentity.objects.get().erase()
    Message.objects.get().send(at=timezone.now())
    assert Message.objects.get().state == "dropped"
    assert not mail.outbox
    assert Journal.objects.filter(kind="charge").count() == 1


def test_a_charge_is_announced_to_other_apps_after_the_commit(edition, django_capture_on_commit_callbacks):
    from donations.signals import charged

    heard = []

    def listen(sender, gift, journal, **kwargs):
        heard.append((gift.pk, journal.kind))

    charged.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            gift = paid_gift()
    finally:
        charged.disconnect(listen)
    assert heard == [(gift.pk, "charge")]


@pytest.mark.parametrize(("zone", "year"), [("Pacific/Kiritimati", 2027), ("UTC", 2026), ("America/New_York", 2026)])
def test_the_year_of_a_receipt_is_the_one_that_its_edition_lives_in(edition, zone, year):
    edition.time_zone = zone
    edition.save()
    gift = make_gift(edition=edition)
    session_of(gift).settle("pay", at=timezone.now())
    at = datetime.datetime(2026, 12, 31, 20, tzinfo=datetime.UTC)
    gift.refresh(at=at)
    assert str(Receipt.objects.get()) == f"SANDBOX-{year}-00001"
