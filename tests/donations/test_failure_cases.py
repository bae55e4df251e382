"""The failure cases F1 to F26 of giving, each named; they run on every provider that can play them."""

import datetime
import threading

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from donations import jobs, providers
from donations.models import (
    DonorIdentity,
    Gift,
    Journal,
    JournalLine,
    Message,
    NotRefundable,
    Plan,
    ProviderCall,
    ProviderEvent,
    Receipt,
    ReconRun,
    give_back,
    money_state,
)
from donations.money import Money
from donations.providers.base import ProviderDown
from newsroom.models import StaffAction
from tests.donations.making import back_path, make_offers
from tests.donations.worlds import all_orders, apply_all, deliver, paid, tell
from tests.make import make_user

pytestmark = pytest.mark.usefixtures("edition")


def charges(gift=None):
    rows = Journal.objects.filter(kind="charge").order_by("pk")
    return rows.filter(gift=gift) if gift else rows


def sums():
    """Return {account: minor units} of the whole books, without the accounts that stand at zero."""
    found = {}
    for account, minor in JournalLine.objects.values_list("account", "amount_minor"):
        found[account] = found.get(account, 0) + minor
    return {account: minor for account, minor in found.items() if minor}


def back(charge, minor, *, nonce="n1", by=None):
    by = by or make_user("Administrator")
    return give_back(charge, Money(minor, "EUR"), by=by, reason="Asked for it.", nonce=nonce, at=timezone.now())


def test_f1_a_notice_told_ten_times_in_parallel_is_one_event_one_journal_one_receipt(transactional_db, world):
    make_offers()
    gift = world.gift(email="reader@example.org")
    world.pay(gift)
    letters, answers, faults, start = world.letters(), [], [], threading.Barrier(10)

    def carry(number):
        try:
            start.wait()
            answers.append(tell(letters[number % len(letters)]).status_code)
            apply_all()
        except Exception as error:  # noqa: BLE001 - any fault of any thread fails the test
            faults.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=carry, args=[number]) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (faults, answers) == ([], [200] * 10)
    assert ProviderEvent.objects.count() == len(letters)
    assert charges().count() == Receipt.objects.count() == Message.objects.filter(kind="receipt").count() == 1


def test_f2_two_events_for_one_fact_are_one_journal(world):
    gift = world.gift()
    world.pay(gift)
    assert deliver(world) >= 2
    assert charges(gift).count() == 1
    assert ProviderEvent.objects.filter(state="applied").count() >= 2


def test_f3_a_notice_before_the_return_pays_the_gift_and_the_page_says_so(world, client):
    gift = paid(world, email="reader@example.org")
    assert gift.state == "paid"
    assert Message.objects.filter(kind="receipt").count() == 1
    assert "Thank you" in client.get(back_path(gift)).content.decode()


def test_f4_a_return_without_a_notice_asks_and_the_address_proves_nothing(world, client):
    gift = world.gift()
    for _time in range(3):
        assert "confirming" in client.get(back_path(gift)).content.decode()
    assert not Journal.objects.exists()
    world.pay(gift, "lost")
    jobs.sweep(at=timezone.now() + datetime.timedelta(minutes=16))
    for _time in range(3):
        assert "Thank you" in client.get(back_path(gift)).content.decode()
    assert charges().count() == 1


def test_f5_every_order_of_notices_ends_in_the_same_books(world):
    ends = []
    for number in range(6):
        gift = world.gift(cadence="month")
        world.pay(gift)
        world.refund(world.provider.fetch("session", gift.provider_ref).charges[0].ref, 200)
        letters = world.letters()
        for letter in all_orders(letters, 6)[number % len(all_orders(letters, 6))]:
            tell(letter)
            apply_all()
        gift.refresh_from_db()
        kinds = sorted(Journal.objects.filter(gift=gift).values_list("kind", flat=True))
        ends.append((gift.state, money_state(gift), gift.plan.state, kinds))
    assert all(end == ends[0] for end in ends)
    assert ends[0] == ("paid", "part_refunded", "active", ["charge", "fee", "refund"])


def test_f6_a_late_contradiction_changes_nothing(world, monkeypatch):
    import dataclasses

    gift = world.gift()
    world.pay(gift)
    letters = world.letters()
    tell(letters[0])
    apply_all()
    fetch = type(world.provider).fetch

    def late(self, kind, ref):
        return dataclasses.replace(fetch(self, kind, ref), status="failed", charges=())

    monkeypatch.setattr(type(world.provider), "fetch", late)
    tell(letters[1])
    apply_all()
    gift.refresh_from_db()
    event = ProviderEvent.objects.latest("pk")
    assert (gift.state, event.state, event.reason) == ("paid", "ignored", "superseded: already paid")


