"""A text as a list of blocks in words: paragraphs, headings, quotes, photos, boxes, embeds; for comparing and reading.

Nothing here is HTML any more: whoever shows a block escapes it like any other text.
"""

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom import registry

SPACE = re.compile(r"[ \t\n\r\f\xa0]+")
CONTAINERS = {
    "p", "h1", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "td", "th", "figure",
    "figcaption", "aside", "cite", "div",
}  # fmt: skip
LABELS = {
    "h2": gettext_lazy("Heading"), "h3": gettext_lazy("Subheading"), "li": gettext_lazy("List item"),
    "blockquote": gettext_lazy("Quote"), "tr": gettext_lazy("Table row"),
}  # fmt: skip
# The attribute that makes a node → its name in words, and the kind of thing that its value refers to.
NODES = {
    "data-photo": (gettext_lazy("Photo"), "photo"),
    "data-related": (gettext_lazy("Related story"), "article"),
    "data-embed": (gettext_lazy("Embed"), ""),
    "data-box": (gettext_lazy("Box"), ""),
    "data-pullquote": (gettext_lazy("Pull quote"), ""),
}
FACTS = {
    "data-embed": gettext_lazy("Address"), "data-box": gettext_lazy("Which"), "data-title": gettext_lazy("Title"),
    "data-alt": gettext_lazy("Alternative text"), "data-decorative": gettext_lazy("Decorative"),
    "data-layout": gettext_lazy("Width"), "data-crop": gettext_lazy("Crop"), "cite": gettext_lazy("Who said it"),
}  # fmt: skip
VALUES = {
    "newsletter": gettext_lazy("newsletter"), "support": gettext_lazy("support"), "wide": gettext_lazy("wide"),
    "normal": gettext_lazy("normal"), "true": gettext_lazy("yes"),
}  # fmt: skip


@dataclass(frozen=True)
class Block:
    """One block of a text: `label` its kind in words ("" for a paragraph), `text` its words.

    `ref` is (kind, id) of the row it shows, such as ("photo", "k3x…"); `facts` are (label, words) pairs such as its
    alternative text; `markup` is what it was written in, by which a change of formatting alone is noticed. `shown` is
    what `resolve` found out about `ref`: {"title", "note", "thumb"}.
    """

    label: str = ""
    text: str = ""
    ref: tuple = ()
    facts: tuple = ()
    markup: str = field(default="", compare=False)
    shown: dict = field(default_factory=dict, compare=False)


def of_html(html):
    """Return the blocks of a body (any HTML at all), each photo, box, embed and quote named in words."""
    reader = _Reader()
    reader.feed(html or "")
    reader.close()
    reader.flush()
    return reader.blocks


def of_text(text):
    """Return one block for each line of a plain text."""
    return [Block(text=line) for line in (text or "").split("\n")] if text else []


def resolve(*lists):
    """Return the lists of blocks with the title, credit and thumbnail of what they refer to: one query per kind.

    What is gone, or of a kind that no app registered (newsroom.registry.references), keeps its bare id.
    """
    wanted = {}
    for block in (block for blocks in lists for block in blocks if block.ref):
        wanted.setdefault(block.ref[0], set()).add(block.ref[1])
    found = {
        (kind, key): shown
        for kind, keys in wanted.items() if (find := registry.references.get(kind))
        for key, shown in find(keys).items()
    }  # fmt: skip
    missing = {"note": _("no longer there")}
    return [
        [replace(b, shown=found.get(b.ref) or {"title": str(b.ref[1]), **missing}) if b.ref else b for b in blocks]
        for blocks in lists
    ]


class _Node:
    """One of our nodes while it is being read."""

    def __init__(self, tag, attribute, attributes):
        self.tag, self.depth = tag, 0
        label, kind = NODES.get(attribute, (gettext_lazy("Insert"), ""))
        self.label = str(label)
        self.ref = (kind, attributes[attribute] or "") if kind else ()
        shown = [name for name in attributes if name.startswith("data-") and attributes[name]]
        self.facts = [
            (str(FACTS.get(name, name.removeprefix("data-"))), str(VALUES.get(attributes[name], attributes[name])))
            for name in shown
            if not (kind and name == attribute)
        ]


