"""What every reader page promises, asked of every public address."""

import datetime

import pytest
from django.conf import settings
from django.utils import timezone

from newsroom import registry
from newsroom.editions import all_editions
from tests.articles.pages import Page, foreign
from tests.make import make_article, make_edition, make_page, make_person, make_photo, make_section

pytestmark = pytest.mark.django_db
SECRETS = ("Never published", "Comes tomorrow", "Taken back", "Under embargo", "Long expired")


@pytest.fixture
def site():
    """Build a small site in two editions with everything that must not be seen."""
    now, tomorrow = timezone.now(), timezone.now() + datetime.timedelta(days=1)
    person, photo = make_person("Ada Bren"), make_photo()
    common = {"people": [person], "photo": photo, "topics": ["Rivers"]}
    first = make_article(published=True, headline="Plain news", **common)
    body = (
        f'<p>Text.</p><figure data-photo="{photo.public_id}"><figcaption>x</figcaption></figure>'
        '<div data-embed="https://video.example/1"></div>'
        f'<div data-related="{first.public_id}"></div>'
    )
    make_article(published=True, headline="Rich news", body_html=body, **common)
    make_article(
        published=True, headline="Мнение", section=make_section("Мнения", edition=make_edition("ru"), is_opinion=True)
    )
    make_page("about")
    make_article(headline="Never published", **common)
    make_article(published=True, when=tomorrow, headline="Comes tomorrow", **common)
    make_article(published=True, headline="Taken back", **common).withdraw(by=None, at=now)
    for headline, times in (("Under embargo", (tomorrow, None)), ("Long expired", (None, now))):
        story = make_article(published=True, headline=headline, **common)
        story.set_times(embargo_until=times[0], expires_at=times[1], by=None, at=now)
    every = [path for edition in all_editions() for path in registry.public_urls["articles"](edition)]
    return [path for path in every if "/save/" not in path]


def test_pages_set_no_cookie_and_read_none(client, site):
    client.cookies["session"] = "something"
    for path in site:
        response = client.get(path)
        assert response.status_code == 200, path
        assert not response.cookies, path
        assert "Cookie" not in response.headers.get("Vary", ""), path


def test_pages_load_nothing_from_another_host(client, site):
    for path in site:
        assert foreign(Page(client.get(path).text).loaded()) == [], path


def test_pages_have_no_inline_script_or_style(client, site):
    for path in site:
        page = Page(client.get(path).text)
        assert page.all("style") == []
        assert all(script.get("src") or "json" in script["type"] for script in page.all("script")), path
        for _tag, attributes in page.tags:
            assert not [name for name in attributes if name == "style" or name.startswith("on")], path


def test_what_is_not_public_is_seen_nowhere(client, site):
    for path in site:
        text = client.get(path).text
        assert not [secret for secret in SECRETS if secret in text], path


def is_page(path):
    """Tell a page from a feed, a map and an answer of the API."""
    return "." not in path and "/api/" not in path


def test_pages_have_one_h1_a_language_landmarks_and_a_skip_link(client, site):
    for path in site:
        if not is_page(path):
            continue
        page = Page(client.get(path).text)
        assert len(page.all("h1")) == 1, path
        assert len(page.all("main", id="main")) == 1, path
        assert page.all("html")[0]["lang"] == ("ru" if path.startswith("/ru/") else "en")
        assert page.all("a", class_="skip")[0]["href"] == "#main"
        assert all("alt" in image for image in page.all("img")), path


def test_links_stay_on_whatever_host_was_asked(client, site):
    for path in filter(is_page, site):
        own = [link for link in Page(client.get(path).text).links() if settings.HOME_ORIGIN in link]
        assert own == [], path


def test_the_canonical_address_is_home(client, site):
    for path in site:
        for link in Page(client.get(path, headers={"host": "127.0.0.1"}).text).all("link", rel="canonical"):
            assert link["href"] == settings.HOME_ORIGIN + path


def test_every_internal_link_of_the_stories_leads_somewhere(client, site):
    others = (
        "/newsletters/",
        "/support/",
        "/ru/newsletters/",
        "/ru/support/",
        "/privacy/",
        "/corrections/",
        "/ru/about/",
    )
    links = {link for path in site for link in Page(client.get(path).text).links() if link.startswith("/")}
    for link in sorted(links):
        if not link.startswith(others) and not link.startswith(("/ru/privacy", "/ru/corrections")):
            assert client.get(link).status_code == 200, link


def test_a_page_is_light(client, site):
    for path in site:
        assert len(client.get(path).content) < 100_000
