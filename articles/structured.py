"""A story as schema.org tells it to search engines: who, when, where, with which pictures, and what was corrected.

Source: schema.org/NewsArticle, CorrectionComment and NewsMediaOrganization; Google's "Article structured data".
"""

from django.conf import settings
from django.core.files.storage import default_storage

from articles import bylines, credits
from newsroom import html
from newsroom.editions import edition_url

# Notes that add to a story without taking anything back.
NO_CORRECTION = {"update"}
# Of a live story the newest entries are told: search engines read the page again when there is more.
MOST_UPDATES = 50
PROPERTY_OF_ROLE = {"reporting": "author", "additional": "author", "translation": "translator", "editing": "editor"}


def home(path):
    """Return the address of a path at home, whatever host was asked."""
    return settings.HOME_ORIGIN + path


def publisher(edition):
    """Return the title as NewsMediaOrganization with the pages that say how it works."""
    front = home(f"{edition.prefix}/")
    found = {
        "@type": "NewsMediaOrganization", "@id": f"{front}#publisher", "name": edition.title, "url": front,
        "publishingPrinciples": _policy(edition.about_url), "correctionsPolicy": _policy(edition.corrections_url),
    }  # fmt: skip
    if edition.logo:
        found["logo"] = {"@type": "ImageObject", "url": home(default_storage.url(edition.logo.name))}
    return {name: value for name, value in found.items() if value}


def _policy(url):
    return home(url) if url.startswith("/") else url


def people(article, edition):
    """Return {property: [who]} of those who may be named; without anybody the title itself is the author."""
    found = {}
    for byline in article.bylines.all():
        person, place = byline.person, PROPERTY_OF_ROLE.get(byline.role)
        name = person.name_in(edition.language)
        if name and place:
            kind = "Person" if person.kind == person.Kind.PERSON else "Organization"
            url = home(edition_url(edition, "articles:person", person.slug))
            entry = {"@type": kind, "name": name, "url": url}
            if entry not in found.setdefault(place, []):
                found[place].append(entry)
    found.setdefault("author", [{"@id": publisher(edition)["@id"]}])
    return found


def correction_comment(correction):
    """Return a correction as schema.org's CorrectionComment; its article's address must be at hand."""
    return {
        "@type": "CorrectionComment", "name": str(correction), "text": correction.text,
        "datePublished": correction.created_at.isoformat(), "url": home(correction.get_absolute_url()),
    }  # fmt: skip


def live_posting(article, entries):
    """Return what makes the story a LiveBlogPosting: its time and its newest entries; nothing for any other story.

    Source: schema.org/LiveBlogPosting.
    """
    if not entries:
        return {}
    found = {
        "@type": "LiveBlogPosting",
        "coverageStartTime": article.first_published_at.isoformat(),
        "dateModified": max(entries[0].created_at, article.updated_at or article.published_at).isoformat(),
        "liveBlogUpdate": [_update(article, entry) for entry in entries[:MOST_UPDATES]],
    }
    return found | ({"coverageEndTime": article.live_ended_at.isoformat()} if article.live_ended_at else {})


def _update(article, entry):
    url = f"{home(article.get_absolute_url())}#{entry.anchor}"
    return {
        "@type": "BlogPosting", "@id": url, "url": url, "headline": str(entry)[:110],
        "datePublished": entry.created_at.isoformat(), "articleBody": html.plain_text(entry.text_html) or entry.title,
    }  # fmt: skip


def news_article(article, *, corrections=(), topics=(), entries=()):
    """Return the graph of a story's page: the story and the way to it. Reads what the page has loaded."""
    edition, url = article.edition, home(article.get_absolute_url())
    kind = "OpinionNewsArticle" if article.is_marked_opinion else "NewsArticle"
    told = [note for note in corrections if note.kind not in NO_CORRECTION]
    story = {
        "@type": kind, "@id": f"{url}#story", "url": url, "mainEntityOfPage": url,
        "headline": article.headline, "description": article.standfirst, "inLanguage": edition.language,
        "datePublished": article.published_at.isoformat(),
        "dateModified": (article.updated_at or article.published_at).isoformat(),
        "articleSection": article.section.name if article.section else "",
        "keywords": [topic.name for topic in topics],
        "image": _pictures(article, edition),
        **people(article, edition),
        "creditText": bylines.words(article, edition),
        "publisher": publisher(edition),
        "isAccessibleForFree": True,
        "correction": [correction_comment(note) for note in told],
        **live_posting(article, entries),
    }  # fmt: skip
    graph = [{name: value for name, value in story.items() if value or value is True}, _way(article, edition)]
    return {"@context": "https://schema.org", "@graph": graph}


def _pictures(article, edition):
    photo = article.lead_photo
    if photo is None:
        return []
    caption = article.lead_caption or photo.caption_in(edition.language)
    return credits.image_object(photo, origin=settings.HOME_ORIGIN, caption=caption, box=article.lead_crop)


def _way(article, edition):
    """Return the BreadcrumbList from the front page to the story."""
    steps = [(edition.title, f"{edition.prefix}/")]
    if article.section:
        steps.append((article.section.name, edition_url(edition, "articles:section", article.section.slug)))
    steps.append((article.headline, article.get_absolute_url()))
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": home(path)}
        for position, (name, path) in enumerate(steps, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}
