"""What does not move by itself any more: work that nobody took up, work that failed, a worker that is not there.

Each function answers with a few rows {"title", "note"} and perhaps a "url"; see `newsroom.registry.stuck`.
"""

import datetime

from django.db.models import Count, Min, Q
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from newsroom import schedules

LATE_AFTER = datetime.timedelta(minutes=2)
FAILED_FOR = datetime.timedelta(days=7)
LATE_JOBS = 3


def late(at):
    """Return the tasks that should have run by `at` and still wait."""
    since = at - LATE_AFTER
    at_once = Q(run_after=get_date_max(), enqueued_at__lte=since)
    return DBTaskResult.objects.filter(at_once | Q(run_after__lte=since), status=TaskResultStatus.READY)


def failed(at):
    """Return the tasks that were given up in the last days."""
    return DBTaskResult.objects.failed().filter(finished_at__gt=at - FAILED_FOR)


def tasks(at):
    """Return a row for each kind of task that is late or was given up."""
    rows = []
    for row in _by_kind(late(at), Min("enqueued_at")):
        count = ngettext("%d task waits for the worker", "%d tasks wait for the worker", row["count"]) % row["count"]
        rows.append({"title": count, "note": f"{row['task_path']} · {_since(row['first'], at)}"})
    for row in _by_kind(failed(at), Min("finished_at")):
        count = ngettext("%d task failed", "%d tasks failed", row["count"]) % row["count"]
        rows.append({"title": count, "note": f"{row['task_path']} · {_since(row['first'], at)}"})
    return rows


def jobs(at):
    """Return a row for each scheduled job that failed or did not run for long."""
    from newsroom.models import ScheduleRun

    every = {job.name: job.every for job in schedules.jobs()}
    rows = []
    for run in ScheduleRun.objects.filter(name__in=every):
        if run.failed_at:
            rows.append({"title": _("A scheduled job failed"), "note": f"{run.name} · {_since(run.failed_at, at)}"})
        elif run.last_run_at < at - LATE_JOBS * every[run.name]:
            title = _("A scheduled job did not run: is the worker there?")
            rows.append({"title": title, "note": f"{run.name} · {_since(run.last_run_at, at)}"})
    return rows


def _by_kind(tasks, first):
    return tasks.order_by("task_path").values("task_path").annotate(count=Count("pk"), first=first)


def _since(moment, at):
    return _("for %(time)s") % {"time": timesince(moment, at)}
