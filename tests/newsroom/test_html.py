"""The one cleaner: what the editor makes survives, everything else goes."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom import html

PHOTO = (
    '<figure data-photo="ab12cd34" data-layout="wide" data-alt="A tram"><figcaption>A tram in <em>Tarsk</em>.'
    "</figcaption></figure>"
)
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
    ],
)
def test_what_the_editor_makes_survives_unchanged(body):
    assert html.clean_body(body) == body


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
        ('<p onclick="x()" style="color:red" class="c">a</p>', "<p>a</p>"),
        ('<p><a href="javascript:alert(1)">a</a></p>', "<p><a>a</a></p>"),
        ("<p>a</p><p> </p><p>&nbsp;</p><p><br></p><p>b</p>", "<p>a</p><p>b</p>"),
        ("<h1>Too large</h1>", "Too large"),
        ('<figure data-photo="1 or 1=1"></figure>', "<figure></figure>"),
        ('<div data-box="evil"></div>', "<div></div>"),
        ('<div data-embed="http://example.org/x"></div>', "<div></div>"),
        ("<p><b>a</b> <i>b</i></p>", "<p><strong>a</strong> <em>b</em></p>"),
        ('<img src="https://example.org/pixel.gif"><p>a</p>', "<p>a</p>"),
        ("<p>a\x00b\x08c\u2028d</p>", "<p>abcd</p>"),
        ("<p>a\ud800b</p>", "<p>ab</p>"),
        (
            '<figure data-photo="ab12cd34" data-layout="huge"></figure>',
            '<figure data-photo="ab12cd34" data-layout="normal"></figure>',
        ),
    ],
)
def test_everything_else_goes(dirty, clean):
    assert html.clean_body(dirty) == clean


@given(st.text(alphabet=st.sampled_from(list("<>/=\"' abdefhijoprstvx:&;#-!\x00\u2028")), max_size=120))
def test_cleaning_twice_changes_nothing_and_no_handler_or_script_gets_through(text):
    cleaned = html.clean_body(text)
    assert html.clean_body(cleaned) == cleaned
    for tag, attributes in Tags(cleaned).found:
        assert tag in html.BODY_TAGS
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert not re.match(r"\s*(javascript|data|vbscript):", attributes.get("href") or "", re.I)


def test_plain_text_keeps_blocks_apart():
    assert html.plain_text("<h2>One</h2><p>Two &amp; three</p><ul><li>Four</li></ul>") == "One\nTwo & three\nFour"


def test_unpaired_surrogates_and_control_characters_are_noticed():
    assert html.has_unwanted("a\ud800")
    assert html.has_unwanted("a\x07")
    assert not html.has_unwanted("a\n\tб “ü” 👩‍👩‍👧")
