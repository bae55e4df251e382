"""The beacon: totals of what is read, from this site's own pages, and not a trace of who reads."""

import datetime
import threading

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from newsroom import beacon, emergency, registry
from newsroom.models import DailyCount
from tests.make import make_article, make_edition

pytestmark = pytest.mark.django_db
HOST = settings.HOME_ORIGIN.partition("://")[2]
HOME = {"host": HOST, "origin": settings.HOME_ORIGIN}


@pytest.fixture(autouse=True)
def _fresh():
    """Begin each test with nothing gathered and every network unknown."""
    make_edition()
    beacon.limits.forget(None)
    beacon.gathered.counts.clear()


@pytest.fixture
def story():
    return make_article(published=True)


def tell(body, client=None, headers=HOME):
    return (client or Client()).post("/count/", body, content_type="text/plain;charset=UTF-8", headers=headers)


def totals():
    return dict(DailyCount.objects.values_list("key", "count"))


def test_a_story_counts_once_for_each_page_that_was_read(story):
    for _reader in range(3):
        answer = tell(f"story:{story.public_id}")
        assert (answer.status_code, answer.content) == (204, b"")
    row = DailyCount.objects.get()
    assert (row.kind, row.key, row.day, row.count) == ("story", story.public_id, timezone.localdate(), 3)


def test_no_cookie_is_set_and_no_row_names_a_reader(story):
    client = Client(enforce_csrf_checks=True, REMOTE_ADDR="203.0.113.77")
    client.cookies["session"] = "something"
    answer = tell(f"story:{story.public_id}", client)
    assert not answer.cookies
    assert "no-store" in answer.headers["Cache-Control"]
    assert {field.name for field in DailyCount._meta.fields} == {"id", "kind", "key", "day", "count"}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            assert "203.0.113" not in str(cursor.fetchall()), table


def test_one_line_twice_in_a_message_counts_once(story):
    tell(f"story:{story.public_id}\nstory:{story.public_id}\n")
    assert totals() == {story.public_id: 1}


def test_a_story_that_nobody_may_see_is_not_counted(story):
    hidden = make_article()
    assert tell(f"story:{hidden.public_id}\nstory:nothere12\nstory:{story.public_id}").status_code == 204
    assert totals() == {story.public_id: 1}


@pytest.mark.parametrize(
    "body",
    [
        "", "\n", "story", "story:", ":x", "unknown:abc", "story:a b", "story:" + "x" * 65, "s" * 33 + ":x", "story:ж",
        "story:x\x00", "story:\ud800", "\n".join(f"story:x{n}" for n in range(11)), "story:x\r\nstory:y", "{}",
        b"\xff\xfe", "story:x\nunknown:y", "story:" + "x" * 2000,
    ],
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_refused_and_counts_nothing(body):
    if isinstance(body, str):
        body = body.encode("utf-8", "surrogatepass")
    assert tell(body).status_code == 400
    assert not DailyCount.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": HOST}, 403),
        ({"host": HOST, "origin": "https://elsewhere.example"}, 403),
        ({"host": HOST, "origin": "null"}, 403),
        ({**HOME, "sec-fetch-site": "cross-site"}, 403),
        ({**HOME, "sec-purpose": "prefetch"}, 403),
        ({**HOME, "purpose": "prefetch"}, 403),
        ({"host": "mirror.example", "origin": "http://mirror.example"}, 404),
        ({"host": HOST, "sec-fetch-site": "same-origin"}, 204),
    ],
)
def test_only_a_page_of_this_site_opened_at_home_counts(story, settings, headers, status):
    settings.ALLOWED_HOSTS = ["*"]
    assert tell(f"story:{story.public_id}", headers=headers).status_code == status
    assert totals() == ({story.public_id: 1} if status == 204 else {})


def test_it_takes_posts_alone(story):
    assert Client().get("/count/", headers=HOME).status_code == 405


def test_the_setting_turns_it_off_with_its_script(story, settings):
    client = Client(headers={"host": HOST})
    assert "data-counting" in client.get("/").text
    assert "data-counting" not in Client(headers={"host": "127.0.0.1"}).get("/").text
    settings.COUNTING = False
    beacon_off = Client(headers={"host": HOST})
    assert "data-counting" not in beacon_off.get("/search/").text
    assert tell(f"story:{story.public_id}").status_code == 404


