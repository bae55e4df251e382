"""Whole reader pages, stored under the keys they are made of and forgotten when a verb bumps one of them.

A stored page remembers the number that the shared sequence (`pageversions`) had *before* the page was rendered; it is
good as long as none of its keys has a later number. So a page rendered while a correction is being saved can never
outlive that correction. What is no longer good is shown for one reason alone: the database is away; and never
when something on it was taken back.
"""

import functools
import hashlib
import logging
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from newsroom import registry, replica
from newsroom.pagestore import ENCODINGS, PageStore, SharedPages, StoredPage
from newsroom.pageversions import (
    KEPT_SECONDS,
    Away,
    FileVersions,
    RedisVersions,
    Remembered,
    RememberedOf,
    bump,
    forget_remembered,
    take_back,
    taken_back,
    versions,
)

__all__ = [
    "Away", "FileVersions", "PageCacheMiddleware", "RedisVersions", "Remembered", "RememberedOf", "bump", "forget_all",
    "next_due", "reader_page", "store", "take_back", "versions",
]  # fmt: skip

logger = logging.getLogger(__name__)
TOLD_BY_KEY = ("varnish", "fastly", "cloudflare")
KNOWN_PARAMETERS = ("page", "q", "section", "language")
# Seconds that a request waits for another one that renders the same page, and between two lines in the log.
PATIENCE, LOG_EVERY = 10, 10
# A database that was away is asked for pages again after so many seconds, by one request of each process.
ASK_AGAIN = 1
store = PageStore()


# name in registry.due_moments → (number of its key when it was asked, its moment or None, when it was asked).
_due = {}


def next_due(now):
    """Return the next moment at which stored pages change by themselves.

    Each registered one is asked again when its key was bumped, when its moment has passed, and once a minute.
    """
    names = registry.due_moments.items()
    keys = ["site", *(registry.due_key(name) for name, _find in names)]
    try:
        site, *numbers = versions().each(keys)
    except Away:
        return registry.next_due(now)
    moments = [
        _moment_of(name, find, max(site, number), now) for (name, find), number in zip(names, numbers, strict=True)
    ]
    return min(filter(None, moments), default=None)


def _moment_of(name, find, number, now):
    asked, moment, at = _due.get(name, (None, None, 0))
    is_over = moment is not None and moment <= now
    if asked != number or is_over or time.monotonic() - at > KEPT_SECONDS:
        moment = find(now)
        _due[name] = (number, moment, time.monotonic())
    return moment


def forget_all():
    """Forget every page of this process, the next due moment and what is remembered for all pages."""
    store.clear()
    forget_remembered()
    _due.clear()


def address_of(request):
    """Return the page's address with the parameters that matter, in one order: unknown ones make no new entry.

    Hosts that answer alike share their pages, and those of one kind are never taken for those of another.
    """
    host = getattr(request, "page_host", "") or request.get_host()
    return f"{host}{request.path}{known_query(request)}"


def known_query(request):
    """Return the parameters that matter as `?name=value…`, or nothing."""
    known = sorted((name, request.GET[name][:200]) for name in KNOWN_PARAMETERS if name in request.GET)
    return f"?{urlencode(known)}" if known else ""


def reader_page(view):
    """Mark a view as a reader page: the same for everybody, without cookies, stored under `request.page_keys`."""

    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        request.is_reader_page = True
        return view(request, *args, **kwargs)

    wrapped.is_reader_page = True
    return wrapped


def for_proxies(response, keys, shared):
    """Tell a proxy that is told what to forget the keys of a page and how long it may keep it; nobody else.

    Keys name rows, those of people who may not be named among them: such a proxy takes them off again.
    """
    response.page_keys = tuple(sorted(keys))
    if settings.PROXY in TOLD_BY_KEY:
        response.headers["CDN-Cache-Control"] = response.headers["Surrogate-Control"] = shared
        response.headers["Surrogate-Key"] = response.headers["Cache-Tag"] = " ".join(response.page_keys)


def is_good(page):
    """Tell whether a stored page shows what a fresh one would; not when nobody knows."""
    try:
        return page.expires > time.time() and versions().latest(*page.keys) <= page.seq
    except Away:
        return False


def may_outlast(page):
    """Tell whether a page may be shown while the database is away: nothing on it was taken back, as far as is known."""
    try:
        return versions().latest(*map(taken_back, page.keys)) <= page.seq
    except Away:
        return False


def shared_pages():
    """Return the store that all processes share, or None without Redis."""
    numbers = versions()
    return SharedPages(numbers.client, numbers.faults) if isinstance(numbers, RedisVersions) else None


def accepted_encoding(header):
    """Return the best of our encodings that an Accept-Encoding header takes, or "" (RFC 9110, 12.5.3)."""
    taken = set()
    for part in header.lower().split(","):
        name, _semicolon, quality = part.partition(";")
        if quality.replace(" ", "").removeprefix("q=").strip("0.") or not quality:
            taken.add(name.strip())
    return next((name for name in ENCODINGS if name in taken), "")


def _is_kept(request):
    """Tell whether the page of a request may be stored; not what is made for the static copy."""
    return bool(settings.PAGE_CACHE_SECONDS) and not getattr(request, "is_unstored", False)


