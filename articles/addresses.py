"""Every public address of the stories: for tests, the static copy and sitemaps."""

from django.conf import settings
from django.utils import timezone

from articles import archive, sitemaps
from articles.feed_kinds import KINDS as FEEDS
from articles.feed_kinds import SUMMARIES
from articles.keeping import KINDS
from articles.models import Article, Page, Person, Section, Topic
from newsroom.editions import edition_url

API = ("start", "document", "stories", "topics", "corrections")


def public(edition):
    """Yield the path of every reader page of an edition; the further pages of lists are linked from the first."""
    articles = Article.objects.published().in_edition(edition)
    for name in ("front", "feeds", "search", "corrections", *(f"api_{part}" for part in API)):
        yield edition_url(edition, f"articles:{name}")
    yield from _feeds(edition, "feed")
    yield from _feeds(edition, "corrections_feed", kinds=SUMMARIES)
    yield from ([edition_url(edition, "articles:most_read")] if settings.COUNTING else [])
    yield from archive.public(edition, at=timezone.now())
    yield from sitemaps.public(edition, at=timezone.now())
    for section in Section.objects.filter(edition=edition).select_related("edition"):
        yield section.get_absolute_url()
        yield from _feeds(edition, "section_feed", section.slug)
        yield edition_url(edition, "articles:api_section", section.slug)
    for article in articles.select_related("edition").defer("body_html").iterator(chunk_size=500):
        yield article.get_absolute_url()
        yield edition_url(edition, "articles:api_story", article.public_id)
        yield from (edition_url(edition, "articles:keep", article.public_id, kind) for kind in KINDS)
    ids = articles.values("pk")
    named = Person.objects.filter(name_state__in=Person.SHOWN)
    for slug in named.filter(bylines__article__in=ids).distinct().values_list("slug", flat=True):
        yield edition_url(edition, "articles:person", slug)
        yield from _feeds(edition, "person_feed", slug)
        yield edition_url(edition, "articles:api_person", slug)
    for slug in Topic.objects.filter(items__content_object__in=ids).distinct().values_list("slug", flat=True):
        yield edition_url(edition, "articles:topic", slug)
        yield from _feeds(edition, "topic_feed", slug)
        yield edition_url(edition, "articles:api_topic", slug)
    for page in Page.objects.published().filter(edition=edition).select_related("edition"):
        yield page.get_absolute_url()


def _feeds(edition, name, *args, kinds=FEEDS):
    return (edition_url(edition, f"articles:{name}", *args, kind) for kind in kinds)