def test_f7_a_provider_that_is_down_loses_nothing_and_makes_one_object(world, reader, monkeypatch):
    world.down()
    fields = reader.look(other="5")
    answer = reader.confirm(fields)
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()
    gift = Gift.objects.get()
    assert gift.state == "ready"
    keys = set(ProviderCall.objects.values_list("idempotency_key", flat=True))
    assert reader.confirm(fields).status_code == 302
    assert set(ProviderCall.objects.values_list("idempotency_key", flat=True)) == keys
    assert Gift.objects.get().state == "handed_off"
    assert world.sessions() == 1


def test_f8_a_call_whose_answer_never_came_is_settled_by_its_own_key(world, reader):
    world.hang()
    assert reader.confirm(reader.look(other="5")).status_code == 503
    call = ProviderCall.objects.get()
    assert (call.state, world.sessions()) == ("unknown", 1)
    jobs.sweep(at=timezone.now() + datetime.timedelta(minutes=16))
    call.refresh_from_db()
    assert (call.state, world.sessions(), Gift.objects.get().state) == ("confirmed", 1, "handed_off")


def test_f9_one_form_is_one_gift_and_a_fresh_form_another(world, reader):
    fields = reader.look(other="5")
    answers = [reader.confirm(fields) for _time in range(3)]
    assert {answer["Location"] for answer in answers} == {answers[0]["Location"]}
    assert (Gift.objects.count(), world.sessions()) == (1, 1)
    world.pay(Gift.objects.get())
    deliver(world)
    assert "/support/back/" in reader.confirm(fields)["Location"]
    reader.confirm(reader.look(other="5"))
    assert Gift.objects.count() == 2


def test_f10_a_crash_after_the_charge_is_booked_on_restart(world):
    gift = world.gift(email="reader@example.org")
    Gift.objects.filter(pk=gift.pk).update(state="ready", provider_ref="", handed_off_at=None)
    gift.calls.update(state="unknown", provider_ref="", redirect_url="")
    world.pay(gift)
    deliver(world)
    jobs.sweep(at=timezone.now() + datetime.timedelta(minutes=16))
    gift.refresh_from_db()
    assert gift.state == "paid"
    assert charges(gift).count() == Receipt.objects.count() == 1
    assert world.sessions() == 1


def test_f11_a_crash_after_storing_leaves_the_event_for_the_next_run(world):
    gift = world.gift()
    world.pay(gift)
    for letter in world.letters():
        tell(letter)
    assert set(ProviderEvent.objects.values_list("state", flat=True)) == {"stored"}
    jobs.apply_due_events(at=timezone.now() + datetime.timedelta(minutes=2), limit=10)
    assert set(ProviderEvent.objects.values_list("state", flat=True)) == {"applied"}
    assert charges(gift).count() == 1


def test_f12_a_crash_between_commit_and_mail_is_one_mail_or_seen(world):
    paid(world, email="reader@example.org")
    message = Message.objects.get(kind="receipt")
    assert message.state == "queued"
    later = timezone.now() + datetime.timedelta(hours=1)
    jobs.send_forgotten_letters(at=later)
    jobs.send_forgotten_letters(at=later)
    assert len(mail.outbox) == 1
    Message.objects.update(state="sending")
    jobs.send_forgotten_letters(at=later)
    assert len(mail.outbox) == 1


def test_f13_another_amount_is_booked_as_it_is_and_reviewed(world, monkeypatch):
    gift = world.gift(email="reader@example.org")
    Gift.objects.filter(pk=gift.pk).update(amount_minor=700)
    world.pay(gift)
    deliver(world)
    gift.refresh_from_db()
    assert gift.needs_review == "The amount charged is not the amount promised."
    assert sums()["income_once"] == -500
    assert not Message.objects.exists()


def test_f14_an_old_body_is_refused_and_a_known_one_changes_nothing(world):
    gift = world.gift()
    world.pay(gift)
    letter = world.letters()[0]
    assert tell(letter, at=timezone.now() - datetime.timedelta(minutes=6)).status_code == 400
    assert tell(letter).status_code == tell(letter).status_code == 200
    assert ProviderEvent.objects.count() == 1


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"{", b"null", b"[]", b"{}", b'{"id": 1}', b'"x"'])
def test_f15_a_body_that_says_nothing_is_refused_and_stores_nothing(world, body):
    letter = world.letter(body)
    assert tell(letter).status_code == 400
    for headers in ({}, dict.fromkeys(world.sign(body), "t=1,v1=00")):
        answer = Client().post(letter.path, body, content_type="application/json", headers=headers)
        assert answer.status_code == 400
    assert not ProviderEvent.objects.exists()


