"""Sitemaps: every public address once, on the home origin, with the time of its last change, and nothing else."""

import datetime
from urllib.parse import urlsplit

import pytest
from defusedxml.ElementTree import fromstring
from django.conf import settings
from django.utils import timezone

from articles.models import Article
from articles.sitemaps import NEWS, SITEMAP, XHTML
from tests.make import make_article, make_edition, make_page, make_person, make_user

pytestmark = pytest.mark.django_db
S, N, X = f"{{{SITEMAP}}}", f"{{{NEWS}}}", f"{{{XHTML}}}"
NOW = timezone.now()


def read(client, path, root, **headers):
    answer = client.get(path, **headers)
    assert answer.status_code == 200, path
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    tree = fromstring(answer.content)
    assert tree.tag == f"{S}{root}"
    assert len(tree), path  # the schemas allow no empty list
    for entry in tree:  # the schema's order: loc, then lastmod
        names = [child.tag for child in entry if child.tag.startswith(S)]
        assert names[0] == f"{S}loc"
        assert set(names) <= {f"{S}loc", f"{S}lastmod"}
        place, changed = entry.find(f"{S}loc").text, entry.find(f"{S}lastmod")
        assert place.startswith(settings.HOME_ORIGIN)
        assert 12 <= len(place) <= 2048  # sitemaps.org, tLocSizeLimit
        if changed is not None:
            assert datetime.datetime.fromisoformat(changed.text).tzinfo is not None
    return tree


def addresses(tree):
    return [urlsplit(entry.find(f"{S}loc").text).path for entry in tree]


def published(months_ago=0, **fields):
    at = NOW - datetime.timedelta(days=31 * months_ago)
    return make_article(published=True, at=at, **fields)


def test_robots_lead_to_the_index_of_each_edition_and_it_to_every_month(client):
    old, new = published(2), published()
    make_edition("ru")
    robots = client.get("/robots.txt").text
    assert f"Sitemap: {settings.HOME_ORIGIN}/sitemap.xml" in robots
    assert f"Sitemap: {settings.HOME_ORIGIN}/ru/sitemap.xml" in robots
    maps = addresses(read(client, "/sitemap.xml", "sitemapindex"))
    zone = old.edition.zone
    for story in (old, new):
        day = story.first_published_at.astimezone(zone)
        path = f"/sitemap/{day:%Y-%m}.xml"
        assert path in maps
        assert story.get_absolute_url() in addresses(read(client, path, "urlset"))
    assert {"/sitemap/pages.xml", "/sitemap/news.xml"} <= set(maps)


@pytest.mark.django_db(transaction=True)
def test_time_of_a_story_is_when_what_readers_see_changed(client):
    story, editor = published(), make_user("Editor")
    later = NOW + datetime.timedelta(minutes=5)
    path = f"/sitemap/{story.first_published_at.astimezone(story.edition.zone):%Y-%m}.xml"
    before = read(client, path, "urlset")[0].find(f"{S}lastmod").text
    assert datetime.datetime.fromisoformat(before) == story.published_at.replace(microsecond=0)
    story.publish(version=story.read_draft().version, by=editor, at=later, change=Article.Change.FACTS)
    after = read(client, path, "urlset")[0].find(f"{S}lastmod").text
    assert datetime.datetime.fromisoformat(after) == later.replace(microsecond=0)


def test_translations_name_each_other(client):
    story = published()
    russian = published(edition=make_edition("ru"))
    Article.objects.filter(pk=russian.pk).update(translation_group=story.translation_group)
    path = f"/sitemap/{story.first_published_at.astimezone(story.edition.zone):%Y-%m}.xml"
    (entry,) = read(client, path, "urlset")
    links = {link.get("hreflang"): link.get("href") for link in entry.findall(f"{X}link")}
    assert links == {"en": settings.HOME_ORIGIN + story.get_absolute_url(),
                     "ru": settings.HOME_ORIGIN + russian.get_absolute_url()}  # fmt: skip


def test_news_are_those_of_two_days_with_title_and_language(client):
    published(1, headline="Old")
    fresh = published(headline="Ice & snow")
    (entry,) = read(client, "/sitemap/news.xml", "urlset")
    found = {child.tag.removeprefix(N): child.text for child in entry.iter() if child.tag.startswith(N)}
    assert (found["title"], found["language"], found["name"]) == ("Ice & snow", "en", fresh.edition.title)
    assert found["publication_date"] == fresh.first_published_at.isoformat(timespec="seconds")


def test_after_two_quiet_days_there_is_no_map_of_news(client):
    published(1)
    assert client.get("/sitemap/news.xml").status_code == 404
    assert "/sitemap/news.xml" not in addresses(read(client, "/sitemap.xml", "sitemapindex"))


def test_pages_list_sections_topics_named_people_and_static_pages(client):
    shown, hidden = make_person("Ada Bren"), make_person("Olga Len", name_state="withheld")
    story = published(people=[shown, hidden], topics=["Elections"])
    page = make_page()
    found = addresses(read(client, "/sitemap/pages.xml", "urlset"))
    for path in ("/", story.section.get_absolute_url(), shown.get_absolute_url(), page.get_absolute_url()):
        assert path in found
    assert "/topics/elections/" in found
    assert hidden.get_absolute_url() not in found
    assert len(found) == len(set(found))


def test_what_is_not_public_is_in_no_map(client):
    draft, gone = make_article(headline="Draft"), published(headline="Gone")
    gone.withdraw(by=make_user("Editor"), at=NOW)
    for path in ("/sitemap.xml", "/sitemap/pages.xml", "/sitemap/news.xml"):
        text = client.get(path).text
        assert draft.public_id not in text
        assert gone.public_id not in text
    assert client.get(f"/sitemap/{NOW:%Y-%m}.xml").status_code == 404


@pytest.mark.parametrize(
    "path", ["/sitemap/2026-13.xml", "/sitemap/2026-00.xml", "/sitemap/1999-01.xml", "/sitemap/x.xml"]
)
def test_month_that_is_none_is_not_found(client, path):
    make_edition()
    assert client.get(path).status_code == 404


def test_maps_are_fresh_after_a_publication_and_ask_seldom(client, django_assert_max_num_queries):
    for _number in range(5):
        published()
    client.get("/sitemap.xml")
    assert client.get("/sitemap.xml")["X-Page-Cache"] == "hit"
    with django_assert_max_num_queries(8):
        client.get("/sitemap/pages.xml")
