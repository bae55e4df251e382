"""A story told in parts: a topic whose reading order is oldest first, and this story's place in it."""

from dataclasses import dataclass

from articles.models import Article, Topic

MOST_PARTS = 200


@dataclass(frozen=True)
class Part:
    """The place of a story in its series: number of total, and its neighbours."""

    topic: Topic
    number: int
    total: int
    before: Article | None
    after: Article | None


def part_of(article, *, topics, at):
    """Return the Part of a story in the first of its topics that is a series, or None. At most one query."""
    series = next((topic for topic in topics if topic.pk and topic.order == Topic.Order.OLDEST), None)
    if series is None:
        return None
    public = Article.objects.published(at).in_edition(article.edition).filter(topic_items__tag=series)
    wanted = ("public_id", "slug", "headline", "first_published_at", "edition")
    parts = list(public.order_by("published_at", "pk").only(*wanted)[:MOST_PARTS])
    for part in parts:
        part.edition = article.edition
    place = next((number for number, part in enumerate(parts) if part.pk == article.pk), None)
    if place is None or len(parts) < 2:
        return None
    return Part(
        topic=series,
        number=place + 1,
        total=len(parts),
        before=parts[place - 1] if place else None,
        after=parts[place + 1] if place + 1 < len(parts) else None,
    )