def test_f16_old_and_new_secrets_hold_side_by_side_and_no_other(world, settings):
    gift = world.gift()
    world.pay(gift)
    first, second = world.letters()[:2]
    old, new = world.secret(), "n" * 48
    world.set_secrets(settings, new, old)
    for letter, secret in ((first, old), (second, new)):
        headers = world.sign(letter.body, secret=secret)
        assert Client().post(letter.path, letter.body, "application/json", headers=headers).status_code == 200
    headers = world.sign(first.body, secret="x" * 48)
    assert Client().post(first.path, first.body, "application/json", headers=headers).status_code == 400


def test_f17_an_event_of_another_mode_or_account_has_no_effect(world, monkeypatch):
    gift = world.gift()
    world.pay(gift)
    for letter in world.letters():
        tell(letter)
    ProviderEvent.objects.update(mode="live")
    apply_all()
    event = ProviderEvent.objects.first()
    assert (event.state, event.reason) == ("parked", "another mode or account")
    assert not Journal.objects.exists()


def test_f19_a_refund_pressed_twice_and_in_the_dashboard_never_exceeds_the_charge(world):
    charge = charges(paid(world)).get()
    first, again = back(charge, 300), back(charge, 300)
    assert first == again
    with pytest.raises(NotRefundable, match="€2"):
        back(charge, 300, nonce="n2")
    world.refund(charge.external_ref, 200)
    deliver(world)
    with pytest.raises(NotRefundable):
        back(charge, 1, nonce="n3")
    assert sums()["refunds"] == 500
    assert money_state(charge.gift) == "refunded"
    assert StaffAction.objects.filter(action="refund").count() == 1


def test_f19_a_refund_needs_a_reason_and_a_known_gift(world):
    charge = charges(paid(world)).get()
    with pytest.raises(NotRefundable):
        give_back(charge, Money(1, "EUR"), by=make_user(), reason=" ", nonce="n", at=timezone.now())
    with pytest.raises(NotRefundable):
        back(Journal.objects.get(kind="fee"), 1)


def test_f19_a_refund_whose_answer_never_came_is_repeated_with_its_key(world):
    charge = charges(paid(world)).get()
    world.hang()
    with pytest.raises(ProviderDown):
        back(charge, 300)
    with pytest.raises(NotRefundable):
        back(charge, 300, nonce="n2")
    jobs.sweep(at=timezone.now() + datetime.timedelta(minutes=16))
    assert sums()["refunds"] == 300
    assert ProviderCall.objects.get(operation="refund").state == "confirmed"


def test_f20_partial_refunds_are_journals_of_their_own(world):
    charge = charges(paid(world)).get()
    for minor in (100, 150):
        world.refund(charge.external_ref, minor)
        deliver(world)
    deliver(world)
    refunds = Journal.objects.filter(kind="refund")
    assert refunds.count() == 2
    assert money_state(charge.gift) == "part_refunded"
    assert set(refunds.values_list("about", flat=True)) == {charge.pk}


@pytest.mark.parametrize(("ends", "state", "left"), [("won", "paid", {}), ("lost", "lost", {"disputes_lost": 500})])
def test_f21_a_dispute_takes_the_money_until_it_is_decided(world, ends, state, left):
    gift = paid(world, cadence="month")
    charge = charges(gift).get()
    ref = world.dispute(charge.external_ref)
    deliver(world)
    gift.refresh_from_db()
    assert money_state(gift) == "disputed"
    assert gift.needs_review == "A bank disputes a payment."
    from donations.tasks import pause_disputed

    pause_disputed.func(gift_id=gift.pk)
    assert Plan.objects.get().state == "paused"
    world.close_dispute(ref, ends)
    deliver(world)
    assert money_state(gift) == state
    assert {name: sums().get(name) for name in ("disputes", "disputes_lost") if sums().get(name)} == left
    assert sums()["dispute_fees"] == 1500


def test_f21_an_inquiry_moves_no_money(world):
    gift = paid(world)
    world.dispute(charges(gift).get().external_ref, "inquiry")
    deliver(world)
    assert money_state(gift) == "paid"
    assert not Journal.objects.filter(kind__startswith="dispute").exists()


def test_f22_a_charge_that_lands_after_the_stop_is_booked_flagged_and_told(world):
    gift = paid(world, cadence="month", email="reader@example.org")
    plan = Plan.objects.get()
    assert plan.ask_to_end(at=timezone.now())
    world.charge_again(gift, timezone.now() + datetime.timedelta(minutes=1))
    deliver(world)
    gift.refresh_from_db()
    plan.refresh_from_db()
    assert (plan.state, plan.end_reason) == ("ended", "donor")
    assert gift.needs_review == "Charged after the gift was stopped."
    assert Message.objects.filter(kind="after_stop").count() == 1
    back(charges(gift).last(), 500)
    assert sums()["refunds"] == 500


