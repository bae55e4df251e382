"""The JSON API: what it says is what it promises, and nothing that readers may not see."""

import json
import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, resolve
from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker

from articles import addresses
from articles.api import document, views
from articles.models import LiveEntry
from newsroom import pagecache
from tests.make import make_article, make_edition, make_person, make_photo, make_section

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def story():
    """Return a published story with everything that the API can tell of one."""
    section = make_section("Politics", slug="politics")
    ada, photo = make_person("Ada Bren", slug="ada", title="Correspondent"), make_photo(caption="A boat.", alt="Boat")
    other = make_article(published=True, headline="Older", section=section, people=[ada], topics=["Rivers"])
    mute = make_person("Mute Person", name_state="withheld")
    story = make_article(
        published=True, headline="Harbour & <sea>", standfirst="Less < more", kicker="Harbours", section=section,
        people=[ada, mute], photo=photo, topics=["Rivers", "Ships"],
        body_html=f'<p>The <a data-article="{other.public_id}">older story</a>.</p>',
    )  # fmt: skip
    russian = make_article(edition=make_edition("ru"), headline="Гавань", published=True)
    type(story).objects.filter(pk=russian.pk).update(translation_group=story.translation_group)
    type(story).objects.filter(pk=story.pk).update(is_told_live=True)
    story.refresh_from_db()
    LiveEntry.write(story, title="It sails", text="Now.", is_key=True, by=None, at=timezone.now())
    story.correct(text="Not <b>Monday</b>.", version=story.read_draft().version, by=None, at=timezone.now())
    return story


def ask(client, path, status=200):
    response = client.get(API + path)
    assert response.status_code == status, path
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    return response.json()


def faults(path, status, told):
    """Return what the document says against an answer of the path with its names in braces."""
    whole = document.of(make_edition())
    content = whole["paths"][path]["get"]["responses"][str(status)]["content"]["application/json"]["schema"]
    schema = {**content, "components": whole["components"]}
    return [error.message for error in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(told)]


def template_of(path):
    """Return the path of the document that an address of the API answers to."""
    match = resolve(path)
    for name, value in match.kwargs.items():
        path = path.replace(f"/{value}/", f"/{{{name}}}/")
    return path.removeprefix(API)


def test_the_document_is_valid_and_names_every_address_that_there_is(client, story):
    told = ask(client, "/openapi.json")
    assert told["openapi"] == "3.1.0"
    operations = [(path, item["get"]) for path, item in told["paths"].items()]
    assert len({operation["operationId"] for _path, operation in operations}) == len(operations)
    for path, operation in operations:
        inside = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert inside == set(re.findall(r"\{(\w+)\}", path))
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    referred = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(told)))
    assert referred == set(told["components"]["schemas"])
    assert told["servers"] == [{"url": f"{settings.HOME_ORIGIN}/api/v1"}]
    routes = [pattern for pattern in get_resolver("articles.urls").url_patterns if "api_" in (pattern.name or "")]
    assert len(routes) == len(told["paths"])
    paths = [path for path in addresses.public(story.edition) if path.startswith(f"{API}/")]
    assert {template_of(path) for path in paths} == set(told["paths"])


def test_every_answer_keeps_what_the_document_promises(client, story):
    for edition in (story.edition, make_edition("ru")):
        for path in addresses.public(edition):
            inner = path.removeprefix(edition.prefix)
            if inner.startswith(f"{API}/"):
                answer = client.get(path)
                assert faults(template_of(inner), 200, answer.json()) == [], path


def test_the_check_finds_what_breaks_a_promise(client, story):
    told = ask(client, f"/stories/{story.public_id}/")
    assert faults("/stories/{public_id}/", 200, {**told, "more": 1})
    assert faults("/stories/{public_id}/", 200, {**told, "published_at": "yesterday"})
    del told["headline"]
    assert faults("/stories/{public_id}/", 200, told)


def test_a_story_is_told_whole(client, story):
    told = ask(client, f"/stories/{story.public_id}/")
    home = settings.HOME_ORIGIN
    assert told["headline"] == "Harbour & <sea>"
    assert told["section"] == {"slug": "politics", "name": "Politics"}
    assert told["people"] == [{"slug": "ada", "name": "Ada Bren", "role": "reporting", "url": f"{home}/people/ada/"}]
    assert told["byline"] == "By Ada Bren"
    assert told["photo"]["credit"] == story.lead_photo.credit
    assert (told["photo"]["caption"], told["photo"]["alt"]) == ("A boat.", "Boat")
    assert [topic["name"] for topic in told["topics"]] == ["Rivers", "Ships"]
    assert [(note["number"], note["text"], note["kind"]) for note in told["corrections"]] == [
        (1, "Not <b>Monday</b>.", "correction")
    ]
    assert [(entry["title"], entry["is_key"]) for entry in told["live_entries"]] == [("It sails", True)]
    assert [other["language"] for other in told["translations"]] == ["ru"]
    assert f'<a href="{home}/' in told["body_html"]
    assert told["is_live"] is True


