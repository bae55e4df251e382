"""The numbers by which stored pages are judged: one sequence of bumps, shared by every process of the site.

Every bump takes the next number of the sequence and writes it beside its key. The numbers live in Redis, or without
Redis in one small file under the data directory that each process rereads when its stamp changes.
"""

import contextlib
import fcntl
import functools
import json
import logging
import os
import time

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils.crypto import get_random_string

from newsroom import replica

logger = logging.getLogger(__name__)
# A Redis that is away is asked again after this many seconds, and never waited for longer than the second number.
PAUSE, PATIENCE = 1, 0.5
# How long what the pages of one thing need is kept at most.
KEPT_SECONDS = 60


class Away(Exception):
    """The shared numbers cannot be read at this moment: nobody knows what is still good."""


def fresh_start():
    """Return a number above every one that an earlier sequence can have reached."""
    return int(time.time() * 1000)


class FileVersions:
    """The numbers in one file, shared by the processes of one machine."""

    def __init__(self, path):
        self.path = path
        self._stamp = None
        self._data = {"seq": 0, "keys": {}}

    def _read(self):
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return self._data
        stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
        if stamp != self._stamp:
            with open(self.path, encoding="utf-8") as stream:
                self._data = json.load(stream)
            self._stamp = stamp
        return self._data

    def now(self):
        """Return the number that the sequence has reached."""
        return self._read()["seq"]

    def latest(self, *keys):
        """Return the latest number among `keys`; 0 when none was ever bumped."""
        known = self._read()["keys"]
        return max((known.get(key, 0) for key in keys), default=0)

    def each(self, keys):
        """Return the latest number of each of `keys`; 0 for one that was never bumped."""
        known = self._read()["keys"]
        return [known.get(key, 0) for key in keys]

    def bump(self, keys):
        """Give each key the next number."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(f"{self.path}.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._stamp = None
            data = self._read()
            seq = (data["seq"] or fresh_start()) + 1
            data = {"seq": seq, "keys": {**data["keys"], **dict.fromkeys(keys, seq)}}
            temporary = f"{self.path}.{os.getpid()}.{get_random_string(6)}"
            with open(temporary, "w", encoding="utf-8") as stream:
                json.dump(data, stream, separators=(",", ":"))
            os.replace(temporary, self.path)
            self._stamp = None


class RedisVersions:
    """The numbers in Redis, shared by several machines.

    While Redis is away every question raises Away. A bump may then have been missed, so the first word after its return
    forgets every page.
    """

    def __init__(self, url):
        import redis

        self.faults = (redis.RedisError, OSError)
        self.client = redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self.asked_again_at, self.has_missed = 0.0, False

    def _ask(self, question):
        if time.monotonic() < self.asked_again_at:
            raise Away
        try:
            if self.has_missed:
                self._bump(["site", taken_back("site")])
                self.has_missed = False
            return question()
        except self.faults as fault:
            if not self.has_missed:
                logger.error("redis unavailable", extra={"kind": type(fault).__name__})
            self.asked_again_at, self.has_missed = time.monotonic() + PAUSE, True
            raise Away from fault

    def now(self):
        """Return the number that the sequence has reached."""
        return self._ask(self._now)

    def _now(self):
        return int(self.client.get("newsroom:seq") or self._begin())

    def latest(self, *keys):
        """Return the latest number among `keys`, or the one at which the sequence began when none was bumped since."""
        return self._ask(lambda: self._latest(keys))

    def _latest(self, keys):
        return max(self._each(keys), default=0)

    def each(self, keys):
        """Return the latest number of each of `keys`, at least the one at which the sequence began."""
        return self._ask(lambda: self._each(keys))

    def _each(self, keys):
        begun, *values = self.client.mget(["newsroom:begun", *(f"newsroom:key:{key}" for key in keys)])
        begun = int(begun or self._begin())
        return [max(begun, int(value or 0)) for value in values]

    def _begin(self):
        """Begin the sequence at the clock's milliseconds: after a flush every page stored before it is too old."""
        start = fresh_start()
        self.client.set("newsroom:seq", start, nx=True)
        self.client.set("newsroom:begun", start, nx=True)
        return int(self.client.get("newsroom:begun"))

    def bump(self, keys):
        """Give each key the next number."""
        self._ask(lambda: self._bump(keys))

    def _bump(self, keys):
        self._now()
        seq = self.client.incr("newsroom:seq")
        self.client.mset({f"newsroom:key:{key}": seq for key in keys})


