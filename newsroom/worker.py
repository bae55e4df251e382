"""The worker's loop: scheduled jobs, tasks, and the outboxes of the apps, on one machine or on many."""

import datetime
import logging
import os
import signal
import socket
import threading

from django.conf import settings
from django.db import DatabaseError, close_old_connections, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from newsroom import emergency, registry, schedules

logger = logging.getLogger(__name__)

TASK_LIMIT = datetime.timedelta(minutes=10)
BACK_OFF = (5, 30, 120, 600, 3600)
IDLE_SECONDS = 0.5


def worker_id():
    """Return this process's name among all workers."""
    return f"{socket.gethostname()}:{os.getpid()}"[-64:]


def _is_dead(name):
    host, _colon, pid = name.rpartition(":")
    if host != socket.gethostname()[-64:] or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def sweep(*, at):
    """Return tasks that a dead or hung worker left running to the queue, or fail them after their last try.

    A worker of this machine is known dead by its process id; any other after TASK_LIMIT. Returns how many moved.
    """
    moved = 0
    for task in DBTaskResult.objects.running().only("id", "started_at", "worker_ids"):
        late = task.started_at is not None and task.started_at < at - TASK_LIMIT
        if not late and not (task.worker_ids and _is_dead(task.worker_ids[-1])):
            continue
        moved += _again_or_failed(task, at=at, why="worker died")
    return moved


def _again_or_failed(task, *, at, why):
    tries = len(task.worker_ids)
    row = DBTaskResult.objects.filter(pk=task.pk, status=task.status if task.status else TaskResultStatus.RUNNING)
    if tries >= settings.TASK_TRIES:
        logger.error("task gave up", extra={"task": str(task.pk), "tries": tries, "why": why})
        return row.update(status=TaskResultStatus.FAILED, finished_at=at)
    wait = datetime.timedelta(seconds=BACK_OFF[min(tries, len(BACK_OFF)) - 1] if why == "failed" else 0)
    return row.update(status=TaskResultStatus.READY, run_after=at + wait, finished_at=None)


def claim_task(*, at):
    """Claim one task that is due and return it, or None. Of many workers exactly one gets it."""
    with transaction.atomic():
        due = DBTaskResult.objects.ready().order_by(*DBTaskResult._meta.ordering)
        for task in due.select_for_update(skip_locked=True)[:1]:
            task.claim(worker_id())
            return task
    return None


def run_task(task, *, at):
    """Run a claimed task; one that raises comes again after a growing wait, up to TASK_TRIES."""
    try:
        value = task.task.call(*task.args_kwargs["args"], **task.args_kwargs["kwargs"])
        task.set_successful(value)
    except Exception as error:  # a task's fault is recorded on its row and must not stop the worker
        logger.exception("task failed", extra={"task": task.task_path, "tries": len(task.worker_ids)})
        task.set_failed(error)
        _again_or_failed(task, at=timezone.now(), why="failed")


def run_pump(name, pump, *, at):
    """Let an outbox do a bounded piece of work and return how much; one that fails is logged and tried again later."""
    try:
        return pump(at=at, limit=50)
    except DatabaseError:
        raise
    except Exception:  # an outbox's fault must not stop the others
        logger.exception("outbox failed", extra={"job": name})
        return 0


def run_once(*, at):
    """Do what is due now and return how much was done; 0 means there is time to rest, or an emergency."""
    if emergency.present() is not None:
        return 0
    done = schedules.run_due(at=at)
    for name, pump in registry.pumps.items():
        done += run_pump(name, pump, at=at)
    task = claim_task(at=at)
    if task is not None:
        run_task(task, at=at)
        done += 1
    return done


def drain(*, at=None, rounds=10_000):
    """Work until nothing is due; for tests, the demo loader and `worker --drain`. Returns how much was done."""
    total = 0
    for _round in range(rounds):
        done = run_once(at=at or timezone.now())
        total += done
        if not done:
            break
    return total


class Worker:
    """The loop of one process, ended by SIGTERM or SIGINT after the piece of work at hand."""

    def __init__(self):
        self.stopping = threading.Event()

    def listen(self):
        """Stop at the signals that a supervisor sends."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())

    def run(self):
        """Work until told to stop; a database that is away is waited for."""
        next_sweep = timezone.now()
        while not self.stopping.is_set():
            close_old_connections()
            now = timezone.now()
            try:
                if now >= next_sweep:
                    sweep(at=now)
                    next_sweep = now + datetime.timedelta(seconds=30)
                done = run_once(at=now)
            except DatabaseError:
                logger.exception("database unavailable, the worker waits")
                self.stopping.wait(2)
                continue
            if not done:
                self.stopping.wait(IDLE_SECONDS)
