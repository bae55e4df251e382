"""The public webhook: verified, stored once, answered; applied later and only after a look at the provider."""

import datetime
import json
import threading

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from donations import jobs, tasks
from donations.models import Gift, Journal, Message, ProviderEvent, Receipt, SandboxNotice
from donations.models.provider import WAITS
from donations.providers.base import NotFound, ProviderDown
from donations.providers.sandbox import delivery, signing
from donations.providers.sandbox.adapter import Sandbox
from tests.donations.making import back_path, make_gift, make_offers, session_of

SAID = {
    "id": "sbe_1", "kind": "session.paid", "created": 1_790_000_000, "mode": "sandbox", "account": "demo",
    "object": {"kind": "session", "id": "sbx_1"},
}  # fmt: skip


def post(body, signature=None, *, client=None, secret=None, at=None, path="/hooks/sandbox/"):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    if signature is None:
        signature = signing.sign(body, secret=secret or settings.WEBHOOK_SECRET, at=at or timezone.now())
    headers = {"Sandbox-Signature": signature} if signature else {}
    return (client or Client()).post(path, body, content_type="application/json", headers=headers)


def paid(gift):
    """Settle a gift at the sandbox and return its notices, in order."""
    session_of(gift).settle("pay", at=timezone.now())
    return list(SandboxNotice.objects.order_by("pk"))


def tell(notice):
    return post(delivery.body_of(notice))


# Refusals


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=1",
        "v1=abc",
        "t=,v1=",
        "t=abc,v1=abc",
        "t=1,t=2,v1=abc",
        "t=٣,v1=abc",
        "t=9" + "9" * 40 + ",v1=a",
        "\xff,=,,",
    ],
)
def test_a_missing_or_broken_signature_is_refused(db, signature):
    assert post(SAID, signature).status_code == 400
    assert not ProviderEvent.objects.exists()


def test_a_forged_signature_is_refused(db):
    assert post(SAID, secret="another secret of some length, to be sure").status_code == 400


def test_a_body_changed_after_signing_is_refused(db):
    body = json.dumps(SAID).encode()
    signature = signing.sign(body, secret=settings.WEBHOOK_SECRET, at=timezone.now())
    assert post(body[:-1], signature).status_code == 400
    assert post(json.dumps(json.loads(body), indent=1).encode(), signature).status_code == 400


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_notice_of_another_time_is_refused(db, minutes):
    assert post(SAID, at=timezone.now() + datetime.timedelta(minutes=minutes)).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff\xfe\x00", b"{", b"null", b"[]", b'"text"', b"1", b"{}", b"[" * 20_000,
        json.dumps({**SAID, "id": ""}).encode(),
        json.dumps({**SAID, "id": None}).encode(),
        json.dumps({**SAID, "id": "x" * 200}).encode(),
        json.dumps({**SAID, "id": "a\x00b"}).encode(),
        json.dumps({**SAID, "created": "soon"}).encode(),
        json.dumps({**SAID, "created": 10**20}).encode(),
        json.dumps({**SAID, "object": None}).encode(),
        json.dumps({**SAID, "object": {"kind": "session", "id": ""}}).encode(),
        json.dumps({**SAID, "kind": "\ud800"}).encode(),
        b" " * (64 * 1024 + 1),
    ],
)  # fmt: skip
def test_a_signed_body_that_says_nothing_is_refused(db, body):
    assert post(body).status_code == 400
    assert not ProviderEvent.objects.exists()


def test_without_a_secret_everything_is_refused(db, settings):
    settings.WEBHOOK_SECRET = ""
    assert post(SAID, signing.sign(json.dumps(SAID).encode(), secret="", at=timezone.now())).status_code == 400


def test_a_missing_secret_stops_the_start(settings):
    from donations.checks import webhooks_are_signed

    settings.WEBHOOK_SECRET = "short"
    assert [error.id for error in webhooks_are_signed(None)] == ["donations.E001"]
    settings.PAYMENT_PROVIDER = "none"
    assert webhooks_are_signed(None) == []


def test_unknown_providers_and_other_methods_have_no_door(db, settings):
    assert Client().get("/hooks/sandbox/").status_code == 405
    assert post(SAID, path="/hooks/stripe/").status_code == 404
    settings.PAYMENT_PROVIDER = "none"
    assert post(SAID).status_code == 404


# Once means once


def test_a_notice_delivered_again_is_answered_and_changes_nothing(edition):
    notice = paid(make_gift())[0]
    assert [tell(notice).status_code for _time in range(3)] == [200, 200, 200]
    event = ProviderEvent.objects.get()
    for _time in range(3):
        tasks.apply_event.func(event_id=event.pk)
    assert Journal.objects.filter(kind="charge").count() == Receipt.objects.count() == 1


def test_ten_parallel_deliveries_are_one_event_one_journal_one_receipt(transactional_db):
    make_offers()
    notices = paid(make_gift(email="reader@example.org"))
    statuses, faults, start = [], [], threading.Barrier(10)

    def deliver(number):
        try:
            start.wait()
            statuses.append(tell(notices[number % 2]).status_code)
            for event in ProviderEvent.objects.all():
                event.apply(at=timezone.now())
        except Exception as error:  # noqa: BLE001 - any fault of any thread fails the test
            faults.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver, args=[number]) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert statuses == [200] * 10
    assert ProviderEvent.objects.count() == 2
    assert Journal.objects.filter(kind="charge").count() == Receipt.objects.count() == Message.objects.count() == 1


