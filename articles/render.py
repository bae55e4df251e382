"""From the stored body to the page: our nodes become markup, with one query for photos and one for stories.

The stored HTML is the cleaner's output (see newsroom.html), so everything but our nodes is passed on as it stands.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext

from articles.models import Article, Photo
from articles.templatetags.articles import caption_html, credit, picture_html
from newsroom import registry

BLOCKS = {
    "figure": ("data-photo",),
    "aside": ("data-pullquote",),
    "div": ("data-related", "data-box", "data-embed"),
}
GALLERY = "gallery"
SIZES = {
    "wide": "(min-width: 66rem) 60rem, 100vw",
    "normal": "(min-width: 44rem) 40rem, 100vw",
    GALLERY: "(min-width: 44rem) 32rem, 82vw",
}
ARTICLE_LINK, ARTICLE_LINK_END, TABLE = "data-article", "/data-article", "table"


@dataclass
class Node:
    """One of our nodes in a body: its kind, its attributes and the pieces of its named parts."""

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
    """Cut the stored HTML into pieces: plain strings and Nodes; links and notes are pieces in a node's parts too."""

    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.pieces = []
        self.node, self.part, self.depth = None, "", 0
        self.links = []
        self.is_in_note = self.is_in_head = False

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "sup" and "data-footnote" in attributes:
            self._put(Node("data-footnote", attributes))
            self.is_in_note = True
        elif self.node is not None:
            self._inside(tag, attributes)
        elif kind := _kind(tag, attributes):
            self.node = Node(kind, attributes)
            self.pieces.append(self.node)
            self.part, self.depth = "", 1
        else:
            self._open(tag, attributes)

    def _inside(self, tag, attributes):
        if tag not in {"br", "hr"}:
            self.depth += 1
        if tag in {"figcaption", "blockquote", "cite"} and self.depth == 2:
            self.part = tag
        else:
            self._open(tag, attributes)

    def _open(self, tag, attributes):
        text = self.get_starttag_text()
        if tag == "a":
            self.links.append("data-article" in attributes)
            self._put(Node(ARTICLE_LINK, attributes) if self.links[-1] else text)
        elif tag == "table":
            self._put(Node(TABLE, attributes))
        elif tag == "th":
            self._put(f'<th scope="{"col" if self.is_in_head else "row"}"{text.removeprefix("<th")}')
        else:
            self.is_in_head = tag == "thead" or (self.is_in_head and tag != "tbody")
            self._put(text)

    def handle_endtag(self, tag):
        if tag == "sup" and self.is_in_note:
            self.is_in_note = False
            return
        if self.node is not None:
            self.depth -= 1
            if self.depth == 0:
                self.node = None
                return
            if self.depth == 1 and tag == self.part:
                self.part = ""
                return
        if tag == "a" and self.links and self.links.pop():
            self._put(Node(ARTICLE_LINK_END, {}))
        else:
            self._put("</table></div>" if tag == "table" else f"</{tag}>")

    def handle_data(self, data):
        self._put(data)

    def handle_entityref(self, name):
        self._put(f"&{name};")

    def handle_charref(self, name):
        self._put(f"&#{name};")

    def _put(self, piece):
        (self.pieces if self.node is None else self.node.parts.setdefault(self.part, [])).append(piece)


def _kind(tag, attributes):
    return next((name for name in BLOCKS.get(tag, ()) if name in attributes), None)


def with_galleries(pieces):
    """Return the pieces with each run of two or more photos of the layout "gallery" as one Node."""
    made, run = [], []
    for piece in [*pieces, ""]:
        if isinstance(piece, Node) and piece.attributes.get("data-layout") == GALLERY and piece.kind == "data-photo":
            run.append(piece)
        elif run and isinstance(piece, str) and piece and not piece.strip():
            continue
        else:
            made += [Node(GALLERY, {"photos": run})] if run else []
            run = []
            made.append(piece)
    return made


class ReadBody:
    """A stored text in pieces, and the public ids of the photos and the stories that it names."""

    def __init__(self, body_html):
        reader = _Reader()
        reader.feed(body_html)
        reader.close()
        self.pieces = reader.pieces
        nodes = list(_nodes(self.pieces))
        self.photos = _ids(nodes, "data-photo") | _posters(nodes)
        self.articles = _ids(nodes, "data-related", ARTICLE_LINK)


def render_body(body_html, *, edition, context, at):
    """Return the Body of a stored text; `context` is what boxes need (request, edition, article).

    A photo that is gone, a story that is not public and a box that nobody registered leave no trace but the words of
    the link.
    """
    read = ReadBody(body_html)
    return write_body(
        read, photos=_load_photos(read.photos), articles=_load_articles(read.articles, at), edition=edition,
        context=context,
    )  # fmt: skip


