"""The feeds of an edition: everything, a section, a topic, a person, the corrections; and the page that lists them."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from articles import lists
from articles.feeds.entries import entry_of, tag, whole
from articles.feeds.formats import BY_FORMAT
from articles.models import Correction, Section
from newsroom import registry
from newsroom.editions import edition_url
from newsroom.pagecache import reader_page

# Of summaries more is told than of whole stories: a feed is asked for again and again.
LATEST, LATEST_WHOLE = 30, 15


@require_safe
@reader_page
def latest(request, kind):
    """Answer with the newest stories of the edition."""
    edition = request.edition
    request.page_keys.add(f"feed:{edition.pk}")
    return _answer(request, kind, lists.public(request), title=edition.title, page=f"{edition.prefix}/",
                   about=edition.tagline)  # fmt: skip


@require_safe
@reader_page
def section(request, slug, kind):
    """Answer with the newest stories of a section."""
    edition = request.edition
    section, stories = lists.of_section(request, slug)
    return _answer(
        request, kind, stories, title=f"{section.name} – {edition.title}",
        page=edition_url(edition, "articles:section", slug), about=section.description, name=f"section/{section.pk}",
    )  # fmt: skip


@require_safe
@reader_page
def topic(request, slug, kind):
    """Answer with the newest stories about a topic; one without public stories is not known here."""
    edition = request.edition
    topic, stories = lists.of_topic(request, slug)
    return _answer(
        request, kind, lists.some(stories), title=f"{topic.name} – {edition.title}",
        page=edition_url(edition, "articles:topic", slug), about=topic.intro, name=f"topic/{topic.pk}",
    )  # fmt: skip


@require_safe
@reader_page
def person(request, slug, kind):
    """Answer with the newest stories of somebody who chose to be named."""
    edition = request.edition
    person, stories = lists.of_person(request, slug)
    return _answer(
        request, kind, lists.some(stories), title=f"{person.name_in(edition.language)} – {edition.title}",
        page=edition_url(edition, "articles:person", slug), about=person.title_in(edition.language),
        name=f"person/{person.pk}",
    )  # fmt: skip


@require_safe
@reader_page
def corrections(request, kind):
    """Answer with the newest corrections of the edition, each whole; each leads to its place in the story."""
    edition, home = request.edition, settings.HOME_ORIGIN
    if kind.is_full:
        raise Http404
    request.page_keys.add(f"corrections:{edition.pk}")
    title, page = f"{gettext('Corrections')} – {edition.title}", edition_url(edition, "articles:corrections")
    feed = _feed(request, kind, title=title, page=page, about="", name="corrections")
    for note in Correction.objects.published(timezone.now()).filter(edition=edition).newest_first()[:LATEST]:
        feed.add_item(
            title=f"{note.get_kind_display()}: {note.article.headline}", link=home + note.get_absolute_url(),
            description=note.text, pubdate=note.created_at, updateddate=note.created_at, author_name=edition.title,
            unique_id=tag(f"correction/{edition.code}/{note.number}"), unique_id_is_permalink=False,
            photo=None, content_html="",
        )  # fmt: skip
    return _written(feed)


@require_safe
@reader_page
def index(request):
    """List the feeds of the edition, with a word on what a feed is."""
    edition = request.edition
    request.page_keys.add(f"feed:{edition.pk}")
    sections = list(Section.objects.filter(edition=edition).order_by("pk"))
    request.page_keys.update(f"section:{section.pk}" for section in sections)
    return render(request, "articles/feeds.html", {"sections": sections})


def _answer(request, kind, stories, *, title, page, about, name=""):
    """Return a feed of the stories: headline, standfirst, who signed, lead photo; in a full one the whole text."""
    edition, texts = request.edition, {}
    feed = _feed(request, kind, title=title, page=page, about=about, name=name)
    if kind.is_full:
        stories = list(stories.defer(None)[:LATEST_WHOLE])
        texts = whole(stories, request=request, at=timezone.now())
        request.page_keys.update(*(text.keys for text in texts.values()))
    for story in stories[:LATEST]:
        if story.lead_photo:
            request.page_keys.add(f"photo:{story.lead_photo.public_id}")
        text = texts[story.pk].html if story.pk in texts else ""
        feed.add_item(**entry_of(story, edition, content_html=text))
    return _written(feed)


def _feed(request, kind, *, title, page, about, name):
    edition, home = request.edition, settings.HOME_ORIGIN
    return BY_FORMAT[kind.format](
        title=title, link=home + page, description=about or title, subtitle=about, language=edition.language,
        feed_url=f"{home}{request.path}", feed_guid=tag(f"edition/{edition.code}/{name}".rstrip("/")),
        mirrors=[address for listed in registry.mirrors.values() for address in listed(edition)],
    )  # fmt: skip


def _written(feed):
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
