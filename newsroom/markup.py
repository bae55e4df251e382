"""A small tree of elements, read from what nh3 has parsed as browsers do, so that every tag in it is closed."""

import re
from html.parser import HTMLParser

VOID = {"br", "hr", "img", "col", "wbr"}
# What may stand open without meaning: browsers close these by themselves.
SELF_CLOSING = VOID | {"p", "li", "tr", "td", "th", "thead", "tbody", "tfoot", "dt", "dd", "colgroup", "option"}
SELF_CLOSING |= {"meta", "link", "input", "base", "area", "source", "track", "embed", "param", "html", "head", "body"}
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
DEEPEST = 100


class Element:
    """A tag with its attributes and children, which are Elements and strings."""

    __slots__ = ("attrs", "children", "tag")

    def __init__(self, tag, attrs=(), children=()):
        self.tag, self.attrs, self.children = tag, dict(attrs), list(children)

    def __iter__(self):
        """Yield the elements below this one, in the order of the text."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child

    def get(self, name):
        """Return an attribute, or ""."""
        return self.attrs.get(name) or ""

    def text(self):
        """Return the words in it."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


class _Builder(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self.stack = [self.root]
        self.too_deep = 0

    def handle_starttag(self, tag, attrs):
        if len(self.stack) > DEEPEST and tag not in VOID:
            self.too_deep += 1
            return
        element = Element(tag, attrs)
        self.stack[-1].children.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_endtag(self, tag):
        if self.too_deep and tag not in VOID:
            self.too_deep -= 1
        elif tag not in VOID and len(self.stack) > 1:
            self.stack.pop()

    def handle_data(self, data):
        self.stack[-1].children.append(data)


def read(html):
    """Return the root Element of HTML whose tags are all closed; what lies too deep loses its tags, not its words."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root


def is_tangled(html):
    """Tell whether so many tags stand open at once that a browser's way of parsing would take minutes or gigabytes."""
    open_tags, depth = {}, 0
    for match in TAG.finditer(html):
        tag = match[2].lower()
        if tag in SELF_CLOSING:
            continue
        count = open_tags.get(tag, 0)
        if match[1]:
            step = -1 if count else 0
        else:
            step = 1
        open_tags[tag] = count + step
        depth += step
        if depth > 2 * DEEPEST:
            return True
    return False


def escape(text):
    """Return text as nh3 would write it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\u00a0", "&nbsp;")


def escape_value(text):
    """Return the value of an attribute as nh3 would write it."""
    return escape(text).replace('"', "&quot;")
