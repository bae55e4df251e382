"""A reader page reduced to its words: what stands in <main>, with links and forms, without pictures and looks."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from django.utils.html import escape
from django.utils.safestring import mark_safe

VOID = {"br", "hr", "input", "img", "source", "link", "meta", "wbr", "col"}
DROPPED = {"script", "style", "svg", "template", "picture", "video", "audio", "iframe", "object", "canvas", "noscript"}
KEPT = {
    "h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "hr", "br", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "aside", "section", "article", "header",
    "footer", "nav", "a", "strong", "b", "em", "i", "s", "sub", "sup", "cite", "time", "span", "mark", "form", "label",
    "input", "button", "select", "option", "textarea", "fieldset", "legend", "details", "summary", "output",
}  # fmt: skip
ATTRIBUTES = {
    "href", "id", "lang", "dir", "hreflang", "datetime", "scope", "colspan", "rowspan", "start", "action", "method",
    "name", "value", "type", "for", "required", "maxlength", "minlength", "min", "max", "step", "checked", "selected",
    "hidden", "role", "aria-label", "aria-labelledby", "aria-describedby", "aria-current", "aria-invalid", "rel",
    "autocomplete", "inputmode", "open", "disabled", "referrerpolicy",
}  # fmt: skip
BLOCKS = KEPT - {
    "a",
    "strong",
    "b",
    "em",
    "i",
    "s",
    "sub",
    "sup",
    "cite",
    "time",
    "span",
    "mark",
    "br",
    "label",
    "input",
}
BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Words:
    """What is left of a page."""

    title: str
    html: str


class _Sifter(HTMLParser):
    """Pass on what is kept; `link(href)` returns the address that a link leads to, or None for its words alone."""

    def __init__(self, link, *, within):
        super().__init__(convert_charrefs=True)
        self.link, self.within = link, within
        self.out, self.title = [], []
        self.depth, self.dropped, self.in_title = 0, [], False
        self.links = []

    def handle_starttag(self, tag, attrs):
        if tag == "title":
            self.in_title = True
        if not self.depth:
            self.depth = int(tag == self.within)
            return
        if tag == self.within:
            self.depth += 1
        attributes = dict(attrs)
        if tag == "img":
            self._picture(attributes)
        elif tag in DROPPED:
            self.dropped.append(tag)
        elif not self.dropped and tag in KEPT:
            self._open(tag, attributes)

    def _picture(self, attributes):
        words = (attributes.get("alt") or "").strip()
        if words:
            self.out.append(f"[{escape(words)}]")

    def _open(self, tag, attributes):
        if tag == "a":
            address = self.link(attributes.get("href") or "")
            self.links.append(address is not None)
            if address is None:
                return
            attributes["href"] = address
        if attributes.get("action"):
            attributes["action"] = self.link(attributes["action"]) or attributes["action"]
        kept = {name: value for name, value in attributes.items() if name in ATTRIBUTES}
        written = "".join(f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in kept.items())
        self.out.append(f"<{tag}{written}>")

    def handle_endtag(self, tag):
        if tag == "title":
            self.in_title = False
        if self.depth and tag == self.within:
            self.depth -= 1
        if self.dropped:
            if tag == self.dropped[-1]:
                self.dropped.pop()
        elif self.depth and tag in KEPT - VOID and (tag != "a" or (self.links and self.links.pop())):
            self.out.append(f"</{tag}>")

    def handle_data(self, data):
        if self.in_title:
            self.title.append(data)
        if self.depth and not self.dropped:
            self.out.append(escape(BLANKS.sub(" ", data)))


def of_page(html, *, link):
    """Return the Words of a whole page: what stands in <main>."""
    sifter = _Sifter(link, within="main")
    sifter.feed(html)
    sifter.close()
    return Words("".join(sifter.title).strip(), mark_safe("".join(sifter.out)))  # noqa: S308 - every piece is escaped


def of_part(html, *, link):
    """Return a part of a page as safe HTML without pictures and looks."""
    return of_page(f"<main>{html}</main>", link=link).html


class _Lines(HTMLParser):
    """Write HTML as plain text: a block is a paragraph, a list item a line."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.out = []

    def handle_starttag(self, tag, attrs):
        if tag == "li":
            self.out.append("\n- ")
        elif tag == "br":
            self.out.append("\n")
        elif tag in {"td", "th"}:
            self.out.append("\t")
        elif tag in BLOCKS:
            self.out.append("\n" if tag == "tr" else "\n\n")

    def handle_endtag(self, tag):
        if tag in BLOCKS - {"li", "td", "th", "tr"}:
            self.out.append("\n\n")

    def handle_data(self, data):
        self.out.append(BLANKS.sub(" ", data))


def plain(html):
    """Return sifted HTML as plain text, paragraphs apart."""
    lines = _Lines()
    lines.feed(html)
    lines.close()
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(lines.out))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"\n- \s*", "\n- ", text)).strip() + "\n"
