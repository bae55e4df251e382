"""Static pages and error pages."""

import pytest

from tests.make import make_edition, make_page

pytestmark = pytest.mark.django_db


def test_a_page_stands_at_its_slug(client):
    make_page("about", title="About us")
    text = client.get("/about/").text
    assert "<h1>About us</h1>" in text
    assert "We report from abroad." in text


def test_an_unpublished_page_is_not_known(client):
    make_page("draft", published=False)
    assert client.get("/draft/").status_code == 404


def test_a_page_belongs_to_its_edition(client):
    make_page("about")
    make_edition("ru")
    assert client.get("/ru/about/").status_code == 404


def test_an_unknown_address_answers_with_the_sites_own_page(client):
    make_edition(title="The Lantern")
    response = client.get("/nothing/here/at-all/")
    assert response.status_code == 404
    assert "The Lantern" in response.text
    assert 'action="/search/"' in response.text


def test_the_404_of_an_edition_speaks_its_language(client):
    make_edition()
    make_edition("ru")
    assert "По этому адресу ничего нет" in client.get("/ru/nothing/").text


def test_a_failure_answers_500_without_asking_the_database(client, monkeypatch, django_assert_num_queries):
    make_edition()
    client.raise_request_exception = False
    monkeypatch.setattr("articles.views.front_page.arrange", lambda *args, **kwargs: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert "<h1>Something broke here</h1>" in response.text


@pytest.mark.parametrize(
    "path", ["/%00/", "/%ff/", "/sections/%00/", "/people/../", "/topics/%ed%a0%80/", "/" + "a" * 5000 + "/"]
)
def test_strange_addresses_are_a_404(client, path):
    make_edition()
    assert client.get(path).status_code == 404
