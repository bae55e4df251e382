"""One paragraph as characters that carry marks: white space, quotation marks and the way back to HTML."""

import re
from dataclasses import dataclass, field
from itertools import groupby

from newsroom import quotes
from newsroom.markup import escape, escape_value

# The order in which marks stand inside each other.
ORDER = {name: place for place, name in enumerate(("a", "span", "strong", "em", "s", "sub", "sup"))}
BREAK, NOTE = "\n", "\ufffc"
NBSP = "\u00a0"
NOTES = re.compile(NOTE)
INVISIBLE = re.compile("[\u200b\u00ad]")
# A space that may not break has a meaning behind a number, before a dash, French stops and %, and inside guillemets.
STRAY_NBSP = re.compile(f"(?<![\\d«№§]){NBSP}(?![—–»:;!?%‰])|{NBSP}(?=[\\s{NBSP}]|$)|(?<=\\s){NBSP}|^{NBSP}")
UNTIDY = re.compile(f"[\u200b\u00ad{NBSP}\"'{BREAK}]|  |^ | $")


@dataclass
class Line:
    """A paragraph or heading: characters, and for each the marks it carries; a footnote is one character."""

    tag: str = "p"
    is_loose: bool = False
    text: str = ""
    marks: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def add(self, text, marks):
        """Append text with these marks, a dict of tag → attributes."""
        self.text += text
        self.marks += [marks] * len(text)

    def add_note(self, text):
        """Append a footnote."""
        self.add(NOTE, {})
        self.notes.append(text)

    def join(self, other):
        """Append another line behind a space."""
        if self.text and other.text:
            self.add(" ", {})
        self.add(other.text, {})
        self.marks[len(self.marks) - len(other.text) :] = other.marks
        self.notes += other.notes

    def cut(self, length):
        """Take characters off the beginning."""
        self.notes = self.notes[self.text[:length].count(NOTE) :]
        self.text, self.marks = self.text[length:], self.marks[length:]

    def is_empty(self):
        """Tell whether nothing would be seen."""
        return not self.text.strip(f" {NBSP}{BREAK}\u200b\u00ad")

    def tidy(self, language):
        """Set white space and quotation marks."""
        if self.tag != "p":
            self.marks = [{tag: mark for tag, mark in marks.items() if tag != "strong"} for marks in self.marks]
        if not UNTIDY.search(self.text):
            return
        self._replace(["" if INVISIBLE.match(character) else character for character in self.text])
        while (spaced := STRAY_NBSP.sub(" ", self.text)) != self.text:
            self.text = spaced
        self._replace(_collapsed(self.text))
        self._replace(_without_edges(self.text))
        self._replace(quotes.replacements(self.text, language))

    def _replace(self, pieces):
        """Put one string in the place of each character."""
        self.marks = [marks for marks, piece in zip(self.marks, pieces, strict=True) for _character in piece]
        self.text = "".join(pieces)

    def paragraphs(self):
        """Yield the lines between two breaks in a row, which is how paragraphs are faked."""
        while (at := self.text.find(BREAK * 2)) >= 0 and self.tag == "p":
            before = self.text[:at]
            first = Line(self.tag, text=before, marks=self.marks[:at], notes=self.notes[: before.count(NOTE)])
            rest = len(self.text) - len(self.text[at:].lstrip(BREAK))
            self.cut(rest)
            self.is_loose = False
            yield first
        yield self

    def html(self):
        """Return the inside of the paragraph as HTML: each mark opened once for all that it covers."""
        written, opened, notes = [], [], iter(self.notes)
        for text, marks in self._stretches():
            wanted = sorted(marks.items(), key=lambda mark: ORDER[mark[0]])
            same = _common(opened, wanted)
            while len(opened) > same:
                written.append(f"</{opened.pop()[0]}>")
            for tag, attribute in wanted[same:]:
                written.append(_start(tag, attribute))
                opened.append((tag, attribute))
            written.append(_written(text, notes))
        written += [f"</{tag}>" for tag, _attribute in reversed(opened)]
        return "".join(written)

    def _stretches(self):
        """Yield (characters, marks) for neighbours that carry the same marks."""
        place = 0
        for marks, group in groupby(self._settled_marks()):
            length = sum(1 for _character in group)
            yield self.text[place : place + length], marks
            place += length

    def _settled_marks(self):
        """Return the marks; white space carries only what stands on both sides of it."""
        settled = list(self.marks)
        if not any(settled):
            return settled
        for match in re.finditer(r"\s+", self.text):
            before = settled[match.start() - 1] if match.start() else {}
            after = settled[match.end()] if match.end() < len(settled) else {}
            both = {tag: mark for tag, mark in before.items() if tag in after and after[tag] == mark}
            settled[match.start() : match.end()] = [both] * len(match[0])
        return settled


def _collapsed(text):
    """Return the characters with "" for every space too many: at an end, beside a break, behind a space."""
    pieces, before = list(text), BREAK
    for place, character in enumerate(text):
        if character == " " and before in {" ", BREAK}:
            pieces[place] = ""
        else:
            before = character
    after = BREAK
    for place in range(len(pieces) - 1, -1, -1):
        if pieces[place] == " " and after == BREAK:
            pieces[place] = ""
        else:
            after = pieces[place] or after
    return pieces


def _without_edges(text):
    """Return the characters with "" for the breaks and spaces at either end."""
    start, end = len(text) - len(text.lstrip(f" {BREAK}")), len(text.rstrip(f" {BREAK}"))
    return [character if start <= place < end else "" for place, character in enumerate(text)]


def _common(opened, wanted):
    same = 0
    while same < min(len(opened), len(wanted)) and opened[same] == wanted[same]:
        same += 1
    return same


def _start(tag, attribute):
    return f'<{tag} {attribute[0]}="{escape_value(attribute[1])}">' if attribute else f"<{tag}>"


def _written(text, notes):
    """Return characters that carry the same marks as HTML; the breaks and footnotes among them too."""
    html = escape(text).replace(BREAK, "<br>")
    return NOTES.sub(lambda _note: f'<sup data-footnote="{escape_value(next(notes))}"></sup>', html)
