"""Sitemaps (sitemaps.org 0.9): an index for each edition, a map for each month, and the last two days for Google News.

Addresses are those of the home origin, whichever host was asked. A story's time is when what readers see of it changed.
"""

import datetime
from xml.sax.saxutils import XMLGenerator

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import archive
from articles.models import Article, Page, Person, Section, Topic
from newsroom.editions import all_editions, edition_url
from newsroom.pagecache import reader_page

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
NEWS_HOURS, MOST_NEWS, MOST_ADDRESSES = 48, 1000, 50_000
CHANGED = Coalesce("updated_at", "published_at")


class Written:
    """One XML document, written element by element."""

    def __init__(self, root, **namespaces):
        self.response = HttpResponse(content_type="application/xml; charset=utf-8")
        self.xml, self.root = XMLGenerator(self.response, "utf-8"), root
        self.xml.startDocument()
        declared = {f"xmlns:{name}": value for name, value in namespaces.items()}
        self.xml.startElement(root, {"xmlns": SITEMAP, **declared})

    def entry(self, name, path, changed=None, inside=()):
        """Write an address with its time and further elements, each (name, text, attributes)."""
        self.xml.startElement(name, {})
        self._element("loc", settings.HOME_ORIGIN + path)
        if changed:
            self._element("lastmod", changed.astimezone(datetime.UTC).isoformat(timespec="seconds"))
        for element in inside:
            self._element(*element)
        self.xml.endElement(name)

    def news(self, story, edition):
        """Write a story as Google News wants it (https://developers.google.com/search/docs/crawling-indexing/sitemaps)."""
        self.xml.startElement("url", {})
        self._element("loc", settings.HOME_ORIGIN + story.get_absolute_url())
        self.xml.startElement("news:news", {})
        self.xml.startElement("news:publication", {})
        self._element("news:name", edition.title)
        self._element("news:language", edition.language[:2])
        self.xml.endElement("news:publication")
        self._element("news:publication_date", story.first_published_at.isoformat(timespec="seconds"))
        self._element("news:title", story.headline)
        self.xml.endElement("news:news")
        self.xml.endElement("url")

    def _element(self, name, text, attributes=None):
        self.xml.startElement(name, attributes or {})
        self.xml.characters(text or "")
        self.xml.endElement(name)

    def done(self):
        """Return the response."""
        self.xml.endElement(self.root)
        self.xml.endDocument()
        return self.response


def _public(edition, at):
    return Article.objects.published(at).in_edition(edition)


def public(edition, *, at):
    """Yield the path of every sitemap of an edition."""
    for name in ("sitemap", "sitemap_pages"):
        yield edition_url(edition, f"articles:{name}")
    if _news_of(edition, at).exists():
        yield edition_url(edition, "articles:sitemap_news")
    for month, _number in archive.months_of(edition, at=at):
        yield edition_url(edition, "articles:sitemap_month", month.year, f"{month:%m}")


@require_safe
@reader_page
def index(request):
    """Name the maps of the edition, each with the time of its newest change."""
    edition, now = request.edition, timezone.now()
    request.page_keys.add(f"feed:{edition.pk}")
    written = Written("sitemapindex")
    written.entry("sitemap", edition_url(edition, "articles:sitemap_pages"))
    for month, _number in archive.months_of(edition, at=now):
        stories = archive.stories_of_month(edition, month, at=now)
        changed = stories.order_by().aggregate(last=Max(CHANGED))["last"]
        path = edition_url(edition, "articles:sitemap_month", month.year, f"{month:%m}")
        written.entry("sitemap", path, changed)
    if _news_of(edition, now).exists():
        written.entry("sitemap", edition_url(edition, "articles:sitemap_news"))
    return written.done()


@require_safe
@reader_page
def month(request, year, month):
    """List the stories of a month with their translations."""
    edition, now = request.edition, timezone.now()
    request.page_keys.add(f"feed:{edition.pk}")
    try:
        first = datetime.date(int(year), int(month), 1)
    except ValueError as error:
        raise Http404 from error
    stories = archive.stories_of_month(edition, first, at=now).select_related("edition").defer("body_html")
    stories = list(stories.annotate(changed=CHANGED)[:MOST_ADDRESSES])
    if not stories:
        raise Http404
    others = _translations(stories, at=now)
    written = Written("urlset", xhtml=XHTML)
    for story in stories:
        group = others.get(story.translation_group, [])
        links = [("xhtml:link", "", {"rel": "alternate", "hreflang": language, "href": settings.HOME_ORIGIN + path})
                 for language, path in group] if len(group) > 1 else []  # fmt: skip
        written.entry("url", story.get_absolute_url(), story.changed, links)
    return written.done()


def _translations(stories, *, at):
    """Return {translation group: [(language, path)]} of public stories; nothing is asked where there is one edition."""
    if len(all_editions()) < 2:
        return {}
    groups = {story.translation_group for story in stories}
    found = {}
    public = Article.objects.published(at).select_related("edition").defer("body_html")
    for story in public.filter(translation_group__in=groups).order_by("edition__position", "pk"):
        found.setdefault(story.translation_group, []).append((story.edition.language, story.get_absolute_url()))
    return found


@require_safe
@reader_page
def pages(request):
    """List the front, sections, topics, people who may be named, and static pages."""
    edition, now = request.edition, timezone.now()
    request.page_keys.add(f"feed:{edition.pk}")
    written, ids = Written("urlset"), _public(edition, now).values("pk")
    for name in ("front", "archive", "corrections"):
        written.entry("url", edition_url(edition, f"articles:{name}"))
    for section in Section.objects.filter(edition=edition).select_related("edition"):
        written.entry("url", section.get_absolute_url())
    for slug in Topic.objects.filter(items__content_object__in=ids).distinct().values_list("slug", flat=True):
        written.entry("url", edition_url(edition, "articles:topic", slug))
    people = Person.objects.filter(name_state__in=Person.SHOWN, bylines__article__in=ids)
    for slug in people.distinct().values_list("slug", flat=True):
        written.entry("url", edition_url(edition, "articles:person", slug))
    for page in Page.objects.published(now).filter(edition=edition).select_related("edition"):
        written.entry("url", page.get_absolute_url())
    return written.done()


@require_safe
@reader_page
def news(request):
    """List the stories of the last two days for Google News, the newest first; the schema allows no empty map."""
    edition, now = request.edition, timezone.now()
    request.page_keys.add(f"feed:{edition.pk}")
    stories = _news_of(edition, now).select_related("edition").defer("body_html")
    stories = list(stories.order_by("-first_published_at", "-pk")[:MOST_NEWS])
    if not stories:
        raise Http404
    written = Written("urlset", news=NEWS)
    for story in stories:
        written.news(story, edition)
    return written.done()


def _news_of(edition, at):
    return _public(edition, at).filter(first_published_at__gte=at - datetime.timedelta(hours=NEWS_HOURS))
