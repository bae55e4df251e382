"""Stored pages: found again, forgotten at a bump in any process, and never older than the change they would show."""

import gzip
import logging
import threading
import time

import brotli
import pytest
import redis
from django.db import InterfaceError, InternalError, OperationalError, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from newsroom import pagecache, pageversions, registry
from tests.make import make_article


@pytest.fixture(autouse=True)
def fresh_store(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(registry.due_moments, "_entries", {})
    settings.DATA_DIR = tmp_path
    settings.REDIS_URL = ""
    settings.PAGE_CACHE_SECONDS = 60
    monkeypatch.setattr(pagecache.PageCacheMiddleware, "_leads_to_reader_page", staticmethod(lambda _request: True))
    pagecache.forget_all()
    yield
    pagecache.forget_all()


class Site:
    """A site of one page that counts how often it is rendered."""

    def __init__(self, keys=("article:1",), status=200, body=b"<p>page</p>"):
        self.rendered = 0
        self.body = body
        self.during = lambda: None

        @pagecache.reader_page
        def view(request):
            self.rendered += 1
            request.page_keys.update(keys)
            body = self.body
            self.during()
            response = HttpResponse(body, status=status)
            return response

        self.middleware = pagecache.PageCacheMiddleware(view)

    def get(self, path="/", **headers):
        return self.middleware(RequestFactory().get(path, **headers))


def test_a_page_is_rendered_once_and_then_found():
    site = Site()
    first, second = site.get(), site.get()
    assert (first.headers["X-Page-Cache"], second.headers["X-Page-Cache"]) == ("miss", "hit")
    assert first.content == second.content
    assert site.rendered == 1


@pytest.mark.django_db(transaction=True)
def test_a_bump_forgets_the_page_on_commit_and_not_before():
    site = Site()
    site.get()
    with transaction.atomic():
        pagecache.bump("article:1")
        assert site.get().headers["X-Page-Cache"] == "hit"
    assert site.get().headers["X-Page-Cache"] == "miss"


@pytest.mark.django_db(transaction=True)
def test_a_bump_that_is_rolled_back_forgets_nothing():
    site = Site()
    site.get()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        pagecache.bump("article:1")
        raise ZeroDivisionError
    assert site.get().headers["X-Page-Cache"] == "hit"


@pytest.mark.django_db(transaction=True)
def test_another_key_leaves_the_page_alone():
    site = Site()
    site.get()
    pagecache.bump("article:2")
    assert site.get().headers["X-Page-Cache"] == "hit"


@pytest.mark.django_db(transaction=True)
def test_a_page_rendered_while_a_change_is_saved_does_not_outlive_it():
    site = Site()

    def change():
        site.body = b"<p>corrected</p>"
        pagecache.bump("article:1")

    site.during = change
    assert site.get().content == b"<p>page</p>"
    site.during = lambda: None
    assert site.get().content == b"<p>corrected</p>"


def test_a_bump_by_another_process_is_seen(settings):
    site = Site()
    site.get()
    other = pagecache.FileVersions(settings.DATA_DIR / "pagecache.json")
    other.bump(["article:1"])
    assert site.get().headers["X-Page-Cache"] == "miss"


def test_unknown_parameters_make_no_new_entry_and_known_ones_do():
    site = Site()
    site.get("/?utm_source=x")
    assert site.get("/?fbclid=y").headers["X-Page-Cache"] == "hit"
    assert site.get("/?page=2").headers["X-Page-Cache"] == "miss"


def test_an_unchanged_page_answers_304():
    site = Site()
    etag = site.get().headers["ETag"]
    assert site.get(headers={"If-None-Match": etag}).status_code == 304
    site.body = b"other"
    pagecache.forget_all()
    assert site.get(headers={"If-None-Match": etag}).status_code == 200


def test_head_tells_the_length_and_sends_no_body():
    site = Site()
    request = RequestFactory().head("/")
    for _hit_or_miss in range(2):
        response = site.middleware(request)
        assert response.content == b""
        assert response.headers["Content-Length"] == str(len(site.body))


def test_a_page_ends_at_the_next_due_moment(monkeypatch):
    now = timezone.now()
    monkeypatch.setitem(registry.due_moments._entries, "test", lambda after: now)
    site = Site()
    site.get()
    assert site.get().headers["X-Page-Cache"] == "miss"


def test_browsers_must_ask_again_and_shared_caches_may_keep(settings):
    settings.PROXY = "varnish"
    headers = Site().get().headers
    assert headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "stale-if-error" in headers["Surrogate-Control"]
    assert "article:1" in headers["Surrogate-Key"].split()


def test_a_server_error_is_never_stored():
    site = Site(status=500)
    site.get()
    assert site.get().headers.get("X-Page-Cache") != "hit"
    assert site.rendered == 2


def test_the_least_used_page_leaves_first(settings):
    settings.PAGE_CACHE_PAGES = 2
    site = Site()
    for path in ("/a", "/b", "/a", "/c"):
        site.get(path)
    assert site.get("/a").headers["X-Page-Cache"] == "hit"
    assert site.get("/b").headers["X-Page-Cache"] == "miss"


@pytest.mark.redis
def test_redis_shares_the_numbers(redis_url):
    one, two = pagecache.RedisVersions(redis_url), pagecache.RedisVersions(redis_url)
    before = one.now()
    two.bump(["article:9"])
    assert one.latest("article:9") > before
    assert one.latest("article:unknown") <= before


@pytest.mark.redis
def test_a_flushed_redis_makes_no_old_page_good_again(settings, redis_url, monkeypatch):
    settings.REDIS_URL = redis_url
    site = Site()
    site.get()
    numbers = pagecache.RedisVersions(redis_url)
    numbers.bump(["article:1"])
    later = numbers.now() + 1
    monkeypatch.setattr(pageversions, "fresh_start", lambda: later)
    numbers.client.flushdb()
    assert site.get().headers["X-Page-Cache"] == "miss"
    assert site.get().headers["X-Page-Cache"] == "hit"


LONG = b"<p>" + b"A long story. " * 200 + b"</p>"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("gzip;q=0", ""),
        ("identity", ""), ("", ""), ("*", ""), ("zstd, GZIP ;q=1.0", "gzip"),
    ],
)  # fmt: skip
def test_a_page_is_compressed_beforehand_as_the_client_asks(asked, given):
    site = Site(body=LONG)
    for _miss_or_hit in range(2):
        response = site.get(headers={"Accept-Encoding": asked})
        assert response.headers.get("Content-Encoding", "") == given
        assert response.headers["Vary"] == "Accept-Encoding"
        open_it = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[given]
        assert open_it(response.content) == LONG
        assert response.headers["Content-Length"] == str(len(response.content))


