"""From the choice to the thanks, through the pages, the sandbox and the webhook."""

import pytest
from django.core import mail
from django.utils import timezone

from donations.models import Gift, Journal, JournalLine, Message, Plan, PlanPeriod, ProviderCall, ProviderEvent, Receipt
from tests.donations.making import back_path, session_of


def test_a_monthly_gift_is_given_paid_booked_and_receipted(reader, work):
    gift = reader.give(cadence="month", other="5", email="reader@example.org")
    assert (gift.state, gift.amount_minor, gift.cadence) == ("handed_off", 500, "month")
    answer = reader.pay(gift)
    assert answer["Location"].endswith(back_path(gift))
    work()
    gift.refresh_from_db()
    plan = Plan.objects.get()
    assert gift.state == "paid"
    assert (plan.gift, plan.state) == (gift, "active")
    assert PlanPeriod.objects.count() == 1
    assert Journal.objects.filter(kind="charge", gift=gift).count() == 1
    assert Receipt.objects.count() == 1
    assert len(mail.outbox) == 1
    assert Message.objects.get().state == "sent"
    assert "Thank you" in reader.client.get(back_path(gift)).content.decode()


def test_the_books_balance_after_a_gift_with_its_fee(reader, work):
    reader.pay(reader.give(cadence="once", other="10"))
    work()
    sums = {}
    for line in JournalLine.objects.all():
        sums[line.account] = sums.get(line.account, 0) + line.amount_minor
    assert sums == {"provider_clearing": 1000 - 39, "income_once": -1000, "fees": 39}


def test_both_notices_of_a_payment_are_stored_and_applied_but_booked_once(reader, work):
    reader.pay(reader.give())
    work()
    assert sorted(ProviderEvent.objects.values_list("kind", "state")) == [
        ("charge.succeeded", "applied"),
        ("session.paid", "applied"),
    ]
    assert Journal.objects.filter(kind="charge").count() == 1


def test_the_same_form_sent_twice_makes_one_gift_and_one_page_to_pay(reader):
    fields = reader.look()
    first, second = reader.confirm(fields), reader.confirm(fields)
    assert first["Location"] == second["Location"]
    assert Gift.objects.count() == ProviderCall.objects.count() == 1


def test_going_back_after_paying_and_pressing_again_leads_to_the_thanks(reader, work):
    fields = reader.look()
    reader.confirm(fields)
    gift = Gift.objects.get()
    reader.pay(gift)
    work()
    assert reader.confirm(fields)["Location"] == back_path(gift)


def test_a_fresh_form_makes_a_second_gift(reader):
    reader.give()
    reader.give()
    assert Gift.objects.count() == 2


def test_a_gift_without_address_gets_a_receipt_number_but_no_letter(reader, work):
    reader.pay(reader.give())
    work()
    assert Receipt.objects.count() == 1
    assert not Message.objects.exists()
    assert not mail.outbox


@pytest.mark.parametrize("outcome", ["late", "twice", "close"])
def test_every_way_of_paying_books_once(reader, work, outcome):
    gift = reader.give(email="reader@example.org")
    reader.pay(gift, outcome)
    reader.client.get(back_path(gift))
    work()
    gift.refresh_from_db()
    assert gift.state == "paid"
    assert Journal.objects.filter(kind="charge").count() == Receipt.objects.count() == len(mail.outbox) == 1


def test_a_declined_card_charges_nothing_and_says_so(reader, work):
    gift = reader.give()
    reader.pay(gift, "decline")
    work()
    page = reader.client.get(back_path(gift)).content.decode()
    gift.refresh_from_db()
    assert gift.state == "failed"
    assert "Nothing was charged" in page
    assert not Journal.objects.exists()


def test_going_back_without_paying_cancels_the_gift(reader):
    gift = reader.give()
    answer = reader.pay(gift, "cancel")
    page = reader.client.get(answer["Location"]).content.decode()
    gift.refresh_from_db()
    assert gift.state == "cancelled"
    assert "You went back before paying" in page


def test_a_pending_payment_is_confirming_until_it_arrives(reader, work):
    gift = reader.give()
    reader.pay(gift, "pending")
    assert "We are confirming" in reader.client.get(back_path(gift)).content.decode()
    gift.refresh_from_db()
    assert gift.state == "processing"
    session_of(gift).finish(at=timezone.now())
    work()
    assert "Thank you" in reader.client.get(back_path(gift)).content.decode()


def test_a_settled_page_takes_no_second_payment(reader, work):
    gift = reader.give()
    reader.pay(gift)
    reader.pay(gift)
    work()
    assert Journal.objects.filter(kind="charge").count() == 1
    assert "settled" in reader.client.get(f"/sandbox/pay/{gift.provider_ref}/").content.decode()
