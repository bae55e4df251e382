"""What word processors and web pages say in their own ways: styles, faked lists, notes, comments, redirected links."""

import re
from urllib.parse import parse_qsl, urlsplit

from newsroom.markup import Element

BULLETS = "•·▪◦●○■□‣⁃∙\uf0b7\uf0a7"
BULLET = re.compile(f"[{BULLETS}][ \u00a0]+")
WORD_MARKER = re.compile(rf"(?:[{BULLETS}o–-]|\(?(?:\d{{1,3}}|[a-z]|[ivxlc]{{1,6}})[.)])[ \u00a0]+", re.IGNORECASE)
ORDERED = re.compile(r"\(?(?:(\d{1,3})|[a-z]|[ivxlc]{1,6})[.)]", re.IGNORECASE)
LEVEL = re.compile(r"\blevel([1-9])\b")
KIX = re.compile(r"\blst-(kix_\w+)-([0-9])\b")
LENGTH = re.compile(r"(-?\d+(?:\.\d+)?)(pt|px|in|cm|mm)")
POINTS = {"pt": 1, "px": 0.75, "in": 72, "cm": 28.35, "mm": 2.835}
INDENT = 36
QUOTE_INDENT = 28
COMMENT = re.compile(r"\b(?:MsoComment\w*|msocom\w+|mso-element:\s*comment)", re.IGNORECASE)
HIDDEN = re.compile(r"(?:display:\s*none|mso-hide:\s*all)", re.IGNORECASE)
GOOGLE = re.compile(r"(?:www\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?\Z")
SAFE_LINKS = re.compile(r"[\w.-]+\.safelinks\.protection\.outlook\.com\Z")
TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|dclid|yclid|msclkid|mc_[ce]id|igshid|_openstat|ysclid)\Z")


def style_of(element):
    """Return the style attribute as {property: value}, both in small letters."""
    pairs = (pair.partition(":") for pair in element.get("style").lower().split(";"))
    return {name.strip(): value.strip() for name, _colon, value in pairs if value.strip()}


def points(value):
    """Return a length of CSS in points, 0 for what is none."""
    match = LENGTH.match(value or "")
    return float(match[1]) * POINTS[match[2]] if match else 0


def marks_under(element, style, marks):
    """Return the marks of the text in an inline element: those around it, its own, those that its style names."""
    changes = {}
    if element.tag in SAME_MARK:
        changes[SAME_MARK[element.tag]] = None
    if element.get("id").startswith("docs-internal-guid"):
        changes.pop("strong", None)
    weight = style.get("font-weight", "")
    if weight:
        changes["strong"] = None if weight in {"bold", "bolder"} or (weight.isdigit() and int(weight) >= 600) else False
    if "font-style" in style:
        changes["em"] = None if style["font-style"] in {"italic", "oblique"} else False
    if "line-through" in style.get("text-decoration", "") + style.get("text-decoration-line", ""):
        changes["s"] = None
    if style.get("vertical-align") in {"sub", "super"}:
        changes[style["vertical-align"].removesuffix("er")] = None
    kept = {tag: mark for tag, mark in marks.items() if changes.get(tag) is not False}
    return {**kept, **{tag: mark for tag, mark in changes.items() if mark is not False}}


SAME_MARK = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em", "dfn": "em", "s": "s", "strike": "s",
    "del": "s", "sub": "sub", "sup": "sup",
}  # fmt: skip


# Links


def clean_address(href):
    """Return where a link really leads: past the redirects of Google and Outlook, without marks that follow readers.

    "" for an address inside the page it was copied from.
    """
    href = href.strip()
    for _turn in range(3):
        target = _behind_redirect(href)
        if target is None:
            break
        href = target
    if href.startswith("#"):
        return ""
    head, question, query = href.partition("?")
    if not question or not _is_followed(query):
        return href
    query, hash_sign, fragment = query.partition("#")
    kept = "&".join(pair for pair in query.split("&") if not TRACKING.match(pair.partition("=")[0]))
    return f"{head}{'?' if kept else ''}{kept}{hash_sign}{fragment}"


def _is_followed(query):
    return any(TRACKING.match(pair.partition("=")[0]) for pair in query.partition("#")[0].split("&"))


def _behind_redirect(href):
    try:
        parts = urlsplit(href)
        host, names = parts.hostname or "", dict(parse_qsl(parts.query))
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"}:
        return None
    if GOOGLE.match(host) and parts.path == "/url":
        target = names.get("q") or names.get("url")
    elif SAFE_LINKS.match(host):
        target = names.get("url")
    elif host in {"l.facebook.com", "lm.facebook.com"} and parts.path == "/l.php":
        target = names.get("u")
    else:
        return None
    return target if target and target.startswith(("http://", "https://", "mailto:")) else None


# Notes and comments


