"""A body as the blocks that a story may have: whatever HTML comes in, the same few forms come out.

Blocks never stand in paragraphs, marks stand in one order, white space is single: what this writes, it reads back
unchanged.
"""

import re
from contextlib import contextmanager

from newsroom import pasted
from newsroom.lines import Line
from newsroom.markup import Element, escape_value

BLOCKS = {
    "p", "div", "section", "article", "header", "footer", "main", "nav", "address", "center", "details", "summary",
    "dl", "dt", "dd", "caption", "figcaption", "pre", "li", "tr", "td", "th", "tbody", "thead", "tfoot", "hgroup",
}  # fmt: skip
HEADINGS = {"h1": 2, "h2": 2, "h3": 3, "h4": 3, "h5": 3, "h6": 3}
LISTS = {"ul", "ol"}
BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
SPACES = re.compile(r"[ \t\n\r\f]+")
PHOTO = ("data-photo", "data-layout", "data-alt", "data-decorative", "data-crop")
NODES = ("data-related", "data-box", "data-embed")
BARE_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
SPAN = re.compile(r"[2-9]\Z|[1-9]\d\Z")


class Block:
    """A block with its attributes and what stands in it: Blocks and Lines."""

    def __init__(self, tag, attrs=(), children=(), *, is_fake=False):
        self.tag, self.attrs, self.children, self.is_fake = tag, dict(attrs), list(children), is_fake

    @property
    def last(self):
        """The block that ends it, or None."""
        return self.children[-1] if self.children else None

    def lines(self):
        """Yield every line in it, in the order of the text."""
        for child in self.children:
            if isinstance(child, Line):
                yield child
            else:
                yield from child.lines()

    def only_line(self):
        """Return all its words as one line."""
        whole = Line()
        for line in self.lines():
            whole.join(line)
        return whole


