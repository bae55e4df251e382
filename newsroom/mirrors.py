"""Which other addresses carry the title: asked of the database once after each change, then of memory."""

from django.db import DatabaseError

from newsroom import pagecache

_remembered = {"seq": None, "mirrors": (), "known": False}


def listed():
    """Return the active mirrors in order, from memory while nothing has changed or the database is away."""
    try:
        seq = pagecache.versions().latest("mirrors")
    except pagecache.Away:
        seq = None
    if seq is None or _remembered["seq"] != seq or not _remembered["known"]:
        _read(seq)
    return _remembered["mirrors"]


def _read(seq):
    from newsroom.models import Mirror

    try:
        mirrors = tuple(Mirror.objects.filter(active=True))
    except DatabaseError:
        return
    _remembered.update(seq=seq, mirrors=mirrors, known=True)


def forget():
    """Make the next question read the database; the tests need this between two databases."""
    _remembered.update(seq=None, mirrors=(), known=False)


def listed_under(host):
    """Return the active mirror with this host name, or None."""
    return next((mirror for mirror in listed() if mirror.host == host), None)


def working(edition=None):
    """Return the mirrors to which readers may be sent; with an edition, those that carry its language."""
    return [mirror for mirror in listed() if mirror.is_working and (edition is None or mirror.speaks(edition))]


def addresses(edition):
    """Return the addresses of the mirrors that work, for the end of letters."""
    return [mirror.address for mirror in working(edition)]


def onion():
    """Return the address of the onion service, or nothing."""
    return next((mirror.address for mirror in listed() if mirror.is_onion and mirror.is_working), "")