def test_byline_and_photo_are_told_as_the_page_shows_them(client):
    ada, photo = make_person("Ada Bren", slug="ada"), make_photo(caption="A boat.", alt="Boat")
    story = make_article(published=True, people=[ada], photo=photo)
    own = {"byline_text": "Ada Bren, on board", "lead_alt": "A ferry at night", "lead_caption": "The ferry."}
    type(story).objects.filter(pk=story.pk).update(**own)
    told = ask(client, f"/stories/{story.public_id}/")
    shown = (told["byline"], told["photo"]["alt"], told["photo"]["caption"])
    assert shown == tuple(own.values())
    page = client.get(story.get_absolute_url()).content.decode()
    assert 'alt="A ferry at night"' in page and "on board" in page and "The ferry." in page
    assert '"creditText":"Ada Bren, on board"' in page
    pagecache.forget_all()
    cache.clear()
    type(story).objects.filter(pk=story.pk).update(lead_decorative=True)
    assert ask(client, f"/stories/{story.public_id}/")["photo"]["alt"] == ""


def test_a_line_by_hand_that_names_the_unnamed_is_not_told(client):
    mute = make_person("Mute Person", name_state="withheld")
    story = make_article(published=True, people=[mute])
    type(story).objects.filter(pk=story.pk).update(byline_text="Mute Person, on board")
    assert ask(client, f"/stories/{story.public_id}/")["byline"] == ""
    assert b"Mute Person" not in client.get(story.get_absolute_url()).content


def test_lists_lead_from_page_to_page_and_every_story_stands_once(client, story, monkeypatch):
    monkeypatch.setattr(views, "PER_PAGE", 2)
    for number in range(3):
        make_article(published=True, headline=f"Story {number}", section=story.section)
    for start in ("/stories/", "/sections/politics/"):
        address, seen, back = start, [], []
        while address:
            told = ask(client, address)
            assert told["count"] == 5
            seen += [each["headline"] for each in told["stories"]]
            back.append(told["previous"])
            address = told["next"] and told["next"].removeprefix(settings.HOME_ORIGIN + API)
        assert len(seen) == len(set(seen)) == 5
        assert back[0] is None
        assert back[1] == f"{settings.HOME_ORIGIN}{API}{start}"


@pytest.mark.parametrize(
    "path",
    ["/stories/?page=0", "/stories/?page=9", "/stories/?page=x", "/stories/aaaaaaaa/", "/sections/none/",
     "/topics/none/", "/people/none/", "/people/idle/", "/corrections/?page=2"],
)  # fmt: skip
def test_what_is_not_there_is_a_404_in_json(client, story, path):
    make_person("Idle Person", slug="idle")
    told = ask(client, path, 404)
    assert told == {"error": "not_found", "message": "There is nothing public at this address."}
    template = template_of(API + path.partition("?")[0])
    assert faults(template, 404, told) == []


def test_a_withdrawn_story_is_gone_and_a_draft_was_never_there(client, story, django_capture_on_commit_callbacks):
    path = f"/stories/{story.public_id}/"
    ask(client, path)
    with django_capture_on_commit_callbacks(execute=True):
        story.withdraw(by=None, at=timezone.now())
    told = ask(client, path, 410)
    assert told["error"] == "withdrawn"
    assert faults("/stories/{public_id}/", 410, told) == []
    assert story.public_id not in json.dumps(ask(client, "/stories/"))
    ask(client, f"/stories/{make_article(headline='Draft').public_id}/", 404)
    ask(client, f"/stories/{type(story).objects.get(headline='Гавань').public_id}/", 404)


def test_only_reading_is_allowed_and_nothing_is_set(client, story):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(f"{API}/stories/").status_code == 405
    answer = client.get(f"{API}/stories/")
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_answers_are_stored_and_name_home_whatever_host_was_asked(client, story):
    first = client.get(f"{API}/stories/", headers={"host": "127.0.0.1"})
    again = client.get(f"{API}/stories/", headers={"host": "127.0.0.1"})
    assert (first.headers["X-Page-Cache"], again.headers["X-Page-Cache"]) == ("miss", "hit")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert "127.0.0.1" not in first.text
    known = {"host": "127.0.0.1", "if-none-match": first.headers["ETag"]}
    assert client.get(f"{API}/stories/", headers=known).status_code == 304
    assert urlsplit(first.json()["stories"][0]["url"]).netloc == urlsplit(settings.HOME_ORIGIN).netloc


def test_nobody_is_named_who_may_not_be(client, story):
    for path in addresses.public(story.edition):
        if path.startswith(API):
            assert "Mute" not in client.get(path).text, path


def test_the_number_of_queries_does_not_grow(client, story):
    paths = ("/", "/stories/", "/sections/politics/", "/topics/rivers/", "/people/ada/", "/topics/", "/corrections/",
             f"/stories/{story.public_id}/")  # fmt: skip

    def queries(path):
        cache.clear()
        pagecache.forget_all()
        client.get(f"{API}/openapi.json")
        with CaptureQueriesContext(connection) as caught:
            ask(client, path)
        return len(caught)

    few = {path: queries(path) for path in paths}
    people = [make_person(f"Person {number}") for number in range(5)]
    for number in range(9):
        more = make_article(
            published=True, headline=f"Story {number}", section=story.section, photo=make_photo(),
            topics=["Rivers", f"Topic {number}"], people=[*people, story.bylines.first().person],
        )  # fmt: skip
        more.correct(text="Wrong.", version=more.read_draft().version, by=None, at=timezone.now())
    assert {path: queries(path) for path in paths} == few
    # By a process that has nothing at hand: no person, no photo, no section.
    assert max(few.values()) <= 12


@pytest.mark.parametrize("path", ["stories/\u0084/", "topics/%20/", "nothing/", "stories/1/2/3/", "stories/%0A/"])
def test_address_that_is_none_is_answered_in_json_too(client, path):
    make_edition()
    answer = client.get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
