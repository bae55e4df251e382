"""The most read: from totals alone, in their order, only what is public, and not at all while nothing is counted."""

import datetime

import pytest
from django.utils import timezone

from articles import most_read
from newsroom import pagecache
from newsroom.models import DailyCount
from tests.make import make_article, make_edition, make_section

pytestmark = pytest.mark.django_db


def count(story, number, *, days=0):
    DailyCount.objects.add({("story", story.public_id, timezone.localdate() - datetime.timedelta(days=days)): number})


@pytest.fixture
def stories():
    """Four stories, the last one read most."""
    made = [make_article(published=True, headline=f"Story {number}") for number in range(4)]
    for number, story in enumerate(made):
        count(story, number + 1)
    return made


def headlines(edition, **options):
    return [story.headline for story in most_read.most_read(edition, at=timezone.now(), **options)]


def test_the_order_is_that_of_the_totals_of_the_last_days(stories):
    count(stories[0], 1000, days=6)
    count(stories[1], 500, days=2)
    assert headlines(make_edition()) == ["Story 1", "Story 3", "Story 2", "Story 0"]
    assert headlines(make_edition(), days=most_read.PAGE_DAYS)[:2] == ["Story 0", "Story 1"]


def test_the_box_stands_on_the_front_and_beside_each_story(client, stories):
    for path in ("/", stories[0].get_absolute_url(), "/most-read/"):
        part = client.get(path).text.split("most-read__list")[1].split("</ol>")[0]
        assert part.index("Story 3") < part.index("Story 2") < part.index("Story 1"), path


def test_what_is_not_public_or_of_another_edition_is_left_out(stories):
    russian = make_edition("ru")
    for number in range(3):
        count(
            make_article(published=True, headline=f"Р {number}", section=make_section("Р", edition=russian)), 9 - number
        )
    stories[3].withdraw(by=None, at=timezone.now())
    count(make_article(headline="Draft"), 99)
    assert headlines(make_edition()) == ["Story 2", "Story 1", "Story 0"]
    assert headlines(russian) == ["Р 0", "Р 1", "Р 2"]


def test_a_withdrawn_story_leaves_the_box_at_the_next_request(client, stories, monkeypatch):
    from django.db import transaction

    monkeypatch.setattr(transaction, "on_commit", lambda act, *args, **kwargs: act())
    path = stories[0].get_absolute_url()
    client.get(path)
    assert client.get(path).headers["X-Page-Cache"] == "hit"
    stories[2].withdraw(by=None, at=timezone.now())
    assert "Story 2" not in client.get(path).text.split("most-read__list")[1].split("</ol>")[0]


def test_too_little_to_say_is_not_said(client, stories):
    for story in stories[:2]:
        story.withdraw(by=None, at=timezone.now())
    assert headlines(make_edition()) == []
    assert "most-read__list" not in client.get("/").text
    assert "Too little has been read" in client.get("/most-read/").text


def test_nothing_is_shown_or_asked_while_nothing_is_counted(client, stories, settings, django_assert_num_queries):
    settings.COUNTING = False
    edition = make_edition()
    with django_assert_num_queries(0):
        assert headlines(edition) == []
    pagecache.store.clear()
    assert "most-read__list" not in client.get("/").text


@pytest.mark.django_db(transaction=True)
def test_the_order_is_remembered_for_a_moment_but_not_who_may_be_seen(stories, django_assert_num_queries):
    edition = make_edition()
    headlines(edition)
    with django_assert_num_queries(0):
        headlines(edition)
    stories[3].withdraw(by=None, at=timezone.now())
    assert "Story 3" not in headlines(edition)
