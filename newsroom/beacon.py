"""What is read, counted without a trace of who reads: a kind, a key, a day, a number.

A page tells at `/count/` what came into view. The process gathers the numbers in its memory and adds them to the day's
rows every few seconds; a kill loses what it gathered since. Apps name the kinds that they count in `registry.counted`;
anything else is refused. A network can count a little only: that is remembered for one minute in memory, under a hash
whose key is thrown away with it.
"""

import atexit
import datetime
import hashlib
import logging
import re
import secrets
import threading
from collections import Counter
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, connections
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from newsroom import hosts, registry
from newsroom.origin import announced_size, says_cross_site
from newsroom.ratelimit import network_of

logger = logging.getLogger(__name__)
LINE = re.compile(r"([a-z][a-z0-9_.-]{0,31}):([A-Za-z0-9][A-Za-z0-9_.-]{0,63})\Z")
MAX_BYTES, MAX_LINES = 1024, 10
MOST_GATHERED = 20_000
PER_NETWORK, PER_THING = 300, 20
KEPT_DAYS = 400


def is_on(request):
    """Tell whether pages asked for on this host count: at home only, never on mirrors."""
    if hosts.is_away(request):
        return False
    return settings.COUNTING and request.get_host() == urlsplit(settings.HOME_ORIGIN).netloc


class Gathered:
    """The numbers that this process has not written down yet."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = Counter()
        self.timer = None

    def add(self, kind, key, *, at, number=1):
        """Gather a number for the day of `at` in the newsroom's zone; too many different things are let go."""
        name = (kind, key, timezone.localdate(at))
        with self.lock:
            if name in self.counts or len(self.counts) < MOST_GATHERED:
                self.counts[name] += number
            if settings.COUNTING_SECONDS and self.timer is None:
                self.timer = threading.Timer(settings.COUNTING_SECONDS, self.flush_in_thread)
                self.timer.daemon = True
                self.timer.start()
        if not settings.COUNTING_SECONDS:
            self.flush()

    def flush(self):
        """Add what was gathered to the day's totals; what nobody knows is dropped. A busy database is tried again."""
        from newsroom.models import DailyCount

        with self.lock:
            counts, self.counts, self.timer = self.counts, Counter(), None
        if not counts:
            return
        try:
            DailyCount.objects.add(_known(counts))
        except DatabaseError:
            logger.warning("counts could not be written, they are tried again")
            with self.lock:
                self.counts.update(counts)

    def flush_in_thread(self):
        """Flush from the timer's thread and leave no connection open there."""
        try:
            self.flush()
        finally:
            connections.close_all()


def _known(counts):
    """Return the counts of what the apps know."""
    by_kind = {}
    for kind, key, _day in counts:
        by_kind.setdefault(kind, set()).add(key)
    known = {kind: set(registry.counted[kind](keys)) for kind, keys in by_kind.items() if kind in registry.counted}
    return {name: number for name, number in counts.items() if name[1] in known.get(name[0], ())}


class Limits:
    """How much each network counted in the present minute; held in memory and forgotten with its key."""

    def __init__(self):
        self.lock = threading.Lock()
        self.forget(None)

    def forget(self, minute):
        """Begin a minute with nothing known."""
        self.minute, self.key, self.counts = minute, secrets.token_bytes(16), Counter()

    def allow(self, network, thing, *, at):
        """Count one `thing` of a network and tell whether both are within their limits."""
        with self.lock:
            minute = int(at.timestamp()) // 60
            if minute != self.minute or len(self.counts) > 10 * MOST_GATHERED:
                self.forget(minute)
            whole, single = self._hash(network), self._hash(f"{network} {thing}")
            self.counts.update((whole, single))
            return self.counts[whole] <= PER_NETWORK and self.counts[single] <= PER_THING

    def _hash(self, text):
        return hashlib.blake2b(text.encode(), key=self.key, digest_size=8).digest()


gathered, limits = Gathered(), Limits()
atexit.register(gathered.flush)


@csrf_exempt
@never_cache
@require_POST
def count(request):
    """Count what a page of this site says came into view: lines of `kind:key`. Answers nothing."""
    if not is_on(request):
        return HttpResponse(status=404)
    if not _is_from_here(request):
        return HttpResponse(status=403)
    things = _things(request)
    if things is None:
        return HttpResponse(status=400)
    now, network = timezone.now(), network_of(request)
    allowed = [limits.allow(network, f"{kind}:{key}", at=now) for kind, key in things]
    for kind, key in (thing for thing, is_allowed in zip(things, allowed, strict=True) if is_allowed):
        gathered.add(kind, key, at=now)
    return HttpResponse(status=204 if all(allowed) else 429)


def _is_from_here(request):
    """Tell whether a browser says that a page of this site, opened and not fetched ahead, sends this."""
    headers = request.headers
    if "Sec-Purpose" in headers or "Purpose" in headers or says_cross_site(request):
        return False
    return "Origin" in headers or headers.get("Sec-Fetch-Site") == "same-origin"


def _things(request):
    """Return the (kind, key) pairs of the body, each once, or None when it holds anything else."""
    if announced_size(request) > MAX_BYTES:
        return None
    try:
        lines = request.body.decode("ascii").split("\n")
    except (UnicodeDecodeError, RequestDataTooBig):
        return None
    found = [LINE.match(line) for line in lines if line]
    if not found or len(found) > MAX_LINES or not all(found):
        return None
    things = dict.fromkeys(match.groups() for match in found)
    return list(things) if all(kind in registry.counted for kind, _key in things) else None


def forget_old(*, at):
    """Delete the totals of more than KEPT_DAYS days ago and return how many."""
    from newsroom.models import DailyCount

    return DailyCount.objects.filter(day__lt=timezone.localdate(at) - datetime.timedelta(days=KEPT_DAYS)).delete()[0]
