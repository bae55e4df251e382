"""What a letter shows, in order: the blocks of its content as readers see them, in mails and on the web."""

import re
from dataclasses import dataclass
from urllib.parse import urljoin

import nh3
from django.db.models import Q
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from newsroom import html

TAGS = {"p", "h2", "h3", "ul", "ol", "li", "blockquote", "hr", "br", "a", "strong", "em", "s", "sub", "sup"}
STORY_LINK = re.compile(r'<a data-article="([0-9a-z]{8,12})">')
LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
FIGURE = re.compile(r'<figure data-photo="[^"]*"([^>]*)>(.*?)</figure>', re.DOTALL)
PULLQUOTE = re.compile(r"<aside data-pullquote[^>]*>.*?</aside>", re.DOTALL)
PLACED = re.compile(r"<div data-(?:related|box)=[^>]*>.*?</div>", re.DOTALL)
EMBED = re.compile(r'<div data-embed="([^"]*)"([^>]*)>.*?</div>', re.DOTALL)
ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"</t[hd]>\s*<t[hd][^>]*>")
NAMED = re.compile(r'data-(?:alt|title)="([^"]*)"')
LINKED = re.compile(r'data-article="([0-9a-z]{8,12})"')


@dataclass(frozen=True)
class Show:
    """Where and how blocks are shown: in the "mail" or on the "web", stories whole, in which layout."""

    where: str = "mail"
    full: bool = False
    pictures: bool = False
    leads: bool = False
    brief: bool = False


def parts(content, *, edition, at, origin="", show=None):
    """Return what the letter shows, in order. A story that is not public at `at` leaves no trace.

    Links begin with `origin`. Four queries at most.
    """
    show = show or Show()
    stories = _stories(content, at=at, full=show.full)
    photos = _photos(content) if show.pictures else {}
    shown = []
    for row in content["blocks"]:
        if row.get("show", "both") not in {"both", show.where}:
            continue
        text = read_text(row["text_html"], stories, origin)
        if row["kind"] == "article":
            story = stories.get(row["article"])
            part = _story_part(row, story, text, origin, stories, show) if story else None
        else:
            part = _part(row, text, edition)
        if part is not None:
            photo = photos.get(row.get("photo")) or (photos.get(part["lead"]) if show.leads else None)
            part["picture"] = _picture(photo, edition, origin)
            if part["text_html"] or part["kind"] in {"article", "support"} or part["picture"]:
                shown.append(part)
    return shown


def _part(row, text, edition):
    """Return a part that is no story."""
    headline = row["headline"] or (edition.support_title if row["kind"] == "support" else "")
    return {"kind": row["kind"], "headline": headline, "text_html": text, "lead": None}


def _story_part(row, story, text, origin, stories, show):
    standfirst = "" if (text and not show.full) or show.brief else story.standfirst
    whole = mark_safe(text + read_text(flatten(story.body_html), stories, origin)) if show.full else text  # noqa: S308 - cleaned
    return {
        "kind": "article", "kicker": story.kicker, "headline": row["headline"] or story.headline,
        "standfirst": standfirst, "text_html": whole, "url": origin + story.get_absolute_url(),
        "public_id": story.public_id, "lead": story.lead_photo_id,
    }  # fmt: skip


def _picture(photo, edition, origin):
    """Return what an <img> of a mail needs, or None: our own host, one size, the same address for every reader."""
    entry = photo and photo.rendition(640)
    if not entry:
        return None
    height = round(544 * entry["h"] / entry["w"])
    return {
        "url": urljoin(f"{origin}/", photo.url(640)), "alt": photo.alt_in(edition.language), "width": 544,
        "height": height, "line": photo.line_in(edition.language), "credit": photo.credit,
    }  # fmt: skip


def _photos(content):
    """Return {id: photo} for the pictures chosen and for the lead pictures of the stories."""
    from articles.models import Photo

    chosen = [row.get("photo") for row in content["blocks"]]
    stories = [row["article"] for row in content["blocks"] if row["article"]]
    wanted = Photo.objects.filter(Q(pk__in=[pk for pk in chosen if pk]) | Q(led_articles__in=stories)).distinct()
    return {photo.pk: photo for photo in wanted.prefetch_related("texts")}


def _stories(content, *, at, full=False):
    """Return {id: story} for the blocks and {public_id: story} for the links in texts."""
    from articles.models import Article

    chosen = [row["article"] for row in content["blocks"] if row["article"]]
    linked = {found for row in content["blocks"] for found in LINKED.findall(row["text_html"])}
    known = Article.objects.published(at).select_related("edition")
    known = known if full else known.defer("body_html")
    stories = {story.pk: story for story in known.filter(pk__in=chosen)} if chosen else {}
    if full:
        linked |= {found for story in stories.values() for found in LINKED.findall(story.body_html)}
    if linked:
        stories |= {story.public_id: story for story in known.filter(public_id__in=linked)}
    return stories


def read_text(text_html, stories, origin):
    """Return a rich text reduced to what every mail program shows, with its links to stories resolved."""

    def resolve(match):
        story = stories.get(match.group(1))
        return f'<a href="{origin}{story.get_absolute_url()}">' if story else "<a>"

    reduced = nh3.clean(text_html, tags=TAGS, attributes={"a": {"href", "data-article"}}, link_rel=None)
    reduced = STORY_LINK.sub(resolve, reduced)
    return mark_safe(reduced) if html.plain_text(reduced) else ""  # noqa: S308 - cleaned by nh3 one line above


def flatten(body_html):
    """Return the body of a story with its photos, boxes, tables and embeds as words: nothing has to be loaded."""

    def photo(match):
        named = NAMED.search(match.group(1))
        words = html.plain_text(match.group(2)) or (named.group(1) if named else "")
        return f"<p><em>[{_('Photo')}: {escape(words)}]</em></p>" if words else ""

    def embed(match):
        named = NAMED.search(match.group(2))
        return f'<p><a href="{match.group(1)}">{named.group(1) if named else match.group(1)}</a></p>'

    body = FIGURE.sub(photo, body_html)
    body = PLACED.sub("", PULLQUOTE.sub("", body))  # a pull quote repeats what the text says
    body = ROW.sub(lambda match: f"<p>{CELL.sub(' · ', match.group(1))}</p>", EMBED.sub(embed, body))
    return body


def plain(text_html):
    """Return a rich text as plain text, links written out behind their words."""
    spelled = LINK.sub(lambda match: f"{match.group(2)} ({match.group(1)})", text_html).replace("<li>", "<li>– ")
    return html.plain_text(spelled).replace("\n", "\n\n").replace("\n\n– ", "\n– ")
