"""What a page shows where somebody shares it: title, words, picture with its size and words, languages and times."""

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from tests.make import make_article, make_edition, make_photo, make_section

pytestmark = pytest.mark.django_db


def told(client, path):
    """Return {property: content} of the page's meta elements, with a list where one stands more than once."""
    found = {}
    for tag in BeautifulSoup(client.get(path).text, "html.parser").find_all("meta"):
        if name := tag.get("property") or tag.get("name"):
            found.setdefault(name, []).append(tag["content"])
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


@pytest.fixture
def story(settings):
    """A story with a picture, two topics and a translation, updated once."""
    settings.HOME_ORIGIN = "https://home.example"
    photo = make_photo()
    photo.make_renditions()
    story = make_article(
        published=True, headline="He said \"no\" & left", standfirst="After a year.", photo=photo,
        section=make_section("Politics"), topics=["Harbour", "Strikes"],
    )  # fmt: skip
    make_article(published=True, edition=make_edition("ru"), headline="Нет", translation_group=story.translation_group)
    story.correct(text="It was 11.", version=story.read_draft().version, by=None, at=timezone.now())
    return story


def test_a_story_is_shared_with_everything_a_card_shows(client, story):
    card = told(client, story.get_absolute_url())
    assert (card["og:type"], card["og:title"]) == ("article", 'He said "no" & left')
    assert card["og:description"] == card["description"] == "After a year."
    assert (card["og:locale"], card["og:locale:alternate"]) == ("en_GB", "ru_RU")
    assert card["og:url"].startswith("https://home.example/20")
    assert card["og:image"].startswith("https://home.example/media/")
    assert int(card["og:image:width"]) / int(card["og:image:height"]) == pytest.approx(1.91, abs=0.03)
    assert card["og:image:alt"] == "A queue of people in front of a school."
    assert card["twitter:card"] == "summary_large_image"
    assert (card["article:section"], card["article:tag"]) == ("Politics", ["Harbour", "Strikes"])
    assert card["article:published_time"] <= card["article:modified_time"]


def test_a_story_without_a_picture_has_a_small_card(client):
    card = told(client, make_article(published=True).get_absolute_url())
    assert card["twitter:card"] == "summary"
    assert "og:image" not in card


def test_every_list_has_a_title_and_is_no_article(client, story):
    make_edition(tagline="Across the water")
    for path, title in (("/", "The Lantern"), ("/sections/politics/", "Politics"), ("/topics/harbour/", "Harbour")):
        card = told(client, path)
        assert (card["og:title"], card["og:type"], card["twitter:card"]) == (title, "website", "summary"), path
    assert told(client, "/")["og:description"] == "Across the water"
