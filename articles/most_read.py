"""The most read stories, from daily totals alone; see newsroom.beacon."""

import datetime
import time

from django.conf import settings
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import shelves
from articles.models import Article
from newsroom.models import DailyCount
from newsroom.pagecache import reader_page

BOX, BOX_DAYS = 5, 2
PAGE, PAGE_DAYS = 20, 7
LEAST = 3
LOOKED_AT = 400
KEPT_SECONDS = 60
_kept = {}


def most_read(edition, *, at, days=BOX_DAYS, count=BOX):
    """Return the public stories of the edition that were read most since `days` days ago, the most read first.

    Nothing while the counting is off or fewer than LEAST stories were read. The order is at most KEPT_SECONDS old;
    who may be seen is asked each time.
    """
    read = _order(timezone.localdate(at) - datetime.timedelta(days=days)) if settings.COUNTING else []
    keys, found = [key for key, edition_pk in read if edition_pk == edition.pk], []
    for start in range(0, len(keys), count):
        found += [story for story in shelves.stories(keys[start : start + count]) if story.is_live(at)]
        if len(found) >= count:
            break
    return found[:count] if len(found) >= LEAST else []


def _order(since):
    """Return (primary key, edition's) of the stories read most since a day, from this process's memory for a minute."""
    now = time.monotonic()
    kept_at, read = _kept.get(since, (None, []))
    if kept_at is None or now - kept_at > KEPT_SECONDS:
        ids = list(DailyCount.objects.most("story", since=since, count=LOOKED_AT))
        rows = Article.objects.filter(public_id__in=ids).values_list("public_id", "pk", "edition")
        known = {public_id: found for public_id, *found in rows}
        read = [known[public_id] for public_id in ids if public_id in known]
        if len(_kept) > 10:
            _kept.clear()
        _kept[since] = (now, read)
    return read


def forget():
    """Make the next question read the database; the tests need this."""
    _kept.clear()


@require_safe
@reader_page
def page(request):
    """List what was read most in the last week."""
    stories = most_read(request.edition, at=timezone.now(), days=PAGE_DAYS, count=PAGE)
    request.page_keys.add(f"feed:{request.edition.pk}")
    request.page_keys.update(f"article:{story.public_id}" for story in stories)
    return render(request, "articles/most_read.html", {"stories": stories})
