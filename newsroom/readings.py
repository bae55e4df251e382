"""Figures about how the site fares: the status page shows them, /metrics gives them to Prometheus, alarms come of them.

None of them names a reader, a donor or a source, or counts one.
"""

import datetime
import shutil
import socket
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Max, Min
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily
from prometheus_client.exposition import generate_latest

from newsroom import registry, schedules, stuck

OK, WARNING, ERROR = "ok", "warning", "error"
WORKER_SILENT = datetime.timedelta(minutes=15)
TASKS_LATE = datetime.timedelta(minutes=10)
BACKUP_LATE = datetime.timedelta(hours=48)
DISK_WARNING, DISK_ERROR = 0.10, 0.03
CERTIFICATE_WARNING, CERTIFICATE_ERROR = 21, 7


@dataclass(frozen=True)
class Reading:
    """One figure: its name for machines, its label, value and words for people, and how bad it is.

    `value` is a number, in the unit that the name ends in (seconds, bytes) or a count, or None when nothing is known.
    """

    name: str
    label: str
    value: float | None
    words: str
    level: str = OK
    labels: dict = field(default_factory=dict)


def everything(at):
    """Return [(name of the group, its readings)] of every app."""
    return [(name, read(at)) for name, read in registry.readings.items()]


def alarms(at):
    """Return the sentences of everything that needs a person now: readings, status checks and stuck work."""
    found = [f"{reading.label}: {reading.words}" for _name, group in everything(at) for reading in group
             if reading.level == ERROR]  # fmt: skip
    found += [str(sentence) for check in registry.status.values() for level, sentence in check(at) if level == ERROR]
    found += [f"{row['title']} ({row['note']})" for find in registry.stuck.values() for row in find(at)]
    return found


def metrics(at):
    """Return the readings in Prometheus' text format (version 0.0.4), as bytes."""
    families = {}
    for _group, found in everything(at):
        for reading in found:
            if reading.value is None:
                continue
            name = f"newsroom_{reading.name}"
            if name not in families:
                families[name] = GaugeMetricFamily(name, str(reading.label), labels=sorted(reading.labels))
            families[name].add_metric([str(reading.labels[key]) for key in sorted(reading.labels)], reading.value)
    collected = CollectorRegistry(auto_describe=False)
    collected.register(_Families(list(families.values())))
    return generate_latest(collected)


class _Families:
    def __init__(self, families):
        self.families = families

    def collect(self):
        return self.families


# The site's own


def work(at):
    """Return what waits for the worker, and when it was last seen."""
    from newsroom.models import ScheduleRun

    seen = ScheduleRun.objects.aggregate(last=Max("last_run_at"))["last"]
    silent = at - seen if seen else None
    waiting = stuck.late(at)
    first = waiting.aggregate(first=Min("enqueued_at"))["first"]
    age = (at - first).total_seconds() if first else 0
    failed, jobs = stuck.failed(at).count(), ScheduleRun.objects.filter(
        failed_at__isnull=False, name__in=[job.name for job in schedules.jobs()]
    ).count()  # fmt: skip
    return [
        Reading(
            "worker_silent_seconds", _("The worker was last seen"), silent.total_seconds() if silent else None,
            _ago(seen, at) if seen else _("never"), OK if silent and silent < WORKER_SILENT else ERROR,
        ),
        Reading(
            "tasks_oldest_late_seconds", _("Oldest task that is late"), age, _ago(first, at) if first else _("none"),
            ERROR if age > TASKS_LATE.total_seconds() else WARNING if age else OK,
        ),
        Reading("tasks_late", _("Tasks that are late"), waiting.count(), str(waiting.count())),
        Reading("tasks_failed", _("Tasks given up this week"), failed, str(failed), WARNING if failed else OK),
        Reading("jobs_failed", _("Scheduled jobs that failed"), jobs, str(jobs), ERROR if jobs else OK),
    ]  # fmt: skip


def machine(at):
    """Return the room on the disk, the certificate's days and the age of the last backup."""
    return [_disk(), *_certificate(at), _backup(at)]


def _disk():
    place = settings.DATA_DIR if settings.DATA_DIR.exists() else settings.BASE_DIR
    usage = shutil.disk_usage(place)
    share = usage.free / usage.total
    words = _("%(free).1f GB of %(total).1f GB (%(share)d %%)") % {
        "free": usage.free / 1e9, "total": usage.total / 1e9, "share": share * 100
    }  # fmt: skip
    level = ERROR if share < DISK_ERROR else WARNING if share < DISK_WARNING else OK
    return Reading("disk_free_bytes", _("Free room for data"), usage.free, words, level)


def _certificate(at):
    from newsroom.models import Observation

    if not settings.SECURE:
        return []
    seen = Observation.last("certificate")
    ends = datetime.datetime.fromisoformat(seen.value["ends"]) if seen and seen.value.get("ends") else None
    label = _("The certificate ends")
    if ends is None:
        words = _("could not be read: %s") % seen.value.get("fault", "") if seen else _("not looked at yet")
        return [Reading("certificate_left_seconds", label, None, words, ERROR if seen else OK)]
    days = (ends - at).days
    level = ERROR if days < CERTIFICATE_ERROR else WARNING if days < CERTIFICATE_WARNING else OK
    words = _("in %s") % timeuntil(ends, at) if ends > at else _("it has ended")
    return [Reading("certificate_left_seconds", label, (ends - at).total_seconds(), words, level)]


def _backup(at):
    from newsroom.models import Observation

    seen = Observation.last("backup")
    age = at - seen.at if seen else None
    is_late = age is None or age > BACKUP_LATE
    return Reading(
        "backup_age_seconds", _("Last backup"), age.total_seconds() if age else None,
        _ago(seen.at, at) if seen else _("never"), WARNING if is_late and settings.PRODUCTION else OK,
    )  # fmt: skip


def look_at_certificate(*, at, port=None, context=None):
    """Note until when the home origin's certificate is good, or why it could not be read."""
    from newsroom.models import Observation

    parts = urlsplit(settings.HOME_ORIGIN)
    address = (parts.hostname, port or parts.port or 443)
    try:
        context = context or ssl.create_default_context()
        with (
            socket.create_connection(address, timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as talk,
        ):
            ends = ssl.cert_time_to_seconds(talk.getpeercert()["notAfter"])
    except (OSError, ValueError, KeyError) as fault:
        Observation.note("certificate", {"fault": type(fault).__name__}, at=at)
        return
    moment = datetime.datetime.fromtimestamp(ends, datetime.UTC)
    Observation.note("certificate", {"ends": moment.isoformat()}, at=at)


def _ago(moment, at):
    return _("%s ago") % timesince(moment, at) if at - moment >= datetime.timedelta(minutes=1) else _("just now")