def write_body(read, *, photos, articles, edition, context):
    """Return the Body of a ReadBody with the photos and the public stories that it names, each by its public id."""
    return _Writer(photos, articles, edition=edition, context=context).body(read.pieces)


class _Writer:
    """Turn the pieces into markup, everything they name at hand."""

    def __init__(self, photos, articles, *, edition, context):
        self.edition, self.context = edition, context
        self.photos, self.articles = photos, articles
        self.boxes, self.notes, self.open_links = set(), [], []

    def body(self, pieces):
        """Return the Body."""
        html = self._html(pieces)
        return Body(
            html=mark_safe(html + self._notes()),  # noqa: S308 - cleaned on every way in
            boxes=frozenset(self.boxes),
            articles=tuple(self.articles.values()),
            photos=tuple(self.photos.values()),
        )

    def _html(self, pieces):
        return "".join([piece if isinstance(piece, str) else self._markup(piece) for piece in with_galleries(pieces)])

    def _part(self, node, name):
        """Return a part of a node as safe HTML."""
        return mark_safe(self._html(node.parts.get(name, ())).strip())  # noqa: S308 - part of the cleaned body

    def _markup(self, node):
        write = {
            "data-photo": self._photo,
            GALLERY: self._gallery,
            "data-pullquote": self._pull,
            "data-related": self._related,
            "data-box": self._box,
            "data-embed": self._embed,
            "data-footnote": self._footnote,
            ARTICLE_LINK: self._link,
            ARTICLE_LINK_END: self._link_end,
            TABLE: self._table,
        }
        return write[node.kind](node)

    def _gallery(self, node):
        photos = [each for each in node.attributes["photos"] if each.attributes["data-photo"] in self.photos]
        if len(photos) < 2:
            return "".join(self._photo(each) for each in photos)
        label = ngettext("Gallery: {count} photo", "Gallery: {count} photos", len(photos)).format(count=len(photos))
        figures = format_html_join("", "<li>{}</li>", ((self._photo(each),) for each in photos))
        return format_html('<ul class="gallery" tabindex="0" aria-label="{}">{}</ul>', label, figures)

    def _photo(self, node):
        photo = self.photos.get(node.attributes["data-photo"])
        if photo is None:
            return ""
        language, layout = self.edition.language, node.attributes.get("data-layout", "normal")
        decorative = node.attributes.get("data-decorative") == "true"
        alt = "" if decorative else node.attributes.get("data-alt") or photo.alt_in(language)
        box = node.attributes.get("data-crop") or ""
        caption = self._part(node, "figcaption") or photo.caption_in(language)
        return format_html(
            '<figure class="photo photo--{}">{}<figcaption>{}</figcaption></figure>',
            layout, _picture(photo, sizes=SIZES.get(layout, "100vw"), alt=alt, box=box), caption_html(caption, photo),
        )  # fmt: skip

    def _pull(self, node):
        quote, cite = self._part(node, "blockquote"), self._part(node, "cite")
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
        return str(build({**self.context, "is_inside": True}) or "")

    def _embed(self, node):
        """Return picture, words and a plain link: nothing of the platform is loaded before a reader goes there."""
        url = node.attributes["data-embed"] or ""
        host = urlsplit(url).hostname or url
        photo, words = self.photos.get(node.attributes.get("data-photo")), self._part(node, "")
        return format_html(
            '<figure class="embed"><a class="embed__link" href="{}" rel="noopener noreferrer"'
            ' referrerpolicy="no-referrer">{}<span class="embed__title">{}</span> <span class="embed__host">{}</span>'
            "</a>{}<figcaption>{} <span>{}</span></figcaption></figure>",
            url, _picture(photo, sizes=SIZES["normal"], alt="") if photo else "",
            node.attributes.get("data-title") or url, gettext("on {host}").format(host=host),
            format_html('<div class="embed__text">{}</div>', words) if words else "", credit(photo) if photo else "",
            gettext("Nothing of it is loaded here before you open it."),
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

    @staticmethod
    def _table(_node):
        return format_html('<div class="scroll" tabindex="0" role="group" aria-label="{}"><table>', gettext("Table"))


def _picture(photo, *, sizes, alt, box=""):
    """Return the picture; while a hand-made crop is not cut yet none at all, lest readers see what is cut off."""
    if box and not any(entry.get("box") == box for entry in photo.renditions):
        return ""
    return picture_html(photo, sizes=sizes, alt=alt, box=box)


def _nodes(pieces):
    """Yield the nodes among the pieces, those inside their parts too."""
    for piece in pieces:
        if isinstance(piece, Node):
            yield piece
            for part in piece.parts.values():
                yield from _nodes(part)


def _posters(nodes):
    """Return the ids of the pictures of embeds."""
    found = {node.attributes.get("data-photo") for node in nodes if node.kind == "data-embed"}
    return found - {None}


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
