"""How fast the truth arrives: what a verb changed stands on every page, or is gone from it, at the next request."""

import datetime

import pytest
from django.utils import timezone

from tests.make import make_article, make_person
from tests.newsletters.make import make_newsletter, send_letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def committed(monkeypatch):
    """Forget pages at once, as the commit of a verb does in life; the test's own transaction never commits."""
    from django.db import transaction

    monkeypatch.setattr(transaction, "on_commit", lambda act, *args, **kwargs: act())


def warm(client, paths):
    """Ask for each page twice, so that the second answer is a stored one."""
    for path in paths:
        client.get(path)
        assert client.get(path).headers["X-Page-Cache"] == "hit", path


def pieces(**content):
    """Return a published story and the addresses of the lists where it should stand."""
    person = make_person("Ada Bren")
    story = make_article(published=True, headline="Old headline", people=[person], topics=["Rivers"], **content)
    lists = ["/", "/feed.xml", story.section.get_absolute_url(), f"/people/{person.slug}/", "/topics/rivers/"]
    return story, person, lists


def test_a_publication_stands_on_every_list_at_the_next_request(client, committed):
    story, person, lists = pieces()
    warm(client, lists)
    newer = make_article(headline="Brand new", people=[person], topics=["Rivers"], section=story.section)
    for path in lists:
        assert client.get(path).headers["X-Page-Cache"] == "hit", f"a draft forgot {path}"
    newer.publish(version=newer.read_draft().version, by=None, at=timezone.now())
    for path in lists:
        assert "Brand new" in client.get(path).text, path


def test_a_withdrawal_is_gone_from_every_list_and_letter_at_the_next_request(client, committed):
    story, person, lists = pieces()
    make_article(published=True, headline="Stays", people=[person], topics=["Rivers"], section=story.section)
    letter = make_newsletter(slug="week")
    send_letter(letter, [story])
    lists = [*lists, "/newsletters/week/1/"]
    reader = make_article(
        published=True, headline="Reader", body_html=f'<p>x</p><div data-related="{story.public_id}"></div>'
    )
    lists.append(reader.get_absolute_url())
    warm(client, [*lists, story.get_absolute_url()])
    for path in lists:
        assert "Old headline" in client.get(path).text, path
    story.refresh_from_db()
    story.withdraw(by=None, at=timezone.now(), note="It was wrong.")
    for path in lists:
        assert "Old headline" not in client.get(path).text, path
    assert client.get(story.get_absolute_url()).status_code == 410
    assert "Old headline" not in client.get("/search/?q=headline").text


def test_a_changed_headline_is_everywhere_at_the_next_request(client, committed):
    story, _person, lists = pieces()
    warm(client, [*lists, story.get_absolute_url()])
    draft = story.read_draft()
    draft = story.save_draft(
        {**draft.content, "headline": "Changed headline"}, version=draft.version, by=None, at=timezone.now()
    )
    for path in lists:
        assert "Changed headline" not in client.get(path).text, path
    story.publish(version=draft.version, by=None, at=timezone.now(), change="typo")
    for path in [*lists, story.get_absolute_url()]:
        text = client.get(path).text
        assert "Changed headline" in text, path
        assert "Old headline" not in text, path


def test_a_name_that_is_withheld_from_now_on_is_gone_at_the_next_request(client, committed):
    story, person, lists = pieces()
    warm(client, [*lists, story.get_absolute_url()])
    assert "Ada Bren" in client.get(story.get_absolute_url()).text
    person.name_state = "withheld"
    person.save()
    for path in [*lists, story.get_absolute_url()]:
        assert "Ada Bren" not in client.get(path).text, path
    assert client.get(f"/people/{person.slug}/").status_code == 404


def test_a_changed_byline_is_on_the_pages_of_both_people_at_the_next_request(client, committed):
    story, person, _lists = pieces()
    other = make_person("Vera Holm")
    make_article(published=True, headline="Another one", people=[other, person], topics=["Rivers"])
    paths = [f"/people/{person.slug}/", f"/people/{other.slug}/", story.get_absolute_url()]
    warm(client, paths)
    draft = story.read_draft()
    content = {**draft.content, "bylines": [{"person": other.pk, "role": "reporting"}]}
    draft = story.save_draft(content, version=draft.version, by=None, at=timezone.now())
    story.publish(version=draft.version, by=None, at=timezone.now(), change="typo")
    first, second, page = (client.get(path).text for path in paths)
    assert "Old headline" not in first
    assert "Old headline" in second
    assert "Vera Holm" in page
    assert "Ada Bren" not in page.split("</header>")[-1].split("read-more")[0].split("<h2")[0]


def test_a_page_that_was_stored_before_its_embargo_ends_shows_the_story_when_it_ends(client, committed):
    import time_machine

    now = timezone.now()
    pieces()
    soon = make_article(published=True, headline="Under embargo now", when=now + datetime.timedelta(minutes=3))
    client.get("/")
    assert "Under embargo now" not in client.get("/").text
    with time_machine.travel(now + datetime.timedelta(minutes=3, seconds=1)):
        assert "Under embargo now" in client.get("/").text
        assert client.get(soon.get_absolute_url()).status_code == 200
