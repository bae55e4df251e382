"""Stories in Markdown become bodies."""

import pytest

from articles.markdown import UnknownReference, to_body

PHOTOS = {"tram": "ab12cd34"}
STORIES = {"other": "ef56gh78"}


def body(text):
    return to_body(text, photos=PHOTOS, stories=STORIES)


def test_paragraphs_subheads_and_lists():
    assert (
        body("## Head\n\nOne *two*.\n\n- a\n- b")
        == "<h2>Head</h2><p>One <em>two</em>.</p><ul><li>a</li><li>b</li></ul>"
    )


def test_links_to_stories_become_ids():
    assert body("See [words](story:other).") == '<p>See <a data-article="ef56gh78">words</a>.</p>'


def test_photos_pull_quotes_and_boxes_stand_between_paragraphs():
    made = body("One.\n\n::photo tram | A tram. | wide\n::pull “Now.” | Marta\n::newsletter\n\nTwo.")
    assert '<figure data-photo="ab12cd34" data-layout="wide"><figcaption>A tram.</figcaption></figure>' in made
    assert '<aside data-pullquote=""><blockquote><p>“Now.”</p></blockquote><cite>Marta</cite></aside>' in made
    assert made.index("newsletter") < made.index("Two.")


def test_raw_html_is_shown_and_not_run():
    assert "<script" not in body("<script>alert(1)</script>")
    assert "&lt;b onclick=x&gt;" in body("::pull <b onclick=x>a</b>")


@pytest.mark.parametrize("text", ["[a](story:gone)", "::photo gone | x", "::related gone"])
def test_what_is_not_there_is_named(text):
    with pytest.raises(UnknownReference, match="gone"):
        body(text)
