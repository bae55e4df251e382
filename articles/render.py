"""From the stored body to the page: our nodes become markup, with one query for photos and one for stories.

The stored HTML is the cleaner's output (see newsroom.html), so everything but our nodes is passed on as it stands.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from articles.models import Article, Photo
from articles.templatetags.articles import caption_html, picture_html
from newsroom import registry

BLOCKS = {
    "figure": ("data-photo",),
    "aside": ("data-pullquote",),
    "div": ("data-related", "data-box", "data-embed"),
    "sup": ("data-footnote",),
}
SIZES = {"wide": "(min-width: 66rem) 60rem, 100vw", "normal": "(min-width: 44rem) 40rem, 100vw"}
ARTICLE_LINK, ARTICLE_LINK_END = "data-article", "/data-article"


@dataclass
class Node:
    """One of our nodes in a body: its kind, its attributes and the HTML of its named parts."""

    kind: str
    attributes: dict
    parts: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Body:
    """A rendered body: safe HTML, the boxes that stand in it, and the rows it was made of."""

    html: str
    boxes: frozenset
    articles: tuple
    photos: tuple


class _Reader(HTMLParser):
    """Cut the stored HTML into pieces: plain strings and Nodes."""

    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.pieces = []
        self.node = None
        self.part = None
        self.depth = 0
        self.links = []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if self.node is not None:
            self._inside(tag)
        elif kind := _kind(tag, attributes):
            self.node, self.part, self.depth = Node(kind, attributes), "", 1
            self.pieces.append(self.node)
        elif tag == "a":
            ours = "data-article" in attributes
            self.links.append(ours)
            self.pieces.append(Node(ARTICLE_LINK, attributes) if ours else self.get_starttag_text())
        elif tag == "table":
            self.pieces.append(f'<div class="scroll" tabindex="0">{self.get_starttag_text()}')
        else:
            self.pieces.append(self.get_starttag_text())

    def _inside(self, tag):
        if tag not in {"br", "hr"}:
            self.depth += 1
        if tag in {"figcaption", "blockquote", "cite"} and self.depth == 2:
            self.part = tag
        else:
            self._keep(self.get_starttag_text())

    def handle_endtag(self, tag):
        if self.node is not None:
            self.depth -= 1
            if self.depth == 0:
                self.node = None
            elif self.depth == 1 and tag == self.part:
                self.part = ""
            else:
                self._keep(f"</{tag}>")
        elif tag == "a" and self.links and self.links.pop():
            self.pieces.append(Node(ARTICLE_LINK_END, {}))
        else:
            self.pieces.append("</table></div>" if tag == "table" else f"</{tag}>")

    def handle_data(self, data):
        self._keep(data)

    def handle_entityref(self, name):
        self._keep(f"&{name};")

    def handle_charref(self, name):
        self._keep(f"&#{name};")

    def _keep(self, text):
        if self.node is None:
            self.pieces.append(text)
        else:
            self.node.parts[self.part] = self.node.parts.get(self.part, "") + text


def _kind(tag, attributes):
    return next((name for name in BLOCKS.get(tag, ()) if name in attributes), None)


def render_body(body_html, *, edition, context, at):
    """Return the Body of a stored text; `context` is what boxes need (request, edition, article).

    A photo that is gone, a story that is not public and a box that nobody registered leave no trace but the words of
    the link.
    """
    reader = _Reader()
    reader.feed(body_html)
    reader.close()
    writer = _Writer(reader.pieces, edition=edition, context=context, at=at)
    return writer.body(reader.pieces)


class _Writer:
    """Turn the pieces into markup, everything they name loaded at once."""

    def __init__(self, pieces, *, edition, context, at):
        self.edition, self.context = edition, context
        nodes = [piece for piece in pieces if isinstance(piece, Node)]
        self.photos = _load_photos(_ids(nodes, "data-photo"))
        self.articles = _load_articles(_ids(nodes, "data-related", ARTICLE_LINK), at)
        self.boxes, self.notes, self.open_links = set(), [], []

    def body(self, pieces):
        """Return the Body."""
        html = [piece if isinstance(piece, str) else self._markup(piece) for piece in pieces]
        return Body(
            html=mark_safe("".join(html) + self._notes()),  # noqa: S308 - cleaned on every way in
            boxes=frozenset(self.boxes),
            articles=tuple(self.articles.values()),
            photos=tuple(self.photos.values()),
        )

    def _markup(self, node):
        write = {
            "data-photo": self._photo,
            "data-pullquote": self._pull,
            "data-related": self._related,
            "data-box": self._box,
            "data-embed": self._embed,
            "data-footnote": self._footnote,
            ARTICLE_LINK: self._link,
            ARTICLE_LINK_END: self._link_end,
        }
        return write[node.kind](node)

    def _photo(self, node):
        photo = self.photos.get(node.attributes["data-photo"])
        if photo is None:
            return ""
        language, layout = self.edition.language, node.attributes.get("data-layout", "normal")
        decorative = node.attributes.get("data-decorative") == "true"
        alt = "" if decorative else node.attributes.get("data-alt") or photo.alt_in(language)
        own = node.parts.get("figcaption", "").strip()
        box = node.attributes.get("data-crop") or ""
        caption = mark_safe(own) if own else photo.caption_in(language)  # noqa: S308 - part of the cleaned body
        return format_html(
            '<figure class="photo photo--{}">{}<figcaption>{}</figcaption></figure>',
            layout, picture_html(photo, sizes=SIZES.get(layout, "100vw"), alt=alt, box=box),
            caption_html(caption, photo),
        )  # fmt: skip

    def _pull(self, node):
        quote, cite = node.parts.get("blockquote", ""), node.parts.get("cite", "").strip()
        who = f"<figcaption>{cite}</figcaption>" if cite else ""
        return f'<figure class="pull"><blockquote>{quote}</blockquote>{who}</figure>'

    def _related(self, node):
        story = self.articles.get(node.attributes["data-related"])
        return render_to_string("includes/related.html", {"story": story, "edition": self.edition}) if story else ""

    def _box(self, node):
        name = node.attributes["data-box"]
        build = registry.boxes.get(name)
        is_private = getattr(self.context.get("request"), "is_private", False)
        if build is None or name in self.boxes or is_private:
            return ""
        self.boxes.add(name)
        return str(build(self.context) or "")

    def _embed(self, node):
        url = node.attributes["data-embed"] or ""
        host = urlsplit(url).hostname or url
        return format_html(
            '<p class="embed"><a href="{}" rel="noopener noreferrer">{}</a> <span>{}</span></p>',
            url, node.attributes.get("data-title") or url, gettext("on {host}").format(host=host),
        )  # fmt: skip

    def _footnote(self, node):
        self.notes.append(node.attributes["data-footnote"] or "")
        number = len(self.notes)
        return f'<sup><a id="note-{number}-ref" href="#note-{number}">{number}</a></sup>'

    def _notes(self):
        if not self.notes:
            return ""
        back = gettext("Back to the text")
        items = format_html_join(
            "", '<li id="note-{0}">{1} <a href="#note-{0}-ref" aria-label="{2}">↩</a></li>',
            ((number, note, back) for number, note in enumerate(self.notes, start=1)),
        )  # fmt: skip
        return f'<ol class="notes">{items}</ol>'

    def _link(self, node):
        story = self.articles.get(node.attributes["data-article"])
        self.open_links.append(story is not None)
        return f'<a href="{escape(story.get_absolute_url())}">' if story else ""

    def _link_end(self, _node):
        return "</a>" if self.open_links.pop() else ""


def _ids(nodes, *kinds):
    return {node.attributes[kind] for node in nodes for kind in kinds if node.kind == kind}


def _load_photos(ids):
    photos = Photo.objects.filter(public_id__in=ids).prefetch_related("texts") if ids else ()
    return {photo.public_id: photo for photo in photos}


def _load_articles(ids, at):
    if not ids:
        return {}
    articles = Article.objects.published(at).filter(public_id__in=ids)
    return {article.public_id: article for article in articles.select_related("edition").defer("body_html")}