class Turns:
    """Lets one request of this process at a time make the page of an address."""

    def __init__(self):
        self.lock, self.entries = threading.Lock(), {}

    @contextmanager
    def one(self, address):
        """Wait for the request that makes this page now, but not for ever."""
        with self.lock:
            entry = self.entries.setdefault(address, [threading.Lock(), 0])
            entry[1] += 1
        has_turn = entry[0].acquire(timeout=PATIENCE)
        try:
            yield
        finally:
            if has_turn:
                entry[0].release()
            with self.lock:
                entry[1] -= 1
                if not entry[1]:
                    del self.entries[address]


class Outage:
    """Whether the database was away a moment ago: to wait for it in every request would silence stored pages too."""

    def __init__(self):
        self.lock, self.ask_at = threading.Lock(), None

    def note(self, *, is_away):
        """Remember how the last question went."""
        self.ask_at = time.monotonic() + ASK_AGAIN if is_away else None

    def lasts(self):
        """Tell whether not to ask; False to one request after each ASK_AGAIN seconds."""
        if self.ask_at is None:
            return False
        with self.lock:
            now, at = time.monotonic(), self.ask_at
            if at is None or now < at:
                return at is not None
            self.ask_at = now + ASK_AGAIN
            return False


class PageCacheMiddleware:
    """Answer from the store before sessions, and store what a reader page returned."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.turns = Turns()
        self.outage, self.logged_at = Outage(), 0.0

    def __call__(self, request):
        request.page_keys = {"site"}
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        if not _is_kept(request):
            return self._make(request, "", None)
        address = address_of(request)
        page = store.get(address)
        if page is not None and is_good(page):
            return self._answer(request, page, "hit")
        if not self._leads_to_reader_page(request):
            return self._make(request, "", None)
        with self.turns.one(address):
            page, is_found = self._found(address)
            if is_found:
                return self._answer(request, page, "hit")
            if page is not None and self.outage.lasts() and may_outlast(page):
                return self._answer(request, page, "stale")
            return self._make(request, address, page)

    @staticmethod
    def _leads_to_reader_page(request):
        try:
            return getattr(resolve(request.path_info).func, "is_reader_page", False)
        except Resolver404:
            return False

    @staticmethod
    def _found(address):
        """Return (the page of this or another process, whether it is good)."""
        page = store.get(address)
        if page is not None and is_good(page):
            return page, True
        shared = shared_pages()
        other = shared.get(address) if shared else None
        if other is None or (page is not None and page.seq > other.seq):
            return page, False
        is_found = is_good(other)
        if is_found:
            store.put(address, other)
        return other, is_found

    def _make(self, request, address, stale):
        try:
            seq = versions().now()
        except Away:
            seq = None
        begun = timezone.now()
        response = replica.make_page(self.get_response, request, seq) if address else self.get_response(request)
        is_away = getattr(response, "is_database_away", False)
        self.outage.note(is_away=is_away)
        if is_away and stale is not None and may_outlast(stale):
            self._tell()
            return self._answer(request, stale, "stale")
        if not getattr(request, "is_reader_page", False):
            return response
        page = self._page(request, response, seq, begun)
        if page is None:
            return response
        if address and seq is not None:
            store.put(address, page)
            if shared := shared_pages():
                shared.put(address, page)
        return self._answer(request, page, "miss")

    def _tell(self):
        if time.monotonic() - self.logged_at > LOG_EVERY:
            self.logged_at = time.monotonic()
            logger.error("the database is away: readers get stored pages")

    @staticmethod
    def _page(request, response, seq, begun):
        if response.status_code not in {200, 404, 410} or response.streaming or response.cookies:
            return None
        # A moment that passed while the page was made is one that it may not show: it is stored as over.
        now, due = time.time(), next_due(begun)
        lifetime = settings.PAGE_CACHE_SECONDS if response.status_code == 200 else min(settings.PAGE_CACHE_SECONDS, 30)
        expires = min(now + lifetime, due.timestamp()) if due else now + lifetime
        headers = tuple((name, value) for name, value in response.items() if name.lower() != "vary")
        body = response.content
        return StoredPage(
            response.status_code, headers, body, hashlib.sha256(body).hexdigest()[:32], tuple(request.page_keys),
            seq or 0, expires,
        )  # fmt: skip

    def _answer(self, request, page, how):
        is_compressed = page.is_worth_compressing and _is_kept(request)
        encoding = accepted_encoding(request.headers.get("Accept-Encoding", "")) if is_compressed else ""
        body = page.body_in(encoding)
        response = HttpResponse(b"" if request.method == "HEAD" else body, status=page.status)
        for name, value in page.headers:
            response.headers[name] = value
        response.headers["Content-Length"] = str(len(body))
        if is_compressed:
            response.headers["Vary"] = "Accept-Encoding"
        if encoding:
            response.headers["Content-Encoding"] = encoding
        remaining = 1 if how == "stale" else max(1, int(page.expires - time.time()))
        shared = f"max-age={min(60, remaining)}, stale-while-revalidate=30, stale-if-error=86400"
        response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
        for_proxies(response, page.keys, shared)
        # nginx keeps it for a second, whatever browsers are told; see docs/production/nginx.conf.
        response.headers["X-Accel-Expires"] = "1"
        response.headers["X-Page-Cache"] = how
        if page.status != 200:
            return response
        # Each encoding is a representation of its own (RFC 9110, 8.8.3).
        etag = quote_etag(f"{page.etag}-{encoding}" if encoding else page.etag)
        response.headers["ETag"] = etag
        if how == "hit" and request.method == "GET":
            response.stored = (page, body)  # for newsroom.shortcut
        return get_conditional_response(request, etag=etag, response=response)
