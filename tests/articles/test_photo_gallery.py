"""Galleries: photos of the layout "gallery" that follow each other become one strip, complete without script."""

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from articles.render import render_body
from newsroom.html import clean_body
from tests.make import make_article, make_edition, make_photo

pytestmark = pytest.mark.django_db


def figure(photo, caption="", layout="gallery"):
    public_id = photo if isinstance(photo, str) else photo.public_id
    return f'<figure data-photo="{public_id}" data-layout="{layout}"><figcaption>{caption}</figcaption></figure>'


def render(html):
    edition = make_edition()
    made = render_body(clean_body(html), edition=edition, context={"edition": edition}, at=timezone.now()).html
    return BeautifulSoup(made, "html.parser")


def test_photos_in_a_row_are_one_gallery_in_order_each_with_caption_and_credit():
    photos = [make_photo(creator="EPA", agency="TASS", caption=f"Photo {number}.") for number in range(3)]
    page = render("<p>A</p>" + figure(photos[0]) + figure(photos[1], "Own words") + figure(photos[2]) + "<p>B</p>")
    [gallery] = page.select("ul.gallery")
    assert (gallery["tabindex"], gallery["aria-label"]) == ("0", "Gallery: 3 photos")
    captions = [caption.get_text() for caption in gallery.select("li > figure.photo--gallery > figcaption")]
    assert captions == ["Photo 0. EPA / TASS", "Own words. EPA / TASS", "Photo 2. EPA / TASS"]
    assert all(picture.get("width") and picture.get("height") for picture in gallery.select("img"))
    assert [paragraph.get_text() for paragraph in page.select("p")] == ["A", "B"]


def test_text_between_photos_makes_two_galleries():
    photos = [make_photo() for _number in range(4)]
    body = figure(photos[0]) + figure(photos[1]) + "<p>Between.</p>" + figure(photos[2]) + figure(photos[3])
    assert [len(gallery.select("li")) for gallery in render(body).select("ul.gallery")] == [2, 2]


def test_a_photo_alone_and_a_photo_of_another_width_are_no_gallery():
    photos = [make_photo() for _number in range(3)]
    page = render(figure(photos[0]) + figure(photos[1], layout="wide") + figure(photos[2]))
    assert not page.select(".gallery")
    assert len(page.select("figure.photo")) == 3


def test_a_photo_that_is_gone_leaves_no_gap():
    photos = [make_photo(), make_photo()]
    gone = "00000000"
    assert len(render(figure(photos[0]) + figure(gone) + figure(photos[1])).select(".gallery > li")) == 2
    assert not render(figure(photos[0]) + figure(gone)).select(".gallery")


def test_the_photos_of_a_gallery_are_used_and_checked_like_any_other(client):
    photos = [make_photo(), make_photo()]
    story = make_article(published=True, body_html="<p>Text.</p>" + "".join(map(figure, photos)))
    assert {use.photo for use in story.photo_uses.all()} == set(photos)
    assert client.get(story.get_absolute_url()).text.count('<li><figure class="photo photo--gallery">') == 2
