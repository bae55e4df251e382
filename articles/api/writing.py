"""Stories, sections, topics, people and corrections as the API tells them; every address is whole and at home.

What these functions return is promised in articles.api.document.
"""

from django.conf import settings

from articles import bylines
from articles.feeds.entries import for_feed, photograph
from newsroom.editions import edition_url


def home(path):
    """Return the address of a path at home, whatever host was asked."""
    return settings.HOME_ORIGIN + path


def api(edition, name, *args):
    """Return the address of a part of the API."""
    return home(edition_url(edition, f"articles:api_{name}", *args))


def moment(time):
    """Return an aware datetime as RFC 3339 writes it, or None."""
    return time and time.isoformat(timespec="seconds")


def edition_of(edition, sections):
    """Return an edition with its sections and where everything else begins."""
    return {
        "title": edition.title, "tagline": edition.tagline, "language": edition.language,
        "url": home(f"{edition.prefix}/"),
        "sections": [section_of(section, edition) for section in sections],
        "stories": api(edition, "stories"), "topics": api(edition, "topics"),
        "corrections": api(edition, "corrections"), "documentation": api(edition, "document"),
    }  # fmt: skip


def section_of(section, edition):
    """Return a section."""
    return {
        "slug": section.slug, "name": section.name, "description": section.description,
        "url": home(edition_url(edition, "articles:section", section.slug)),
        "api": api(edition, "section", section.slug),
    }  # fmt: skip


def topic_of(topic, edition):
    """Return a topic."""
    return {
        "slug": topic.slug, "name": topic.name, "description": topic.intro,
        "url": home(edition_url(edition, "articles:topic", topic.slug)), "api": api(edition, "topic", topic.slug),
    }  # fmt: skip


def person_of(person, edition):
    """Return somebody who signs by name; never call it for anybody else."""
    return {
        "slug": person.slug, "name": person.name_in(edition.language), "title": person.title_in(edition.language),
        "url": home(edition_url(edition, "articles:person", person.slug)),
        "api": api(edition, "person", person.slug),
    }  # fmt: skip


def summary_of(story, edition):
    """Return what a card shows of a story that was loaded for cards."""
    section = story.section
    return {
        "id": story.public_id, "url": home(story.get_absolute_url()), "api": api(edition, "story", story.public_id),
        "language": edition.language, "kicker": story.kicker, "headline": story.headline,
        "standfirst": story.standfirst,
        "section": section and {"slug": section.slug, "name": section.name},
        "byline": bylines.words(story, edition), "people": _people(story, edition),
        "published_at": moment(story.published_at), "updated_at": moment(story.updated_at),
        "is_opinion": bool(story.is_marked_opinion), "is_live": bool(story.is_told_live and not story.live_ended_at),
        "photo": _photo(story, edition),
    }  # fmt: skip


def _people(story, edition):
    """Return those who sign by name, with what they did; who may not be named is not even counted."""
    found = []
    for byline in story.bylines.all():
        name = byline.person.name_in(edition.language)
        if name:
            url = home(edition_url(edition, "articles:person", byline.person.slug))
            found.append({"slug": byline.person.slug, "name": name, "role": byline.role, "url": url})
    return found


def _photo(story, edition):
    shown = photograph(story, edition)
    if shown is None:
        return None
    photo = story.lead_photo
    return {
        "url": shown.url, "width": shown.width, "height": shown.height, "alt": story.lead_alt_in(edition.language),
        "caption": shown.caption, "credit": shown.credit, "credit_url": photo.credit_url,
        "licence_url": photo.licence_url,
    }  # fmt: skip


def story_of(story, edition, *, body_html, topics, corrections, entries, others):
    """Return a whole story; `body_html` is its text as feeds carry it, `others` are its public translations."""
    return {
        **summary_of(story, edition),
        "body_html": body_html,
        "topics": [{"slug": topic.slug, "name": topic.name} for topic in topics],
        "corrections": [_note(note) for note in corrections],
        "live_entries": [_entry(entry, story) for entry in entries],
        "translations": [
            {"id": other.public_id, "language": other.edition.language, "url": home(other.get_absolute_url()),
             "api": api(other.edition, "story", other.public_id)}
            for other in others
        ],
    }  # fmt: skip


def _note(note):
    return {
        "number": note.number, "kind": note.kind, "text": note.text, "place": note.place,
        "created_at": moment(note.created_at),
    }  # fmt: skip


def correction_of(note, edition):
    """Return a correction with the story that it is about."""
    story = note.article
    about = {"id": story.public_id, "headline": story.headline, "url": home(story.get_absolute_url())}
    return {**_note(note), "url": home(note.get_absolute_url()), "story": about}


def _entry(entry, story):
    address = home(story.get_absolute_url())
    return {
        "id": entry.public_id, "title": entry.title, "text_html": for_feed(entry.text_html, address),
        "is_key": entry.is_key, "created_at": moment(entry.created_at), "url": f"{address}#{entry.anchor}",
    }  # fmt: skip
