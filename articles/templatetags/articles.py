"""Template tags of the reader's pages: pictures, captions, bylines and times."""

from urllib.parse import quote, urlencode

from django import template
from django.conf import settings
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from articles import bylines, credits, renditions
from articles.feed_kinds import KINDS, SUMMARIES
from articles.models import Article, Notice
from newsroom import words_alone
from newsroom.editions import edition_url

register = template.Library()
FORMATS = ("avif", "webp")
FALLBACKS = {"jpeg", "png"}
QUARTERS = 4


@register.simple_tag(takes_context=True)
def picture(context, photo, *, sizes="100vw", alt=None, eager=False, crop="", box=""):
    """Return a <picture> of the photo's renditions with its size, so that nothing jumps; "" while there are none.

    `alt` None means the photo's own wording in the edition's language; "" marks it as decorative. `crop` names the
    renditions to take, such as "3:2" for cards, and the whole picture stands in while there are none; of a `box`, the
    part that somebody cut by hand, nothing is shown but what lies inside it.
    """
    if alt is None:
        alt = photo.alt_in(context["edition"].language)
    return picture_html(photo, sizes=sizes, alt=alt, eager=eager, crop=crop, box=box)


@register.simple_tag(takes_context=True)
def card(context, story, *, look="", **how):
    """Return the card of a story; `how` is what its template takes. One from articles.shelves is made once."""
    edition, kept = context["edition"], getattr(story, "kept_cards", None)
    if kept is None:
        return _card(story, edition, look, how)
    name = (look, *how.items(), edition.pk, get_language())
    if name not in kept:
        kept[name] = _card(story, edition, look, how)
    return kept[name]


def _card(story, edition, look, how):
    template = f"includes/{look}_card.html" if look else "includes/card.html"
    return render_to_string(template, {"story": story, "edition": edition, **how})


@register.simple_tag(takes_context=True)
def lead_picture(context, article, *, sizes="100vw"):
    """Return the lead photo with the alternative text and the crop of this use."""
    alt = article.lead_alt_in(context["edition"].language)
    return picture(context, article.lead_photo, sizes=sizes, alt=alt, eager=True, box=article.lead_crop)


@register.simple_tag(takes_context=True)
def lead_caption(context, article):
    """Return the line under the lead photo."""
    caption = article.lead_caption_in(context["edition"].language)
    return caption_html(caption, article.lead_photo)


def picture_html(photo, *, sizes, alt, eager=False, crop="", box=""):
    """Return the <picture> element of a photo; see `picture`."""
    by_format = {}
    for rendition in renditions.pick(photo.renditions, crop=crop, box=box):
        by_format.setdefault(rendition["format"], []).append(rendition)
    plain = next((by_format[name] for name in by_format if name in FALLBACKS), None)
    if not plain:
        return ""
    sources = format_html_join(
        "", '<source type="image/{}" srcset="{}" sizes="{}">',
        ((name, _srcset(by_format[name]), sizes) for name in FORMATS if name in by_format),
    )  # fmt: skip
    middle = min(plain, key=lambda each: abs(each["w"] - 960))
    loading = "eager" if eager else "lazy"
    priority = SafeString(' fetchpriority="high"') if eager else ""
    return format_html(
        '<picture>{}<img class="fx{} fy{}" src="{}" srcset="{}" sizes="{}" width="{}" height="{}" alt="{}"'
        ' loading="{}" decoding="async"{}></picture>',
        sources, round(photo.focal_x * QUARTERS), round(photo.focal_y * QUARTERS), default_storage.url(middle["name"]),
        _srcset(plain), sizes, middle["w"], middle["h"], alt, loading, priority,
    )  # fmt: skip


def _srcset(entries):
    return ", ".join(f"{default_storage.url(each['name'])} {each['w']}w" for each in entries)


def caption_html(caption, photo):
    """Return "caption. Creator / Agency" with the credit marked; `caption` is plain text or safe HTML."""
    stop = credits.full_stop(str(caption).strip()) if photo.credit else ""
    return format_html("{}{} {}", caption, stop, credit(photo))


@register.simple_tag
def credit(photo):
    """Return the credit of a photo, marked and linked, or ""."""
    made = credits.credit_html(photo)
    return format_html('<span class="photo__credit">{}</span>', made) if made else ""


@register.simple_tag
def photo_url(photo, width, *, crop="", box=""):
    """Return the address of the JPEG nearest to `width`, or ""."""
    return photo.url(width, crop=crop, box=box)


@register.simple_tag(takes_context=True)
def shared_picture(context, article):
    """Return the tags that show the lead photo where somebody shares the story: address, size and words."""
    photo = article.lead_photo
    entry = photo.rendition(1200, crop="1.91:1", box=article.lead_crop)
    if entry is None:
        return format_html('<meta name="twitter:card" content="{}">', "summary")
    alt = article.lead_alt_in(context["edition"].language)
    rows = [("og:image", settings.HOME_ORIGIN + photo.url_of(entry)), ("og:image:width", entry["w"])]
    rows += [("og:image:height", entry["h"]), ("og:image:alt", alt)]
    tags = format_html_join("\n", '<meta property="{}" content="{}">', [row for row in rows if row[1]])
    return format_html('{}\n<meta name="twitter:card" content="{}">', tags, "summary_large_image")


