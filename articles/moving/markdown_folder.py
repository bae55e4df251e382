"""A folder of Markdown files with a header block in YAML, as static site generators keep them."""

import datetime
from pathlib import Path

import yaml
from django.utils.dateparse import parse_datetime
from markdown_it import MarkdownIt

from articles.moving.source import Author, Export, Picture, Story, Term, Unreadable
from articles.slugs import make_slug
from newsroom import html

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


def read(folder):
    """Return the Export in a folder. Raises Unreadable."""
    files = sorted(Path(folder).rglob("*.md"))
    if not files:
        raise Unreadable("There is no .md file in this folder.")
    export = Export("markdown")
    for file in files:
        _take(export, file, file.relative_to(folder).as_posix())
    return export


def _take(export, file, key):
    text = html.tidy_text(file.read_bytes().decode("utf-8", "replace"))
    header, body = {}, text
    if text.startswith("---\n") and "\n---" in text[4:]:
        block, _mark, body = text[4:].partition("\n---")
        try:
            header = yaml.safe_load(block) or {}
        except (yaml.YAMLError, ValueError, RecursionError):
            export.left_out["files whose header cannot be read"] += 1
            return
    if not isinstance(header, dict):
        export.left_out["files whose header cannot be read"] += 1
        return
    story = Story(key, "page" if header.get("type") == "page" else "story", _line(header, "headline", "title"))
    story.standfirst = _line(header, "standfirst", "description", "summary")
    story.body_html = MARKDOWN.render(body.lstrip("-\n"))
    story.slug = _line(header, "slug")[:100] or make_slug(file.stem)
    story.published_at = _moment(header.get("date") or header.get("published"))
    story.is_public = not header.get("draft") and story.published_at is not None
    story.why_not = "" if story.is_public else "draft" if header.get("draft") else "without a date"
    for name in _list(header, "authors", "author", "bylines"):
        export.authors.setdefault(name, Author(name, name))
        story.authors.append(name)
    for kind, names, found in (
        ("section", ("section", "category", "categories"), story.sections), ("topic", ("topics", "tags"), story.topics)
    ):  # fmt: skip
        for name in _list(header, *names):
            slug = make_slug(name) or name
            export.terms.setdefault((kind, slug), Term(kind, slug, name))
            found.append(slug)
    lead = _line(header, "lead", "image", "cover")
    if lead:
        story.lead = lead
        export.pictures.setdefault(lead, Picture(lead, lead, (lead.lstrip("/"), lead.rpartition("/")[2])))
    story.addresses = [one for one in _list(header, "url", "aliases", "address") if one.startswith("/")]
    export.stories.append(story)


def _line(header, *names):
    value = next((header[name] for name in names if isinstance(header.get(name), str)), "")
    return " ".join(value.split())


def _list(header, *names):
    found = []
    for name in names:
        value = header.get(name)
        found += [value] if isinstance(value, str) else [one for one in value if isinstance(one, str)] if isinstance(
            value, list) else []  # fmt: skip
    return list(dict.fromkeys(" ".join(one.split()) for one in found if one.strip()))


def _moment(value):
    if isinstance(value, datetime.datetime):
        moment = value
    elif isinstance(value, datetime.date):
        moment = datetime.datetime.combine(value, datetime.time(12))
    else:
        try:
            moment = parse_datetime(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
