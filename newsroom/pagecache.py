"""Whole reader pages, stored under the keys they are made of and forgotten when a verb bumps one of them.

Every bump takes the next number of one sequence and writes it beside its key. A stored page remembers the number that
the sequence had *before* the page was rendered; it is good as long as none of its keys has a later number. So a page
rendered while a correction is being saved can never outlive that correction. The numbers live in Redis, or without
Redis in one small file under the data directory that each process rereads when its stamp changes.
"""

import fcntl
import functools
import hashlib
import json
import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.crypto import get_random_string
from django.utils.http import quote_etag

from newsroom import registry

KNOWN_PARAMETERS = ("page", "q", "section", "language")


def fresh_start():
    """Return a number above every one that an earlier sequence can have reached."""
    return int(time.time() * 1000)


class FileVersions:
    """The numbers in one file, shared by the processes of one machine."""

    def __init__(self, path):
        self.path = path
        self._stamp = None
        self._data = {"seq": 0, "keys": {}}

    def _read(self):
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return self._data
        stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
        if stamp != self._stamp:
            with open(self.path, encoding="utf-8") as stream:
                self._data = json.load(stream)
            self._stamp = stamp
        return self._data

    def now(self):
        """Return the number that the sequence has reached."""
        return self._read()["seq"]

    def latest(self, *keys):
        """Return the latest number among `keys`; 0 when none was ever bumped."""
        known = self._read()["keys"]
        return max((known.get(key, 0) for key in keys), default=0)

    def bump(self, keys):
        """Give each key the next number."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(f"{self.path}.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._stamp = None
            data = self._read()
            seq = (data["seq"] or fresh_start()) + 1
            data = {"seq": seq, "keys": {**data["keys"], **dict.fromkeys(keys, seq)}}
            temporary = f"{self.path}.{os.getpid()}.{get_random_string(6)}"
            with open(temporary, "w", encoding="utf-8") as stream:
                json.dump(data, stream, separators=(",", ":"))
            os.replace(temporary, self.path)
            self._stamp = None


class RedisVersions:
    """The numbers in Redis, shared by several machines."""

    def __init__(self, url):
        import redis

        self.client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)

    def now(self):
        """Return the number that the sequence has reached."""
        return int(self.client.get("newsroom:seq") or self._begin())

    def latest(self, *keys):
        """Return the latest number among `keys`, or the one at which the sequence began when none was bumped since."""
        begun, *values = self.client.mget(["newsroom:begun", *(f"newsroom:key:{key}" for key in keys)])
        return max(int(begun or self._begin()), *(int(value or 0) for value in values), 0)

    def _begin(self):
        """Begin the sequence at the clock's milliseconds: after a flush every page stored before it is too old."""
        start = fresh_start()
        self.client.set("newsroom:seq", start, nx=True)
        self.client.set("newsroom:begun", start, nx=True)
        return int(self.client.get("newsroom:begun"))

    def bump(self, keys):
        """Give each key the next number."""
        self.now()
        seq = self.client.incr("newsroom:seq")
        self.client.mset({f"newsroom:key:{key}": seq for key in keys})


@functools.lru_cache(maxsize=4)
def _versions(redis_url, path):
    return RedisVersions(redis_url) if redis_url else FileVersions(path)


def versions():
    """Return the shared numbers that the settings name."""
    return _versions(settings.REDIS_URL, settings.DATA_DIR / "pagecache.json")


def bump(*keys):
    """Forget every page made of one of `keys`, in every process, as soon as the open transaction commits."""
    if keys:
        transaction.on_commit(functools.partial(versions().bump, sorted(set(keys))))


class Remembered:
    """What every page needs, read once and kept in this process until a verb bumps "site".

    `load` returns the value, which nobody may change. Inside a transaction it is read anew and not kept: what is seen
    there may never be committed.
    """

    def __init__(self, load):
        self.load = load
        self.kept = (None, None)

    def __call__(self):
        """Return the value."""
        if transaction.get_connection().in_atomic_block:
            return self.load()
        seq = versions().latest("site")
        if self.kept[0] != seq:
            self.kept = (seq, self.load())
        return self.kept[1]


