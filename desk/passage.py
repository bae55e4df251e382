"""A passage to be found and cut out of contents, however it is spaced, quoted, capitalised or marked up.

Blanks of any kind and number are one blank, curly and straight quotes are the same, dashes too, soft hyphens and other
invisible characters count for nothing, and so does markup between two letters. Nothing of the passage is kept anywhere.
"""

import re
from html import escape, unescape
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from desk.blocks import CONTAINERS
from newsroom.html import tidy_text

SHORTEST, LONGEST = 3, 2000
TAG = re.compile(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
PIECE = re.compile(
    rf"(?P<tag>{TAG.pattern})|(?P<entity>&(?:#\d{{1,7}}|#[xX][0-9a-fA-F]{{1,6}}|\w{{2,32}});)|(?P<text>.)", re.S
)
ATTRIBUTE = re.compile(r"""(?P<name>[\w:-]+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""")
ADDRESSES = {"href", "data-embed"}
EMPTY = re.compile(r"<(strong|em|b|i|s|sub|a|span|p|li|h2|h3|blockquote|ul|ol|figcaption)(?: [^>]*)?>\s*</\1>")
BREAKS = CONTAINERS | {"br", "hr"}
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"), "")
SAME = {
    **INVISIBLE, **dict.fromkeys(map(ord, "‘’‚‛ʼ`´′"), "'"), **dict.fromkeys(map(ord, "“”„‟«»″"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—−"), "-"),
}  # fmt: skip
SEPARATORS = re.compile(r"[-_+./]")
AROUND = 40


class Passage:
    """A text that has to disappear. Raises ValidationError when it is too short to mean anything, or too long.

    `exact` minds capitals (and ё), `words` finds whole words only.
    """

    def __init__(self, text, *, exact=False, words=False):
        self.exact, self.words = exact, words
        self.key = self._fold_text(tidy_text(text)).strip()
        self.letters = _letters(self.key)
        if len(self.letters) < SHORTEST or len(self.key) > LONGEST:
            raise ValidationError(
                _("Between %(low)d letters and %(high)d characters."),
                params={"low": SHORTEST, "high": LONGEST}, code="length",
            )  # fmt: skip
        self._known = {}

    def cut_from(self, value, name=""):
        """Return (value without the passage, how often it was there) for anything that JSON holds.

        The name says what a text is: HTML under `…_html`, an address under `slug`. List entries that become empty go.
        """
        if isinstance(value, str):
            return self._cut_text(value, name)
        if isinstance(value, dict):
            cut = {key: self.cut_from(entry, key) for key, entry in value.items()}
            return {key: entry for key, (entry, _count) in cut.items()}, sum(count for _entry, count in cut.values())
        if isinstance(value, list):
            cut = [self.cut_from(entry, name) for entry in value]
            kept = [entry for entry, count in cut if not (count and entry == "")]
            return kept, sum(count for _entry, count in cut)
        return value, 0

    def count_in(self, value, name=""):
        """Return how often the passage stands in a value."""
        return self.cut_from(value, name)[1]

    def contexts(self, value, name=""):
        """Return (before, passage, after) for each place in the running text of a value; attributes have none."""
        if isinstance(value, str):
            return self._contexts_in(value, name) if self._may_stand_in(value) else []
        if not isinstance(value, dict | list):
            return []
        entries = value.items() if isinstance(value, dict) else [(name, entry) for entry in value]
        return [found for key, entry in entries for found in self.contexts(entry, key)]

    # How it is found

    def _fold_text(self, text):
        folded, _places = self._fold([(character, 0, 0) for character in text])
        return folded

    def _fold(self, units):
        """Return the comparable text of units (characters, start, end), and the number of the unit of each letter."""
        letters, places = [], []
        for number, (characters, _start, _end) in enumerate(units):
            for character in characters.translate(SAME):
                if character.isspace():
                    if letters and letters[-1] == " ":
                        continue
                    character = " "
                folded = character if self.exact else character.casefold().replace("ё", "е")
                letters += folded
                places += [number] * len(folded)
        return "".join(letters), places

    def _found(self, units):
        """Yield (first, last) numbers of the units of each place."""
        folded, places = self._fold(units)
        start = folded.find(self.key)
        while start >= 0:
            end = start + len(self.key)
            inside_word = (start and _joins(folded[start - 1], folded[start])) or (
                end < len(folded) and _joins(folded[end - 1], folded[end])
            )
            if not (self.words and inside_word):
                yield places[start], places[end - 1]
            start = folded.find(self.key, end)

    def _may_stand_in(self, text):
        """Tell quickly whether a text might hold the passage; never a false no."""
        return self.letters in _letters(unescape(TAG.sub("", text))) or self.letters in _letters(
            unquote(unescape(text))
        )

    def _contexts_in(self, text, name):
        units = _units_of_html(text)[0] if name.endswith("_html") else _units_of_text(text)
        for first, last in self._found(units):
            yield tuple(
                "".join(characters for characters, _start, _end in units[low:high])
                for low, high in ((max(0, first - AROUND), first), (first, last + 1), (last + 1, last + 1 + AROUND))
            )

    # How it is cut

    def _cut_text(self, text, name):
        kind = "html" if name.endswith("_html") else "slug" if name == "slug" else "text"
        if (kind, text) not in self._known:
            self._known[kind, text] = self._cut_again(text, kind) if self._may_stand_in(text) else (text, 0)
        return self._known[kind, text]

    def _cut_again(self, text, kind):
        """Cut until nothing is left: what stood around a place may join to the passage again."""
        cut = {"html": self._cut_html, "slug": self._cut_slug, "text": self._cut_plain}[kind]
        total = 0
        while count := (result := cut(text))[1]:
            text, total = result[0], total + count
        return text, total

    def _cut_plain(self, text):
        units = _units_of_text(text)
        ranges, count = self._ranges(units)
        return _without(text, ranges), count

    def _cut_slug(self, text):
        spaced, count = self._cut_plain(text.replace("-", " "))
        return ("-".join(spaced.split()), count) if count else self._cut_plain(text)

    def _cut_html(self, text):
        units, tags = _units_of_html(text)
        ranges, count = self._ranges(units)
        if not count:  # letters that only the border of a block parts
            ranges, count = self._ranges([unit for unit in units if unit[2] > unit[1]])
        replaced = []
        for start, end in tags:
            tag, cut = self._cut_tag(text[start:end])
            if cut:
                replaced.append((start, end, tag))
                count += cut
        if not count:
            return text, 0
        text = _without(text, [*ranges, *replaced])
        while (tidied := EMPTY.sub("", text)) != text:
            text = tidied
        return text, count

    def _cut_tag(self, tag):
        found = 0

        def cut(match):
            nonlocal found
            name, value = match["name"], unescape(match["double"] if match["double"] is not None else match["single"])
            rest, count = self._cut_plain(value)
            if name in ADDRESSES:
                spaced = SEPARATORS.sub(" ", unquote(value))
                if count or self._cut_plain(unquote(value))[1] or self._cut_plain(spaced)[1]:
                    found += 1
                    return ""
            found += count
            return f'{name}="{escape(rest)}"' if count else match[0]

        return ATTRIBUTE.sub(cut, tag), found

    def _ranges(self, units):
        ranges, count = [], 0
        for first, last in self._found(units):
            count += 1
            blank_before = first == 0 or units[first - 1][0].isspace()
            if last + 1 < len(units) and units[last + 1][0].isspace() and blank_before:
                last += 1
            ranges += [(start, end, "") for _text, start, end in units[first : last + 1] if end > start]
        return ranges, count


def _joins(left, right):
    return left.isalnum() and right.isalnum()


def _letters(text):
    return "".join(filter(str.isalnum, text.translate(INVISIBLE).casefold())).replace("ё", "е")


def _units_of_text(text):
    return [(character, place, place + 1) for place, character in enumerate(text)]


def _units_of_html(text):
    """Return the units of the running text, and the (start, end) of each tag; a tag that ends a line is a blank."""
    units, tags = [], []
    for piece in PIECE.finditer(text):
        start, end = piece.span()
        if piece["tag"]:
            tags.append((start, end))
            name = re.match(r"</?([A-Za-z0-9]*)", piece["tag"])[1].lower()
            if name in BREAKS:
                units.append((" ", start, start))
        else:
            units.append((unescape(piece[0]), start, end))
    return units, tags


def _without(text, ranges):
    """Return the text with each (start, end, replacement) carried out."""
    pieces, position = [], 0
    for start, end, replacement in sorted(ranges):
        if start >= position:
            pieces += [text[position:start], replacement]
            position = end
    return "".join([*pieces, text[position:]])
