"""The site's own scheduled jobs."""

import datetime

from django.conf import settings

from newsroom import beacon, ratelimit, readings, schedules


@schedules.every(minutes=60, name="newsroom.forget_rate_counts")
def forget_rate_counts(*, at):
    """Delete the counters of rate limits whose time is over."""
    ratelimit.forget_expired(at=at)


@schedules.every(minutes=24 * 60, name="newsroom.forget_finished_tasks")
def forget_finished_tasks(*, at):
    """Delete the rows of tasks that succeeded more than a week ago."""
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.successful().filter(finished_at__lt=at - datetime.timedelta(days=7)).delete()


@schedules.every(minutes=24 * 60, name="newsroom.forget_old_counts")
def forget_old_counts(*, at):
    """Delete the daily totals of more than a year ago."""
    beacon.forget_old(at=at)


@schedules.every(minutes=10, name="newsroom.alarm")
def ring_the_alarm(*, at):
    """Mail those in charge when something needs a person."""
    from newsroom import alarms

    alarms.ring(at=at)


@schedules.every(minutes=24 * 60, name="newsroom.certificate")
def look_at_certificate(*, at):
    """Note until when the certificate is good."""
    if settings.SECURE:
        readings.look_at_certificate(at=at)


@schedules.every(minutes=15, name="newsroom.check_mirrors")
def check_mirrors(*, at):
    """Have every active mirror looked at, each by a task of its own: a slow one holds up nothing."""
    from newsroom.models import Mirror
    from newsroom.tasks import check_mirror

    for mirror_id in Mirror.objects.filter(active=True).values_list("pk", flat=True):
        check_mirror.enqueue(mirror_id=mirror_id)
