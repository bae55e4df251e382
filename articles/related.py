"""“Read more”: stories picked by hand in their order, then the main topic's, then shared topics, then the section."""

import datetime
from typing import NamedTuple

from django.db.models import F, OuterRef

from articles.models import Article, TopicOnArticle
from newsroom import pagecache
from newsroom.listed import Listed

READ_MORE = 3
# Among so many of an edition's newest stories the best are chosen without asking the database.
RECENT = 300
# Of a topic that none of them has, so many of its newest stories are looked at.
OF_TOPIC = 50


class Recent(NamedTuple):
    """What is to be known of a story for recommending it."""

    pk: int
    section: int | None
    main_topic: int | None
    topics: frozenset
    published_at: datetime.datetime
    embargo_until: datetime.datetime | None
    expires_at: datetime.datetime | None

    def is_open(self, at):
        """Tell whether readers see the story at a time."""
        is_over = self.expires_at is not None and self.expires_at <= at
        return self.published_at <= at and (self.embargo_until is None or self.embargo_until <= at) and not is_over


def _read_recent(edition):
    """Return the newest published stories of an edition (its key) that may be recommended, whatever their times say."""
    tagged = TopicOnArticle.objects.filter(content_object=OuterRef("pk")).order_by("pk").values(t_id=F("tag_id"))
    rows = Article.objects.released().filter(edition=edition, is_recommended=True).newest_first()
    names = ("pk", "section_id", "main_topic_id", "listed", "published_at", "embargo_until", "expires_at")
    found = rows.annotate(listed=Listed(tagged)).values_list(*names)[:RECENT]
    return [Recent(*row[:3], frozenset(topic for (topic,) in row[3] or ()), *row[4:]) for row in found]


_recent = pagecache.RememberedOf("feed", _read_recent)


def fillers(article, *, topics, at, count=READ_MORE):
    """Return the keys of up to `count` public stories that may follow `article`, the best first; never its own.

    No query where enough of the newest stories share a topic with it; one more for a topic that is long past, and one
    for a section that is.
    """
    recent = [row for row in _recent(article.edition_id) if row.pk != article.pk and row.is_open(at)]
    ours, main = frozenset(topic.pk for topic in topics), article.main_topic_id or 0
    related = [row for row in recent if row.topics & ours]
    related.sort(key=lambda row: (row.main_topic != main, -len(row.topics & ours)))
    found = [row.pk for row in related[:count]]
    if len(found) < count and topics:
        found += _missing(_of_topic(article, main or topics[0].pk, at=at), found)
    if len(found) < count:
        found += _missing([row.pk for row in recent if row.section == article.section_id], found)
    if len(found) < count:
        newest = _others(article, at=at).filter(section=article.section_id)
        found += _missing(newest[: count + len(found)], found)
    return found[:count]


def _missing(keys, found):
    return [pk for pk in keys if pk not in found]


def _of_topic(article, topic, *, at):
    newest = TopicOnArticle.objects.filter(tag=topic).order_by("-content_object").values("content_object")[:OF_TOPIC]
    return _others(article, at=at).filter(pk__in=newest)


def _others(article, *, at):
    public = Article.objects.published(at).in_edition(article.edition).filter(is_recommended=True)
    return public.exclude(pk=article.pk).newest_first().values_list("pk", flat=True)


def read_more(picked, others, keys, *, count=READ_MORE):
    """Return up to `count` stories: those `picked` by hand in their order, then `others` in the order of their keys."""
    by_key = {story.pk: story for story in others}
    following = [by_key[pk] for pk in keys if pk in by_key and by_key[pk] not in picked]
    return [*picked, *following][:count]
