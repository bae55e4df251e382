"""Related rows held in memory: an instance answers `thing.<name>.all()` from what it was given."""

from contextlib import contextmanager

from django.db.models import prefetch_related_objects


def hold(thing, name, rows):
    """Let `thing.<name>.all()` answer with `rows`, as if they had been prefetched."""
    answer = getattr(thing, name).all()
    answer._result_cache, answer._prefetch_done = list(rows), True
    if not hasattr(thing, "_prefetched_objects_cache"):
        thing._prefetched_objects_cache = {}
    thing._prefetched_objects_cache[name] = answer


def is_held(thing, name):
    """Tell whether `thing.<name>.all()` answers from memory."""
    return name in getattr(thing, "_prefetched_objects_cache", {})


@contextmanager
def holding(thing, *lookups):
    """Load these related rows (names or Prefetch objects) once, and answer from memory inside."""
    prefetch_related_objects([thing], *lookups)
    try:
        yield
    finally:
        for name in (getattr(lookup, "prefetch_through", lookup) for lookup in lookups):
            thing._prefetched_objects_cache.pop(name, None)
