"""The most read stories, from daily totals alone; see newsroom.beacon."""

import datetime
import time

from django.conf import settings
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

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
    read = ids(at=at, days=days)
    public = Article.objects.published(at).in_edition(edition).filter(public_id__in=read)
    return in_order(public.with_card_rows(), read, edition, count=count) if read else []


def ids(*, at, days=BOX_DAYS):
    """Return the public ids of the stories that were read most since `days` days ago, of every edition, or nothing."""
    return _order(timezone.localdate(at) - datetime.timedelta(days=days)) if settings.COUNTING else []


def in_order(stories, read, edition, *, count=BOX):
    """Return those of the public `stories` that are of the edition and among the ids `read`, in their order."""
    place = {public_id: number for number, public_id in enumerate(read)}
    ours = [story for story in stories if story.public_id in place and story.edition_id == edition.pk]
    found = sorted(ours, key=lambda story: place[story.public_id])[:count]
    return found if len(found) >= LEAST else []


def _order(since):
    """Return the ids of the stories that were read most since a day, from this process's memory for a minute."""
    now = time.monotonic()
    kept_at, ids = _kept.get(since, (None, []))
    if kept_at is None or now - kept_at > KEPT_SECONDS:
        ids = list(DailyCount.objects.most("story", since=since, count=LOOKED_AT))
        if len(_kept) > 10:
            _kept.clear()
        _kept[since] = (now, ids)
    return ids


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
