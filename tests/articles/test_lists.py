"""Pages that list stories: section, topic, person."""

import datetime

import pytest
from django.utils import timezone

from articles.views import PER_PAGE
from tests.make import make_article, make_edition, make_person, make_photo, make_section

pytestmark = pytest.mark.django_db


def fill(count, **given):
    now = timezone.now()
    for number in range(count):
        make_article(
            published=True, headline=f"Story {number:02}", when=now - datetime.timedelta(hours=number), **given
        )


@pytest.fixture
def lists():
    """Fill one page and a bit of each kind of list and return their addresses."""
    person = make_person("Ada Bren")
    fill(PER_PAGE + 3, people=[person], photo=make_photo(), topics=["Rivers"])
    return ["/sections/politics/", f"/people/{person.slug}/", "/topics/rivers/"]


def test_lists_have_pages(client, lists):
    for path in lists:
        first, second = client.get(path), client.get(f"{path}?page=2")
        assert "Story 00" in first.text
        assert "Story 21" not in first.text
        assert "Page 1 of 2" in first.text
        assert 'href="?page=2"' in first.text
        assert "Story 21" in second.text


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "", "1e3", "%00", "9" * 400])
def test_a_page_that_is_not_there_is_a_404(client, lists, number):
    assert {client.get(f"{path}?page={number}").status_code for path in lists} == {404}


def test_a_strange_parameter_gets_into_no_link(client, lists):
    assert "evil" not in client.get(f"{lists[0]}?evil=1&page=1").text


@pytest.mark.django_db(transaction=True)
def test_lists_ask_as_often_for_many_stories_as_for_one(client, settings, django_assert_max_num_queries):
    settings.PAGE_CACHE_SECONDS = 0
    fill(PER_PAGE, people=[make_person("Ada Bren", slug="ada-bren")], photo=make_photo(), topics=["Rivers"])
    for path in ("/sections/politics/", "/people/ada-bren/", "/topics/rivers/"):
        client.get(path)
        with django_assert_max_num_queries(4):
            client.get(path)


def test_an_empty_section_stands_and_an_unknown_one_does_not(client):
    make_section("Culture")
    assert client.get("/sections/culture/").status_code == 200
    assert client.get("/sections/none/").status_code == 404


def test_a_topic_without_public_stories_is_not_known(client):
    make_article(topics=["Rivers"]).topics.add("Rivers")
    assert client.get("/topics/rivers/").status_code == 404


def test_a_person_without_public_stories_is_not_known(client):
    person = make_person()
    make_article(people=[person])
    assert client.get(f"/people/{person.slug}/").status_code == 404


def test_a_person_whose_name_is_withheld_is_not_known(client):
    person = make_person(name_state="withheld")
    make_article(published=True, people=[person])
    assert client.get(f"/people/{person.slug}/").status_code == 404


def test_a_section_belongs_to_its_edition(client):
    make_section("Culture")
    make_edition("ru")
    assert client.get("/ru/sections/culture/").status_code == 404


def test_a_person_has_a_name_in_each_language(client):
    person = make_person("Ada Bren")
    person.texts.create(language="ru", name="Ада Брен", title="Редактор")
    make_edition()
    make_article(published=True, people=[person], edition=make_edition("ru"), headline="Порт")
    text = client.get(f"/ru/people/{person.slug}/").text
    assert "Ада Брен" in text
    assert "Ada Bren" not in text


def test_only_reading_is_possible(client, lists):
    assert {client.post(path).status_code for path in ["/", *lists]} == {405}
