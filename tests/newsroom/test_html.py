"""The one cleaner: what the editor makes survives, everything else goes."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom import html

pytestmark = pytest.mark.once
PASTED = Path(__file__).parent / "pasted"
SOURCES = {"google_docs": "en", "google_docs_export": "en", "word": "en", "libreoffice": "ru", "web_page": "en"}

PHOTO = (
    '<figure data-photo="ab12cd34" data-layout="wide" data-alt="A tram"><figcaption>A tram in <em>Tarsk</em>.'
    "</figcaption></figure>"
)
PLAIN_PHOTO = '<figure data-photo="ab12cd34"><figcaption></figcaption></figure>'
PULL = '<aside data-pullquote=""><blockquote><p>“We bake.”</p></blockquote><cite>Marta Velk</cite></aside>'


class Tags(HTMLParser):
    """Collect the tags and attributes of an HTML text."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize(
    "body",
    [
        "<p>Words, <strong>strong</strong> and <em>soft</em>.</p>",
        "<h2>Subhead</h2><ul><li><p>One</p></li></ul>",
        '<p><a href="https://example.org/">out</a> and <a data-article="ab12cd34">in</a></p>',
        PHOTO,
        PULL,
        '<div data-related="ab12cd34"></div><div data-box="newsletter"></div><div data-box="support"></div>',
        '<p>Said<sup data-footnote="Letter of 3 May."></sup></p>',
        '<div data-embed="https://video.example/1" data-title="A film" data-photo="ab12cd34"><p>What it says</p></div>',
        '<table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td colspan="2">1</td></tr></tbody></table>',
        '<ol start="3"><li>One</li><li><p>Two</p><p>More</p><ul><li>Three</li></ul></li></ol>',
        '<p>A <a href="https://example.org/"><strong>b <em>c</em></strong></a><br>H<sub>2</sub>O</p>',
        '<p>He said <span lang="de">so</span></p>',
        '<figure data-photo="ab12cd34" data-crop="0.1,0.25,0.5,0.6"><figcaption></figcaption></figure>',
        "<h2></h2><p>A heading may wait for its words</p>",
    ],
)
def test_what_the_editor_makes_survives_unchanged(body):
    assert html.clean_body(body) == body


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
        ('<p onclick="x()" style="color:red" class="c">a</p>', "<p>a</p>"),
        ('<p><a href="javascript:alert(1)">a</a></p>', "<p>a</p>"),
        ("<p>a</p><p> </p><p>&nbsp;</p><p><br></p><p>b</p>", "<p>a</p><p>b</p>"),
        ("<h1>Too large</h1>", "<h2>Too large</h2>"),
        ('<figure data-photo="1 or 1=1"></figure>', ""),
        ('<div data-box="evil"></div>', ""),
        ('<div data-embed="http://example.org/x"></div>', ""),
        ("<p><b>a</b> <i>b</i></p>", "<p><strong>a</strong> <em>b</em></p>"),
        ('<img src="https://example.org/pixel.gif"><p>a</p>', "<p>a</p>"),
        ("<p>a\x00b\x08c\u2028d</p>", "<p>abcd</p>"),
        ("<p>a\ud800b</p>", "<p>ab</p>"),
        (
            '<figure data-photo="ab12cd34" data-layout="huge"></figure>',
            '<figure data-photo="ab12cd34" data-layout="normal"><figcaption></figcaption></figure>',
        ),
    ],
)
def test_everything_else_goes(dirty, clean):
    assert html.clean_body(dirty) == clean


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ('<ul><li>a</li><li style="list-style:none"><ul><li>b</li></ul></li></ul>',
         "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("<p>a<br><br>b</p>", "<p>a</p><p>b</p>"),
        ("<div>a</div>b<div>c</div>", "<p>a</p><p>b</p><p>c</p>"),
        ("One line\nof it\n\nAnother", "<p>One line of it</p><p>Another</p>"),
        ("<p>a&nbsp;b 10&nbsp;000 «&nbsp;c&nbsp;» x&nbsp;— y&nbsp;</p>",
         "<p>a b 10&nbsp;000 «&nbsp;c&nbsp;» x&nbsp;— y</p>"),
        ("<p>so\u00adft, z\u200bero</p>", "<p>soft, zero</p>"),
        ("<p><strong>a</strong><strong> b</strong></p>", "<p><strong>a b</strong></p>"),
        ("<h2><b>Bold already</b></h2>", "<h2>Bold already</h2>"),
        ("<h1>A</h1><h2>B</h2>", "<h2>A</h2><h2>B</h2>"),
        ("<h1>A</h1><h2>B</h2><h1>C</h1><h3>D</h3>", "<h2>A</h2><h3>B</h3><h2>C</h2><h3>D</h3>"),
        ("<table><tr><td>Layout only</td></tr></table>", "<p>Layout only</p>"),
        ('<p><a href="#part">in the page</a></p>', "<p>in the page</p>"),
        ('<p><a href="https://e.org/?a=1&amp;utm_medium=x&amp;b=2#c">a</a></p>',
         '<p><a href="https://e.org/?a=1&amp;b=2#c">a</a></p>'),
        ('<p><a href="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fe.org%2F&amp;data=x">a</a></p>',
         '<p><a href="https://e.org/">a</a></p>'),
        ('<p lang="en-GB"><span lang="EN-US">a</span> <span lang="de">b</span></p>',
         '<p>a <span lang="de">b</span></p>'),
        ('<p>a<span style="display:none">secret</span></p>', "<p>a</p>"),
        ('<figure data-photo="ab12cd34" data-crop="0.9,0,0.5,1"></figure>', PLAIN_PHOTO),
        ('<figure data-photo="ab12cd34" data-crop="0,0,1,1"></figure>', PLAIN_PHOTO),
        ('<div data-embed="https://a.example/x" data-photo="../../x"><img src=x>t</div>',
         '<div data-embed="https://a.example/x"><p>t</p></div>'),
        ('<p>a<sup data-footnote=" "></sup></p>', "<p>a</p>"),
    ],
)  # fmt: skip
def test_what_is_meant_is_kept_in_one_form(dirty, clean):
    assert html.clean_body(dirty) == clean