class Reader:
    """Read a tree of HTML into Blocks. `check(tag, attribute, value)` returns the value that may be kept, or None."""

    def __init__(self, check, *, language=""):
        self.check, self.language = check, language
        self.root = self.here = Block("")
        self.line, self.kind, self.marks = None, "p", {}
        self.in_block = self.in_quote = self.in_table = self.in_pre = False
        self.level, self.marker = 0, None
        self.is_set_as_quote = False
        self.drop = 0

    def read(self, tree):
        """Return the root Block of a whole text."""
        had_notes = pasted.settle_notes(tree)
        titles = [element for element in tree if element.tag == "h1"]
        self.drop = 1 if len(titles) > 1 else 0
        for child in tree.children:
            if isinstance(child, str) and BLANK_LINE.search(child):
                self._plain(child)
            else:
                self._child(child)
        self.close()
        while had_notes and self.root.last is not None and self.root.last.tag == "hr":
            self.root.children.pop()
        return self.root

    def _plain(self, text):
        """Read text outside of every element: an empty line begins a paragraph."""
        for number, paragraph in enumerate(BLANK_LINE.split(text)):
            if number:
                self.close()
            self._text(paragraph)

    def _children(self, element):
        for child in element.children:
            self._child(child)

    def _child(self, child):
        if isinstance(child, str):
            self._text(child)
            return
        handler = HANDLERS.get(child.tag)
        if handler:
            handler(self, child)
        elif child.tag in BLOCKS:
            self._block(child)
        else:
            self._inline(child)

    # Words

    def _text(self, text):
        text = text.replace("\ufffc", "")
        text = text if self.in_pre else SPACES.sub(" ", text)
        if self.line is None:
            if not text.strip(" "):
                return
            self._open()
        self.line.add(text, self.marks)

    def _open(self):
        self.line = Line(self.kind, is_loose=not self.in_block)

    def _inline(self, element):
        style = pasted.style_of(element)
        if pasted.is_marker(style):
            self.marker = element.text()
            return
        with self._kept("marks"):
            self.marks = pasted.marks_under(element, style, self.marks)
            self._children(element)

    def _link(self, element):
        style = pasted.style_of(element)
        with self._kept("marks"):
            marks = pasted.marks_under(element, style, self.marks)
            story = self.check("a", "data-article", element.get("data-article"))
            address = self.check("a", "href", pasted.clean_address(element.get("href")))
            if story or address:
                marks["a"] = ("data-article", story) if story else ("href", address)
            self.marks = marks
            self._children(element)

    def _span(self, element):
        language = self.check("span", "lang", element.get("lang")) or ""
        with self._kept("marks"):
            if BARE_LANGUAGE.match(language):
                self.marks = {**self.marks, "span": ("lang", language)}
            self._inline(element)

    def _raised(self, element):
        note = (self.check("sup", "data-footnote", element.get("data-footnote")) or "").strip()
        if not note:
            self._inline(element)
            return
        if self.line is None:
            self._open()
        self.line.add_note(note)
        self._children(element)

    def _quoted(self, element):
        self._text('"')
        self._inline(element)
        self._text('"')

    def _break(self, _element):
        if self.line is not None:
            self.line.add("\n", {} if self.in_pre else self.marks)

    # Paragraphs

    def _block(self, element):
        self.close()
        style = pasted.style_of(element)
        with self._kept("in_block", "marks", "in_pre", "kind"):
            self.in_block, self.in_pre = True, self.in_pre or element.tag == "pre"
            if element.tag in {"p", "div", "dt", "dd"}:
                self.marks = pasted.marks_under(element, style, self.marks)
            if self.here is self.root and element.tag == "p":
                self._look_at(element, style)
            self._children(element)
            self.close()
        self.level, self.marker, self.is_set_as_quote = 0, None, False

    def _look_at(self, element, style):
        """Notice what else a paragraph is meant to be."""
        self.level = pasted.list_level(element, style)
        self.is_set_as_quote = not self.level and pasted.is_quote(element, style)
        if pasted.is_title(element):
            self.kind = "h2"

    def _heading(self, element):
        self.close()
        if self.here is not self.root or self.kind != "p":
            self._block(element)
            return
        with self._kept("kind", "in_block"):
            level = HEADINGS[element.tag] + (self.drop if element.tag != "h1" else 0)
            self.kind, self.in_block = f"h{min(level, 3)}", True
            self._open()
            self._children(element)
            self.close()

    def close(self):
        """End the paragraph that is open."""
        line, self.line = self.line, None
        if line is None:
            return
        for part in line.paragraphs():
            part.tidy(self.language)
            if not part.is_empty():
                self._place(part)
            elif part.tag != "p":
                self.here.children.append(Line(part.tag))

    def _place(self, line):
        """Put a finished line where it belongs: into a faked list or quotation, or simply here."""
        if self.here is self.root and line.tag == "p":
            if self._place_item(line):
                return
            if self.is_set_as_quote:
                self._place_quote(line)
                return
        self.here.children.append(line)

    def _place_item(self, line):
        marker, level = self.marker, self.level
        if marker is None:
            found = (pasted.WORD_MARKER if level else pasted.BULLET).match(line.text)
            if not found:
                return False
            marker, level = found[0], level or 1
            line.cut(found.end())
        number = pasted.ORDERED.match(marker.strip())
        start = {"start": number[1]} if number and (number[1] or "1").lstrip("0") not in {"", "1"} else {}
        line.is_loose = True
        self._add_item(line, level or 1, "ol" if number else "ul", start)
        return True

    def _add_item(self, line, level, tag, start):
        holder = self.here
        for depth in range(1, level + 1):
            last = holder.last
            is_open = isinstance(last, Block) and last.is_fake and last.tag in LISTS
            if not is_open or (depth == level and last.tag != tag):
                last = Block(tag, start if tag == "ol" else {}, is_fake=True)
                holder.children.append(last)
                break
            if depth == level:
                break
            holder = last.last
        last.children.append(Block("li", children=[line]))

    def _place_quote(self, line):
        last = self.here.last
        if not (isinstance(last, Block) and last.is_fake and last.tag == "blockquote"):
            last = Block("blockquote", is_fake=True)
            self.here.children.append(last)
        last.children.append(line)

    # Blocks that hold blocks

    @contextmanager
    def _kept(self, *names):
        """Set these attributes back afterwards."""
        before = {name: getattr(self, name) for name in names}
        yield
        for name, value in before.items():
            setattr(self, name, value)

    @contextmanager
    def _inside(self, block):
        """Read into another block."""
        self.close()
        with self._kept("here", "kind", "marks", "in_block", "in_pre"):
            self.here, self.kind, self.marks, self.in_block, self.in_pre = block, "p", {}, False, False
            yield block
            self.close()

    def _filled(self, tag, element):
        with self._inside(Block(tag)) as block:
            self._children(element)
        return block

    def _rule(self, _element):
        self.close()
        if self.here is self.root or self.here.tag == "blockquote":
            self.here.children.append(Block("hr"))

    def _quote(self, element):
        if self.in_quote:
            self._block(element)
            return
        with self._kept("in_quote"):
            self.in_quote = True
            block = self._filled("blockquote", element)
        self._keep_if_filled(block)

    def _keep_if_filled(self, block):
        if block.children:
            self.here.children.append(block)

    def _list(self, element):
        self.close()
        name, level = pasted.kix(element)
        start = self.check("ol", "start", element.get("start")) if element.tag == "ol" else None
        block = Block(element.tag, {"start": start} if start and start.lstrip("0") not in {"", "1"} else {})
        for child in element.children:
            self._list_child(block, child)
        block.kix = name
        if block.children and not self._joined(block, name, level):
            self.here.children.append(block)

    def _list_child(self, block, child):
        if isinstance(child, str) and not child.strip():
            return
        is_list = isinstance(child, Element) and child.tag in LISTS
        if is_list and block.children:
            with self._inside(block.last):
                self._list(child)
            return
        item = self._filled(
            "li", child if isinstance(child, Element) and child.tag == "li" else Element("", (), [child])
        )
        only_lists = item.children and all(isinstance(one, Block) and one.tag in LISTS for one in item.children)
        if only_lists and block.children:
            block.last.children += item.children
        elif item.children:
            block.children.append(item)

    def _joined(self, block, name, level):
        """Put a list of Google's into the one before it that it continues or that holds it."""
        last = self.here.last
        if not name or not isinstance(last, Block) or last.tag not in LISTS or not getattr(last, "kix", ""):
            return False
        for depth in range(level + 1):
            if depth == level and last.tag == block.tag and last.kix == name:
                last.children += block.children
                return True
            item = last.last
            if depth == level - 1 and not (isinstance(item.last, Block) and item.last.tag in LISTS):
                item.children.append(block)
                return True
            if depth == level or not isinstance(item.last, Block) or not getattr(item.last, "kix", ""):
                return False
            last = item.last
        return False

    def _table(self, element):
        self.close()
        rows = list(_rows(element))
        cells = [cell for row in rows for cell in row]
        for caption in (child for child in element.children if isinstance(child, Element) and child.tag == "caption"):
            self._block(caption)
        if self.in_table or len(cells) <= 1:
            for cell in cells:
                self._block(cell)
            return
        with self._kept("in_table"):
            self.in_table = True
            block = Block("table", children=[Block("tr", children=[self._cell(cell) for cell in row]) for row in rows])
        self.here.children.append(block)

    def _cell(self, element):
        cell = self._filled(element.tag, element)
        cell.attrs = {name: element.get(name) for name in ("colspan", "rowspan") if SPAN.match(element.get(name))}
        return cell

    # Our own nodes

    def _figure(self, element):
        self.close()
        attrs = self._checked(
            "figure", element, ("data-photo", "data-layout", "data-alt", "data-decorative", "data-crop")
        )
        captions = [child for child in element.children if isinstance(child, Element) and child.tag == "figcaption"]
        if not attrs.get("data-photo"):
            self._children(element)
            self.close()
            return
        caption = self._filled("figcaption", captions[0]).only_line() if captions else Line()
        self.here.children.append(Block("figure", attrs, [Block("figcaption", children=[caption])]))
        for child in element.children:
            if child not in captions[:1]:
                self._child(child)
        self.close()

    def _aside(self, element):
        if "data-pullquote" not in element.attrs:
            self._block(element)
            return
        inside = (child for child in element.children if isinstance(child, Element) and child.tag == "cite")
        source = next(inside, Element("cite"))
        words = Element("", (), [child for child in element.children if child is not source])
        with self._kept("in_quote"):
            self.in_quote = True
            quote = list(self._filled("blockquote", words).lines())
        for line in quote:
            line.tag = "p"
            line.is_loose = False
        cite = self._filled("cite", source).only_line()
        cite.marks = [{} for _character in cite.text]
        parts = [Block("blockquote", children=quote), Block("cite", children=[cite])]
        if quote or not cite.is_empty():
            self.here.children.append(Block("aside", {"data-pullquote": ""}, parts if cite.text else parts[:1]))

    def _division(self, element):
        attrs = self._checked("div", element, (*NODES, "data-title", "data-photo"))
        name = next((name for name in NODES if attrs.get(name)), None)
        if name is None:
            self._block(element)
            return
        self.close()
        block = Block("div", {name: attrs[name]})
        if name == "data-embed":
            block.attrs |= {extra: attrs[extra] for extra in ("data-title", "data-photo") if attrs.get(extra)}
            words = list(self._filled("div", element).lines())
            block.children = words
            for line in words:
                line.tag, line.is_loose = "p", False
        self.here.children.append(block)
        if name != "data-embed":
            self._children(element)
            self.close()

    def _checked(self, tag, element, names):
        found = {name: self.check(tag, name, element.attrs[name] or "") for name in names if name in element.attrs}
        return {name: value for name, value in found.items() if value}


