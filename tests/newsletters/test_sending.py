"""Sending: each reader once, whoever dies; failures are blamed on whom they belong to; totals always add up."""

import logging
import threading

import pytest
from django.db import connection, connections
from django.utils import timezone

from newsletters import channels, sending
from newsletters.models import Delivery, Issue, Subscription, Suppression
from tests.newsletters.make import Recorder, later, make_due, make_newsletter, make_readers, pump, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def newsletter():
    return make_newsletter()


def begin(newsletter, readers=5):
    """Return an issue that is being sent to so many readers."""
    make_readers(readers, newsletter)
    issue = make_due(newsletter)
    issue.start(at=timezone.now())
    return issue


def states(issue):
    return {state: count for state, count in issue.totals().items() if count}


def test_everybody_gets_one_letter_and_the_issue_is_sent(newsletter):
    issue = begin(newsletter, 7)
    channel = pump(limit=3)
    issue.refresh_from_db()
    assert len(set(channel.recipients)) == len(channel.recipients) == 7
    assert states(issue) == {"accepted": 7, "total": 7}
    assert issue.state == "sent"
    assert issue.finished_at
    delivery = issue.deliveries.first()
    assert delivery.reply == "250 2.0.0 kept"
    assert delivery.accepted_at


def test_issue_without_readers_is_sent_at_once(newsletter):
    issue = make_due(newsletter)
    pump()
    issue.refresh_from_db()
    assert (issue.state, issue.totals()["total"]) == ("sent", 0)


def test_two_workers_claim_disjoint_letters(newsletter):
    begin(newsletter, 6)
    now = timezone.now()
    first_owner, first = sending.claim(at=now, limit=4)
    second_owner, second = sending.claim(at=now, limit=4)
    assert first_owner != second_owner
    assert [len(first), len(second)] == [4, 2]
    assert not {row.pk for row in first} & {row.pk for row in second}


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_moment_send_each_letter_once(newsletter):
    begin(newsletter, 24)
    recorders = [Recorder() for _worker in range(3)]

    def work(recorder):
        try:
            pump(recorder, rounds=40, limit=3)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(recorder,)) for recorder in recorders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [recipient for recorder in recorders for recipient in recorder.recipients]
    assert len(everything) == len(set(everything)) == 24
    assert Issue.objects.get().state == "sent"


def test_worker_killed_between_claim_and_send_is_made_good_by_its_lease(newsletter):
    issue, now = begin(newsletter, 3), timezone.now()
    sending.claim(at=now, limit=50)
    assert not pump(at=later(now, minutes=4)).letters
    issue.refresh_from_db()
    assert issue.state == "sending", "an issue with waiting readers is never called sent"
    assert len(pump(at=later(now, minutes=6)).letters) == 3
    issue.refresh_from_db()
    assert issue.state == "sent"


def test_worker_that_wakes_up_late_cannot_overwrite_a_newer_result(newsletter):
    issue, now = begin(newsletter, 1), timezone.now()
    owner, (delivery,) = sending.claim(at=now, limit=1)
    pump(at=later(now, minutes=6))
    assert not sending.settle(delivery, owner, "failed", reply="late")
    assert sending.recheck(delivery, owner, now=now, whole=True) == "skip"
    assert issue.deliveries.get().state == "accepted"


def test_lease_that_runs_out_stops_the_batch(newsletter):
    begin(newsletter, 2)
    now = timezone.now()
    owner, (delivery, _other) = sending.claim(at=now, limit=2)
    assert sending.recheck(delivery, owner, now=later(now, minutes=4, seconds=30), whole=True) == "stop"


def test_pause_takes_effect_before_the_next_mail(newsletter):
    issue = begin(newsletter, 5)

    def pause_after_two(recipient):
        if len(channel.letters) == 2:
            Issue.objects.get().pause(by=None, at=timezone.now())

    channel = Recorder(during=pause_after_two)
    pump(channel)
    assert len(channel.letters) == 3, "the one on the wire, and no more"
    assert states(issue) == {"accepted": 3, "queued": 2, "total": 5}
    issue.refresh_from_db()
    assert issue.state == "paused"
    issue.resume(by=None, at=timezone.now())
    assert len(pump().letters) == 2


