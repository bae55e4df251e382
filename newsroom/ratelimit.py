"""Rate limits in the database, so that every process and machine shares them. Keys are hashes: they name nobody."""

import datetime
import ipaddress

from django.conf import settings
from django.db import models, transaction

from newsroom.sealing import lookup_key


def network_of(request):
    """Return the reader's network for counting only: /24 of IPv4, /48 of IPv6, or "unknown". Never stored as such.

    Behind our own proxy (BEHIND_PROXY) it is the last address in X-Forwarded-For: the one that the proxy itself saw.
    """
    seen = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or seen
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))


def allow(action, subject, *, limit, seconds, at):
    """Count one `action` of `subject` and tell whether it is within `limit` per window of `seconds`.

    The subject is kept only as a keyed hash, and the row leaves after twice the window.
    """
    from newsroom.models import RateCount

    start, key = _window(action, subject, seconds, at)
    with transaction.atomic():
        RateCount.objects.bulk_create(
            [RateCount(key=key, window_at=start, expires_at=start + datetime.timedelta(seconds=2 * seconds))],
            ignore_conflicts=True,
        )
        rows = RateCount.objects.filter(key=key, window_at=start)
        rows.update(count=models.F("count") + 1)
        return rows.values_list("count", flat=True).get() <= limit


def count(action, subject, *, seconds, at):
    """Return how often `subject` did `action` in the present window, counting nothing."""
    from newsroom.models import RateCount

    start, key = _window(action, subject, seconds, at)
    return RateCount.objects.filter(key=key, window_at=start).values_list("count", flat=True).first() or 0


def _window(action, subject, seconds, at):
    start = datetime.datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, datetime.UTC)
    return start, lookup_key(f"{action}:{subject}", f"rate:{start.date()}")


def forget_expired(*, at):
    """Delete counters whose time is over and return how many."""
    from newsroom.models import RateCount

    return RateCount.objects.filter(expires_at__lt=at).delete()[0]
