"""One throttle and one breaker for all workers: they stand in the database."""

import threading

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from newsletters import channels, sending
from newsletters.models import Channel, Issue, Suppression
from newsroom import registry, worker
from tests.newsletters.make import Recorder, later, make_due, make_newsletter, make_readers, pump

pytestmark = pytest.mark.django_db


def begin(readers, newsletter=None):
    """Return an issue that is being sent to so many readers."""
    newsletter = newsletter or make_newsletter()
    make_readers(readers, newsletter)
    issue = make_due(newsletter)
    issue.start(at=timezone.now())
    return issue


def limit(per_minute, *, at, tokens=0):
    return Channel.objects.create(per_minute=per_minute, refilled_at=at, tokens=tokens)


def states(issue):
    return {state: count for state, count in issue.totals().items() if count}


def test_without_a_limit_everything_goes():
    assert Channel.grant(50, at=timezone.now()) == 50
    Channel.objects.create()
    assert Channel.grant(50, at=timezone.now()) == 50


def test_two_machines_share_one_bucket():
    now = timezone.now()
    limit(600, at=now)  # ten a second
    assert Channel.grant(50, at=now) == 0
    assert Channel.grant(6, at=later(now, seconds=1)) == 6
    assert Channel.grant(50, at=later(now, seconds=1)) == 4
    assert Channel.grant(50, at=later(now, seconds=1)) == 0
    assert Channel.grant(50, at=later(now, seconds=60)) == 10, "the bucket holds what is due in one second"


def test_a_day_has_a_limit_of_its_own_and_the_next_begins_at_nought():
    now = timezone.now().replace(hour=12)
    Channel.objects.create(per_day=60)
    assert [Channel.grant(50, at=now) for _turn in range(3)] == [50, 10, 0]
    Channel.give_back(5)
    assert Channel.grant(50, at=now) == 5
    assert Channel.grant(50, at=later(now, days=-1)) == 0, "a clock that runs behind opens no new day"
    assert Channel.grant(50, at=later(now, days=1)) == 50


def test_the_pace_and_the_day_hold_together():
    now = timezone.now()
    Channel.objects.create(per_minute=600, per_day=12, refilled_at=now)
    assert Channel.grant(50, at=later(now, seconds=1)) == 10
    assert Channel.grant(50, at=later(now, seconds=2)) == 2
    assert Channel.grant(50, at=later(now, seconds=9)) == 0


def test_what_the_day_does_not_take_goes_out_the_next_day():
    issue = begin(5)
    Channel.objects.create(per_day=3)
    now = timezone.now().replace(hour=12)
    assert len(pump(at=now).letters) == 3
    assert states(issue)["queued"] == 2
    assert len(pump(at=later(now, days=1)).letters) == 2
    issue.refresh_from_db()
    assert issue.state == "sent"


def test_a_clock_that_runs_behind_takes_nothing_away():
    now = timezone.now()
    limit(600, at=now, tokens=3)
    assert Channel.grant(2, at=later(now, seconds=-30)) == 2
    assert Channel.grant(50, at=now) == 1


def test_a_slow_pace_lets_whole_letters_through():
    now = timezone.now()
    limit(10, at=now)
    assert [Channel.grant(50, at=later(now, seconds=second)) for second in (3, 6, 9, 12, 13)] == [0, 1, 0, 1, 0]


def test_what_was_granted_and_not_sent_comes_back():
    now = timezone.now()
    begin(3)
    limit(6000, at=now)
    _owner, rows = sending.claim(at=later(now, seconds=1), limit=50)
    assert len(rows) == 3
    assert Channel.objects.get().tokens == pytest.approx(97)


