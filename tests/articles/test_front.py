"""The front page."""

import datetime

import pytest
from django.utils import timezone

from articles import front
from newsroom import pagecache
from tests.make import make_article, make_edition, make_person, make_photo, make_section

pytestmark = pytest.mark.django_db


def make_stories(count, *, section=None, **content):
    now = timezone.now()
    return [
        make_article(
            published=True,
            section=section,
            headline=f"Story {number} of {section or 'news'}",
            when=now - datetime.timedelta(minutes=number + 1),
            **content,
        )
        for number in range(count)
    ]


def test_an_empty_front_page_stands(client):
    make_edition()
    response = client.get("/")
    assert response.status_code == 200
    assert "first stories" in response.text


def test_the_newest_story_with_a_picture_leads():
    photo = make_photo()
    make_stories(2)
    pictured = make_article(
        published=True, photo=photo, headline="With a picture", when=timezone.now() - datetime.timedelta(hours=1)
    )
    assert front.arrange(make_edition(), at=timezone.now()).lead == pictured


def test_opinion_never_leads_and_shows_its_author(client):
    opinion = make_section("Opinion", is_opinion=True)
    make_article(published=True, section=opinion, headline="I think", people=[make_person("Vera Lukasz")])
    make_article(published=True, headline="It happened", when=timezone.now() - datetime.timedelta(days=1))
    page = front.arrange(make_edition(), at=timezone.now())
    assert page.lead.headline == "It happened"
    assert "card--opinion" in (text := client.get("/").text)
    assert "Vera Lukasz" in text


def test_no_story_stands_twice():
    for section in (make_section("Politics"), make_section("Economy"), make_section("Culture")):
        make_stories(9, section=section)
    stories = front.arrange(make_edition(), at=timezone.now()).stories()
    assert len(stories) == len({story.pk for story in stories}) > 15


def test_a_quiet_section_keeps_its_block():
    quiet = make_section("Culture")
    make_article(published=True, section=quiet, headline="Long ago", when=timezone.now() - datetime.timedelta(days=900))
    make_stories(front.NEWEST + 2)
    blocks = front.arrange(make_edition(), at=timezone.now()).blocks
    assert ["Long ago"] in [[story.headline for story in block.stories] for block in blocks]


@pytest.mark.parametrize("count", [24, 60])
def test_it_asks_as_often_for_many_stories_as_for_few(client, django_assert_num_queries, settings, count):
    settings.PAGE_CACHE_SECONDS = 0
    make_stories(count, people=[make_person()], photo=make_photo())
    client.get("/")
    with django_assert_num_queries(7):
        client.get("/")


def test_each_edition_has_its_own(client):
    make_article(published=True, headline="In English")
    russian = make_edition("ru")
    make_article(published=True, edition=russian, headline="По-русски")
    assert "По-русски" in client.get("/ru/").text
    assert "In English" not in client.get("/ru/").text
    assert "По-русски" not in client.get("/").text
    assert '<html lang="ru">' in client.get("/ru/").text
    assert "Поддержать" in client.get("/ru/").text


@pytest.mark.django_db(transaction=True)
def test_a_story_is_there_on_the_next_request_after_its_publication(client):
    make_article(published=True, headline="First")
    client.get("/")
    assert client.get("/").headers["X-Page-Cache"] == "hit"
    make_article(published=True, headline="Second and new")
    assert "Second and new" in client.get("/").text
    pagecache.store.clear()
