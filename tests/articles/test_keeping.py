"""A story as one file: whole, with its credit, asking nobody for anything, and without links unless they are wanted."""

import re

import pytest
from django.utils import timezone

from tests.articles.pages import Page
from tests.make import make_article, make_person, make_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    photo = make_photo()
    other = make_article(published=True, headline="Other news")
    body = (
        f'<p>Text <a href="https://example.org/x">outside</a> &amp; <a data-article="{other.public_id}">inside</a>.</p>'
        f'<figure data-photo="{photo.public_id}"><figcaption>The quay.</figcaption></figure><ul><li>One</li></ul>'
        '<div data-box="newsletter"></div><p>Note<sup data-footnote="A source."></sup></p>'
    )
    return make_article(
        published=True, headline="Kept whole", people=[make_person("Ada Bren")], photo=photo, body_html=body
    )


def kept(client, story, kind):
    return client.get(f"/save/{story.public_id}/{kind}")


def test_the_page_needs_nothing_else_and_holds_no_link(client, story):
    answer = kept(client, story, "page")
    page = Page(answer.text)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{story.slug}.html"'
    assert [link for link in page.links() if not link.startswith("#")] == []
    assert "http" not in re.sub(r"data:image/[^\"]+", "", answer.text)
    (picture,) = page.all("img")
    assert picture["src"].startswith("data:image/jpeg;base64,")
    assert page.all("script") + page.all("link") + page.all("form") == []
    for words in ("Kept whole", "Ada Bren", "Emmanuel Bonne / EPA", "The quay.", "outside & inside.", "A source."):
        assert words in page.text, words
    assert len(answer.content) < 100_000


def test_with_links_they_lead_home_whatever_host_was_asked(client, story, settings):
    page = Page(client.get(f"/save/{story.public_id}/linked", headers={"host": "127.0.0.1"}).text)
    assert settings.HOME_ORIGIN + story.get_absolute_url() in page.links()
    assert "https://example.org/x" in page.links()
    assert not [link for link in page.links() if not link.startswith(("http", "#"))]


def test_plain_text_has_every_word_and_no_mark(client, story):
    answer = kept(client, story, "text")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = answer.text
    for words in ("Kept whole", "Ada Bren", "Text outside & inside.", "- One", "The quay.", "Emmanuel Bonne / EPA"):
        assert words in text, words
    assert "<" not in text
    assert "http" not in text
    assert "\n\n\n" not in text
    assert text.index("Kept whole") < text.index("Ada Bren") < text.index("Text outside")


def test_the_story_leads_to_its_files(client, story):
    links = Page(client.get(story.get_absolute_url()).text).links()
    assert [f"/save/{story.public_id}/{kind}" in links for kind in ("page", "linked", "text")] == [True] * 3


@pytest.mark.parametrize("kind", ["page", "linked", "text"])
def test_a_story_that_readers_do_not_see_cannot_be_kept(client, story, kind):
    hidden = make_article()
    story.withdraw(by=None, at=timezone.now())
    assert kept(client, story, kind).status_code == 404
    assert kept(client, hidden, kind).status_code == 404


def test_an_unknown_kind_or_another_edition_has_no_file(client, story):
    assert kept(client, story, "pdf").status_code == 404
    assert client.get(f"/ru/save/{story.public_id}/page").status_code == 404


def test_a_withheld_name_is_not_in_the_file(client):
    silent = make_person("Withholdia Nameless", name_state="withheld")
    story = make_article(published=True, people=[silent])
    for kind in ("page", "linked", "text"):
        assert "Withholdia" not in kept(client, story, kind).text
