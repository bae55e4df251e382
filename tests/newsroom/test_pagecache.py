"""Stored pages: found again, forgotten at a bump in any process, and never older than the change they would show."""

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from newsroom import pagecache, registry


@pytest.fixture(autouse=True)
def fresh_store(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(registry.due_moments, "_entries", {})
    settings.DATA_DIR = tmp_path
    settings.REDIS_URL = ""
    settings.PAGE_CACHE_SECONDS = 60
    pagecache.store.clear()
    yield
    pagecache.store.clear()


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
    pagecache.store.clear()
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


def test_browsers_must_ask_again_and_shared_caches_may_keep():
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
    monkeypatch.setattr(pagecache, "fresh_start", lambda: later)
    numbers.client.flushdb()
    assert site.get().headers["X-Page-Cache"] == "miss"
    assert site.get().headers["X-Page-Cache"] == "hit"