class _Reader(HTMLParser):
    """Cut HTML into Blocks."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.blocks, self.stack, self.links = [], [], []
        self.words, self.markup = [], []
        self.node = None

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        if self.node is None and (attribute := _node_attribute(tag, attributes)):
            self.flush()
            self.node = _Node(tag, attribute, attributes)
            return
        if self.node is not None and tag == self.node.tag:
            self.node.depth += 1
        if tag == "br":
            self._write("\n")
        elif tag == "hr":
            self.flush()
            self.blocks.append(Block(label=_("Line")))
        elif tag in CONTAINERS:
            self._enter(tag)
        else:
            self._inline(tag, attributes)

    def handle_endtag(self, tag):
        if self.node is not None and tag == self.node.tag:
            if not self.node.depth:
                self._finish_node()
                return
            self.node.depth -= 1
        if tag in CONTAINERS:
            self._leave(tag)
        else:
            self._inline_end(tag)

    def handle_data(self, data):
        self._write(SPACE.sub(" ", data), data)

    def flush(self):
        """End the block that is being read."""
        if self.node is not None:
            return
        text, markup = self._taken()
        if text:
            inside = next((tag for tag in reversed(self.stack) if tag in LABELS), "")
            self.blocks.append(Block(label=str(LABELS.get(inside, "")), text=text, markup=markup))

    def _taken(self):
        text, markup = _trimmed("".join(self.words)), "".join(self.markup)
        self.words, self.markup = [], []
        return text, markup

    def _write(self, words, markup=None):
        self.words.append(words)
        self.markup.append(words if markup is None else markup)

    def _enter(self, tag):
        if tag == "cite" and self.node is not None:
            self.node.text = self._taken()
        elif "tr" in self.stack and tag != "tr":
            self._write(" | " if tag in {"td", "th"} and self.words else " ")
        elif self.node is None:
            self.flush()
        else:
            self._write("\n")
        self.stack.append(tag)

    def _leave(self, tag):
        if tag == "cite" and self.node is not None and hasattr(self.node, "text"):
            said_by, _markup = self._taken()
            self.node.facts += [(str(FACTS["cite"]), said_by)] if said_by else []
        elif "tr" not in self.stack or tag == "tr":
            self.flush()
        if tag in self.stack:
            del self.stack[len(self.stack) - 1 - self.stack[::-1].index(tag) :]

    def _inline(self, tag, attributes):
        self.markup.append(self.get_starttag_text() or "")
        if tag == "a":
            self.links.append(attributes.get("href") or attributes.get("data-article", ""))
        elif tag == "sup" and attributes.get("data-footnote"):
            self._write(f" [{_('note')}: {SPACE.sub(' ', attributes['data-footnote'])}] ")

    def _inline_end(self, tag):
        self.markup.append(f"</{tag}>")
        if tag == "a" and self.links and (target := self.links.pop()):
            self._write(f" [→ {target}] ")

    def _finish_node(self):
        node, self.node = self.node, None
        text, markup = self._taken()
        if hasattr(node, "text"):
            text, markup = node.text[0], node.text[1] + markup
        self.blocks.append(Block(node.label, text, node.ref, tuple(node.facts), markup))


def _node_attribute(tag, attributes):
    """Return the attribute that makes an element a node of ours: the known one, or any data- attribute of a block."""
    if tag not in {"figure", "aside", "div"}:
        return None
    own = [name for name in attributes if name.startswith("data-")]
    return next((name for name in own if name in NODES), own[0] if own else None)


def _trimmed(text):
    """Return the text with single blanks, its lines kept."""
    lines = (re.sub(r" +", " ", line).strip() for line in text.split("\n"))
    text = "\n".join(line for line in lines if line)
    return re.sub(r" ([,.;:!?»”)])", r"\1", text)
