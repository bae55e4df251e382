"""Parts that many pages share, such as their header: made once by each process and judged as stored pages are."""

import threading
import time
from collections import OrderedDict
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone, translation

from newsroom import pagecache
from newsroom.pageversions import KEPT_SECONDS, Away, Remembered, versions

MOST = 500


class Kept(NamedTuple):
    """A part, the number before it was made, when that was, and the moment at which it may change by itself."""

    html: str
    seq: int
    since: float
    due: object


class Fragments:
    """Parts of pages by what they depend on; kept KEPT_SECONDS at most, and never inside a transaction."""

    def __init__(self):
        self.kept, self.lock = OrderedDict(), threading.Lock()
        Remembered.everything.append(self)

    def get(self, name, keys, make):
        """Return the part called `name` (hashable, all that it depends on but rows and the language): kept, or made.

        It is made anew when one of the page keys `keys` was bumped, or when a moment came at which pages may change.
        """
        if transaction.get_connection().in_atomic_block:
            return make()
        name = (translation.get_language(), *name)
        kept, now = self.kept.get(name), timezone.now()
        try:
            if kept is not None and _is_good(kept, versions().latest("site", *keys), now):
                return kept.html
            seq = versions().now()
        except Away:
            return make()
        made = Kept(make(), seq, time.monotonic(), pagecache.next_due(now))
        self._keep(name, made)
        return made.html

    def _keep(self, name, kept):
        with self.lock:
            self.kept[name] = kept
            self.kept.move_to_end(name)
            while len(self.kept) > MOST:
                self.kept.popitem(last=False)

    def forget(self):
        """Make every part anew."""
        with self.lock:
            self.kept.clear()


def _is_good(kept, latest, now):
    is_young = time.monotonic() - kept.since < KEPT_SECONDS
    return latest <= kept.seq and is_young and (kept.due is None or now < kept.due)


fragments = Fragments()