def pasted(name):
    """Return what somebody posted without script, and what it means."""
    raw = (PASTED / f"{name}.html").read_text(encoding="utf-8")
    return raw, (PASTED / f"{name}.clean.html").read_text(encoding="utf-8").replace("\n", "")


@pytest.mark.parametrize(("name", "language"), SOURCES.items(), ids=SOURCES)
def test_texts_of_word_processors_keep_their_meaning_and_nothing_else(name, language):
    raw, clean = pasted(name)
    assert html.clean_body(raw, language) == clean
    assert html.clean_body(clean, language) == clean


def test_nh3_has_the_last_word_whatever_is_written_before_it(monkeypatch):
    monkeypatch.setattr(html.document, "write", lambda root: '<p onclick="x()">a<script>b</script><img src="c"></p>')
    assert html.clean_body("<p>a</p>") == "<p>a</p>"


def test_comments_of_colleagues_and_hidden_text_never_come_along():
    for name in SOURCES:
        cleaned = html.clean_body(pasted(name)[0])
        assert not re.search("Mila|Who told us|Скрытая", cleaned), name


def test_markup_that_would_take_minutes_to_read_loses_its_tags_but_not_its_words():
    for unit in ("<div>", "<b><i>", '<p><font color="{}">', "<ul><li>", "<blockquote>", "<table><tr><td>", "<a><p>"):
        text = "".join(unit.replace("{}", str(number)) for number in range(5000)) + "the end"
        assert "the end" in html.clean_body(text), unit


def test_deep_but_readable_markup_keeps_every_word():
    text = "".join(f"<ul><li>level {number}" for number in range(90))
    words = html.plain_text(html.clean_body(text))
    assert all(f"level {number}" in words for number in range(90))


