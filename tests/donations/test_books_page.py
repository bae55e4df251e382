"""The books page: green or red, both sides of a difference, corrections by one more journal, and the export."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from donations import cockpit, health, jobs, providers
from donations.models import (
    Gift,
    Journal,
    JournalLine,
    NotRefundable,
    Payout,
    ProviderCall,
    ReconRun,
    RefundOrder,
    give_back,
)
from donations.money import Money
from donations.tokens import random_id
from newsroom.models import StaffAction
from tests.donations.worlds import SandboxWorld, deliver, paid
from tests.make import make_user

BOOKS = "/admin/donations/journal/books/"


@pytest.fixture
def world(db):
    """The books of the sandbox."""
    return SandboxWorld()


@pytest.fixture
def bookkeeper(client, db):
    """Somebody who may see the books and put them right."""
    client.force_login(make_user("Administrator"))
    return client


def plant(charge, minor):
    """Book a charge that the provider never made, or not like this."""
    now = timezone.now()
    money = Money(minor, "EUR")
    return Journal.post(
        lines=[("provider_clearing", money), ("income_once", -money)], kind="charge", mode="sandbox",
        provider="sandbox", account="demo", external_ref=charge, occurred_at=now, posted_at=now,
    )[0]  # fmt: skip


def compare(world):
    return ReconRun.compare(world.provider, at=timezone.now() + timedelta(seconds=1))


def test_the_page_is_green_when_every_cent_agrees(world, edition, bookkeeper):
    paid(world)
    assert "not compared with the provider yet" in bookkeeper.get(BOOKS).content.decode()
    assert compare(world).state == "green"
    page = bookkeeper.get(BOOKS).content.decode()
    assert "donations-line--green" in page
    assert "€5" in page


def test_a_difference_of_one_minor_unit_is_red_with_both_sides_and_is_put_right_by_a_reason(world, edition, bookkeeper):
    gift = world.gift()
    world.pay(gift, "lost")
    ref = world.provider.fetch("session", gift.provider_ref).charges[0].ref
    journal = plant(ref, 499)
    run = compare(world)
    item = run.items.get(kind="amount")
    assert (run.state, item.ours_minor, item.theirs_minor) == ("red", 499, 500)
    page = bookkeeper.get(BOOKS).content.decode()
    assert "donations-line--red" in page
    assert "499" in page
    assert "500" in page
    form = bookkeeper.get(reverse("admin:donations_journal_change", args=[journal.pk])).context["moves"]
    nonce = dict(form)["correct"].fields["nonce"].initial
    move = reverse("admin:donations_journal_move", args=[journal.pk, "correct"])
    bookkeeper.post(move, {"amount": "5.00", "reason": "Read from the provider's list.", "nonce": nonce})
    correction = Journal.objects.get(kind="correction")
    assert correction.reason == "Read from the provider's list."
    assert StaffAction.objects.filter(action="correct books").count() == 1
    assert not compare(world).items.filter(kind="amount").exists()


def test_money_that_the_provider_does_not_know_is_red(world, edition):
    paid(world)
    plant("invented", 700)
    run = compare(world)
    assert (run.state, run.items.get().kind) == ("red", "missing_there")


def test_a_notice_that_was_lost_is_found_booked_once_and_reported(world, edition, bookkeeper):
    gift = world.gift()
    world.pay(gift)
    world.letters()
    bookkeeper.post(f"{BOOKS}compare/")
    page = bookkeeper.get(BOOKS).content.decode()
    assert "Found and booked now." in page
    assert "donations-line--green" in page
    assert Journal.objects.filter(kind="charge", gift=gift).count() == 1


def test_a_provider_that_is_down_makes_no_green(world, edition):
    paid(world)
    world.down()
    assert compare(world).state == "failed"
    world.up()
    assert compare(world).state == "green"


def test_an_open_payout_is_on_the_page(world, edition, bookkeeper):
    paid(world)
    world.pay_out()
    deliver(world)
    assert "do not sum up" not in bookkeeper.get(BOOKS).content.decode()
    Payout.objects.update(amount_minor=1)
    assert "do not sum up" in bookkeeper.get(BOOKS).content.decode()


def test_the_export_has_a_row_for_each_line_and_no_formula_and_no_person(world, edition, bookkeeper):
    gift = paid(world, email="reader@example.org")
    Journal.post(
        lines=[("provider_clearing", Money(1, "EUR")), ("income_once", Money(-1, "EUR"))], kind="correction",
        mode="sandbox", provider="sandbox", account="demo", external_ref="x#1", reason="=1+1", gift=gift,
        occurred_at=timezone.now(), posted_at=timezone.now(),
    )  # fmt: skip
    answer = bookkeeper.get(f"{BOOKS}export.csv?mode=sandbox")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == JournalLine.objects.count()
    assert sum(int(row["amount_minor"]) for row in rows) == 0
    assert {row["reason"] for row in rows} == {"", "'=1+1"}
    assert rows[0]["amount"] == "5.00"
    assert gift.public_id not in answer.content.decode()
    month = timezone.localdate().strftime("%Y-%m")
    assert len(bookkeeper.get(f"{BOOKS}export.csv?mode=sandbox&month={month}").content) == len(answer.content)
    assert bookkeeper.get(f"{BOOKS}export.csv").content.count(b"\r\n") == 1
    assert bookkeeper.get(f"{BOOKS}export.csv?mode=x&month=2026-13").status_code == 200


@pytest.mark.parametrize("role", ["Reporter", "Editor", "Photo editor", "Newsletter editor"])
def test_the_books_open_for_nobody_else(client, edition, role):
    client.force_login(make_user(role))
    for path in (BOOKS, f"{BOOKS}export.csv"):
        assert client.get(path).status_code == 403
    assert client.post(f"{BOOKS}compare/").status_code == 403


@pytest.mark.parametrize("move", ["refund", "assign", "correct"])
def test_a_fundraiser_moves_no_money(client, edition, world, move):
    paid(world)
    charge = Journal.objects.get(kind="charge")
    client.force_login(make_user("Fundraiser"))
    address = reverse("admin:donations_journal_move", args=[charge.pk, move])
    assert client.post(address, {"amount": "1", "reason": "x"}).status_code == 403
    assert client.get(address).status_code == 405
    assert b"Give money back" not in client.get(reverse("admin:donations_journal_change", args=[charge.pk])).content


def test_a_refund_by_the_button_happens_once_and_says_why_not(edition, world, bookkeeper):
    paid(world)
    charge = Journal.objects.get(kind="charge")
    moves = dict(bookkeeper.get(reverse("admin:donations_journal_change", args=[charge.pk])).context["moves"])
    address = reverse("admin:donations_journal_move", args=[charge.pk, "refund"])
    data = {"amount": "2", "reason": "Asked.", "nonce": moves["refund"].fields["nonce"].initial}
    for _time in range(2):
        assert "is on its way back" in bookkeeper.post(address, data, follow=True).content.decode()
    assert Journal.objects.filter(kind="refund").count() == 1
    for wrong in ({"amount": "9"}, {"amount": "x"}, {"reason": ""}, {"nonce": "forged"}):
        moves = dict(bookkeeper.get(reverse("admin:donations_journal_change", args=[charge.pk])).context["moves"])
        fresh = moves["refund"].fields["nonce"].initial
        bookkeeper.post(address, {"amount": "1", "reason": "Asked.", "nonce": fresh, **wrong})
    assert Journal.objects.filter(kind="refund").count() == 1


def press(client, charge, move, **data):
    """Press a button below a charge as the page offers it; return what is said, or None where there is none."""
    page = client.get(reverse("admin:donations_journal_change", args=[charge.pk]))
    forms = dict(page.context["moves"])
    if move not in forms:
        return None
    address = reverse("admin:donations_journal_move", args=[charge.pk, move])
    filled = {"reason": "Asked.", "nonce": forms[move].fields["nonce"].initial, **data}
    return client.post(address, filled, follow=True).content.decode()


def test_a_large_refund_takes_a_second_person(edition, world, bookkeeper, settings):
    settings.REFUND_ALONE = 3
    paid(world)
    charge = Journal.objects.get(kind="charge")
    assert "waits for a second person" in press(bookkeeper, charge, "refund", amount="4")
    assert "waits for a second person already" in press(bookkeeper, charge, "refund", amount="4")
    assert not Journal.objects.filter(kind="refund").exists()
    assert "Another person must approve this." in press(bookkeeper, charge, "approve-refund")
    second = Client()
    second.force_login(make_user("Administrator", username="second"))
    assert "is on its way back" in press(second, charge, "approve-refund")
    assert Journal.objects.filter(kind="refund").count() == 1
    assert press(second, charge, "approve-refund") is None
    assert [action.action for action in StaffAction.objects.filter(action__contains="refund").order_by("pk")] == [
        "order refund", "approve refund", "refund",
    ]  # fmt: skip


def test_small_refunds_that_are_large_together_take_a_second_person_too(edition, world, bookkeeper, settings):
    settings.REFUND_ALONE = 3
    paid(world)
    charge = Journal.objects.get(kind="charge")
    assert "is on its way back" in press(bookkeeper, charge, "refund", amount="2")
    assert "waits for a second person" in press(bookkeeper, charge, "refund", amount="2")
    assert Journal.objects.filter(kind="refund").count() == 1


def test_no_caller_gives_much_back_alone(edition, world, settings):
    settings.REFUND_ALONE = 3
    paid(world)
    charge = Journal.objects.get(kind="charge")
    give = {"by": make_user(), "reason": "Asked.", "nonce": "n", "at": timezone.now()}
    order = give_back(charge, charge.received, **give)
    assert order == RefundOrder.objects.get() == give_back(charge, charge.received, **give)
    assert not ProviderCall.objects.filter(operation="refund").exists()


def test_an_order_whose_money_is_gone_meanwhile_goes_on_waiting(edition, world, settings):
    settings.REFUND_ALONE = 3
    paid(world)
    charge, now = Journal.objects.get(kind="charge"), timezone.now()
    order = give_back(charge, charge.received, by=make_user(), reason="Asked.", nonce="n", at=now)
    second = make_user("Administrator", username="second")
    give_back(charge, Money(100, "EUR"), by=second, reason="Part.", nonce="m", at=now)
    with pytest.raises(NotRefundable, match="can be given back"):
        order.approve(by=second, at=now)
    order.refresh_from_db()
    assert order.state == "ordered"
    assert not StaffAction.objects.filter(action="approve refund").exists()


def test_a_refund_that_was_turned_down_gives_nothing_back(edition, world, bookkeeper, settings):
    settings.REFUND_ALONE = 0
    paid(world)
    charge = Journal.objects.get(kind="charge")
    press(bookkeeper, charge, "refund", amount="4")
    order = RefundOrder.objects.get()
    assert "Nothing is given back." in press(bookkeeper, charge, "decline-refund")
    with pytest.raises(NotRefundable, match="decided already"):
        order.approve(by=make_user("Administrator", username="late"), at=timezone.now())
    assert not Journal.objects.filter(kind="refund").exists()
    assert "waits for a second person" in press(bookkeeper, charge, "refund", amount="1")


def test_the_database_takes_no_refund_approved_by_whoever_ordered_it(edition, world):
    paid(world)
    charge, one, now = Journal.objects.get(kind="charge"), make_user(), timezone.now()
    order = RefundOrder.order(charge, charge.received, by=one, reason="Asked.", nonce="n", at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        RefundOrder.objects.filter(pk=order.pk).update(state="approved", decided_by=one, decided_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        RefundOrder.objects.filter(pk=order.pk).update(state="approved", decided_by=make_user("Editor"))


def test_a_receipt_is_voided_and_reissued_with_the_next_number(edition, world, bookkeeper):
    from donations.models import Message, Receipt

    paid(world, email="reader@example.org")
    receipt = Receipt.objects.get()
    by = make_user()
    with pytest.raises(ValueError, match="reason"):
        receipt.reissue(by=by, reason=" ", at=timezone.now())
    second = receipt.reissue(by=by, reason="The name of the payee was wrong.", at=timezone.now())
    assert receipt.reissue(by=by, reason="Again.", at=timezone.now()) == second
    assert [str(one) for one in Receipt.objects.order_by("number")] == [str(receipt), str(second)]
    assert second.number == receipt.number + 1
    assert Message.objects.filter(kind="receipt").count() == 2
    page = bookkeeper.get(reverse("admin:donations_receipt_change", args=[second.pk]))
    assert "Void and reissue" in page.content.decode()


def elsewhere(edition, *, state="handed_off", account="old"):
    """Return a gift that is with another account of a provider that is switched off here."""
    gift, _made = Gift.promise(
        nonce=random_id(), edition=edition, cadence="once", money=Money(500, "EUR"), provider=providers.active(),
        at=timezone.now(),
    )  # fmt: skip
    Gift.objects.filter(pk=gift.pk).update(provider="stripe", account=account, mode="live", state=state)
    return gift


def test_every_provider_with_gifts_of_ours_is_compared_at_night(world, edition):
    paid(world)
    elsewhere(edition)
    jobs.reconcile(at=timezone.now() + timedelta(seconds=1))
    assert {(run.provider, run.state) for run in ReconRun.objects.all()} == {("sandbox", "green"), ("stripe", "failed")}
    jobs.reconcile(at=timezone.now() + timedelta(days=200))
    assert ReconRun.objects.filter(provider="stripe").count() == 2


def test_a_provider_that_nothing_of_ours_is_with_is_left_alone(world, edition, settings):
    elsewhere(edition, state="expired")
    settings.PAYMENT_PROVIDER = "none"
    jobs.reconcile(at=timezone.now())
    assert not ReconRun.objects.exists()


def test_an_old_provider_is_compared_after_another_took_its_place(world, edition, monkeypatch):
    paid(world, cadence="month")
    monkeypatch.setattr(providers, "active", lambda: None)
    jobs.reconcile(at=timezone.now() + timedelta(seconds=1))
    assert [(run.provider, run.state) for run in ReconRun.objects.all()] == [("sandbox", "green")]


def test_the_green_of_one_provider_hides_no_red_of_another(world, edition, bookkeeper):
    paid(world)
    plant("never-there", 100)
    assert compare(world).state == "red"
    other = ReconRun.objects.create(
        mode="sandbox", provider="bank", account="x", since=timezone.now(), until=timezone.now(), state="green",
        started_at=timezone.now(),
    )  # fmt: skip
    page = bookkeeper.get(BOOKS).content.decode()
    assert ("donations-line--red" in page, "donations-line--green" in page) == (True, True)
    assert [level for level, sentence in health.status(timezone.now()) if "differ" in sentence] == ["error"]
    assert [is_red for is_red, sentence, _url in cockpit.health(timezone.now()) if "compared" in sentence] == [
        False,
        True,
    ]
    ReconRun.objects.filter(pk=other.pk).update(state="failed")
    assert any("could not be compared" in sentence for _level, sentence in health.status(timezone.now()))
