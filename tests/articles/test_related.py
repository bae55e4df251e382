"""“Read more” among many stories: the newest are judged in memory, older ones are found by the database."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import related
from newsroom import pagecache
from tests.make import make_article, make_section, make_topic

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    """Let three stories be recent."""
    monkeypatch.setattr(related, "RECENT", 3)


def published(days_ago, **fields):
    return make_article(published=True, at=NOW - datetime.timedelta(days=days_ago), **fields)


def following(story, *topics):
    pagecache.forget_all()
    keys = related.fillers(story, topics=[make_topic(name) for name in topics], at=timezone.now())
    assert story.pk not in keys
    return keys


@pytest.mark.django_db(transaction=True)
def test_the_newest_that_share_a_topic_come_first_from_memory():
    story = published(9, topics=["Rivers", "Ships"])
    one, both, other = published(3, topics=["Ships"]), published(2, topics=["Ships", "Rivers"]), published(1)
    assert following(story, "Rivers", "Ships") == [both.pk, one.pk, other.pk]
    topics = [make_topic("Rivers"), make_topic("Ships")]
    with CaptureQueriesContext(connection) as asked:
        related.fillers(story, topics=topics, at=timezone.now(), count=2)
    assert not [query for query in asked if "articles_" in query["sql"]]


def test_a_topic_that_is_long_past_is_found_by_the_database():
    old = [published(30 + number, topics=["Rivers"]) for number in range(2)]
    story = published(20, topics=["Rivers"])
    for number in range(3):
        published(number)
    assert following(story, "Rivers")[:2] == [old[0].pk, old[1].pk]


def test_a_quiet_section_is_found_by_the_database():
    quiet = make_section("Quiet", slug="quiet")
    old = published(30, section=quiet)
    story = published(20, section=quiet)
    for number in range(3):
        published(number)
    assert following(story) == [old.pk]


def test_what_readers_may_not_see_yet_or_any_more_is_not_recommended():
    story = published(9, topics=["Rivers"])
    soon, over = published(2, topics=["Rivers"]), published(1, topics=["Rivers"])
    hour = datetime.timedelta(hours=1)
    type(story).objects.filter(pk=soon.pk).update(embargo_until=NOW + hour)
    type(story).objects.filter(pk=over.pk).update(expires_at=NOW - hour)
    assert following(story, "Rivers") == []
    pagecache.forget_all()
    topics = [make_topic("Rivers")]
    assert related.fillers(story, topics=topics, at=NOW + 2 * hour) == [soon.pk]


def test_a_story_that_must_not_be_recommended_is_not():
    story = published(9, topics=["Rivers"])
    published(2, topics=["Rivers"], is_recommended=False)
    assert following(story, "Rivers") == []
