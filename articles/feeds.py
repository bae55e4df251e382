"""Atom feeds: addresses of the home origin whichever host was asked, ids that never change."""

import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from articles import bylines
from articles.models import Article, Correction, Topic
from newsroom import registry
from newsroom.editions import edition_url
from newsroom.pagecache import reader_page

LATEST = 30
NEVER = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


class PhotoFeed(Atom1Feed):
    """An Atom feed whose entries name their lead photo with its credit (Media RSS 1.5.1)."""

    def root_attributes(self):
        return {**super().root_attributes(), "xmlns:media": "http://search.yahoo.com/mrss/"}

    def latest_post_date(self):
        """Return when the newest entry changed; a feed without entries says the same whenever it is asked."""
        return super().latest_post_date() if self.items else NEVER

    def add_root_elements(self, handler):
        """Name the mirrors that work: a feed that somebody kept leads on when this host is blocked."""
        super().add_root_elements(handler)
        for address in self.feed["mirrors"]:
            handler.addQuickElement("link", "", {"rel": "related", "href": address, "title": gettext("Mirror")})

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        photo, edition = item.get("photo"), item.get("edition")
        entry = photo and photo.rendition(1200, box=item["box"])
        if not entry:
            return
        place = {"url": settings.HOME_ORIGIN + photo.url_of(entry), "medium": "image", "type": "image/jpeg"}
        handler.startElement("media:content", {**place, "width": str(entry["w"]), "height": str(entry["h"])})
        if photo.credit:
            handler.addQuickElement("media:credit", photo.credit)
        if caption := item["caption"] or photo.caption_in(edition.language):
            handler.addQuickElement("media:description", caption)
        handler.endElement("media:content")


@require_safe
@reader_page
def latest(request):
    """Answer with the newest stories of the edition."""
    edition = request.edition
    request.page_keys.add(f"feed:{edition.pk}")
    return _answer(request, _public(edition), title=edition.title, page=f"{edition.prefix}/", about=edition.tagline)


@require_safe
@reader_page
def topic(request, slug):
    """Answer with the newest stories about a topic; one without public stories is not known here."""
    topic, edition = get_object_or_404(Topic, slug=slug), request.edition
    request.page_keys.add(f"topic:{topic.pk}")
    stories = _public(edition).filter(topic_items__tag=topic)
    if not stories.exists():
        raise Http404
    page, title = edition_url(edition, "articles:topic", slug), f"{topic.name} – {edition.title}"
    return _answer(request, stories, title=title, page=page, about=topic.intro, name=f"topic/{topic.pk}")


@require_safe
@reader_page
def corrections(request):
    """Answer with the newest corrections of the edition; each leads to its place in the story."""
    edition, home = request.edition, settings.HOME_ORIGIN
    request.page_keys.add(f"corrections:{edition.pk}")
    title, page = f"{gettext('Corrections')} – {edition.title}", edition_url(edition, "articles:corrections")
    feed = _feed(request, title=title, page=page, about="", name="corrections")
    for note in Correction.objects.published(timezone.now()).filter(edition=edition).newest_first()[:LATEST]:
        feed.add_item(
            title=f"{note.get_kind_display()}: {note.article.headline}", link=home + note.get_absolute_url(),
            description=note.text, pubdate=note.created_at, updateddate=note.created_at,
            unique_id=_tag(f"correction/{edition.code}/{note.number}"),
        )  # fmt: skip
    return _written(feed)


def _public(edition):
    return Article.objects.published(timezone.now()).in_edition(edition).newest_first().for_cards()


def _answer(request, stories, *, title, page, about, name=""):
    """Return an Atom feed of the stories: headline, standfirst, who signed."""
    edition, home = request.edition, settings.HOME_ORIGIN
    feed = _feed(request, title=title, page=page, about=about, name=name)
    for story in stories[:LATEST]:
        if story.lead_photo:
            request.page_keys.add(f"photo:{story.lead_photo.public_id}")
        feed.add_item(
            title=story.headline, link=home + story.get_absolute_url(), description=story.standfirst,
            author_name=bylines.names_text(bylines.credits_of(story, edition)) or edition.title,
            pubdate=story.published_at, updateddate=story.updated_at or story.published_at,
            unique_id=_tag(story.public_id), categories=[story.section.name],
            photo=story.lead_photo, caption=story.lead_caption, edition=edition, box=story.lead_crop,
        )  # fmt: skip
    return _written(feed)


def _feed(request, *, title, page, about, name):
    edition, home = request.edition, settings.HOME_ORIGIN
    return PhotoFeed(
        title=title, link=home + page, description=about, subtitle=about, language=edition.language,
        feed_url=f"{home}{request.path}", feed_guid=_tag(f"edition/{edition.code}/{name}".rstrip("/")),
        mirrors=[address for listed in registry.mirrors.values() for address in listed(edition)],
    )  # fmt: skip


def _written(feed):
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _tag(name):
    """Return a tag: URI (RFC 4151) that stays when headline, slug or day change."""
    return f"tag:{urlsplit(settings.HOME_ORIGIN).hostname},2026:{name}"
