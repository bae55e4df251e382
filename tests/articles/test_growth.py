"""Pages ask the database no more often when the newsroom grows. `make torture`: with 200 and 20,000 stories."""

import os

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, LiveEntry
from tests.articles.many import FIRST_DAY, Newsroom

pytestmark = pytest.mark.django_db(transaction=True)
FEW, MANY = (int(number) for number in os.environ.get("GROWTH", "205,410").split(","))
MOST_OF_LISTS, MOST_OF_STORIES = 12, 10
LISTS = (
    "/", "/sections/politics/", "/sections/politics/?page=2", "/topics/elections/", "/topics/the-trial/",
    "/people/ada-0/", "/archive/", "/2026/", "/2026/11/", "/2026/11/02/", "/most-read/", "/search/?q=harbour",
    "/search/?q=harbour&page=2", "/corrections/all/", "/feed.xml", "/topics/elections/feed.xml",
    "/corrections/feed.xml", "/text/", "/text/sections/politics/", "/text/search/?q=harbour", "/ru/", "/newsletters/",
)  # fmt: skip


def asked(client, path):
    """Return the queries of a page that is made anew, by a process that has made a page since the last change."""
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert answer.status_code == 200, path
    return [query["sql"] for query in captured]


def too_many(counts, most):
    """Return those of `{path: queries}` that ask more than `most`, in words."""
    return {path: [query[:150] for query in found] for path, found in counts.items() if len(found) > most}


@pytest.fixture
def newsroom(settings):
    """A newsroom of few stories whose pages are stored nowhere."""
    settings.PAGE_CACHE_SECONDS, settings.COUNTING = 0, True
    made = Newsroom()
    made.grow(FEW)
    made.count_reads()
    return made


def test_no_page_asks_more_often_when_the_newsroom_grows(client, newsroom):
    full = newsroom.full_story()
    LiveEntry.write(full, title="Now", text="It begins.", is_key=True, by=None, at=timezone.now())
    plain = Article.objects.published().newest_first().filter(first_published_at__lte=FIRST_DAY)[3]
    stories = {name: story.get_absolute_url() for name, story in {"full": full, "plain": plain}.items()}
    paths = [*LISTS, *stories.values(), f"/text{stories['full']}", f"/save/{full.public_id}/linked"]
    few = {path: asked(client, path) for path in paths}
    newsroom.grow(MANY)
    many = {path: asked(client, path) for path in paths}
    print(*(f"{len(few[path]):4} {len(many[path]):4}  {path}" for path in paths), sep="\n")
    assert {path: len(found) for path, found in few.items()} == {path: len(found) for path, found in many.items()}
    assert too_many({path: many[path] for path in LISTS}, MOST_OF_LISTS) == {}
    assert too_many({path: many[path] for path in paths if path not in LISTS}, MOST_OF_STORIES) == {}
