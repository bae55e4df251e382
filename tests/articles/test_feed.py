"""The Atom feed."""

from xml.etree import ElementTree

import pytest
from django.conf import settings

from tests.make import make_article, make_edition, make_person

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def read(client, path="/feed.xml", **extra):
    response = client.get(path, **extra)
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(response.content)


def test_it_lists_the_newest_stories_of_the_edition_with_addresses_of_home(client):
    article = make_article(published=True, headline="Harbour & sea", people=[make_person("Ada Bren")])
    make_article(headline="Draft")
    feed = read(client)
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["Harbour & sea"]
    assert entries[0].find(f"{ATOM}link").get("href") == settings.HOME_ORIGIN + article.get_absolute_url()
    assert entries[0].findtext(f"{ATOM}id").endswith(f",2026:{article.public_id}")
    assert entries[0].findtext(f"{ATOM}author/{ATOM}name") == "Ada Bren"


def test_the_host_that_was_asked_stands_nowhere(client):
    make_article(published=True)
    assert "127.0.0.1" not in client.get("/feed.xml", headers={"host": "127.0.0.1"}).text


def test_each_edition_has_its_own(client):
    make_article(published=True)
    make_edition("ru")
    assert read(client, "/ru/feed.xml").findall(f"{ATOM}entry") == []