@register.simple_tag(takes_context=True)
def byline(context, article):
    """Return the byline line with roles; an unsigned story is signed by the title."""
    edition = context["edition"]
    if article.byline_text and (line := bylines.written_line(article, edition)):
        return line
    named = bylines.credits_of(article, edition)
    return bylines.byline_html(named) if named else format_html(gettext("By {names}"), names=edition.title)


@register.simple_tag(takes_context=True)
def byline_words(context, article):
    """Return the byline line without links."""
    edition = context["edition"]
    return bylines.words(article, edition) or gettext("By {names}").format(names=edition.title)


@register.simple_tag
def kept_words(text_html):
    """Return stored, cleaned HTML without its links: what a file to keep may hold."""
    return words_alone.of_part(text_html, link=lambda _address: None)


@register.simple_tag(takes_context=True)
def lead_alt(context, article):
    """Return the alternative text of the lead photo in this use."""
    return article.lead_alt_in(context["edition"].language)


@register.simple_tag(takes_context=True)
def lead_caption_words(context, article):
    """Return the line under the lead photo without links: caption and credit."""
    caption = article.lead_caption_in(context["edition"].language)
    credit_words = article.lead_photo.credit
    return f"{caption}{credits.full_stop(caption.strip()) if credit_words else ''} {credit_words}".strip()


@register.simple_tag(takes_context=True)
def names(context, article):
    """Return who reported, or the title's name for an unsigned story."""
    edition = context["edition"]
    return bylines.names_text(bylines.credits_of(article, edition)) or edition.title


@register.simple_tag(takes_context=True)
def times(context, article):
    """Return when the story was published and updated, in the newsroom's zone, named once."""
    edition = context["edition"]
    published = article.published_at.astimezone(edition.zone)
    parts = [format_html("{} {}", gettext("Published"), time_html(published, "j E Y, H:i"))]
    if article.updated_at:
        updated = article.updated_at.astimezone(edition.zone)
        wanted = "H:i" if updated.date() == published.date() else "j E Y, H:i"
        parts.append(format_html("{} {}", gettext("Updated"), time_html(updated, wanted)))
    parts.append(edition.time_zone_label or f"{published:%Z}")
    return format_html_join(" ", "<span>{}</span>", ((part,) for part in parts))


@register.simple_tag(takes_context=True)
def day(context, moment):
    """Return the date of a moment in the newsroom's zone."""
    return time_html(moment.astimezone(context["edition"].zone), "j E Y")


@register.simple_tag(takes_context=True)
def clock(context, moment):
    """Return time and date of a moment in the newsroom's zone, for the latest stories."""
    return time_html(moment.astimezone(context["edition"].zone), "H:i, j E")


def time_html(moment, wanted):
    """Return a <time> element; `moment` is already in its zone."""
    stamp = moment.isoformat(timespec="minutes")
    return format_html('<time datetime="{}">{}</time>', stamp, format_date(moment, wanted))


@register.inclusion_tag("includes/notices.html", takes_context=True)
def notices(context):
    """Show the breaking strips and notices of the edition; a line leads to its story while that is public."""
    at, edition = timezone.now(), context["edition"]
    if edition.pk is None:
        return {"notices": []}
    standing = Notice.over(edition, at=at)
    wanted = [notice.story_id for notice in standing if notice.story_id]
    stories = Article.objects.published(at).select_related("edition").in_bulk(wanted) if wanted else {}
    keys = getattr(context.get("request"), "page_keys", set())
    keys.update(f"article:{story.public_id}" for story in stories.values())
    return {"notices": [{"notice": notice, "story": stories.get(notice.story_id)} for notice in standing]}


@register.simple_tag
def share_links(article, address):
    """Return plain links that pass a story on; nothing is asked elsewhere before one is pressed."""
    words = quote(article.headline)
    where = quote(address, safe="")
    return [
        {"title": gettext("E-mail"), "url": f"mailto:?subject={words}&body={where}"},
        {"title": "Telegram", "url": f"https://t.me/share/url?url={where}&text={words}"},
        {"title": "WhatsApp", "url": f"https://wa.me/?text={words}%20{where}"},
        {"title": "Facebook", "url": f"https://www.facebook.com/sharer/sharer.php?u={where}"},
    ]


@register.simple_tag(takes_context=True)
def page_link(context, number):
    """Return the link to another page of this list: only parameters that the site knows, whatever was asked."""
    return "?" + urlencode({**context.get("kept", {}), "page": number})


@register.simple_tag
def search_words(query):
    """Return the parameters of a search for these words alone."""
    return urlencode({"q": query})


@register.inclusion_tag("includes/feed_links.html", takes_context=True)
def feed_links(context, view, *args, whole=True):
    """Show the feeds of one thing: each format as summaries and, unless `whole` is false, with whole stories."""
    kinds = KINDS if whole else SUMMARIES
    return {"links": [(kind, edition_url(context["edition"], view, *args, kind)) for kind in kinds]}
