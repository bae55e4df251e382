"""From the stored body to the page."""

import pytest
from django.utils import timezone

from articles.render import render_body
from newsroom import registry
from newsroom.html import clean_body
from tests.make import make_article, make_edition, make_photo

pytestmark = pytest.mark.django_db


def render(html):
    edition = make_edition()
    return render_body(clean_body(html), edition=edition, context={"edition": edition}, at=timezone.now())


def test_plain_text_passes_as_it_stands():
    html = '<h2>A &amp; B</h2><p>One <em>two</em> &lt;three&gt; <a href="https://example.org/?a=1&amp;b=2">four</a><br>x</p><ul><li>5</li></ul>'
    assert render(html).html == clean_body(html)


def test_a_photo_has_its_own_caption_and_the_credit_of_the_library():
    photo = make_photo(creator="Ilya Sorensen", agency="Sound Wire")
    body = render(
        f'<figure data-photo="{photo.public_id}" data-layout="wide">'
        "<figcaption>Evening in <em>Mirograd</em></figcaption></figure>"
    )
    assert 'class="photo photo--wide"' in body.html
    assert "Evening in <em>Mirograd</em>. <span" in body.html
    assert "Ilya Sorensen / Sound Wire" in body.html
    assert body.photos == (photo,)


def test_a_photo_without_own_caption_has_that_of_the_library():
    photo = make_photo(caption="Voters queue before dawn")
    assert (
        "Voters queue before dawn. <span"
        in render(f'<figure data-photo="{photo.public_id}"><figcaption></figcaption></figure>').html
    )


def test_a_photo_that_is_gone_leaves_nothing():
    assert (
        render('<p>A</p><figure data-photo="00000000"><figcaption>B</figcaption></figure><p>C</p>').html
        == "<p>A</p><p>C</p>"
    )


def test_a_pull_quote_names_its_source():
    html = render(
        "<aside data-pullquote><blockquote><p>“We bake at a loss.”</p></blockquote><cite>Marta Velk</cite></aside>"
    ).html
    quote = "<blockquote><p>“We bake at a loss.”</p></blockquote>"
    assert html == f'<figure class="pull">{quote}<figcaption>Marta Velk</figcaption></figure>'


def test_links_to_stories_follow_the_story_and_vanish_with_it():
    story, draft = make_article(published=True), make_article()
    html = render(
        f'<p><a data-article="{story.public_id}">one</a> <a data-article="{draft.public_id}">two <em>x</em></a>'
        ' <a href="/about/">three</a></p>'
    ).html
    assert f'<a href="{story.get_absolute_url()}">one</a>' in html
    assert "two <em>x</em> <a" in html
    assert html.count("</a>") == 2


def test_a_related_story_is_a_card_while_it_is_public():
    story, draft = make_article(published=True, headline="Harbour & sea"), make_article(headline="Draft")
    html = render(f'<div data-related="{story.public_id}"></div><div data-related="{draft.public_id}"></div>').html
    assert "Harbour &amp; sea" in html
    assert "Draft" not in html


def test_a_box_stands_once_and_an_unknown_one_not_at_all(monkeypatch):
    monkeypatch.setattr(registry.boxes, "_entries", {"newsletter": lambda context: "<p>BOX</p>"})
    body = render('<div data-box="newsletter"></div><div data-box="newsletter"></div><div data-box="support"></div>')
    assert body.html == "<p>BOX</p>"
    assert body.boxes == {"newsletter"}


def test_an_embed_is_a_plain_link_that_loads_nothing():
    html = render('<div data-embed="https://video.example/?a=1&amp;b=2" data-title="A &lt;film&gt;"></div>').html
    assert 'href="https://video.example/?a=1&amp;b=2" rel="noopener noreferrer" referrerpolicy="no-referrer"' in html
    assert "A &lt;film&gt;" in html
    assert "on video.example" in html
    assert not [tag for tag in ("iframe", "<img", "src=", "embed__text") if tag in html]


def test_an_embed_shows_the_picture_and_the_words_that_are_kept_here():
    photo = make_photo(creator="Ilya Sorensen", agency="")
    body = render(
        f'<div data-embed="https://video.example/1" data-photo="{photo.public_id}"><p>Ships <em>leave</em>.</p></div>'
    )
    assert '<div class="embed__text"><p>Ships <em>leave</em>.</p></div>' in body.html
    assert f'src="{photo.url(800)}"' in body.html
    assert "Ilya Sorensen" in body.html
    assert body.photos == (photo,)


def test_an_embed_whose_picture_is_gone_keeps_its_words():
    html = render('<div data-embed="https://video.example/1" data-photo="00000000"><p>Words</p></div>').html
    assert "<p>Words</p>" in html
    assert "<img" not in html


def test_a_crop_is_shown_once_it_is_cut_and_never_what_is_cut_off():
    photo, box = make_photo(caption="A queue."), "0.1,0.1,0.5,0.5"
    figure = f'<figure data-photo="{photo.public_id}" data-crop="{box}"><figcaption></figcaption></figure>'
    waiting = render(figure).html
    assert "A queue" in waiting
    assert "<img" not in waiting
    photo.want_crop(box)
    photo.make_renditions()
    cut = render(figure).html
    assert f'src="{photo.url(800, box=box)}"' in cut
    assert photo.url(800) not in cut


def test_links_and_notes_work_in_captions_quotes_and_embeds_too():
    story, photo = make_article(published=True), make_photo()
    link = f'<a data-article="{story.public_id}">x</a><sup data-footnote="Note"></sup>'
    html = render(
        f'<figure data-photo="{photo.public_id}"><figcaption>{link}</figcaption></figure>'
        f"<aside data-pullquote><blockquote><p>{link}</p></blockquote></aside>"
        f'<div data-embed="https://e.example/1"><p>{link}</p></div>'
    ).html
    assert html.count(f'<a href="{story.get_absolute_url()}">x</a>') == 3
    assert html.count('<li id="note-') == 3
    assert "data-" not in html


def test_footnotes_are_numbered_and_lead_back():
    html = render('<p>A<sup data-footnote="One &amp; &lt;b&gt;"></sup> B<sup data-footnote="Two"></sup></p>').html
    assert '<a id="note-2-ref" href="#note-2">2</a>' in html
    assert '<li id="note-1">One &amp; &lt;b&gt; <a href="#note-1-ref"' in html


def test_a_table_can_be_scrolled():
    html = render("<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>").html
    assert html.startswith('<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>')
    assert html.endswith("</table></div>")


def test_the_headings_of_a_table_say_what_they_head():
    head = "<thead><tr><th>Year</th><th colspan=2>Cases</th></tr></thead>"
    html = render(f"<table>{head}<tbody><tr><th>2025</th><td>1</td><td>2</td></tr></tbody></table>").html
    assert '<th scope="col">Year</th><th scope="col" colspan="2">Cases</th>' in html
    assert '<th scope="row">2025</th>' in html


def test_ten_photos_and_links_cost_three_queries(django_assert_num_queries):
    edition = make_edition()
    photos, stories = [make_photo() for _n in range(5)], [make_article(published=True) for _n in range(5)]
    html = "".join(f'<figure data-photo="{photo.public_id}"><figcaption></figcaption></figure>' for photo in photos)
    html += "".join(f'<p><a data-article="{story.public_id}">x</a></p>' for story in stories)
    with django_assert_num_queries(3):
        render_body(html, edition=edition, context={"edition": edition}, at=timezone.now())