def test_a_notice_before_the_browsers_return_is_enough(edition, client):
    gift = make_gift()
    for notice in paid(gift):
        tell(notice)
    jobs.apply_due_events(at=timezone.now() + datetime.timedelta(minutes=2), limit=10)
    gift.refresh_from_db()
    assert gift.state == "paid"
    assert "Thank you" in client.get(back_path(gift)).content.decode()


def test_an_event_whose_task_was_lost_is_applied_by_the_worker(edition):
    tell(paid(make_gift())[0])
    event = ProviderEvent.objects.get()
    assert event.state == "stored"
    assert jobs.apply_due_events(at=timezone.now(), limit=10) == 0
    assert jobs.apply_due_events(at=timezone.now() + datetime.timedelta(minutes=2), limit=10) == 1
    event.refresh_from_db()
    assert event.state == "applied"


def test_a_charge_after_a_crash_at_the_hand_over_is_booked(edition, monkeypatch):
    """The provider made the page and was paid; our side died before it learned the page's id."""
    gift = make_gift()
    Gift.objects.filter(pk=gift.pk).update(state="ready", provider_ref="", handed_off_at=None)
    tell(paid(gift)[0])
    tasks.apply_event.func(event_id=ProviderEvent.objects.get().pk)
    gift.refresh_from_db()
    assert (gift.state, gift.provider_ref != "") == ("paid", True)
    assert Journal.objects.filter(kind="charge", gift=gift).count() == 1


# What cannot be applied


def test_an_unknown_object_is_parked_tried_again_and_given_up_loudly(db, caplog):
    at = timezone.now()
    assert post(SAID).status_code == 200
    event = ProviderEvent.objects.get()
    for tries in range(1, len(WAITS) + 1):
        event.apply(at=at)
        assert event.tries == tries
    assert (event.state, event.reason) == ("dead", "unknown object")
    assert "provider event given up" in caplog.text
    assert not Journal.objects.exists()


@pytest.mark.parametrize("field", ["mode", "account"])
def test_an_event_of_another_mode_or_account_is_parked(edition, field):
    notice = paid(make_gift())[0]
    said = {**json.loads(delivery.body_of(notice)), field: "live"}
    assert post(said).status_code == 200
    event = ProviderEvent.objects.get()
    event.apply(at=timezone.now())
    assert (event.state, event.reason) == ("parked", "another mode or account")
    assert not Journal.objects.exists()


def test_a_provider_that_is_down_leaves_the_event_stored_for_later(edition, monkeypatch):
    tell(paid(make_gift())[0])
    event = ProviderEvent.objects.get()

    def down(self, kind, ref):
        raise ProviderDown("503")

    with monkeypatch.context() as patch:
        patch.setattr(Sandbox, "fetch", down)
        event.apply(at=timezone.now())
    assert (event.state, event.tries, event.reason) == ("stored", 1, "provider down")
    event.apply(at=timezone.now())
    assert event.state == "applied"


def test_a_late_failure_does_not_unpay_a_gift(edition, monkeypatch):
    gift = make_gift()
    notices = paid(gift)
    tell(notices[0])
    ProviderEvent.objects.get().apply(at=timezone.now())
    real = Sandbox.fetch

    def failed(self, kind, ref):
        import dataclasses

        from donations.providers.base import Status

        return dataclasses.replace(real(self, kind, ref), status=Status.FAILED)

    monkeypatch.setattr(Sandbox, "fetch", failed)
    tell(notices[1])
    event = ProviderEvent.objects.latest("pk")
    event.apply(at=timezone.now())
    gift.refresh_from_db()
    assert gift.state == "paid"
    assert (event.state, event.reason) == ("ignored", "superseded: already paid")


def test_what_is_stored_of_a_notice_holds_nothing_about_the_person(edition):
    gift = make_gift(email="reader@example.org")
    tell(paid(gift)[0])
    row = ProviderEvent.objects.values().get()
    assert not any("example" in str(value) or gift.public_id in str(value) for value in row.values())


def test_a_refused_delivery_is_tried_again_by_the_sandbox(edition, monkeypatch, settings):
    notice = paid(make_gift())[0]
    settings.WEBHOOK_SECRET = ""
    with pytest.raises(delivery.NotDelivered):
        delivery.deliver(notice, by_http=False)
    notice.refresh_from_db()
    assert notice.delivered_at is None


def test_a_look_up_without_an_id_finds_nothing(edition):
    with pytest.raises(NotFound):
        Sandbox().fetch("session", "")


def test_signatures_are_good_for_five_minutes():
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        header = signing.sign(b"{}", secret="s" * 40, at=now)
        signing.verify(b"{}", header, secrets=["old", "s" * 40], at=now + datetime.timedelta(minutes=4))
        with pytest.raises(signing.BadSignature):
            signing.verify(b"{}", header, secrets=["s" * 40], at=now + datetime.timedelta(minutes=6))
