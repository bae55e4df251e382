"""What search engines read: everything that readers see and nothing else."""

import datetime
import json

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.utils import timezone

from articles.models import Correction, LiveEntry
from newsroom import pagecache
from tests.make import make_article, make_edition, make_person, make_photo, make_section, make_user

pytestmark = pytest.mark.django_db


def structured(client, article):
    page = BeautifulSoup(client.get(article.get_absolute_url()).text, "html.parser")
    scripts = page.find_all("script", type="application/ld+json")
    assert len(scripts) == 1
    return {entry["@type"]: entry for entry in json.loads(scripts[0].string)["@graph"]}


@pytest.fixture
def photo():
    made = make_photo(creator="Emmanuel Bonne", agency="EPA", copyright="EPA 2026", licence_url="https://example.org/l")
    made.make_renditions()
    return made


def test_a_story_is_told_with_its_people_pictures_section_and_times(client, settings, photo):
    settings.HOME_ORIGIN = "https://home.example"
    ada, lens = make_person("Ada Bren", slug="ada-bren"), make_person("EPA", kind="agency")
    when = timezone.now() - datetime.timedelta(days=1)
    story = make_article(
        published=True, headline="Harbour reopens", standfirst="After a year.", photo=photo, people=[ada, lens],
        section=make_section("Politics"), topics=["Harbour"], when=when,
    )  # fmt: skip
    news = structured(client, story)["NewsArticle"]
    assert (news["headline"], news["description"]) == ("Harbour reopens", "After a year.")
    assert news["url"] == news["mainEntityOfPage"] == f"https://home.example{story.get_absolute_url()}"
    assert datetime.datetime.fromisoformat(news["datePublished"]) == when
    assert (news["articleSection"], news["keywords"], news["isAccessibleForFree"]) == ("Politics", ["Harbour"], True)
    assert [(who["@type"], who["name"]) for who in news["author"]] == [("Person", "Ada Bren"), ("Organization", "EPA")]
    assert news["author"][0]["url"] == "https://home.example/people/ada-bren/"
    shapes = {round(image["width"] / image["height"], 1) for image in news["image"]}
    assert {1.8, 1.3, 1.0} <= shapes
    for image in news["image"]:
        assert image["url"].startswith("https://home.example/media/")
        assert image["creditText"] == "Emmanuel Bonne / EPA"
        assert image["creator"] == {"@type": "Person", "name": "Emmanuel Bonne"}
        assert (image["copyrightNotice"], image["license"]) == ("EPA 2026", "https://example.org/l")


def test_the_title_tells_who_it_is_and_how_it_corrects_itself(client):
    publisher = structured(client, make_article(published=True))["NewsArticle"]["publisher"]
    assert publisher["@type"] == "NewsMediaOrganization"
    assert publisher["correctionsPolicy"].endswith("/corrections/")


def test_the_way_to_the_story_is_told(client):
    story = make_article(published=True, headline="Harbour reopens", section=make_section("Politics"))
    steps = structured(client, story)["BreadcrumbList"]["itemListElement"]
    assert [step["position"] for step in steps] == [1, 2, 3]
    assert [step["name"] for step in steps[1:]] == ["Politics", "Harbour reopens"]


def test_corrections_are_told_with_their_date_and_address_and_updates_are_none(client):
    story, editor = make_article(published=True), make_user("Editor")
    for kind, text in (("correction", "It was 11."), ("update", "More soon.")):
        Correction.write(story, kind=kind, text=text, place="end", by=editor, at=timezone.now())
    comments = structured(client, story)["NewsArticle"]["correction"]
    assert [comment["text"] for comment in comments] == ["It was 11."]
    assert comments[0]["@type"] == "CorrectionComment"
    assert comments[0]["url"].endswith("#correction-1")


def test_who_may_not_be_named_is_not_named_and_the_title_is_the_author(client):
    person = make_person("Ada Bren")
    story = make_article(published=True, people=[person])
    type(person).objects.filter(pk=person.pk).update(name_state="withheld")
    news = structured(client, story)["NewsArticle"]
    assert news["author"] == [{"@id": news["publisher"]["@id"]}]
    assert "Ada Bren" not in json.dumps(news)


def test_translators_and_editors_are_no_authors(client):
    anna, boris = make_person("Anna"), make_person("Boris")
    story = make_article(published=True, people=[anna, boris])
    story.bylines.filter(person=boris).update(role="translation")
    news = structured(client, story)["NewsArticle"]
    assert [who["name"] for who in news["author"]] == ["Anna"]
    assert [who["name"] for who in news["translator"]] == ["Boris"]


def test_an_opinion_is_marked_as_one(client):
    story = make_article(published=True)
    type(story).objects.filter(pk=story.pk).update(is_opinion=True)
    assert "OpinionNewsArticle" in structured(client, story)


@pytest.mark.parametrize("headline", ["</script><script>alert(1)</script>", "<!--<script>", 'He said "no" & left'])
def test_no_headline_breaks_out_of_the_data(client, headline):
    assert structured(client, make_article(published=True, headline=headline))["NewsArticle"]["headline"] == headline


def test_what_search_engines_shall_not_show_tells_them_nothing(client):
    story = make_article(published=True)
    type(story).objects.filter(pk=story.pk).update(hidden_from_search=True)
    assert "ld+json" not in client.get(story.get_absolute_url()).text


def test_another_language_has_its_own_addresses(client):
    make_edition()
    story = make_article(published=True, edition=make_edition("ru"), headline="Порт открыт")
    news = structured(client, story)["NewsArticle"]
    assert news["inLanguage"] == "ru"
    assert "/ru/" in news["url"]


def test_a_live_story_is_told_with_its_entries_and_its_time(client):
    story, now = make_article(published=True), timezone.now()
    for minutes, title in enumerate(["The judge came in", "Verdict"]):
        at = now + datetime.timedelta(minutes=minutes)
        LiveEntry.write(story, title=title, text="They rose.", is_key=False, by=None, at=at)
    live = structured(client, story)["LiveBlogPosting"]
    assert datetime.datetime.fromisoformat(live["coverageStartTime"]) == story.first_published_at
    assert datetime.datetime.fromisoformat(live["dateModified"]) == at
    assert "coverageEndTime" not in live
    assert [entry["headline"] for entry in live["liveBlogUpdate"]] == ["Verdict", "The judge came in"]
    newest = story.live_entries.newest_first().first()
    assert live["liveBlogUpdate"][0]["url"].endswith(newest.get_absolute_url())
    assert live["liveBlogUpdate"][0]["articleBody"] == "They rose."
    story.end_live(by=None, at=at)
    pagecache.forget_all()
    cache.clear()
    live = structured(client, story)["LiveBlogPosting"]
    assert datetime.datetime.fromisoformat(live["coverageEndTime"]) == at
