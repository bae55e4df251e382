"""Where a name stands in texts: for taking it back, and for the list of what a machine must not change by itself.

A name is looked for as a whole and by its last word in any ending, so that “Иванову” is found for “Анна Иванова”.
"""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles import search
from newsroom import html, registry

SHORTEST = 3
MOST = 500


@dataclass(frozen=True)
class Mention:
    """A place that names somebody: what it is, its title, the field, and where to change it."""

    what: str
    title: str
    field: str
    url: str


def of(words):
    """Return the public names in what a withdrawal keeps: the name and its spellings in other languages."""
    found = [words["name"], *(text["name"] for text in words["texts"])]
    return tuple(dict.fromkeys(" ".join(name.split()) for name in found if name and name.strip()))


def is_one_of(text, names):
    """Tell whether `text` is one of the names, whatever its spaces and the case of its letters."""
    return _folded(text) in {_folded(name) for name in names}


def replaced(credit, names, instead):
    """Return a credit such as "A / EPA" with `instead` in place of each part that holds a whole name."""
    parts = [part.strip() for part in credit.split("/")]
    if not any(_holds(part, names) for part in parts):
        return credit
    return " / ".join(dict.fromkeys(part for part in (instead if _holds(p, names) else p for p in parts) if part))


def _holds(text, names):
    padded = f" {_folded(text)} "
    return any(f" {_folded(name)} " in padded for name in names if _folded(name))


def mentions(text, names):
    """Tell whether a text (plain or HTML) names somebody: the whole name, or its last word in any ending."""
    if not text or not names:
        return False
    stems = {search.stem(word) for word in search.words(html.plain_text(text) if "<" in text else text)}
    return any(_last_stem(name) in stems for name in names if _last_stem(name))


def spelled(column, names):
    """Return a condition that keeps at least every row whose column is one of the names."""
    wanted = Q(pk__in=[])
    for name in names:
        for spelling in {name, name.lower(), name.upper(), name.title()}:
            wanted |= Q(**{f"{column}__icontains": spelling})
    return wanted


def find(names):
    """Return up to 500 Mentions of the names in every text of the site; each app looks through its own."""
    found = []
    for look in registry.name_mentions.values():
        for mention in look(names):
            found.append(mention)
            if len(found) == MOST:
                return found
    return found


def in_articles(names):
    """Yield the mentions in stories, drafts, pages, photos, corrections and topics."""
    from articles.models import Article, Correction, LiveEntry, Page, Photo, PhotoText, Topic

    in_stories = ("kicker", "headline", "standfirst", "body_html", "lead_caption", "lead_alt", "byline_text")
    yield from _rows(Article.objects.all(), in_stories, names, _("Story"), "articles_article")
    yield from _rows(Page.objects.all(), ("title", "body_html"), names, _("Page"), "articles_page")
    yield from _rows(Photo.objects.all(), ("caption", "creator", "agency", "alt", "keywords", "place"), names,
                     _("Photo"), "articles_photo")  # fmt: skip
    for text in PhotoText.objects.filter(_prefiltered(("caption", "alt"), names)):
        if mentions(text.caption, names) or mentions(text.alt, names):
            yield Mention(_("Photo"), str(text), "texts", reverse("admin:articles_photo_change", args=[text.photo_id]))
    for correction in Correction.objects.filter(_prefiltered(("text",), names)):
        if mentions(correction.text, names):
            url = reverse("admin:articles_article_change", args=[correction.article_id])
            yield Mention(_("Correction"), str(correction), "text", url)
    for entry in LiveEntry.objects.filter(_prefiltered(("title", "text_html"), names)):
        for column in ("title", "text_html"):
            if mentions(getattr(entry, column), names):
                url = reverse("admin:articles_article_change", args=[entry.article_id])
                yield Mention(_("Live entry"), str(entry), column, url)
    yield from _rows(Topic.objects.all(), ("name", "intro"), names, _("Topic"), "articles_topic")
    yield from _drafts(names)


def _drafts(names):
    """Yield the mentions in what editors are working on: readers see nothing of it yet."""
    from articles.models import Article
    from desk.models import Draft

    for draft in Draft.objects.filter(is_pending=True).select_related("content_type").iterator(chunk_size=200):
        model = draft.content_type.model_class()
        texts = [value for value in draft.content.values() if isinstance(value, str)]
        if model is not None and any(mentions(text, names) for text in texts):
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            what = _("Draft of a story") if model is Article else _("Draft")
            yield Mention(what, draft.title, "draft", reverse(name, args=[draft.object_id]))


def _rows(rows, columns, names, what, admin_name):
    for row in rows.filter(_prefiltered(columns, names)).only(*columns).iterator(chunk_size=200):
        for column in columns:
            if mentions(getattr(row, column), names):
                title = (getattr(row, "headline", "") or getattr(row, "title", "") or str(row))[:120]
                yield Mention(what, title, column, reverse(f"admin:{admin_name}_change", args=[row.pk]))


def _prefiltered(columns, names):
    """Return a cheap condition that keeps at least every row with a mention: the beginning of the last word."""
    wanted = Q(pk__in=[])
    for name in names:
        start = start_of(name)
        # Stems are folded: the text may spell either letter.
        starts = {start, start.replace("е", "ё", 1), "ё".join(start.rsplit("е", 1))} if start else set()
        for spelling in {one for each in starts for one in (each, each.upper(), each.capitalize())}:
            for column in columns:
                wanted |= Q(**{f"{column}__icontains": spelling})
    return wanted


def start_of(name):
    """Return letters, folded and small, with which a word of every text that mentions the name begins; "" for none."""
    stem = _last_stem(name)
    return stem[: max(SHORTEST, len(stem) - 2)]


def _last_stem(name):
    words = search.words(name)
    return search.stem(words[-1]) if words and len(words[-1]) >= SHORTEST else ""


def _folded(text):
    return " ".join(search.words(text))