@pytest.mark.parametrize("workers", [1, 3])
def test_all_workers_together_keep_the_pace_within_five_per_cent(workers):
    start = timezone.now()
    limit(9000, at=start)  # 150 a second
    granted, tick = 0, 0
    while granted < 3000:
        tick += 1
        for number in range(workers):
            granted += Channel.grant(50, at=later(start, seconds=tick * 0.05 + number * 0.013))
    assert granted / (tick * 0.05) == pytest.approx(150, rel=0.05)


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_moment_never_get_more_than_there_is():
    now = timezone.now()
    limit(6000, at=now)
    granted = []

    def take():
        try:
            granted.extend(Channel.grant(7, at=later(now, seconds=1)) for _time in range(10))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == 100


def test_throttled_issue_goes_out_piece_by_piece_and_whole():
    issue, now = begin(5), timezone.now()
    limit(60, at=now, tokens=2)
    channel = Recorder()
    counts = []
    for second in range(6):
        pump(channel, at=later(now, seconds=second))
        counts.append(len(channel.letters))
    assert counts == [1, 2, 3, 4, 5, 5], "one a second: the bucket holds a second's worth"
    issue.refresh_from_db()
    assert issue.state == "sent"


# The breaker


def test_refusal_stops_every_issue_on_every_machine_until_somebody_goes_on():
    refused, other = begin(2), begin(2)
    pump(Recorder(channels.Refused("550 5.7.515 domain does not meet the level")))
    assert Channel.objects.get().broken_reply.startswith("550 5.7.515")
    assert not pump().letters, "another worker and another issue stand still too"
    assert states(other) == {"queued": 2, "total": 2}
    assert not Suppression.objects.exists()
    Issue.objects.get(pk=refused.pk).resume(by=None, at=timezone.now())
    assert Channel.objects.get().broken_at is None
    assert len(pump(at=later(timezone.now(), hours=2)).letters) == 4


def test_refusal_writes_to_the_person_who_approved_once():
    issue = begin(3)
    pump(Recorder(channels.Refused("550 5.7.1 not today")))
    assert not Channel.trip("550 5.7.1 again", at=timezone.now())
    worker.drain()
    (letter,) = mail.outbox
    assert letter.to == [issue.approved_by.email]
    assert "550 5.7.1 not today" in letter.body
    assert f"/admin/newsletters/issue/{issue.pk}/change/" in letter.body


def test_status_page_says_that_the_server_refuses_us():
    Channel.trip("550 5.7.1 no", at=timezone.now())
    levels = dict(registry.status["newsletters"](timezone.now()))
    assert "550 5.7.1 no" in levels["error"]


# A database that goes away between the server's reply and its record


def test_reply_that_could_not_be_recorded_is_recorded_when_the_database_is_back(monkeypatch):
    from django.db import OperationalError

    issue, now = begin(3), timezone.now()
    channel, settle = Recorder(), sending.settle
    postman = sending.Postman(channel, clock=lambda: now)

    def gone(*args, **kwargs):
        raise OperationalError("the database is away")

    monkeypatch.setattr(sending, "settle", gone)
    with pytest.raises(OperationalError):
        sending.run(postman, at=now)
    monkeypatch.setattr(sending, "settle", settle)
    for _round in range(3):
        sending.run(postman, at=now)
    assert sorted(channel.recipients) == sorted(set(channel.recipients)), "nobody got it twice"
    assert states(issue) == {"accepted": 3, "total": 3}


def test_reply_recorded_too_late_changes_nothing(monkeypatch):
    from django.db import OperationalError

    issue, now = begin(1), timezone.now()
    postman = sending.Postman(Recorder(), clock=lambda: now)
    settle = sending.settle
    monkeypatch.setattr(sending, "settle", lambda *args, **kwargs: (_ for _ in ()).throw(OperationalError()))
    with pytest.raises(OperationalError):
        sending.run(postman, at=now)
    monkeypatch.setattr(sending, "settle", settle)
    pump(at=later(now, minutes=6))
    accepted = issue.deliveries.get().accepted_at
    sending.run(postman, at=later(now, minutes=7))
    assert issue.deliveries.get().accepted_at == accepted