def test_reader_who_leaves_between_claim_and_send_is_dropped(newsletter):
    issue = begin(newsletter, 2)
    now = timezone.now()
    owner, (delivery, _other) = sending.claim(at=now, limit=2)
    # As on PostgreSQL when somebody leaves while the rows are being made: the row was not there to be dropped.
    Subscription.objects.filter(pk=delivery.subscription_id).update(state="unsubscribed", left_at=now)
    assert sending.recheck(delivery, owner, now=now, whole=True) == "skip"
    assert states(issue) == {"claimed": 1, "dropped": 1, "total": 2}


def test_lost_connection_blames_nobody_and_rests(newsletter):
    issue, now = begin(newsletter, 3), timezone.now()
    postman = sending.Postman(Recorder(None, channels.ConnectionLost("421 bye")), clock=lambda: now)
    sending.run(postman, at=now)
    assert states(issue) == {"accepted": 1, "queued": 2, "total": 3}
    assert {row.attempts for row in issue.deliveries.filter(state="queued")} == {0}
    assert sending.run(postman, at=now) == 0
    sending.run(postman, at=later(now, seconds=1))
    assert states(issue) == {"accepted": 3, "total": 3}
    assert not Suppression.objects.exists()


def test_rest_grows_with_each_failure_and_ends_with_success(newsletter):
    begin(newsletter, 1)
    now = timezone.now()
    postman = sending.Postman(Recorder(*[channels.ConnectionLost()] * 4), clock=lambda: now)
    waits = []
    for _failure in range(4):
        sending.run(postman, at=now)
        waits.append((postman.rest_until - now).total_seconds())
        now = postman.rest_until
    assert waits == [1, 2, 5, 15]
    sending.run(postman, at=now)
    assert postman.rest_until is None


def test_deferred_letter_comes_again_later_and_others_go_on(newsletter):
    issue, now = begin(newsletter, 2), timezone.now()
    channel = pump(Recorder(channels.Deferred("451 4.7.1 greylisted")), at=now)
    assert len(channel.letters) == 1
    waiting = issue.deliveries.get(state="queued")
    assert (waiting.next_try_at - now).total_seconds() == 60
    assert waiting.reply.startswith("451")
    assert not pump(at=later(now, seconds=59)).letters
    assert len(pump(at=later(now, seconds=60)).letters) == 1


def test_letter_deferred_beyond_a_day_has_failed(newsletter):
    issue, now = begin(newsletter, 1), timezone.now()
    for _try in range(20):
        row = issue.deliveries.get()
        if row.state == "failed":
            break
        now = row.next_try_at or now
        pump(Recorder(channels.Deferred("451 4.3.0 busy")), at=now)
    assert states(issue) == {"failed": 1, "total": 1}
    assert now <= later(issue.started_at, hours=24)
    assert not Suppression.objects.exists()


def test_bad_address_is_suppressed_once_with_the_reply(newsletter):
    issue = begin(newsletter, 2)
    pump(Recorder(channels.BadAddress("550 5.1.1 no such user")))
    assert states(issue) == {"accepted": 1, "failed": 1, "total": 2}
    suppression = Suppression.objects.get()
    assert (suppression.reason, suppression.evidence) == ("bounce", "550 5.1.1 no such user")
    assert Subscription.objects.receiving(newsletter, timezone.now()).count() == 1


def test_rejected_reader_fails_and_is_not_suppressed(newsletter):
    issue = begin(newsletter, 2)
    pump(Recorder(channels.Rejected("552 5.2.2 mailbox full")))
    assert states(issue) == {"accepted": 1, "failed": 1, "total": 2}
    assert not Suppression.objects.exists()


