"""A story as an entry of a feed: headline, who signed, lead photo, and in a feed of whole stories its text."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3
from django.conf import settings
from django.template.loader import render_to_string

from articles import bylines
from articles.models import Article, Correction, LiveEntry, Photo
from articles.render import ReadBody, write_body

TAGS = {
    "p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "figure", "figcaption", "aside", "img", "a", "strong", "em",
    "b", "i", "s", "sub", "sup", "cite", "code", "pre", "mark", "br", "hr", "time", "table", "caption", "thead",
    "tbody", "tr", "th", "td",
}  # fmt: skip
KEPT = {
    "*": {"lang", "dir"}, "a": {"href", "hreflang"}, "img": {"src", "alt", "width", "height"},
    "time": {"datetime"}, "th": {"scope", "colspan", "rowspan"}, "td": {"colspan", "rowspan"}, "ol": {"start"},
}  # fmt: skip


@dataclass(frozen=True)
class Photograph:
    """The lead photo of an entry: an address at home, its size in pixels, whose it is and what it shows."""

    url: str
    type: str
    width: int
    height: int
    credit: str
    caption: str


def photograph(story, edition):
    """Return the Photograph of a story, or None while it has none that is ready."""
    photo = story.lead_photo
    entry = photo and photo.rendition(1200, box=story.lead_crop)
    if not entry:
        return None
    return Photograph(
        url=settings.HOME_ORIGIN + photo.url_of(entry), type=f"image/{entry['format']}", width=entry["w"],
        height=entry["h"], credit=photo.credit, caption=story.lead_caption_in(edition.language),
    )  # fmt: skip


def entry_of(story, edition, *, content_html=""):
    """Return a story as the words of feedgenerator's add_item; its id stays when headline, slug or day change."""
    return {
        "title": story.headline, "link": settings.HOME_ORIGIN + story.get_absolute_url(),
        "description": story.standfirst,
        "author_name": bylines.names_text(bylines.credits_of(story, edition)) or edition.title,
        "pubdate": story.published_at, "updateddate": story.updated_at or story.published_at,
        "unique_id": tag(story.public_id), "unique_id_is_permalink": False,
        "categories": [story.section.name] if story.section else [],
        "photo": photograph(story, edition), "content_html": content_html,
    }  # fmt: skip


def tag(name):
    """Return a tag: URI (RFC 4151) for something of ours, whatever its address will be."""
    return f"tag:{urlsplit(settings.HOME_ORIGIN).hostname},2026:{name}"


@dataclass(frozen=True)
class Whole:
    """The text of a story as HTML for a feed, and the keys of what it was made of."""

    html: str
    keys: frozenset


def whole(stories, *, request, at):
    """Return {pk: Whole} of stories loaded with their bodies; at most five queries, however many stories there are."""
    edition = request.edition
    read = {story.pk: ReadBody(story.body_html) for story in stories}
    photos = _photos(set().union(*(body.photos for body in read.values())))
    linked = _linked(set().union(*(body.articles for body in read.values())), at=at)
    corrections = _of_stories(Correction.objects.standing().order_by("pk"), stories)
    entries = _of_stories(LiveEntry.objects.standing().newest_first(), [each for each in stories if each.is_told_live])
    found = {}
    for story in stories:
        body = read[story.pk]
        beside = {key: linked[key] for key in body.articles if key in linked}
        written = write_body(
            body, photos={key: photos[key] for key in body.photos if key in photos}, articles=beside, edition=edition,
            context={"request": _Private, "edition": edition, "article": story},
        )  # fmt: skip
        html = render_to_string("articles/feed_story.html", {
            "article": story, "edition": edition, "body": written, "photo": photograph(story, edition),
            "corrections": corrections.get(story.pk, []), "entries": entries.get(story.pk, []),
        })  # fmt: skip
        keys = {f"article:{key}" for key in (story.public_id, *beside)} | {f"photo:{key}" for key in body.photos}
        found[story.pk] = Whole(for_feed(html, settings.HOME_ORIGIN + story.get_absolute_url()), frozenset(keys))
    return found


class _Private:
    """A request for which no box is built: what asks for something has no place in a feed."""

    is_private = True


def for_feed(html, address):
    """Return HTML of ours as a feed carries it: no script, look or id, addresses whole; the page is at `address`."""

    def complete(_tag, attribute, value):
        if attribute not in {"href", "src"}:
            return value
        if value.startswith("#"):
            return address + value
        return settings.HOME_ORIGIN + value if value.startswith("/") and not value.startswith("//") else value

    return nh3.clean(html, tags=TAGS, attributes=KEPT, attribute_filter=complete, link_rel=None).strip()


def _photos(ids):
    photos = Photo.objects.filter(public_id__in=ids).prefetch_related("texts") if ids else ()
    return {photo.public_id: photo for photo in photos}


def _linked(ids, *, at):
    if not ids:
        return {}
    public = Article.objects.published(at).filter(public_id__in=ids).select_related("edition").defer("body_html")
    return {story.public_id: story for story in public}


def _of_stories(rows, stories):
    """Return {pk of a story: its rows}."""
    found = {}
    for row in rows.filter(article__in=[story.pk for story in stories]) if stories else ():
        found.setdefault(row.article_id, []).append(row)
    return found
