"""Stories written in Markdown, turned into bodies: links to stories, photos, pull quotes and boxes included."""

import html as stdlib_html
import re

from markdown_it import MarkdownIt

from newsroom import html

LINE = re.compile(r"^::(photo|pull|related|newsletter|support)\b[ \t]*(.*)$", re.M)
STORY_LINK = re.compile(r'<a href="story:([a-z0-9-]+)">')
TYPOGRAPHY = MarkdownIt("commonmark", {"html": False}).enable("table")


class UnknownReference(ValueError):
    """The text names a photo or a story that is not there."""


def to_body(text, *, photos, stories):
    """Return the cleaned body of a Markdown text.

    `photos` and `stories` map the names in the text to public ids. Lines that begin with `::` are photos, pull quotes,
    related stories and boxes. Raises UnknownReference for a name that is in neither.
    """
    pieces, position = [], 0
    for match in LINE.finditer(text):
        pieces.append(_paragraphs(text[position : match.start()], stories))
        pieces.append(_node(match[1], [part.strip() for part in match[2].split("|")], photos, stories))
        position = match.end()
    pieces.append(_paragraphs(text[position:], stories))
    return html.clean_body("".join(pieces))


def _paragraphs(text, stories):
    rendered = TYPOGRAPHY.render(text.strip()) if text.strip() else ""
    rendered = re.sub(r">\n", ">", rendered).strip()
    return STORY_LINK.sub(lambda match: f'<a data-article="{_find(stories, match[1])}">', rendered)


def _node(kind, parts, photos, stories):
    parts = [*(stdlib_html.escape(part, quote=False) for part in parts), "", "", ""]
    if kind == "photo":
        layout = "wide" if parts[2] == "wide" else "normal"
        return (
            f'<figure data-photo="{_find(photos, parts[0])}" data-layout="{layout}">'
            f"<figcaption>{parts[1]}</figcaption></figure>"
        )
    if kind == "pull":
        cite = f"<cite>{parts[1]}</cite>" if parts[1] else ""
        return f'<aside data-pullquote=""><blockquote><p>{parts[0]}</p></blockquote>{cite}</aside>'
    if kind == "related":
        return f'<div data-related="{_find(stories, parts[0])}"></div>'
    return f'<div data-box="{kind}"></div>'


def _find(known, name):
    if name not in known:
        raise UnknownReference(f"{name!r} is not there.")
    return known[name]
