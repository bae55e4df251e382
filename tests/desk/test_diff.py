"""What changed between two texts, in words: nothing is lost, nothing is invented, and it reads like prose."""

import random

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from desk import blocks, diff
from desk.diff import Segment

pytestmark = pytest.mark.once
LINES = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(["the", "harbour", "strike", " ", "  ", "\t", ",", "“", "é", "Правда", "."])).map("".join),
)
BODIES = st.lists(
    st.sampled_from([
        "<p>One two three.</p>", "<p>One <strong>two</strong> four.</p>", "<h2>Next</h2>", "<p>", "</div>", "&",
        "<ul><li>a</li><li>b</li></ul>",
        '<figure data-photo="k3x9m2p4" data-alt="A queue"><figcaption>Voters</figcaption></figure>',
        "<blockquote><p>Quoted</p></blockquote>", "<table><tr><td>1</td><td>2</td></tr></table>", "plain", "<hr>",
    ])
).map("".join)  # fmt: skip


PHOTO = '<figure data-photo="k3x9m2p4"{}></figure>'


def between(old, new):
    return diff.rows(blocks.of_html(old), blocks.of_html(new))


def side(segments, kind):
    return "".join(segment.text for segment in segments if segment.kind in {"same", kind})


@given(LINES, LINES)
def test_both_texts_can_be_rebuilt_from_the_segments(old, new):
    segments = diff.words(old, new)
    assert (side(segments, "old"), side(segments, "new")) == (old, new)


@given(BODIES, BODIES)
def test_both_bodies_can_be_rebuilt_from_the_rows(old, new):
    before, after = blocks.of_html(old), blocks.of_html(new)
    rows = diff.rows(before, after)
    assert [row.old for row in rows if row.old is not None] == before
    assert [row.new for row in rows if row.new is not None] == after
    for row in rows:
        assert side(row.segments, "old") == (row.old.text if row.old else "")
        assert side(row.segments, "new") == (row.new.text if row.new else "")
        assert row.kind != "same" or row.old == row.new
    assert diff.has_changes(rows) or before == after
    unfolded = [row for part in diff.fold(rows) for row in (part.rows if part.kind == "fold" else [part])]
    assert unfolded == rows


def test_changed_words_stand_out_inside_the_sentence():
    segments = diff.words("The minister resigned on Monday.", "The prime minister resigned on Tuesday.")
    assert segments == (
        Segment("same", "The "), Segment("new", "prime "), Segment("same", "minister resigned on "),
        Segment("old", "Monday"), Segment("new", "Tuesday"), Segment("same", "."),
    )  # fmt: skip


def test_a_comma_does_not_make_the_word_before_it_look_changed():
    assert diff.words("He came home", "He came home, tired") == (
        Segment("same", "He came home"),
        Segment("new", ", tired"),
    )


def test_a_rewritten_sentence_is_shown_as_two_sentences_not_as_confetti():
    old = "The council voted last night to close the harbour for the whole winter season"
    new = "Fishermen say that nobody asked them before the gates were locked and chained"
    assert [segment.kind for segment in diff.words(old, new)] == ["old", "new"]


def test_a_changed_paragraph_is_paired_with_its_old_version_among_others():
    old = "<p>Ships left at dawn from the old pier.</p><p>The talks go on.</p>"
    new = "<p>Entirely new opening words here.</p><p>Ships left at noon from the old pier.</p><p>The talks go on.</p>"
    assert [row.kind for row in diff.prose(old, new)] == ["new", "changed", "same"]


def test_a_moved_paragraph_is_called_moved():
    rest = "<p>Second thing.</p><p>Third item.</p>"
    rows = diff.prose(f"<p>First one.</p>{rest}", f"{rest}<p>First one.</p>")
    assert [(row.kind, row.is_moved) for row in rows] == [
        ("old", True),
        ("same", False),
        ("same", False),
        ("new", True),
    ]


