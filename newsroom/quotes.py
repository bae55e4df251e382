"""Quotation marks and apostrophes as each language prints them."""

import re

# Outer opening and closing, inner opening and closing. Russian type puts „…“ inside «…».
MARKS = {
    "en": "“”‘’", "ru": "«»„“", "uk": "«»„“", "be": "«»„“", "kk": "«»“”", "az": "«»“”", "hy": "«»“”", "ka": "„“‚‘",
    "de": "„“‚‘", "cs": "„“‚‘", "sk": "„“‚‘", "sl": "„“‚‘", "bg": "„“’’", "lt": "„“‚‘", "pl": "„”«»", "ro": "„”«»",
    "hu": "„”»«", "fr": "«»“”", "es": "«»“”", "it": "«»“”", "pt": "“”‘’", "nl": "“”‘’", "tr": "“”‘’", "lv": "“”‘’",
    "sv": "””’’", "fi": "””’’", "da": "“”‘’", "nb": "«»‘’", "no": "«»‘’", "et": "„“‚‘",
}  # fmt: skip
APOSTROPHE = "’"
NARROW_SPACE = "\u202f"
STRAIGHT = re.compile("[\"']")
# Addresses, attributes, calls, markup: what a machine reads stays as it is.
CODE = re.compile(r"""\S*(?:://|\bwww\.|=["']|[{}<>\\`]|\w\(["'])\S*""")
BEFORE_OPENING = set("([{—–-/«„“‘\ufffc")


def marks_of(language):
    """Return the four marks of a language such as "en" or "en-GB", or "" when it is not known."""
    return MARKS.get((language or "").partition("-")[0].lower(), "")


def smarten(text, language):
    """Return `text` with straight quotation marks and apostrophes set as the language prints them.

    Marks behind a digit (inches, minutes) and in what a machine reads (addresses, code) stay; an unknown language
    changes nothing.
    """
    return "".join(replacements(text, language))


def replacements(text, language):
    """Return one string for each character of `text`; see `smarten`."""
    result = list(text)
    marks = marks_of(language)
    if marks and STRAIGHT.search(text):
        _Setter(text, marks, spaced=(language or "").lower().startswith("fr")).set(result)
    return result


class _Setter:
    """Walk through one paragraph and remember which quotations are open."""

    def __init__(self, text, marks, *, spaced):
        self.text, self.spaced = text, spaced
        self.opening, self.closing = (marks[0], marks[2]), (marks[1], marks[3])
        self.open = []
        self.code = {place for match in CODE.finditer(text) for place in range(match.start(), match.end())}

    def set(self, result):
        for place, character in enumerate(self.text):
            if place in self.code:
                continue
            if character == '"':
                result[place] = self._double(place)
            elif character == "'":
                result[place] = self._single(place)
            else:
                self._follow(character, place)

    def _around(self, place):
        return self.text[place - 1 : place], self.text[place + 1 : place + 2]

    def _follow(self, character, place):
        """Count the marks that are set already."""
        if self.open and character == self.closing[self.open[-1]]:
            before, after = self._around(place)
            if character != APOSTROPHE or not (before.isalnum() and after.isalnum()):
                self.open.pop()
        elif character in self.opening and self.opening[0] != self.closing[0]:
            self.open.append(self.opening.index(character))

    def _double(self, place):
        before, after = self._around(place)
        if self._opens(before) and after and not after.isspace():
            level = min(len(self.open), 1)
            self.open.append(level)
            return self.opening[level] + (NARROW_SPACE if self.spaced and level == 0 else "")
        if not before or before.isspace() or (before.isdigit() and not self.open):
            return '"'
        level = self.open.pop() if self.open else 0
        return (NARROW_SPACE if self.spaced and level == 0 else "") + self.closing[level]

    def _single(self, place):
        before, after = self._around(place)
        if before.isalpha() or (before.isalnum() and after.isalpha()):
            return APOSTROPHE
        if before and not before.isspace() and not before.isdigit() and before not in BEFORE_OPENING:
            return APOSTROPHE
        if self._opens(before) and (after.isdigit() or self.text[place : place + 3] == "'n'"):
            return APOSTROPHE
        if self._opens(before) and after.isalpha() and self.opening[1] == "‘":
            return "‘"
        return "'"

    def _opens(self, before):
        return not before or before.isspace() or (before in BEFORE_OPENING and before not in self.closing)
