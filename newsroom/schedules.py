"""What runs again and again: the jobs are code, their last runs are rows, and each run happens once on all machines."""

import datetime
import logging
from dataclasses import dataclass

from django.db import IntegrityError
from django.db.models import Q

logger = logging.getLogger(__name__)
_jobs = {}


@dataclass(frozen=True)
class Job:
    """A function that takes `at` and runs at most once per `every`."""

    name: str
    every: datetime.timedelta
    run: object


def every(*, minutes, name):
    """Register the decorated function(at) to run every so many minutes under a permanent `name`."""

    def register(function):
        _jobs[name] = Job(name, datetime.timedelta(minutes=minutes), function)
        return function

    return register


def jobs():
    """Return all registered jobs."""
    return list(_jobs.values())


def claim(job, *, at):
    """Tell whether this caller may run the job now; of many callers exactly one may."""
    from newsroom.models import ScheduleRun

    due = ScheduleRun.objects.filter(name=job.name, last_run_at__lte=at - job.every)
    if due.update(last_run_at=at):
        return True
    if ScheduleRun.objects.filter(name=job.name).exists():
        return False
    try:
        ScheduleRun.objects.create(name=job.name, last_run_at=at)
    except IntegrityError:
        return False
    return True


def run_due(*, at):
    """Run every job whose time has come and return how many ran; one that fails is logged and tried next time."""
    from newsroom.models import ScheduleRun

    ran = 0
    for job in jobs():
        if not claim(job, at=at):
            continue
        ran += 1
        try:
            job.run(at=at)
        except Exception:  # one job's fault must not stop the others; it is logged and marked
            logger.exception("scheduled job failed", extra={"job": job.name})
            ScheduleRun.objects.filter(name=job.name).update(failed_at=at)
        else:
            ScheduleRun.objects.filter(Q(name=job.name), failed_at__isnull=False).update(failed_at=None)
    return ran
