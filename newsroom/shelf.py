"""Rows that many pages show, kept in this process while nothing that they show has changed."""

import threading
import time
from collections import OrderedDict
from typing import NamedTuple

from django.db import transaction

from newsroom import replica
from newsroom.pageversions import KEPT_SECONDS, Away, Remembered, versions


class Kept(NamedTuple):
    """A thing, the keys of the pages that show it, the number before it was read, and when that was."""

    thing: object
    keys: tuple
    seq: int
    since: float


class Shelf:
    """Things by primary key; what was read once is not read again until a verb bumps one of its keys.

    `load(keys)` reads {primary key: thing}, `keys_of(thing)` tells the page keys that forget it. Things are shared by
    all requests of the process: nobody may change one. They are judged as stored pages are (`pagecache`), and kept for
    KEPT_SECONDS at most, since rows also leave by ways that bump nothing. Inside a transaction all is read anew.
    """

    def __init__(self, load, keys_of, *, most):
        self.load, self.keys_of, self.most = load, keys_of, most
        self.kept, self.lock = OrderedDict(), threading.Lock()
        Remembered.everything.append(self)

    def get(self, wanted):
        """Return {primary key: thing} of those of `wanted` that exist."""
        # Never from the replica: what is kept here is judged by a number that may be younger than the page's.
        with replica.reading(seq=None):
            return self._get(list(wanted))

    def _get(self, wanted):
        if transaction.get_connection().in_atomic_block:
            return self.load(wanted)
        try:
            found = self._good(wanted)
            missing = [key for key in wanted if key not in found]
            seq = versions().now() if missing else 0
        except Away:
            return self.load(wanted)
        if missing:
            read = self.load(missing)
            self._keep(read, seq)
            found |= read
        return found

    def _good(self, wanted):
        """Return {primary key: thing} of what is kept and still good: one question for the numbers of all."""
        youngest = time.monotonic() - KEPT_SECONDS
        with self.lock:
            kept = {key: entry for key in wanted if (entry := self.kept.get(key)) and entry.since > youngest}
            for key in kept:
                self.kept.move_to_end(key)
        asked = list({name for entry in kept.values() for name in entry.keys})
        numbers = dict(zip(asked, versions().each(asked), strict=True)) if asked else {}
        return {
            key: entry.thing for key, entry in kept.items() if all(numbers[name] <= entry.seq for name in entry.keys)
        }

    def _keep(self, read, seq):
        since = time.monotonic()
        with self.lock:
            for key, thing in read.items():
                self.kept[key] = Kept(thing, self.keys_of(thing), seq, since)
                self.kept.move_to_end(key)
            while len(self.kept) > self.most:
                self.kept.popitem(last=False)

    def forget(self):
        """Read the database at the next question."""
        with self.lock:
            self.kept.clear()
