"""The archive by year, month and day: no empty step, the newsroom's day, and nothing that is not public."""

import datetime

import pytest
from django.utils import timezone

from tests.make import make_article, make_edition

pytestmark = pytest.mark.django_db


def moment(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def story(headline, when, **fields):
    when = moment(when)
    return make_article(published=True, headline=headline, at=when, when=when, **fields)


@pytest.fixture
def past():
    """Stories of three days; the last one was published before midnight UTC and after it in the newsroom."""
    return [
        story("First", "2023-03-05T10:00"), story("Second", "2024-11-03T10:00"), story("Third", "2024-11-03T12:00"),
        story("Night", "2024-12-31T23:30"),
    ]  # fmt: skip


def test_the_archive_counts_what_is_public_and_leaves_empty_steps_out(client, past):
    text = client.get("/archive/").text
    for link, number in (("/2023/03/", "1 story"), ("/2024/11/", "2 stories"), ("/2025/01/", "1 story")):
        assert number in text.split(f'href="{link}"')[1].split("</li>")[0], link
    assert "/2024/12/" not in text
    assert client.get("/2024/12/").status_code == 404
    year = client.get("/2024/").text
    assert 'href="/2024/11/"' in year
    assert 'rel="prev" href="/2023/"' in year
    assert 'rel="next" href="/2025/"' in year
    month = client.get("/2024/11/").text
    assert 'href="/2024/11/03/"' in month
    assert "2 stories" in month
    assert 'rel="prev" href="/2023/03/"' in month
    assert 'rel="next" href="/2025/01/"' in month


def test_a_day_is_the_newsrooms_own_and_the_one_in_the_address(client, past):
    night = past[-1]
    assert night.get_absolute_url().startswith("/2025/01/01/")
    text = client.get("/2025/01/01/").text
    assert "Night" in text
    assert 'rel="prev" href="/2024/11/03/"' in text
    assert client.get("/2024/12/31/").status_code == 404
    day = client.get("/2024/11/03/").text
    assert day.index("Third") < day.index("Second")
    assert "Night" not in day


@pytest.mark.parametrize(
    "path",
    ["/2024/13/", "/2024/00/", "/2024/11/31/", "/2024/02/30/", "/1999/", "/2024/11/04/", "/0000/", "/2999/01/01/"],
)
def test_a_step_that_is_no_date_or_has_no_story_is_not_there(client, past, path):
    assert client.get(path).status_code == 404


def test_a_story_that_readers_do_not_see_is_neither_listed_nor_counted(client, past):
    past[1].withdraw(by=None, at=timezone.now())
    make_article(published=True, headline="Tomorrow", when=timezone.now() + datetime.timedelta(days=1))
    assert "1 story" in client.get("/2024/11/").text
    assert "Second" not in client.get("/2024/11/03/").text
    past[0].withdraw(by=None, at=timezone.now())
    assert client.get("/2023/").status_code == 404
    assert "2023" not in client.get("/archive/").text


def test_each_edition_has_its_own_archive_in_its_own_words(client, past):
    russian = make_edition("ru")
    story("Вечер", "2024-11-04T10:00", edition=russian)
    text = client.get("/ru/2024/11/").text
    assert "Ноябрь 2024" in text
    assert "/ru/2024/11/04/" in text
    assert "/2024/11/03/" not in text
    assert "4 ноября 2024" in client.get("/ru/2024/11/04/").text


def test_pages_of_the_archive_need_few_queries(client, past, django_assert_max_num_queries):
    for path in ("/archive/", "/2024/", "/2024/11/", "/2024/11/03/"):
        with django_assert_max_num_queries(12):
            client.get(path)
