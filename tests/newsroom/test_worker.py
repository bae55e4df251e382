"""The worker: each task and each job once, failures again later, the dead one's tasks back in the queue."""

import datetime
import subprocess
import sys

import pytest
import time_machine
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from newsroom import schedules, worker
from newsroom.models import ScheduleRun

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime.datetime(2026, 11, 20, 12, 0, tzinfo=datetime.UTC)
ran = []


@task()
def note(*, word):
    """Remember the word."""
    ran.append(word)


@task()
def fail():
    """Fail each time."""
    ran.append("fail")
    raise ValueError("no")


@pytest.fixture(autouse=True)
def nothing_ran():
    ran.clear()
    for job in schedules.jobs():
        ScheduleRun.objects.create(name=job.name, last_run_at=timezone.now() + datetime.timedelta(days=900))


def test_a_task_runs_once():
    note.enqueue(word="one")
    worker.drain()
    worker.drain()
    assert ran == ["one"]
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"


def test_a_failing_task_comes_again_after_a_growing_wait_until_its_last_try(settings):
    settings.TASK_TRIES = 3
    with time_machine.travel(NOW, tick=False) as clock:
        fail.enqueue()
        worker.drain()
        assert ran == ["fail"]
        for expected in (2, 3, 3):
            clock.shift(datetime.timedelta(hours=2))
            worker.drain()
            assert len(ran) == expected
    assert DBTaskResult.objects.get().status == "FAILED"


def test_one_failing_task_does_not_hold_up_the_next():
    fail.enqueue()
    note.enqueue(word="after")
    worker.drain()
    assert ran == ["fail", "after"]


def dead_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_task_that_a_dead_worker_left_running_comes_back_at_once():
    note.enqueue(word="again")
    task_row = worker.claim_task(at=timezone.now())
    host = worker.worker_id().rpartition(":")[0]
    DBTaskResult.objects.filter(pk=task_row.pk).update(worker_ids=[f"{host}:{dead_process()}"])
    assert worker.sweep(at=timezone.now()) == 1
    worker.drain()
    assert ran == ["again"]


def test_a_task_of_a_living_worker_is_left_alone_until_the_limit():
    note.enqueue(word="slow")
    worker.claim_task(at=timezone.now())
    assert worker.sweep(at=timezone.now()) == 0
    assert worker.sweep(at=timezone.now() + worker.TASK_LIMIT + datetime.timedelta(seconds=1)) == 1


def test_two_claims_never_get_the_same_task():
    note.enqueue(word="one")
    assert worker.claim_task(at=timezone.now()) is not None
    assert worker.claim_task(at=timezone.now()) is None


def test_a_job_is_claimed_by_one_caller_per_period():
    job = schedules.Job("test.job", datetime.timedelta(hours=1), lambda at: None)
    assert schedules.claim(job, at=NOW)
    assert not schedules.claim(job, at=NOW + datetime.timedelta(minutes=59))
    assert schedules.claim(job, at=NOW + datetime.timedelta(minutes=60))
    assert not schedules.claim(job, at=NOW + datetime.timedelta(minutes=60))


def test_a_job_that_fails_is_marked_and_does_not_stop_the_others(monkeypatch):
    def broken(at):
        raise ValueError("no")

    jobs = {
        "a": schedules.Job("test.a", datetime.timedelta(hours=1), broken),
        "b": schedules.Job("test.b", datetime.timedelta(hours=1), lambda at: ran.append("b")),
    }
    monkeypatch.setattr(schedules, "_jobs", jobs)
    assert schedules.run_due(at=NOW) == 2
    assert ran == ["b"]
    assert ScheduleRun.objects.get(name="test.a").failed_at == NOW
    assert ScheduleRun.objects.get(name="test.b").failed_at is None
