"""What changed between two texts, in words: paragraphs are paired first, then the words inside the changed ones.

    diff.prose(old_html, new_html)     rows of a body: photos, boxes, embeds, quotes and headings named in words
    diff.text(old, new)                rows of a plain text, one for each line
    diff.items(old, new)               rows of a list of short texts (bylines, topics, related stories)
    diff.rows(old_blocks, new_blocks)  the same for blocks of your own (see desk.blocks.Block)
    diff.words(old, new)               segments of one line
    diff.fold(rows)                    rows with the long unchanged stretches put together as one Fold

A row is "same", "old" (only in the old text), "new" or "changed". Segments hold plain text: every template escapes them
(`admin/desk/diff.html` shows rows). Whatever was in the old text is in the "same" and "old" segments, whatever is in
the new one in "same" and "new", in order, to the last blank. The work is bounded: two texts of 400,000 characters that
share nothing take about a second, and are then shown one after the other.
"""

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

from desk import blocks
from desk.blocks import Block

TOKEN = re.compile(r"(\w+(?:['’‑-]\w+)*|[^\w\s]|^)(\s*)", re.UNICODE)
DEEPEST = 12
MOST_CELLS = 10_000
EFFORT = 300_000
MOST_PAIRS = 10_000
ALIKE = 0.3