TEXTS = st.text(alphabet=st.sampled_from(list("ab1 .\"'“”«»„‘’—&<>•\u00a0\u200b\u00ad\n")), max_size=8)
OPENINGS = [
    "p", "div", "h1", "h2", "h4", "ul", "ol", "li", "blockquote", "table", "tr", "td", "th", "b", "i", "span", "font",
    "q", "pre", "sup", "sub", "figcaption", "cite", "dl", "dt", "caption", "thead", "s", "script", "svg", "title", "hr",
    "br", "img", "a href='https://e.org/?utm_source=x&a=1'", "a href='#n1' id='r1'", "a href='#r1' id='n1'",
    "a data-article='ab12cd34'", "a href='javascript:x'", "figure data-photo='ab12cd34' data-layout='x'", "figure",
    "aside data-pullquote", "aside", "div data-related='ab12cd34'", "div data-box='support'",
    "div data-embed='https://e.org/x' data-photo='ab12cd34'", "sup data-footnote='a \"b\"'", "sup data-footnote=''",
    "p class='MsoListParagraph' style='mso-list:l0 level2 lfo1'", "span style='mso-list:Ignore'", "p class=MsoQuote",
    "p style='margin-left:36pt'", "ul class='lst-kix_a-0'", "ul class='lst-kix_a-1'", "ol start=4", "td colspan=2",
    "span style='font-weight:700;vertical-align:super'", "span lang=de", "p onclick=x style='color:red'", "o:p",
]  # fmt: skip
PIECES = st.one_of(
    st.sampled_from(OPENINGS).map(lambda tag: f"<{tag}>"),
    st.sampled_from(OPENINGS).map(lambda tag: f"</{tag.split()[0]}>"), TEXTS, st.just("<![if !x]>"), st.just("<!--"),
)  # fmt: skip
ANY_HTML = st.lists(PIECES, max_size=40).map("".join)
RAW = st.text(alphabet=st.sampled_from(list("<>/=\"' abdefhijoprstvx:&;#-!\x00\u2028")), max_size=120)


@given(st.one_of(ANY_HTML, RAW), st.sampled_from(["", "en", "ru", "fr", "de", "sv"]))
def test_cleaning_twice_changes_nothing_and_nothing_outside_the_lists_gets_through(text, language):
    cleaned = html.clean_body(text, language)
    assert html.clean_body(cleaned, language) == cleaned
    assert "<p></p>" not in cleaned
    for tag, attributes in Tags(cleaned).found:
        assert tag in html.BODY_TAGS
        for name, value in attributes.items():
            assert name in html.ATTRIBUTES.get(tag, ()), (tag, name)
            assert name not in html.VALUES or html.VALUES[name](value) == value, (name, value)
        assert not re.match(r"\s*(javascript|data|vbscript):", attributes.get("href") or "", re.I)


UNREAD = ("script", "svg", "title", "img", "span style='mso-list", "a href='#", "sup data", "p class='Mso")
READ = st.sampled_from([tag for tag in OPENINGS if not tag.startswith(UNREAD)])
WORDS = st.integers(1000, 9999).map(lambda number: f" word{number} ")


@given(st.lists(st.one_of(READ.map(lambda tag: f"<{tag}>"), READ.map(lambda tag: f"</{tag.split()[0]}>"), WORDS)))
def test_whatever_the_tags_no_word_is_lost(pieces):
    text = html.plain_text(html.clean_body("".join(pieces), "en"))
    assert [piece.strip() for piece in pieces if piece.startswith(" word") and piece.strip() not in text] == []


def test_plain_text_keeps_blocks_apart():
    assert html.plain_text("<h2>One</h2><p>Two &amp; three</p><ul><li>Four</li></ul>") == "One\nTwo & three\nFour"


def test_unpaired_surrogates_and_control_characters_are_noticed():
    assert html.has_unwanted("a\ud800")
    assert html.has_unwanted("a\x07")
    assert not html.has_unwanted("a\n\tб “ü” 👩‍👩‍👧")
