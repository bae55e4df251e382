"""Ghost's export (Settings → Export: one JSON file, version 2 to 6)."""

import json
from urllib.parse import urlsplit

from django.utils.dateparse import parse_datetime

from articles.moving.source import Author, Export, Picture, Story, Term, Unreadable
from newsroom import html

STATES = {"draft": "draft", "scheduled": "scheduled", "sent": "sent as a letter only"}


def read(path):
    """Return the Export in a Ghost JSON file. Raises Unreadable."""
    try:
        with open(path, encoding="utf-8") as stream:
            document = json.load(stream)
        return _export(document["db"][0]["data"] if "db" in document else document["data"])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise Unreadable(f"This is no Ghost export that can be read: {type(error).__name__}") from error


def _export(data):
    export, posts = Export("ghost"), data["posts"]
    users = {user["id"]: user for user in data.get("users") or []}
    tags = {tag["id"]: tag for tag in data.get("tags") or []}
    authors, tagged = _pairs(data, "posts_authors", "author_id"), _pairs(data, "posts_tags", "tag_id")
    for post in posts:
        signed = authors.get(post.get("id"), [post.get("author_id")])
        about = tagged.get(post.get("id"), ())
        _take(export, post, [users[key] for key in signed if key in users], [tags[key] for key in about if key in tags])
    for name in ("products", "snippets", "newsletters", "offers", "benefits", "custom_theme_settings"):
        export.left_out[name] += len(data.get(name) or [])
    export.left_out = +export.left_out
    return export


def _pairs(data, table, column):
    found = {}
    for row in sorted(data.get(table) or [], key=lambda row: row.get("sort_order") or 0):
        found.setdefault(row.get("post_id"), []).append(row.get(column))
    return found


def _text(row, name):
    return html.tidy_text(str(row.get(name) or "")).strip()


def _moment(text):
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def _take(export, post, authors, tags):
    slug, status = _text(post, "slug"), _text(post, "status") or "published"
    kind = "page" if post.get("page") or post.get("type") == "page" else "story"
    story = Story(
        str(post.get("id") or slug), kind, _text(post, "title"), _text(post, "custom_excerpt"),
        _text(post, "html"), slug[:100], _moment(_text(post, "published_at") or _text(post, "created_at")),
    )  # fmt: skip
    story.is_public = status == "published" and _text(post, "visibility") in {"", "public"}
    story.why_not = "" if story.is_public else STATES.get(status, "for members only")
    for author in authors:
        key = _text(author, "slug") or _text(author, "name")
        export.authors.setdefault(key, Author(key, _text(author, "name") or key, _text(author, "bio")))
        story.authors.append(key)
    for position, tag in enumerate(tag for tag in tags if not _text(tag, "slug").startswith("hash-")):
        kind = "section" if position == 0 else "topic"
        key = _text(tag, "slug")
        export.terms.setdefault((kind, key), Term(kind, key, _text(tag, "name") or key, _text(tag, "description")))
        (story.sections if kind == "section" else story.topics).append(key)
    export.left_out["internal tags"] += sum(_text(tag, "slug").startswith("hash-") for tag in tags)
    lead = _text(post, "feature_image").replace("__GHOST_URL__", "")
    if lead:
        path = urlsplit(lead).path
        names = (path.partition("/content/images/")[2], path.rpartition("/")[2])
        story.lead, story.lead_caption = lead, html.plain_text(_text(post, "feature_image_caption"))[:500]
        alt = _text(post, "feature_image_alt")[:300]
        export.pictures.setdefault(lead, Picture(lead, lead, tuple(filter(None, names)), alt=alt))
    story.addresses = [f"/{slug}/"] if slug else []
    story.body_html = story.body_html.replace("__GHOST_URL__", "")
    export.stories.append(story)
