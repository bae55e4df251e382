"""A story told in parts: a topic whose reading order is oldest first, and this story's place in it."""

import datetime
import itertools
from dataclasses import dataclass
from typing import NamedTuple

from articles import shelves
from articles.models import Article, Topic
from newsroom import pagecache

MOST_PARTS = 200
# Of all editions together.
LOOKED_AT = 2000


@dataclass(frozen=True)
class Part:
    """The place of a story in its series: number of total, and its neighbours."""

    topic: Topic
    number: int
    total: int
    before: Article | None
    after: Article | None


def part_of(article, *, topics, at):
    """Return the Part of a story in the first of its topics that is a series, or None; kept until one changes."""
    series = next((topic for topic in topics if topic.pk and topic.order == Topic.Order.OLDEST), None)
    if series is None:
        return None
    ours = (row.pk for row in _parts(series.pk) if row.edition == article.edition_id and row.is_open(at))
    parts = list(itertools.islice(ours, MOST_PARTS))
    place = parts.index(article.pk) if article.pk in parts else None
    if place is None or len(parts) < 2:
        return None
    beside = {story.pk: story for story in shelves.stories(parts[max(0, place - 1) : place + 2])}
    return Part(
        topic=series,
        number=place + 1,
        total=len(parts),
        before=beside.get(parts[place - 1]) if place else None,
        after=beside.get(parts[place + 1]) if place + 1 < len(parts) else None,
    )


class Row(NamedTuple):
    """What is to be known of a story to count it among the parts."""

    pk: int
    edition: int
    published_at: datetime.datetime
    embargo_until: datetime.datetime | None
    expires_at: datetime.datetime | None

    def is_open(self, at):
        """Tell whether readers see the story at a time."""
        is_over = self.expires_at is not None and self.expires_at <= at
        return self.published_at <= at and (self.embargo_until is None or self.embargo_until <= at) and not is_over


def _read_parts(topic_pk):
    """Return the first stories of a topic that were published, of every edition, whatever their times say."""
    rows = Article.objects.released().filter(topic_items__tag=topic_pk).order_by("published_at", "pk")
    names = ("pk", "edition_id", "published_at", "embargo_until", "expires_at")
    return [Row(*row) for row in rows.values_list(*names)[:LOOKED_AT]]


_parts = pagecache.RememberedOf("topic", _read_parts)
