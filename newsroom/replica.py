"""Reader pages read from a replica of PostgreSQL, when there is one that has heard of everything that they must show.

Every change that readers see takes a number (`pageversions`). For each number a process asks the primary once how far
its log has come; a page is made from the replica only when that has replayed as much. So no page is older than its
number says, and whoever wrote reads what was written. A replica that is behind or away is not asked.
"""

import logging
import time
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import DatabaseError, connections, transaction

logger = logging.getLogger(__name__)
ALIAS = "replica"
# A replica that is away is asked again after this many seconds.
PAUSE = 5
_is_reading = ContextVar("is_reading_replica", default=False)
_asked_again = {"at": 0.0}
# The number last asked about, and the place in the primary's log that belongs to it.
_place = {"seq": None, "lsn": ""}


def exists():
    """Tell whether the settings name a replica."""
    return ALIAS in settings.DATABASES


class ReplicaRouter:
    """Send what a reader page reads to the replica; everything else, and every write, to the primary."""

    def db_for_read(self, model, **hints):
        if _is_reading.get() and not transaction.get_connection().in_atomic_block:
            return ALIAS
        return None

    def db_for_write(self, model, **hints):
        # What is written is read again from where it was written.
        _is_reading.set(False)
        return "default" if exists() else None

    def allow_relation(self, one, other, **hints):
        return True if {one._state.db, other._state.db} <= {"default", ALIAS} else None


def has_followed(seq):
    """Tell whether the replica has replayed all changes up to the number `seq`; False while it is away."""
    if seq is None or time.monotonic() < _asked_again["at"]:
        return False
    try:
        lsn = _lsn_of(seq)
    except DatabaseError:
        return False
    try:
        return _ask(ALIAS, "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s::pg_lsn", [lsn])
    except DatabaseError as fault:
        leave_alone(fault)
        return False


def _lsn_of(seq):
    if _place["seq"] != seq:
        _place.update(lsn=_ask("default", "SELECT pg_current_wal_insert_lsn()::text"), seq=seq)
    return _place["lsn"]


def leave_alone(fault=None):
    """Ask the replica nothing for a while."""
    _asked_again["at"] = time.monotonic() + PAUSE
    logger.error("the replica is away: pages are made from the primary", extra={"kind": type(fault).__name__})


def _ask(alias, statement, parameters=()):
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


@contextmanager
def reading(*, seq):
    """Read from the replica inside, when it has followed to the number `seq`; None never. Yields whether it is read."""
    is_used = bool(seq is not None and exists() and has_followed(seq))
    token = _is_reading.set(is_used)
    try:
        yield is_used
    finally:
        _is_reading.reset(token)


def make_page(get_response, request, seq):
    """Return the answer of a reader page, made from the replica where it can be, else from the primary."""
    with reading(seq=seq) as is_used:
        response = get_response(request)
    if is_used and getattr(response, "is_database_away", False):
        leave_alone()
        return get_response(request)
    return response