@dataclass(frozen=True)
class StoredPage:
    """A whole response with what decides whether it is still good."""

    status: int
    headers: tuple
    body: bytes
    etag: str
    keys: tuple
    seq: int
    expires: float


@dataclass
class PageStore:
    """The pages of one process, the least used leaving first."""

    pages: OrderedDict = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, address):
        """Return the stored page at `address` when it is still good, else None."""
        with self.lock:
            page = self.pages.get(address)
            if page is None:
                return None
            self.pages.move_to_end(address)
        if page.expires <= time.time() or versions().latest(*page.keys) > page.seq:
            with self.lock:
                self.pages.pop(address, None)
            return None
        return page

    def put(self, address, page):
        """Store a page; the least used one leaves when there are too many."""
        with self.lock:
            self.pages[address] = page
            self.pages.move_to_end(address)
            while len(self.pages) > settings.PAGE_CACHE_PAGES:
                self.pages.popitem(last=False)

    def clear(self):
        """Forget all."""
        _due["seq"] = None
        with self.lock:
            self.pages.clear()


store = PageStore()


_due = {"seq": None, "moment": None}


def next_due(seq, now):
    """Return the next moment at which stored pages change by themselves; asked again after a bump or its passing."""
    if _due["seq"] != seq or (_due["moment"] is not None and _due["moment"] <= now):
        _due["moment"] = registry.next_due(now)
        _due["seq"] = seq
    return _due["moment"]


def address_of(request):
    """Return the page's address with the parameters that matter, in one order: unknown ones make no new entry."""
    known = sorted((name, request.GET[name][:200]) for name in KNOWN_PARAMETERS if name in request.GET)
    query = f"?{urlencode(known)}" if known else ""
    return f"{request.get_host()}{request.path}{query}"


def reader_page(view):
    """Mark a view as a reader page: the same for everybody, without cookies, stored under `request.page_keys`."""

    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        request.is_reader_page = True
        return view(request, *args, **kwargs)

    wrapped.is_reader_page = True
    return wrapped


class PageCacheMiddleware:
    """Answer from the store before sessions, and store what a reader page returned."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.page_keys = {"site"}
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        address = address_of(request)
        page = store.get(address) if settings.PAGE_CACHE_SECONDS else None
        if page is None:
            seq = versions().now()
            response = self.get_response(request)
            if not getattr(request, "is_reader_page", False):
                return response
            page = self._keep(request, response, address, seq)
            if page is None:
                return response
            return self._answer(request, page, hit=False)
        return self._answer(request, page, hit=True)

    def _keep(self, request, response, address, seq):
        if response.status_code not in {200, 404, 410} or response.streaming or response.cookies:
            return None
        now, due = time.time(), next_due(seq, timezone.now())
        lifetime = settings.PAGE_CACHE_SECONDS if response.status_code == 200 else min(settings.PAGE_CACHE_SECONDS, 30)
        expires = min(now + lifetime, due.timestamp()) if due else now + lifetime
        headers = tuple((name, value) for name, value in response.items() if name.lower() != "vary")
        etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
        page = StoredPage(response.status_code, headers, response.content, etag, tuple(request.page_keys), seq, expires)
        if settings.PAGE_CACHE_SECONDS:
            store.put(address, page)
        return page

    def _answer(self, request, page, *, hit):
        response = HttpResponse(b"" if request.method == "HEAD" else page.body, status=page.status)
        for name, value in page.headers:
            response.headers[name] = value
        response.headers["Content-Length"] = str(len(page.body))
        remaining = max(1, int(page.expires - time.time()))
        shared = f"max-age={min(60, remaining)}, stale-while-revalidate=30, stale-if-error=86400"
        response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
        response.headers["CDN-Cache-Control"] = response.headers["Surrogate-Control"] = shared
        response.headers["Surrogate-Key"] = " ".join(sorted(page.keys))
        response.headers["X-Page-Cache"] = "hit" if hit else "miss"
        if page.status != 200:
            return response
        response.headers["ETag"] = page.etag
        return get_conditional_response(request, etag=page.etag, response=response)