@dataclass(frozen=True)
class Segment:
    """A stretch of text; `kind` is "same", "old" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Row:
    """One block of the comparison; `old` and `new` are the Blocks, None where there is none.

    `facts` are (label, segments) of what stands beside the text, `is_moved` says that the same block stands elsewhere
    on the other side, `is_reformatted` that its words are the same and only their markup or kind changed.
    """

    kind: str
    segments: tuple
    old: Block | None = None
    new: Block | None = None
    facts: tuple = ()
    is_moved: bool = False
    is_reformatted: bool = False

    @property
    def shown(self):
        """What the row refers to, the old one first when there are two: {"title", "note", "thumb"} each."""
        found = [block.shown for block in (self.old, self.new) if block is not None and block.shown]
        return found[:1] if len(found) == 2 and self.old.ref == self.new.ref else found

    @property
    def label(self):
        """The kind of block in words: the old one too when it changed."""
        labels = [block.label for block in (self.old, self.new) if block is not None]
        return " → ".join(dict.fromkeys(label or "¶" for label in labels)) if any(labels) else ""


@dataclass(frozen=True)
class Fold:
    """A stretch of unchanged rows."""

    rows: tuple
    kind: str = "fold"


class _Effort:
    """How much may still be spent on exact comparison; when it is used up, a stretch counts as replaced."""

    def __init__(self):
        self.left = EFFORT

    def take(self, cells):
        """Tell whether a stretch of that many cells may be compared exactly."""
        if cells > MOST_CELLS or cells > self.left:
            return False
        self.left -= cells
        return True


def prose(old, new):
    """Return the rows between two bodies in HTML."""
    return rows(*blocks.resolve(blocks.of_html(old), blocks.of_html(new)))


def text(old, new):
    """Return the rows between two plain texts."""
    return rows(blocks.of_text(old), blocks.of_text(new))


def items(old, new):
    """Return the rows between two lists of short texts."""
    return rows([Block(text=item) for item in old], [Block(text=item) for item in new])


def words(old, new, effort=None):
    """Return the segments between two texts, word by word."""
    old_tokens, new_tokens = _tokens(old), _tokens(new)
    pairs = _pairs([word for word, _space in old_tokens], [word for word, _space in new_tokens], effort or _Effort())
    joined, gone, come = _Joined(), 0, 0
    for i, j in [*_readable(pairs, len(old_tokens), len(new_tokens)), (len(old_tokens), len(new_tokens))]:
        joined.add("old", "".join(map("".join, old_tokens[gone:i])))
        joined.add("new", "".join(map("".join, new_tokens[come:j])))
        if i < len(old_tokens):
            (word, before), (_word, after) = old_tokens[i], new_tokens[j]
            joined.add("same", word + before if before == after else word)
            if before != after:
                joined.add("old", before)
                joined.add("new", after)
        gone, come = i + 1, j + 1
    return joined.segments()


def rows(old, new):
    """Return the rows between two lists of Blocks."""
    effort, found, gone, come = _Effort(), [], 0, 0
    keys = {}
    pairs = _pairs([keys.setdefault(b, len(keys)) for b in old], [keys.setdefault(b, len(keys)) for b in new], effort)
    for i, j in [*pairs, (len(old), len(new))]:
        found += _replaced(old[gone:i], new[come:j], effort)
        if i < len(old):
            found.append(_same(old[i], new[j]))
        gone, come = i + 1, j + 1
    return _mark_moved(found)


def has_changes(found):
    """Tell whether any of the rows is not the same on both sides."""
    return any(row.kind != "same" for row in found)


def fold(found, *, around=1):
    """Return the rows with stretches of unchanged ones, save `around` beside each change, put together."""
    near = {
        place + step for place, row in enumerate(found) if row.kind != "same" for step in range(-around, around + 1)
    }
    folded, stretch = [], []
    for place, row in enumerate(found):
        if place not in near:
            stretch.append(row)
            continue
        folded += _folded(stretch)
        stretch = []
        folded.append(row)
    return folded + _folded(stretch)


def _folded(stretch):
    return [Fold(tuple(stretch))] if len(stretch) > 1 else list(stretch)


class _Joined:
    """Segments in the making: neighbours of one kind become one, and what went stands before what came."""

    def __init__(self):
        self.done, self.old, self.new = [], "", ""

    def add(self, kind, stretch):
        """Append a stretch of text."""
        if not stretch:
            return
        if kind == "old":
            self.old += stretch
        elif kind == "new":
            self.new += stretch
        else:
            self._settle()
            if self.done and self.done[-1].kind == "same":
                stretch = self.done.pop().text + stretch
            self.done.append(Segment("same", stretch))

    def segments(self):
        """Return everything as a tuple."""
        self._settle()
        return tuple(self.done)

    def _settle(self):
        self.done += [Segment(kind, part) for kind, part in (("old", self.old), ("new", self.new)) if part]
        self.old = self.new = ""


def _tokens(line):
    """Return (word or sign, blanks behind it) pairs that joined give the line."""
    found = TOKEN.findall(line)
    return [pair for pair in found if pair != ("", "")]


def _pairs(old, new, effort):
    """Return the (i, j) at which two sequences agree, ascending: anchored at what is unique on both sides."""
    found, work = [], [(0, len(old), 0, len(new), 0)]
    while work:
        low, high, left, right, depth = work.pop()
        while low < high and left < right and old[low] == new[left]:
            found.append((low, left))
            low, left = low + 1, left + 1
        while low < high and left < right and old[high - 1] == new[right - 1]:
            high, right = high - 1, right - 1
            found.append((high, right))
        if low == high or left == right:
            continue
        anchors = _anchors(old, new, (low, high, left, right)) if depth < DEEPEST else []
        if not anchors:
            found += _exactly(old[low:high], new[left:right], low, left, effort)
            continue
        found += anchors
        for i, j in [*anchors, (high, right)]:
            work.append((low, i, left, j, depth + 1))
            low, left = i + 1, j + 1
    return sorted(found)


def _anchors(old, new, bounds):
    """Return the longest ascending run of pairs whose element stands once on each side."""
    low, high, left, right = bounds
    counts, others = Counter(old[low:high]), Counter(new[left:right])
    places = {new[j]: j for j in range(left, right) if others[new[j]] == 1}
    pairs = [(i, places[old[i]]) for i in range(low, high) if counts[old[i]] == 1 and old[i] in places]
    tails, ends, before = [], [], []
    for number, (_i, j) in enumerate(pairs):
        place = bisect_left(tails, j)
        before.append(ends[place - 1] if place else None)
        tails[place : place + 1] = [j]
        ends[place : place + 1] = [number]
    run, number = [], ends[-1] if ends else None
    while number is not None:
        run.append(pairs[number])
        number = before[number]
    return run[::-1]


def _exactly(old, new, low, left, effort):
    if not effort.take(len(old) * len(new)):
        return []
    matched = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return [(low + block.a + n, left + block.b + n) for block in matched for n in range(block.size)]


def _readable(pairs, old_length, new_length):
    """Return the pairs without the lone words between two long changes, which read like confetti."""
    runs = []
    for i, j in pairs:
        if runs and runs[-1][-1] == (i - 1, j - 1):
            runs[-1].append((i, j))
        else:
            runs.append([(i, j)])
    kept, end = [], (-1, -1)
    for number, run in enumerate(runs):
        nearest = runs[number + 1][0] if number + 1 < len(runs) else (old_length, new_length)
        before = max(run[0][0] - end[0], run[0][1] - end[1]) - 1
        after = max(nearest[0] - run[-1][0], nearest[1] - run[-1][1]) - 1
        at_edge = run[0] == (0, 0) or run[-1] == (old_length - 1, new_length - 1)
        if at_edge or len(run) > 2 or min(before, after) < 2 * len(run):
            kept += run
            end = run[-1]
    return kept


def _same(old, new):
    reformatted = old.markup != new.markup
    return Row(
        "changed" if reformatted else "same", (Segment("same", old.text),) if old.text else (), old, new,
        tuple((label, (Segment("same", value),)) for label, value in old.facts), is_reformatted=reformatted,
    )  # fmt: skip


def _replaced(old, new, effort):
    """Return the rows of a stretch in which every block differs: the alike ones paired."""
    found, gone, come = [], 0, 0
    for i, j in [*_alike(old, new), (len(old), len(new))]:
        found += [_lone("old", block) for block in old[gone:i]]
        found += [_lone("new", block) for block in new[come:j]]
        if i < len(old):
            found.append(_changed(old[i], new[j], effort))
        gone, come = i + 1, j + 1
    return found


def _lone(kind, block):
    old, new = (block, None) if kind == "old" else (None, block)
    facts = tuple((label, (Segment(kind, value),)) for label, value in block.facts)
    return Row(kind, (Segment(kind, block.text),) if block.text else (), old, new, facts)


def _changed(old, new, effort):
    before, after = dict(old.facts), dict(new.facts)
    facts = tuple(
        (label, words(before.get(label, ""), after.get(label, ""), effort))
        for label in dict.fromkeys([*before, *after])
    )
    only_form = (old.text, old.ref, old.facts) == (new.text, new.ref, new.facts)
    return Row("changed", words(old.text, new.text, effort), old, new, facts, is_reformatted=only_form)


def _alike(old, new):
    """Return the (i, j) of blocks that are versions of each other, ascending, the sum of their likeness greatest."""
    if not old or not new:
        return []
    if len(old) * len(new) > MOST_PAIRS:
        return []
    bags = [set(TOKEN.findall(block.text)) for block in old], [set(TOKEN.findall(block.text)) for block in new]
    likeness = [[_likeness(a, b, bags[0][i], bags[1][j]) for j, b in enumerate(new)] for i, a in enumerate(old)]
    best = [[0.0] * (len(new) + 1) for _row in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            paired = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] else 0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    found, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if likeness[i][j] and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _likeness(old, new, old_words, new_words):
    """Return how alike two blocks are, from 0 (not versions of each other) to 1."""
    if old.ref or new.ref:
        if [part[:1] for part in (old.ref, new.ref)] != [(old.ref or new.ref)[:1]] * 2:
            return 0
        return 1.0 if old.ref == new.ref else ALIKE
    if not old_words and not new_words:
        return 1.0 if old.label == new.label else 0
    shared = 2 * len(old_words & new_words) / (len(old_words) + len(new_words))
    return shared if shared >= ALIKE else 0


def _mark_moved(found):
    gone = Counter(row.old for row in found if row.kind == "old")
    come = Counter(row.new for row in found if row.kind == "new")
    moved = {block for block in gone if come[block] and block.text}
    return [
        Row(row.kind, row.segments, row.old, row.new, row.facts, is_moved=True)
        if (row.kind == "old" and row.old in moved) or (row.kind == "new" and row.new in moved)
        else row
        for row in found
    ]
