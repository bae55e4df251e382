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
def holding(thing, *lookups, are_none=False):
    """Load these related rows (names or Prefetch objects) once, and answer from memory inside.

    `are_none` promises that there are none, so that nobody asks for them.
    """
    names = [getattr(lookup, "prefetch_through", lookup) for lookup in lookups]
    if are_none:
        for name in names:
            hold(thing, name, ())
    else:
        prefetch_related_objects([thing], *lookups)
    try:
        yield
    finally:
        for name in names:
            thing._prefetched_objects_cache.pop(name, None)