@functools.lru_cache(maxsize=4)
def _versions(redis_url, path):
    return RedisVersions(redis_url) if redis_url else FileVersions(path)


def versions():
    """Return the shared numbers that the settings name."""
    return _versions(settings.REDIS_URL, settings.DATA_DIR / "pagecache.json")


def bump(*keys):
    """Forget every page made of one of `keys`, in every process, as soon as the open transaction commits.

    A proxy before the site is told by a task that commits with the transaction: a kill afterwards loses nothing.
    """
    if keys:
        transaction.on_commit(functools.partial(_bump, sorted(set(keys))))
        if settings.PROXY != "none":
            from newsroom.tasks import purge_proxy

            purge_proxy.enqueue(keys=sorted(set(keys)))


def take_back(*keys):
    """Forget every page made of one of `keys`, and let none be shown again, not even while the database is away."""
    bump(*keys, *map(taken_back, keys))


def taken_back(key):
    """Return the key whose number tells when something on the pages of `key` was taken back."""
    return f"taken-back:{key}"


def _bump(keys):
    # What is committed stays committed: with Redis away, the pages are forgotten when it is back.
    with contextlib.suppress(Away):
        versions().bump(keys)


class Remembered:
    """What every page needs, read once and kept in this process until a verb bumps its key: "site".

    `load` returns the value, which nobody may change. Inside a transaction it is read anew and not kept: what is seen
    there may never be committed. While the database is away, what was kept goes on.
    """

    everything = []

    def __init__(self, load):
        self.load = load
        self.kept = {}
        self.everything.append(self)

    def __call__(self, *of):
        """Return the value, or the one of those whose keys `of` are."""
        # Never from the replica: what is kept here is judged by a number that may be younger than the page's.
        with replica.reading(seq=None):
            return self._value(of)

    def _value(self, of):
        if transaction.get_connection().in_atomic_block:
            return self.load(*of)
        try:
            seq = versions().latest(self.key(*of))
        except Away:
            seq = None
        kept = self.kept.get(of)
        if kept is None or seq is None or kept[0] != seq or not self.is_young(kept):
            try:
                kept = self.kept[of] = (seq, self.load(*of), time.monotonic())
            except OperationalError:
                if kept is None:
                    raise
        return kept[1]

    def key(self):
        """Return the key that forgets the value."""
        return "site"

    def is_young(self, kept):
        """Tell whether a value may be kept on, whatever its key says."""
        return True

    def forget(self):
        """Read the database at the next question."""
        self.kept = {}


class RememberedOf(Remembered):
    """What the pages of one thing need: `RememberedOf("support", load)`. Kept until a verb bumps that thing's key.

    At most KEPT_SECONDS, since rows also leave by ways that bump nothing, such as a cascade.
    """

    def __init__(self, name, load):
        super().__init__(load)
        self.name = name

    def key(self, pk):
        """Return the key that forgets the value of the thing whose primary key is `pk`."""
        return f"{self.name}:{pk}"

    def is_young(self, kept):
        """Tell whether a value may be kept on."""
        return time.monotonic() - kept[2] < KEPT_SECONDS


def forget_remembered():
    """Read the database for everything that was remembered; the tests need this between two databases."""
    for remembered in Remembered.everything:
        remembered.forget()
