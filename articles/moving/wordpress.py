"""WordPress' export (WXR 1.0 to 1.2: an RSS 2.0 file with names of its own), read item by item."""

import datetime
import re
from urllib.parse import unquote, urlsplit

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from articles.moving.source import Author, Export, Picture, Story, Term, Unreadable
from newsroom import html

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
WP = re.compile(r"\{http://wordpress\.org/export/1\.\d/(excerpt/)?\}")
PUBLIC = {"publish"}
STATES = {"draft": "draft", "pending": "draft", "future": "scheduled", "private": "private", "trash": "thrown away"}
PICTURE = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".heic")
OLD_SLUG = "_wp_old_slug"
CREDITS = ("_media_credit", "media_credit", "_wp_attachment_source_name", "credit", "photographer")

# Fields that are read, and those that mean nothing outside WordPress.
KNOWN = {
    OLD_SLUG, "_thumbnail_id", "_yoast_wpseo_primary_category", "_wp_attached_file", "_wp_attachment_image_alt",
    "_wp_attachment_metadata", "_edit_last", "_edit_lock", "_pingme", "_encloseme", "_wp_page_template", *CREDITS,
}  # fmt: skip


def read(path):
    """Return the Export in a WXR file. Raises Unreadable."""
    export = Export("wordpress")
    try:
        with open(path, "rb") as stream:
            for _event, element in iterparse(stream, events=("end",), forbid_dtd=True):
                _take(export, element)
    except (ParseError, DefusedXmlException, UnicodeDecodeError, ValueError) as error:
        raise Unreadable(f"This is no WordPress export that can be read: {error}") from error
    export.left_out = +export.left_out
    if not (export.stories or export.pictures or export.authors):
        raise Unreadable("This is no WordPress export: it names no author, no post and no picture.")
    return export


def _take(export, element):
    name = WP.sub("wp:", element.tag)
    if name == "item":
        _take_item(export, element)
        element.clear()
    elif name == "wp:author":
        _take_author(export, element)
    elif name in {"wp:category", "wp:tag", "wp:term"}:
        _take_term(export, element, name)
    elif name in {"wp:base_blog_url", "wp:base_site_url"} and not export.origin:
        export.origin = _text(element).rstrip("/")
    elif name == "title" and not export.title:
        export.title = _text(element)


def _fields(element):
    """Return {name: text} of the children, namespaces of WordPress written as wp: and excerpt:."""
    found = {}
    for child in element:
        match = WP.match(child.tag)
        name = ("excerpt:" if match and match[1] else "wp:" if match else "") + WP.sub("", child.tag)
        found.setdefault(name, _text(child))
    return found


def _text(element):
    return html.tidy_text(element.text or "").strip()


def _take_author(export, element):
    fields = _fields(element)
    key = fields.get("wp:author_login", "")
    if key:
        name = fields.get("wp:author_display_name") or " ".join(
            filter(None, (fields.get("wp:author_first_name"), fields.get("wp:author_last_name")))
        )
        export.authors[key] = Author(key, name or key)
        export.left_out["mailboxes of authors"] += bool(fields.get("wp:author_email"))


def _take_term(export, element, name):
    fields = _fields(element)
    export.left_out["fields of sections and topics"] += sum(WP.sub("", one.tag) == "termmeta" for one in element)
    if name == "wp:category":
        kind, slug, title = "section", fields.get("wp:category_nicename"), fields.get("wp:cat_name")
        description = fields.get("wp:category_description", "")
        export.left_out["places of a section below another"] += bool(fields.get("wp:category_parent"))
    elif name == "wp:tag":
        kind, slug, title = "topic", fields.get("wp:tag_slug"), fields.get("wp:tag_name")
        description = fields.get("wp:tag_description", "")
    else:
        taxonomy = fields.get("wp:term_taxonomy", "")
        kind = {"category": "section", "post_tag": "topic"}.get(taxonomy)
        slug, title = fields.get("wp:term_slug"), fields.get("wp:term_name")
        description = fields.get("wp:term_description", "")
        if kind is None:
            export.left_out[f"terms of “{taxonomy}”"] += 1
            return
    if slug:
        export.terms.setdefault((kind, unquote(slug)), Term(kind, unquote(slug), title or slug, description))


def _take_item(export, item):
    fields, kind = _fields(item), None
    kind = fields.get("wp:post_type", "post")
    if kind == "attachment":
        _take_picture(export, item, fields)
    elif kind in {"post", "page"}:
        _take_story(export, item, fields, "story" if kind == "post" else "page")
    else:
        export.left_out[f"entries of “{kind}”"] += 1


def _meta(export, item):
    """Return {key: value} of the fields of an item, those with a value in every one of several; others are counted."""
    found = {}
    for child in item:
        if WP.sub("wp:", child.tag) == "wp:postmeta":
            fields = _fields(child)
            key, value = fields.get("wp:meta_key", ""), fields.get("wp:meta_value", "")
            found[key] = f"{found[key]}\n{value}" if key == OLD_SLUG and key in found else found.get(key, value)
            if key not in KNOWN and value:
                export.left_out["fields of plugins" if key.startswith("_") else f"fields “{key[:60]}”"] += 1
    return found