def test_f23_a_donor_erased_in_flight_is_not_made_again_and_gets_no_letter(world):
    gift = world.gift(email="reader@example.org")
    DonorIdentity.objects.get().erase()
    world.pay(gift)
    deliver(world)
    for message in Message.objects.all():
        message.send(at=timezone.now())
    assert charges(gift).count() == 1
    assert not DonorIdentity.objects.exists()
    assert not mail.outbox


def test_f24_four_days_out_of_reach_are_booked_by_the_next_comparison(world):
    kept, lost = paid(world), world.gift(email="reader@example.org")
    world.pay(lost)
    world.letters()
    at = timezone.now() + datetime.timedelta(days=4)
    run = ReconRun.compare(world.provider, at=at)
    assert charges(lost).count() == charges(kept).count() == 1
    assert run.state == "green"
    assert set(run.items.values_list("kind", "is_settled")) == {("missing_here", True)}
    assert Receipt.objects.count() == 2
    again = ReconRun.compare(world.provider, at=at + datetime.timedelta(days=1))
    assert (again.state, again.items.count()) == ("green", 0)


def test_f25_an_unknown_shape_parks_the_event_and_guesses_nothing(world, monkeypatch):
    from donations.providers.base import BadAnswer

    gift = world.gift()
    world.pay(gift)
    for letter in world.letters():
        tell(letter)

    def changed(self, kind, ref):
        raise BadAnswer("no amount")

    monkeypatch.setattr(type(world.provider), "fetch", changed)
    apply_all()
    event = ProviderEvent.objects.first()
    assert (event.state, event.reason) == ("parked", "unknown shape: no amount")
    assert not Journal.objects.exists()


@pytest.mark.sandbox_only
def test_a_failed_card_is_told_tried_again_and_recovers(world):
    gift = paid(world, cadence="month", email="reader@example.org")
    world.break_card(gift, 1)
    world.renew()
    deliver(world)
    plan = Plan.objects.get()
    assert plan.state == "past_due"
    assert Message.objects.filter(kind="card_failed").count() == 1
    world.renew()
    deliver(world)
    plan.refresh_from_db()
    assert plan.state == "active"
    assert list(plan.changes.values_list("kind", flat=True)) == ["past_due", "recovered"]
    assert charges(gift).count() == plan.periods.count()


@pytest.mark.sandbox_only
def test_a_card_that_never_works_again_ends_the_plan_with_thanks(world):
    gift = paid(world, cadence="month", email="reader@example.org")
    world.break_card(gift, 99)
    for _month in range(3):
        world.renew()
        deliver(world)
    plan = Plan.objects.get()
    assert (plan.state, plan.end_reason) == ("ended", "card")
    assert Message.objects.filter(kind="plan_ended").count() == 1
    assert charges(gift).count() == 1


def test_unknown_money_waits_in_suspense_until_a_person_assigns_it(world):
    world.stranger_pays(700)
    deliver(world)
    charge = charges().get()
    assert charge.gift is None
    assert charge.unassigned == Money(700, "EUR")
    gift = world.gift()
    by = make_user("Administrator")
    charge.assign(gift, by=by, reason="She wrote to us.", at=timezone.now())
    charge.assign(gift, by=by, reason="Again.", at=timezone.now()) if charge.unassigned else None
    assert charge.unassigned is None
    assert money_state(gift) == "paid"
    assert sums().get("suspense") is None
    assert StaffAction.objects.filter(action="assign money").count() == 1


def test_a_payout_covers_its_movements_to_the_cent(world):
    from donations.models import Payout

    paid(world)
    paid(world)
    world.pay_out()
    deliver(world)
    payout = Payout.objects.get()
    assert payout.money == payout.covered
    assert not payout.is_open
    assert sums().get("provider_clearing") is None
    assert sums()["bank"] == payout.amount_minor


def test_a_crash_in_the_middle_of_booking_leaves_nothing_half_done(world, monkeypatch):
    gift = world.gift(email="reader@example.org")
    world.pay(gift)
    for letter in world.letters():
        tell(letter)

    class Crash(Exception):
        pass

    def crash(*args, **kwargs):
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Receipt, "issue", crash)
        with pytest.raises(Crash), transaction.atomic():
            apply_all()
    assert not Journal.objects.exists()
    apply_all()
    assert charges().count() == Receipt.objects.count() == 1
    assert providers.active() is not None