def test_one_network_counts_a_little_only_and_is_forgotten_with_the_minute(story):
    now = timezone.now().replace(second=0)
    other = "story:other"
    allowed = [beacon.limits.allow("203.0.113.0/24", "story:x", at=now) for _try in range(beacon.PER_THING + 5)]
    assert allowed.count(True) == beacon.PER_THING
    assert beacon.limits.allow("203.0.113.0/24", other, at=now)
    assert beacon.limits.allow("198.51.100.0/24", "story:x", at=now)
    assert b"203.0.113" not in b"".join(beacon.limits.counts)
    for number in range(beacon.PER_NETWORK):
        beacon.limits.allow("203.0.113.0/24", f"story:{number}", at=now)
    assert not beacon.limits.allow("203.0.113.0/24", "story:fresh", at=now)
    key = beacon.limits.key
    assert beacon.limits.allow("203.0.113.0/24", "story:x", at=now + datetime.timedelta(minutes=1))
    assert beacon.limits.key != key


def test_too_much_from_one_network_is_answered_429_and_not_counted(story):
    codes = [tell(f"story:{story.public_id}").status_code for _try in range(beacon.PER_THING + 1)]
    assert set(codes[:-1]) == {204}
    assert codes[-1] == 429
    assert totals() == {story.public_id: beacon.PER_THING}


def test_numbers_are_gathered_in_memory_and_written_together(story, settings, django_assert_num_queries):
    settings.COUNTING_SECONDS = 300
    emergency.present()
    for _reader in range(7):
        with django_assert_num_queries(0):
            tell(f"story:{story.public_id}")
    assert not DailyCount.objects.exists()
    beacon.gathered.timer.cancel()
    beacon.gathered.flush()
    assert totals() == {story.public_id: 7}
    beacon.gathered.flush()
    assert totals() == {story.public_id: 7}


def test_a_busy_database_loses_no_number(story, settings, monkeypatch):
    settings.COUNTING_SECONDS = 300
    tell(f"story:{story.public_id}")
    beacon.gathered.timer.cancel()

    def busy(*_args):
        raise DatabaseError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(beacon, "_known", busy)
        beacon.gathered.flush()
    beacon.gathered.flush()
    assert totals() == {story.public_id: 1}


def test_memory_is_bounded(settings, monkeypatch):
    settings.COUNTING_SECONDS = 300
    monkeypatch.setattr(beacon, "MOST_GATHERED", 3)
    for number in range(10):
        beacon.gathered.add("story", f"x{number}", at=timezone.now())
    beacon.gathered.timer.cancel()
    beacon.gathered.timer = None
    assert len(beacon.gathered.counts) == 3
    beacon.gathered.counts.clear()


@pytest.mark.django_db(transaction=True)
def test_processes_that_write_at_once_add_up(story):
    day = timezone.localdate()
    names = [("story", key, day) for key in (story.public_id, "b", "c")]

    def write(order):
        for _round in range(5):
            DailyCount.objects.add(dict.fromkeys(order, 1))
        connection.close()

    threads = [threading.Thread(target=write, args=(order,)) for order in (names, names[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert totals() == {story.public_id: 10, "b": 10, "c": 10}


def test_totals_are_summed_over_days_and_old_ones_leave():
    today = timezone.localdate()
    for days, number in ((0, 5), (1, 7), (8, 100), (500, 1)):
        DailyCount.objects.add({("story", "x", today - datetime.timedelta(days=days)): number})
    week = today - datetime.timedelta(days=6)
    assert DailyCount.objects.totals("story", since=week) == {"x": 12}
    assert DailyCount.objects.totals("story", since=week, keys=["y"]) == {}
    assert DailyCount.objects.totals("story", since=week, until=today - datetime.timedelta(days=1)) == {"x": 7}
    assert beacon.forget_old(at=timezone.now()) == 1


def test_every_kind_that_is_counted_has_a_name_that_the_address_takes():
    assert "story" in registry.counted
    for kind, _known in registry.counted.items():
        assert beacon.LINE.match(f"{kind}:x"), kind