def settle_notes(root):
    """Turn footnotes of word processors into ours, and remove the comments of colleagues with what refers to them.

    A note is two links that point at each other: the first stands in the text, the second at the note.
    """
    _drop_comments(root)
    places, parents = {}, {}
    for element in root:
        for name in {element.get("id"), element.get("name")} - {""}:
            places.setdefault(name, element)
        for child in element.children:
            if isinstance(child, Element):
                parents[id(child)] = element
    seen, notes = set(), {}
    for link in root:
        target = link.get("href")[1:] if link.tag == "a" and link.get("href").startswith("#") else ""
        if not target or target not in places:
            continue
        seen |= {name for each in _line_above(link, parents) for name in (each.get("id"), each.get("name")) if name}
        back = _link_back(places[target], seen, parents)
        if target in notes or (back is not None and back is not link and target not in seen):
            notes[target] = notes.get(target) or _take_note(back, places[target], parents)
            link.tag, link.attrs, link.children = "sup", {"data-footnote": notes[target]}, []
    return bool(notes)


def _line_above(element, parents):
    """Yield an element and the inline elements around it."""
    yield element
    while (element := parents.get(id(element))) is not None and element.tag in {"sup", "span", "a"}:
        yield element


def _link_back(place, seen, parents):
    """Return the link at or in a note that points to a place already read, or None."""
    block = _block_of(place, parents)
    if block is None:
        return None
    return next((each for each in block if each.tag == "a" and each.get("href")[1:] in seen and
                 each.get("href").startswith("#")), None)  # fmt: skip


def _block_of(element, parents):
    while element is not None and element.tag not in {"p", "li", "div", "dd", "td"}:
        element = parents.get(id(element))
    return element


def _take_note(back, place, parents):
    """Return the words of a note and take its block out of the text."""
    block = _block_of(place, parents)
    if block.tag == "p" and parents.get(id(block)) is not None and _is_note_frame(parents[id(block)]):
        block = parents[id(block)]
    back.children = []
    words = " ".join("".join(_spaced(block)).split())
    block.children, block.tag = [], "div"
    return words.removeprefix("^ ")[:2000].strip()


def _is_note_frame(element):
    return element.tag == "div" and (
        element.get("id").startswith(("ftn", "edn", "sdfootnote", "sdendnote")) or "footnote" in element.get("style")
    )


def _spaced(element):
    for child in element.children:
        if isinstance(child, str):
            yield child
        else:
            yield from _spaced(child)
            if child.tag in {"p", "div", "li", "br"}:
                yield " "


def _drop_comments(root):
    for element in [root, *root]:
        element.children = [child for child in element.children if isinstance(child, str) or not _is_unseen(child)]


def _is_unseen(element):
    """Tell whether an element was not meant to be read: hidden text, a colleague's comment or the mark of one."""
    said = f"{element.get('class')};{element.get('style')}"
    names = (element.get("id"), element.get("href").lstrip("#"))
    if COMMENT.search(said) or HIDDEN.search(element.get("style")):
        return True
    if element.tag == "a" and any(name.startswith(("cmnt", "_msocom", "_msoanchor")) for name in names):
        return True
    paragraph = next((child for child in element.children if isinstance(child, Element)), None)
    return _is_comment(element) or (element.tag == "div" and paragraph is not None and _is_comment(paragraph))


def _is_comment(element):
    """Tell whether a paragraph at the end of a text from Google Docs holds a comment."""
    return element.tag == "p" and any(
        child.tag == "a" and child.get("id").startswith("cmnt") and child.get("href").startswith("#cmnt_ref")
        for child in element
    )


# Paragraphs that are something else


def list_level(element, style):
    """Return the level (from 1) of a paragraph that Word means as a list item, or 0."""
    if match := LEVEL.search(style.get("mso-list", "")):
        return int(match[1])
    if "MsoListParagraph" in element.get("class") and style.get("mso-list") != "none":
        return max(1, round(_left(style) / INDENT))
    return 0


def is_marker(style):
    """Tell whether a span holds the number or bullet of a faked list item."""
    return style.get("mso-list") == "ignore"


def is_quote(element, style):
    """Tell whether a paragraph is set as a quotation: by its style's name or by its indent on the left."""
    if re.search(r"\bMso(?:Intense)?Quote|\bquotations?\b", element.get("class")):
        return True
    return _left(style) >= QUOTE_INDENT and points(style.get("text-indent")) >= 0


def is_title(element):
    """Tell whether a paragraph has the style of a title."""
    return bool(re.search(r"(?:^|\s)(?:MsoTitle|title)(?:\s|$)", element.get("class")))


def kix(element):
    """Return (name, level) of a list exported from Google Docs, which writes nested lists one after another."""
    match = KIX.search(element.get("class"))
    return (match[1], int(match[2])) if match else ("", 0)


def _left(style):
    return points(style.get("margin-left") or _fourth(style.get("margin", "")))


def _fourth(margin):
    parts = margin.split()
    return parts[3] if len(parts) == 4 else ""
