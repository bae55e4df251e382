"""Feeds: three formats, summaries and whole stories, for everything, a section, a topic, a person, the corrections."""

import datetime
import json
import re
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import addresses
from articles.feed_kinds import KINDS
from articles.feeds.entries import KEPT, TAGS
from articles.models import LiveEntry
from newsroom import pagecache
from tests.articles.pages import Page
from tests.make import make_article, make_edition, make_person, make_photo, make_section

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
TYPES = {"xml": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
FEEDS = ("/", "/sections/politics/", "/topics/rivers/", "/people/ada/")
BODY = (
    '<p>The <a data-article="{other}">older story</a> and <a href="https://example.org/x">elsewhere</a> & more.</p>'
    '<figure data-photo="{photo}" data-layout="wide"><figcaption>At dawn.</figcaption></figure>'
    '<p>Noted<sup data-footnote="By hand."></sup>.</p><div data-box="newsletter"></div>'
    "<table><tbody><tr><th>Ship</th><td>Tons</td></tr></tbody></table>"
)


@pytest.fixture
def story():
    """Return a published story with everything that a feed can tell, which stands in each list."""
    common = {"section": make_section("Politics", slug="politics"), "topics": ["Rivers"]}
    ada, photo = make_person("Ada Bren", slug="ada"), make_photo(caption="A boat.", alt="A boat at sea")
    other = make_article(published=True, headline="Older", people=[ada], **common)
    return make_article(
        published=True, headline="Harbour & <sea>", standfirst="Less < more & all", people=[ada], photo=photo,
        body_html=BODY.format(other=other.public_id, photo=photo.public_id), **common,
    )  # fmt: skip


def read(client, path="/feed.xml", **extra):
    response = client.get(path, **extra)
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(response.content)


def atom_faults(content, path):
    """Return what RFC 4287 (sections 4.1.1, 4.1.2, 4.2.6) finds wrong."""
    root = ElementTree.fromstring(content)
    faults = [name for name in ("id", "title", "updated") if len(root.findall(ATOM + name)) != 1]
    links = [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    faults += [] if links == [settings.HOME_ORIGIN + path] else [f"self {links}"]
    for entry in root.findall(f"{ATOM}entry"):
        faults += [f"entry {name}" for name in ("id", "title", "updated") if len(entry.findall(ATOM + name)) != 1]
        faults += ["author"] if entry.find(f"{ATOM}author/{ATOM}name") is None else []
        times = [datetime.datetime.fromisoformat(entry.findtext(ATOM + name)) for name in ("published", "updated")]
        faults += ["time"] if any(moment.tzinfo is None for moment in times) or times[0] > times[1] else []
    ids = [entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")]
    return faults + (["ids twice"] if len(ids) != len(set(ids)) else [])


def rss_faults(content, path):
    """Return what the RSS 2.0.11 specification and the profile of its advisory board find wrong."""
    channel = ElementTree.fromstring(content).find("channel")
    faults = [name for name in ("title", "link", "description") if not channel.findtext(name)]
    own = [link.get("href") for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    faults += [] if own == [settings.HOME_ORIGIN + path] else [f"self {own}"]
    for item in channel.findall("item"):
        faults += [f"item {name}" for name in ("title", "link", "guid") if not item.findtext(name)]
        faults += ["guid as link"] if item.find("guid").get("isPermaLink") != "false" else []
        faults += ["time"] if parsedate_to_datetime(item.findtext("pubDate")).tzinfo is None else []
    return faults


def json_faults(content, path):
    """Return what the JSON Feed 1.1 specification finds wrong."""
    feed = json.loads(content)
    faults = [] if feed["version"] == "https://jsonfeed.org/version/1.1" and feed["title"] else ["top"]
    faults += [] if feed["feed_url"] == settings.HOME_ORIGIN + path else ["self"]
    for item in feed["items"]:
        faults += [] if isinstance(item["id"], str) and {"content_html", "content_text"} & item.keys() else ["item"]
        faults += [name for name in ("url", "image") if name in item and not urlsplit(item[name]).scheme]
        times = [datetime.datetime.fromisoformat(item[name]) for name in ("date_published", "date_modified")]
        faults += ["time"] if any(moment.tzinfo is None for moment in times) else []
        faults += ["name"] if not all(who["name"] for who in item["authors"]) else []
    return faults


def test_it_lists_the_newest_stories_of_the_edition_with_addresses_of_home(client):
    article = make_article(published=True, headline="Harbour & sea", people=[make_person("Ada Bren")])
    make_article(headline="Draft")
    feed = read(client)
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["Harbour & sea"]
    assert entries[0].find(f"{ATOM}link").get("href") == settings.HOME_ORIGIN + article.get_absolute_url()
    assert entries[0].findtext(f"{ATOM}id").endswith(f",2026:{article.public_id}")
    assert entries[0].findtext(f"{ATOM}author/{ATOM}name") == "Ada Bren"


def test_the_host_that_was_asked_stands_nowhere(client, story):
    for kind in KINDS:
        assert "127.0.0.1" not in client.get(f"/{kind}", headers={"host": "127.0.0.1"}).text


def test_each_edition_has_its_own(client):
    make_article(published=True)
    make_edition("ru")
    assert read(client, "/ru/feed.xml").findall(f"{ATOM}entry") == []


def test_every_feed_there_is_parses_without_complaint_and_keeps_the_rules_of_its_format(client, story):
    story.correct(text="A < b & c.", version=story.read_draft().version, by=None, at=timezone.now())
    make_edition("ru")
    faults_of = {"xml": atom_faults, "rss": rss_faults, "json": json_faults}
    feeds = [path for path in addresses.public(story.edition) if "/feed." in path]
    assert len(feeds) == len(KINDS) * len(FEEDS) + 3
    for path in [*feeds, "/ru/feed.xml", "/ru/feed.rss", "/ru/feed.json"]:
        answer = client.get(path)
        kind = path.rpartition(".")[2]
        assert answer.headers["Content-Type"].startswith(TYPES[kind]), path
        assert faults_of[kind](answer.content, path) == [], path
        if kind != "json":
            parsed = feedparser.parse(answer.content, response_headers={"content-type": TYPES[kind]})
            assert not parsed.bozo, (path, parsed.get("bozo_exception"))
            assert parsed.version in {"atom10", "rss20"}
            assert len(parsed.entries) == (0 if path.startswith("/ru/") else 1 if "corrections" in path else 2), path


@pytest.mark.parametrize("start", FEEDS)
def test_a_story_has_one_id_in_every_format_and_keeps_it(client, story, start):
    def ids(kind):
        content = client.get(f"{start}{kind}").content
        if kind.format == "json":
            return [item["id"] for item in json.loads(content)["items"]]
        return [entry.id for entry in feedparser.parse(content).entries]

    before = {str(kind): ids(kind) for kind in KINDS}
    assert {tuple(found) for found in before.values()} == {tuple(before["feed.xml"])}
    assert len(before["feed.xml"]) == 2
    type(story).objects.filter(pk=story.pk).update(headline="Anew", slug="anew")
    pagecache.bump(*story.page_keys())
    assert {str(kind): ids(kind) for kind in KINDS} == before


def test_words_with_signs_of_markup_arrive_as_they_were_written(client, story):
    for kind in ("xml", "rss"):
        first = feedparser.parse(client.get(f"/feed.{kind}").content).entries[0]
        assert first.summary == "Less &lt; more &amp; all"
        assert first.media_credit[0]["content"] == story.lead_photo.credit
    told = json.loads(client.get("/feed.json").content)["items"][0]
    assert (told["title"], told["content_text"]) == ("Harbour & <sea>", "Less < more & all")
    assert told["_newsroom"]["image"] == {"caption": "A boat.", "credit": story.lead_photo.credit}
    assert told["authors"] == [{"name": "Ada Bren"}]
    assert told["tags"] == ["Politics"]


@pytest.mark.parametrize("kind", ["xml", "rss", "json"])
def test_a_whole_story_carries_its_text_with_whole_addresses_and_nothing_else(client, story, kind):
    story.correct(text="It was Tuesday.", version=story.read_draft().version, by=None, at=timezone.now())
    content = client.get(f"/full/feed.{kind}").content
    text = (
        json.loads(content)["items"][0]["content_html"]
        if kind == "json"
        else feedparser.parse(content, sanitize_html=False).entries[0].content[0].value
    )
    home, page = settings.HOME_ORIGIN, Page(text)
    other = type(story).objects.get(headline="Older")
    for words in ("Less &lt; more", "older story", "At dawn.", "A boat.", "By hand.", "Tons", "It was Tuesday."):
        assert words in text, words
    assert text.count(story.lead_photo.credit.replace("&", "&amp;")) == 2
    assert {home + other.get_absolute_url(), "https://example.org/x"} <= set(page.links())
    assert f"{home}{story.get_absolute_url()}#note-1" in page.links()
    assert all(urlsplit(address).scheme for address in [*page.links(), *page.loaded()])
    kept = {tag: names | KEPT["*"] for tag, names in KEPT.items()}
    for tag, attributes in page.tags:
        assert tag in TAGS
        assert attributes.keys() <= kept.get(tag, KEPT["*"]), (tag, attributes)


def test_a_summary_holds_no_body(client, story):
    for kind in ("xml", "rss", "json"):
        assert "At dawn." not in client.get(f"/feed.{kind}").text


def test_a_live_story_is_whole_with_its_entries_and_new_ones_come_at_once(client, story):
    type(story).objects.filter(pk=story.pk).update(is_told_live=True)
    story.refresh_from_db()
    assert "The ship sails" not in client.get("/full/feed.json").text
    LiveEntry.write(story, title="The ship sails", text="Now.", is_key=False, by=None, at=timezone.now())
    cache.clear()
    pagecache.forget_all()
    assert "The ship sails" in client.get("/full/feed.json").text


def test_what_a_whole_story_was_made_of_makes_the_feed_anew(client, story, django_capture_on_commit_callbacks):
    assert "older story</a>" in client.get("/full/feed.json").text
    with django_capture_on_commit_callbacks(execute=True):
        type(story).objects.get(headline="Older").withdraw(by=None, at=timezone.now())
    assert "older story" in (text := client.get("/full/feed.json").text)
    assert "older story</a>" not in text


def test_the_number_of_queries_does_not_grow_with_the_stories(client, story):
    def queries(kind):
        cache.clear()
        pagecache.forget_all()
        client.get("/feeds/")
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(f"/{kind}")
        return len(caught)

    few = {str(kind): queries(kind) for kind in KINDS}
    for number in range(12):
        make_article(
            published=True, headline=f"Story {number}", section=story.section, photo=make_photo(), topics=["Rivers"],
            people=[make_person(f"Person {number}")], body_html=story.body_html,
        )  # fmt: skip
    assert {str(kind): queries(kind) for kind in KINDS} == few
    assert max(few.values()) <= 8


@pytest.mark.parametrize(
    "path",
    ["/corrections/full/feed.xml", "/feed.atom", "/full/feed", "/sections/none/feed.xml", "/topics/none/feed.rss",
     "/people/none/feed.json", "/people/mute/feed.xml", "/people/idle/feed.xml"],
)  # fmt: skip
def test_what_has_no_feed_answers_404(client, story, path):
    make_person("Mute Person", slug="mute", name_state="withheld")
    make_person("Idle Person", slug="idle")
    assert client.get(path).status_code == 404


def test_pages_lead_to_their_feeds_and_one_page_lists_them(client, story):
    listed = Page(client.get("/feeds/").text).links()
    assert {f"/{kind}" for kind in KINDS} | {f"/sections/politics/{kind}" for kind in KINDS} <= set(listed)
    assert {"/corrections/feed.xml", "/corrections/feed.rss", "/corrections/feed.json"} <= set(listed)
    for start in FEEDS[1:]:
        page = Page(client.get(start).text)
        assert {f"{start}{kind}" for kind in KINDS} <= set(page.links())
        assert f"{start}feed.xml" in {link["href"] for link in page.all("link", rel="alternate")}
    assert "/feeds/" in Page(client.get("/").text).links()


def test_no_feed_says_who_may_not_be_named(client, story):
    make_article(published=True, people=[make_person("Mute Person", name_state="withheld")], headline="Signed by none")
    for kind in KINDS:
        text = client.get(f"/{kind}").text
        assert "Signed by none" in text
        assert not re.search("mute", text, re.IGNORECASE)