def test_each_encoding_has_an_etag_of_its_own():
    site = Site(body=LONG)
    plain, packed = site.get().headers["ETag"], site.get(headers={"Accept-Encoding": "br"}).headers["ETag"]
    assert plain != packed
    again = {"Accept-Encoding": "br", "If-None-Match": packed}
    assert site.get(headers=again).status_code == 304
    assert site.get(headers={**again, "If-None-Match": plain}).status_code == 200


def test_a_short_page_is_sent_as_it_is():
    response = Site().get(headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in response.headers


def test_memory_is_bounded_in_bytes(settings):
    settings.PAGE_CACHE_BYTES = 3 * (1100 + len(LONG))
    site = Site(body=LONG)
    for number in range(30):
        site.get(f"/{number}")
    assert pagecache.store.size <= settings.PAGE_CACHE_BYTES
    assert pagecache.store.size == sum(page.size for page in pagecache.store.pages.values())
    assert site.get("/29").headers["X-Page-Cache"] == "hit"
    assert site.get("/0").headers["X-Page-Cache"] == "miss"


def test_a_hundred_requests_for_one_missing_page_render_it_once():
    site, waiting = Site(), threading.Barrier(100, timeout=30)
    answers = []

    def ask():
        waiting.wait()
        answers.append(site.get().headers["X-Page-Cache"])

    threads = [threading.Thread(target=ask) for _number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert site.rendered == 1
    assert sorted(answers) == ["hit"] * 99 + ["miss"]
    assert site.middleware.turns.entries == {}


@pytest.fixture
def broken_database(monkeypatch):
    """Let the front page fail as it does when PostgreSQL is gone; what is stored is no longer good."""

    def breaks(fault):
        def away(*args, **kwargs):
            raise fault

        monkeypatch.setattr("articles.front.arrange", away)
        monkeypatch.setattr(pagecache, "is_good", lambda _page: False)

    return breaks


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [OperationalError("connection refused"), InterfaceError("connection closed")])
def test_while_the_database_is_away_readers_get_the_stored_page_and_are_told(
    client, broken_database, caplog, fault, settings
):
    settings.PROXY = "varnish"
    make_article(published=True, headline="Still here")
    assert client.get("/").headers["X-Page-Cache"] == "miss"
    broken_database(fault)
    with caplog.at_level(logging.ERROR, logger="newsroom.pagecache"):
        for _twice in range(2):
            answer = client.get("/")
            assert (answer.status_code, answer.headers["X-Page-Cache"]) == (200, "stale")
            assert "Still here" in answer.text
            assert answer.headers["Surrogate-Control"].startswith("max-age=1,")
    told = [record.message for record in caplog.records if record.name == "newsroom.pagecache"]
    assert told == ["the database is away: readers get stored pages"]


@pytest.mark.django_db
def test_a_database_that_is_away_is_asked_for_a_page_once_a_second_and_not_by_every_reader(
    client, monkeypatch, broken_database
):
    make_article(published=True, headline="Still here")
    client.get("/")
    asked = []

    def refuse(*args, **kwargs):
        asked.append(1)
        raise OperationalError("connection refused")

    broken_database(OperationalError())
    monkeypatch.setattr("articles.front.arrange", refuse)
    clock = [1000.0]
    monkeypatch.setattr(pagecache.time, "monotonic", lambda: clock[0])
    for _reader in range(5):
        assert client.get("/").headers["X-Page-Cache"] == "stale"
    assert len(asked) == 1
    clock[0] += pagecache.ASK_AGAIN
    assert [client.get("/").headers["X-Page-Cache"] for _reader in range(3)] == ["stale"] * 3
    assert len(asked) == 2


@pytest.mark.django_db
def test_a_database_that_takes_no_writes_is_away_for_whoever_writes(client, monkeypatch):
    def refuse(*args, **kwargs):
        fault = Exception()
        fault.sqlstate = "25006"
        raise InternalError("read-only transaction") from fault

    monkeypatch.setattr("articles.front.arrange", refuse)
    make_article(published=True)
    assert client.get("/").status_code == 503


@pytest.mark.django_db
def test_a_page_on_which_something_was_taken_back_is_not_shown_even_then(
    client, broken_database, django_capture_on_commit_callbacks
):
    make_article(published=True, headline="Still here")
    client.get("/")
    with django_capture_on_commit_callbacks(execute=True):
        pagecache.take_back("article:elsewhere")
    broken_database(OperationalError())
    assert client.get("/").headers["X-Page-Cache"] == "stale"
    with django_capture_on_commit_callbacks(execute=True):
        pagecache.take_back("site")
    assert client.get("/").status_code == 503


@pytest.mark.django_db
def test_a_page_that_nobody_has_stored_is_503_while_the_database_is_away(client, broken_database):
    make_article(published=True)
    broken_database(OperationalError())
    assert client.get("/").status_code == 503


@pytest.mark.django_db
def test_other_faults_show_no_stale_page(client, broken_database):
    client.raise_request_exception = False
    make_article(published=True)
    client.get("/")
    broken_database(ZeroDivisionError())
    assert client.get("/").status_code == 500


@pytest.mark.django_db(transaction=True)
def test_what_every_page_needs_goes_on_while_the_database_is_away():
    answers = iter([["first"], OperationalError(), ["second"]])

    def load():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    remembered = pagecache.Remembered(load)
    assert remembered() == ["first"]
    pagecache.bump("site")
    assert remembered() == ["first"]
    assert remembered() == ["second"]


@pytest.mark.django_db(transaction=True)
def test_what_the_pages_of_one_thing_need_is_kept_until_its_own_key_is_bumped_and_a_minute_at_most(monkeypatch):
    loaded = []
    remembered = pagecache.RememberedOf("support", lambda pk: loaded.append(pk) or list(loaded))
    assert (remembered(1), remembered(1), remembered(2)) == ([1], [1], [1, 2])
    pagecache.bump("support:2")
    assert (remembered(1), remembered(2)) == ([1], [1, 2, 2])
    later = time.monotonic() + 61
    monkeypatch.setattr("newsroom.pageversions.time.monotonic", lambda: later)
    assert remembered(1) == [1, 2, 2, 1]


@pytest.mark.redis
def test_redis_shares_the_pages_themselves(settings, redis_url):
    settings.REDIS_URL = redis_url
    site = Site(body=LONG)
    first = site.get(headers={"Accept-Encoding": "gzip"})
    pagecache.forget_all()  # as another process sees it
    second = site.get(headers={"Accept-Encoding": "gzip"})
    assert (second.headers["X-Page-Cache"], site.rendered) == ("hit", 1)
    assert (second.content, dict(second.headers)) == (first.content, {**first.headers, "X-Page-Cache": "hit"})
    pagecache.versions().bump(["article:1"])
    pagecache.forget_all()
    assert site.get().headers["X-Page-Cache"] == "miss"


@pytest.fixture
def absent_redis(settings, redis_url, monkeypatch):
    """Let Redis be away, and come back."""
    settings.REDIS_URL = redis_url
    numbers = pagecache.versions()
    there, gone = numbers.client, redis.Redis.from_url("unix:///nowhere/redis.sock")

    class Switch:
        def off(self):
            numbers.client = gone

        def on(self):
            numbers.client, numbers.asked_again_at = there, 0

    yield Switch()
    numbers.client, numbers.asked_again_at, numbers.has_missed = there, 0, False


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_without_redis_every_page_is_made_anew_and_what_was_bumped_meanwhile_is_forgotten(absent_redis):
    site = Site()
    site.get()
    assert site.get().headers["X-Page-Cache"] == "hit"
    absent_redis.off()
    assert site.get().headers["X-Page-Cache"] == "miss"
    pagecache.bump("article:1")  # nobody hears it
    absent_redis.on()
    assert [site.get().headers["X-Page-Cache"] for _turn in range(2)] == ["miss", "hit"]
    assert site.rendered == 3


@pytest.mark.redis
@pytest.mark.django_db
def test_without_redis_the_site_answers_and_editors_publish(client, absent_redis):
    absent_redis.off()
    make_article(published=True, headline="Without Redis")
    assert "Without Redis" in client.get("/").text