def test_refusal_of_policy_pauses_the_issue_says_so_and_suppresses_nobody(newsletter):
    issue = begin(newsletter, 3)
    channel = pump(Recorder(channels.Refused("550 5.7.515 access denied")))
    issue.refresh_from_db()
    assert issue.state == "paused"
    assert "5.7.515" in issue.state_note
    assert states(issue) == {"queued": 3, "total": 3}
    assert not channel.letters
    assert not Suppression.objects.exists()


def test_erased_reader_is_dropped_even_when_only_the_key_is_gone(newsletter):
    issue = begin(newsletter, 2)
    from newsroom import sealing

    sealing.destroy_key(issue.deliveries.first().subscriber.key_id)
    pump()
    assert states(issue) == {"accepted": 1, "dropped": 1, "total": 2}


def test_each_letter_carries_its_reader_and_the_same_message_id_each_time(newsletter):
    begin(newsletter, 2)
    channel = pump()
    first, second = (read(message) for _recipient, message in channel.letters)
    assert first["To"] != second["To"]
    assert first["Message-ID"] != second["Message-ID"]
    Delivery.objects.update(state="queued")
    Issue.objects.update(state="sending")
    again = pump()
    assert [read(message)["Message-ID"] for _recipient, message in again.letters] == [
        first["Message-ID"],
        second["Message-ID"],
    ]


def test_idle_worker_asks_one_question(django_assert_num_queries):
    make_newsletter()
    with django_assert_num_queries(1):
        assert sending.run(sending.Postman(Recorder()), at=timezone.now()) == 0


def test_each_letter_costs_two_queries(newsletter, django_assert_max_num_queries):
    begin(newsletter, 20)
    postman, now = sending.Postman(Recorder()), timezone.now()
    with django_assert_max_num_queries(2 * 20 + 20):
        sending.run(postman, at=now)


def test_worker_sends_through_its_pump(newsletter, settings):
    from django.core import mail

    from newsroom import worker

    begin(newsletter, 2)
    worker.drain()
    assert len(mail.outbox) == 2
    assert mail.outbox[0].extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert Issue.objects.get().state == "sent"


def test_logs_name_no_reader(newsletter, caplog):
    caplog.set_level(logging.DEBUG, logger="newsletters")
    begin(newsletter, 3)
    pump(Recorder(channels.BadAddress("550 5.1.1 <…> unknown"), channels.Refused("550 5.7.1 no")))
    assert "example.org" not in caplog.text


def test_two_open_claims_never_lock_each_other_out(newsletter):
    if connection.vendor != "postgresql":
        pytest.skip("row locks are PostgreSQL's")
    from django.db import transaction

    begin(newsletter, 4)
    with transaction.atomic():
        _owner, rows = sending.claim(at=timezone.now(), limit=2)
        assert len(rows) == 2


def test_reader_suppressed_between_claim_and_send_is_dropped(newsletter):
    issue, now = begin(newsletter, 1), timezone.now()
    owner, (delivery,) = sending.claim(at=now, limit=1)
    # As on PostgreSQL when the suppression commits while the rows are being made.
    Suppression.objects.create(email_key=delivery.subscriber.email_key, reason="complaint", created_at=now)
    assert sending.recheck(delivery, owner, now=now, whole=True) == "skip"
    assert states(issue) == {"dropped": 1, "total": 1}


def test_letter_on_which_the_line_breaks_for_a_day_has_failed(newsletter):
    issue = begin(newsletter, 2)
    pump(Recorder(channels.ConnectionLost("reset")), at=later(issue.started_at, hours=25))
    assert states(issue) == {"failed": 1, "queued": 1, "total": 2}


def test_paused_letter_is_told_to_the_status_page(newsletter):
    from newsroom import registry

    issue = begin(newsletter, 1)
    assert registry.status["newsletters"](timezone.now()) == []
    issue.pause(by=None, at=timezone.now(), note="550 5.7.1 refused")
    ((level, sentence),) = registry.status["newsletters"](timezone.now())
    assert level == "warning"
    assert "5.7.1" in sentence