HANDLERS = {
    **dict.fromkeys(HEADINGS, Reader._heading), **dict.fromkeys(LISTS, Reader._list), "a": Reader._link,
    "span": Reader._span, "sup": Reader._raised, "q": Reader._quoted, "br": Reader._break, "hr": Reader._rule,
    "blockquote": Reader._quote, "table": Reader._table, "figure": Reader._figure, "aside": Reader._aside,
    "div": Reader._division,
}  # fmt: skip


def _rows(table):
    """Yield the cells of each row, those of tables inside left alone."""
    for child in table.children:
        if not isinstance(child, Element):
            continue
        if child.tag == "tr":
            cells = [cell for cell in child.children if isinstance(cell, Element) and cell.tag in {"td", "th"}]
            if cells:
                yield cells
        elif child.tag in {"thead", "tbody", "tfoot"}:
            yield from _rows(child)


# Writing


def write(block):
    """Return a block and what stands in it as HTML."""
    if isinstance(block, Line):
        return f"<{block.tag}>{block.html()}</{block.tag}>"
    inside = WRITERS.get(block.tag, _written)(block)
    attributes = "".join(f' {name}="{escape_value(value)}"' for name, value in block.attrs.items())
    if not block.tag:
        return inside
    return f"<{block.tag}{attributes}>" + ("" if block.tag == "hr" else f"{inside}</{block.tag}>")


def _written(block):
    return "".join(write(child) for child in block.children)


def _bare(block):
    """Return the inside of a caption or source."""
    return "".join(line.html() for line in block.lines())


def _cell(block):
    """Return the inside of a list item or cell: a single line that came without <p> stays without."""
    lines = [child for child in block.children if isinstance(child, Line)]
    if len(lines) == 1 and lines[0].is_loose:
        return "".join(child.html() if child is lines[0] else write(child) for child in block.children)
    return _written(block)


def _table(block):
    """Return the rows; those of header cells alone at the top are the head."""
    head = 0
    while head < len(block.children) and all(cell.tag == "th" for cell in block.children[head].children):
        head += 1
    parts = (("thead", block.children[:head]), ("tbody", block.children[head:]))
    return "".join(f"<{tag}>{''.join(write(row) for row in rows)}</{tag}>" for tag, rows in parts if rows)


WRITERS = {"figcaption": _bare, "cite": _bare, "li": _cell, "td": _cell, "th": _cell, "table": _table}