def _take_picture(export, item, fields):
    url, meta = fields.get("wp:attachment_url") or fields.get("guid", ""), _meta(export, item)
    if not urlsplit(url).path.lower().endswith(PICTURE):
        export.left_out["attachments that are no picture"] += 1
        return
    parent = fields.get("wp:post_parent", "0")
    stored = meta.get("_wp_attached_file", "")
    path = unquote(urlsplit(url).path)
    names = tuple(dict.fromkeys(filter(None, (stored, path.partition("/uploads/")[2], path.rpartition("/")[2]))))
    credit = next((meta[name] for name in CREDITS if meta.get(name)), "")
    caption = fields.get("excerpt:encoded") or ""
    export.pictures[fields.get("wp:post_id", url)] = Picture(
        fields.get("wp:post_id", url), url, names, html.plain_text(caption)[:500],
        meta.get("_wp_attachment_image_alt", "")[:300], html.plain_text(credit)[:120],
        "" if parent == "0" else parent,
    )  # fmt: skip


def _take_story(export, item, fields, kind):
    meta, key = _meta(export, item), fields.get("wp:post_id", "")
    status, password = fields.get("wp:status", "publish"), fields.get("wp:post_password", "")
    story = Story(
        key, kind, html.plain_text(fields.get("title", "")),
        html.plain_text(fields.get("excerpt:encoded", "")), fields.get(CONTENT, ""),
        unquote(fields.get("wp:post_name", ""))[:100], _moment(fields),
    )  # fmt: skip
    story.is_public = status in PUBLIC and not password
    story.why_not = "" if story.is_public else "behind a password" if password else STATES.get(status, status)
    if status in {"trash", "auto-draft"}:
        export.left_out[f"entries that were {STATES.get(status, 'never begun')}"] += 1
        return
    story.lead = meta.get("_thumbnail_id", "")
    _take_terms_of(export, item, story, meta)
    if not story.authors and fields.get(CREATOR):
        story.authors = [fields[CREATOR]]
    for author in story.authors:
        export.authors.setdefault(author, Author(author, author))
    story.addresses = _addresses(fields, meta)
    _count_comments(export, item, story)
    if kind == "page" and fields.get("wp:post_parent", "0") != "0":
        export.left_out["places of a page below another (its address leads here)"] += 1
    if fields.get("wp:is_sticky") == "1":
        export.left_out["marks “stays on top”"] += 1
    export.stories.append(story)


def _count_comments(export, item, story):
    """Count what readers wrote, and how much of it is a mention by another site, or waits, or was refused."""
    for child in item:
        if WP.sub("wp:", child.tag) == "wp:comment":
            fields = _fields(child)
            story.comments += 1
            export.left_out["of the comments, mentions by other sites"] += fields.get("wp:comment_type", "") in {
                "pingback", "trackback"}  # fmt: skip
            export.left_out["of the comments, not approved"] += fields.get("wp:comment_approved", "1") != "1"


def _take_terms_of(export, item, story, meta):
    """Read the terms of an item; the main section first; co-authors are terms too (Co-Authors Plus)."""
    main = meta.get("_yoast_wpseo_primary_category", "")
    for child in item:
        if child.tag != "category":
            continue
        domain, slug = child.get("domain", "category"), unquote(child.get("nicename") or _text(child))
        if domain == "category":
            story.sections.append(slug)
            export.terms.setdefault(("section", slug), Term("section", slug, _text(child) or slug))
        elif domain in {"post_tag", "tag"}:
            story.topics.append(slug)
            export.terms.setdefault(("topic", slug), Term("topic", slug, _text(child) or slug))
        elif domain == "author":
            key = slug.removeprefix("cap-")
            story.authors.append(key)
            export.authors.setdefault(key, Author(key, _text(child) or key))
        else:
            export.left_out[f"terms of “{domain}”"] += 1
    story.sections.sort(key=lambda slug: slug != main)


def _moment(fields):
    for name, zone in (("wp:post_date_gmt", datetime.UTC), ("wp:post_date", datetime.UTC)):
        text = fields.get(name, "")
        try:
            if text and not text.startswith("0000"):
                return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
        except ValueError:
            continue
    return None


def _addresses(fields, meta):
    """Return the paths under which a story stood: its own, and those that it had before."""
    path = urlsplit(fields.get("link", "")).path
    found = [path] if path not in {"", "/"} else []
    for old in meta.get(OLD_SLUG, "").split() if path else ():
        slug = fields.get("wp:post_name", "")
        found.append(path.replace(f"/{slug}", f"/{old}") if slug and f"/{slug}" in path else f"/{old}/")
    return list(dict.fromkeys(unquote(one) for one in found))