def test_blocks_are_named_in_words():
    body = (
        "<h2>What next</h2><ul><li>Point</li></ul><blockquote><p>Said</p></blockquote><hr>"
        '<figure data-photo="k3x9m2p4" data-alt="A queue" data-layout="wide" data-crop="0,0,1,0.5">'
        "<figcaption>Voters <em>queue</em></figcaption></figure>"
        "<aside data-pullquote><blockquote><p>We wait.</p></blockquote><cite>Ada</cite></aside>"
        '<div data-related="k3x9m2p5"></div><div data-box="support"></div>'
        '<div data-embed="https://v.example/1" data-title="Film"></div>'
        "<table><tr><th>Year</th><td>2026</td></tr></table>"
        '<p>See <a href="https://a.example/x">this</a> and more<sup data-footnote="Page 3"></sup>.</p>'
    )
    beside_the_photo = (("Alternative text", "A queue"), ("Width", "wide"), ("Crop", "0,0,1,0.5"))
    found = [(block.label, block.text, block.ref, block.facts) for block in blocks.of_html(body)]
    assert found == [
        ("Heading", "What next", (), ()),
        ("List item", "Point", (), ()),
        ("Quote", "Said", (), ()),
        ("Line", "", (), ()),
        ("Photo", "Voters queue", ("photo", "k3x9m2p4"), beside_the_photo),
        ("Pull quote", "We wait.", (), (("Who said it", "Ada"),)),
        ("Related story", "", ("article", "k3x9m2p5"), ()),
        ("Box", "", (), (("Which", "support"),)),
        ("Embed", "", (), (("Address", "https://v.example/1"), ("Title", "Film"))),
        ("Table row", "Year | 2026", (), ()),
        ("", "See this [→ https://a.example/x] and more [note: Page 3].", (), ()),
    ]  # fmt: skip


def test_a_node_of_a_kind_that_is_not_known_yet_is_shown_with_what_it_holds():
    (block,) = blocks.of_html('<div data-gallery="a b" data-title="Port"><p>Words</p></div>')
    assert (block.label, block.text) == ("Insert", "Words")
    assert dict(block.facts) == {"gallery": "a b", "Title": "Port"}


@pytest.mark.parametrize(
    ("old", "new", "fact"),
    [(' data-alt="A"', ' data-alt="B"', "Alternative text"), ("", ' data-crop="0,0,1,1"', "Crop")],
)
def test_a_change_beside_the_text_is_shown_by_its_name(old, new, fact):
    (row,) = between(PHOTO.format(old), PHOTO.format(new))
    assert row.kind == "changed"
    assert [label for label, segments in row.facts if any(segment.kind != "same" for segment in segments)] == [fact]


def test_formatting_and_links_are_never_changed_in_silence():
    (row,) = diff.prose("<p>Word</p>", "<p><strong>Word</strong></p>")
    assert row.kind == "changed"
    assert row.is_reformatted
    (row,) = diff.prose('<p><a href="https://a.example">x</a></p>', '<p><a href="https://b.example">x</a></p>')
    assert row.kind == "changed"
    (row,) = diff.prose("<p>Title</p>", "<h2>Title</h2>")
    assert row.label == "¶ → Heading"


def test_another_photo_in_the_same_place_is_one_change():
    (row,) = between(PHOTO.format(""), PHOTO.format("").replace("p4", "p5"))
    assert row.kind == "changed"


def test_long_unchanged_stretches_are_folded_away():
    old = "".join(f"<p>Paragraph {number} stands.</p>" for number in range(20))
    folded = diff.fold(diff.prose(old, old.replace("Paragraph 10 stands", "Paragraph 10 falls")))
    assert [part.kind for part in folded] == ["fold", "same", "changed", "same", "fold"]


def test_what_is_shown_is_escaped_and_says_in_words_what_came_and_went():
    rows = diff.prose("<p>Safe words here now</p>", "<p>Safe &lt;script&gt;alert(1)&lt;/script&gt; here now</p>")
    html = render_to_string("admin/desk/diff.html", {"rows": diff.fold(rows)})
    assert "<script>" not in html
    assert "&lt;" in html
    assert "removed:" in html
    assert "added:" in html


def a_long_text(seed, words):
    chance = random.Random(seed)
    usual = ["the", "a", "of", "to", "and"] * 100 + [f"word{number}" for number in range(700)]
    return " ".join(chance.choice(usual) for _word in range(words))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (a_long_text(1, 2400), a_long_text(2, 2400)),
        ("a b " * 30_000, "b a c " * 20_000),
        ("a " * 60_000, "a b " * 30_000),
    ],
    ids=["eleven thousand other characters in one line", "three words again and again", "one word again and again"],
)
def test_the_work_is_bounded_whatever_the_texts(old, new, monkeypatch):
    spent = []
    exactly = diff.SequenceMatcher

    def counted(junk, a, b, **options):
        spent.append(len(a) * len(b))
        return exactly(junk, a, b, **options)

    monkeypatch.setattr(diff, "SequenceMatcher", counted)
    segments = diff.words(old, new)
    assert (side(segments, "old"), side(segments, "new")) == (old, new)
    assert sum(spent) <= diff.EFFORT
    assert max(spent, default=0) <= diff.MOST_CELLS
