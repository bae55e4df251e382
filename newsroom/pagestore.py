"""Whole pages kept ready: in the memory of each process, and in Redis for all of them when there is one."""

import gzip
import hashlib
import json
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

import brotli
from django.conf import settings

# Below this many bytes a compressed body saves nothing on the line.
WORTH_COMPRESSING = 600
ENCODINGS = ("br", "gzip")
COMPRESSORS = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}


@dataclass(frozen=True)
class StoredPage:
    """A whole response with what decides whether it is still good; compressed once, when somebody first takes that."""

    status: int
    headers: tuple
    body: bytes
    etag: str
    keys: tuple
    seq: int
    expires: float
    compressed: dict = field(default_factory=dict)

    @property
    def size(self):
        """Its bytes in memory, about, with both compressed bodies: half of the plain one together."""
        return 1000 + len(self.body) * 3 // 2

    def body_in(self, encoding):
        """Return the body as an encoding has it, from memory once somebody asked; "" is the plain one."""
        if not encoding:
            return self.body
        if encoding not in self.compressed:
            self.compressed[encoding] = COMPRESSORS[encoding](self.body)
        return self.compressed[encoding]

    @property
    def is_worth_compressing(self):
        """Whether a compressed body saves anything on the line."""
        return len(self.body) >= WORTH_COMPRESSING

    def packed(self):
        """Return it as bytes; `unpacked` reads them."""
        bodies = [self.body, *(self.compressed.get(name, b"") for name in ENCODINGS)]
        about = [
            self.status,
            self.headers,
            self.etag,
            self.keys,
            self.seq,
            self.expires,
            [len(body) for body in bodies],
        ]
        head = json.dumps(about, separators=(",", ":")).encode()
        return b"%d\n" % len(head) + head + b"".join(bodies)

    @classmethod
    def unpacked(cls, data):
        """Return the page that `packed` made these bytes of."""
        length, _newline, rest = data.partition(b"\n")
        status, headers, etag, keys, seq, expires, lengths = json.loads(rest[: int(length)])
        bodies, place = [], int(length)
        for size in lengths:
            bodies.append(rest[place : place + size])
            place += size
        compressed = {name: body for name, body in zip(ENCODINGS, bodies[1:], strict=True) if body}
        pairs = tuple((name, value) for name, value in headers)
        return cls(status, pairs, bodies[0], etag, tuple(keys), seq, expires, compressed)


@dataclass
class PageStore:
    """The pages of one process, the least used leaving first. What is no longer good stays for a bad hour."""

    pages: OrderedDict = field(default_factory=OrderedDict)
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, address):
        """Return the stored page at `address`, good or not, or None."""
        with self.lock:
            page = self.pages.get(address)
            if page is not None:
                self.pages.move_to_end(address)
            return page

    def put(self, address, page):
        """Store a page; the least used ones leave when there are too many or too many bytes."""
        with self.lock:
            old = self.pages.pop(address, None)
            self.size += page.size - (old.size if old else 0)
            self.pages[address] = page
            while len(self.pages) > 1 and self._is_too_much():
                self.size -= self.pages.popitem(last=False)[1].size

    def _is_too_much(self):
        return len(self.pages) > settings.PAGE_CACHE_PAGES or self.size > settings.PAGE_CACHE_BYTES

    def clear(self):
        """Forget all."""
        with self.lock:
            self.pages.clear()
            self.size = 0


class SharedPages:
    """Pages in Redis, for every process; each leaves by itself. A Redis that is away holds nothing."""

    # Seconds that a page which is no longer good is kept for a bad hour.
    AFTERWARDS = 86_400

    def __init__(self, client, faults):
        self.client, self.faults = client, faults

    @staticmethod
    def _name(address):
        return f"newsroom:page:{hashlib.sha256(address.encode('utf-8', 'surrogatepass')).hexdigest()}"

    def get(self, address):
        """Return the page at `address`, good or not, or None."""
        try:
            data = self.client.get(self._name(address))
        except self.faults:
            return None
        return StoredPage.unpacked(data) if data else None

    def put(self, address, page):
        """Store a page for all processes."""
        lifetime = max(1, int(page.expires - time.time())) + self.AFTERWARDS
        try:
            self.client.set(self._name(address), page.packed(), ex=lifetime)
        except self.faults:
            return
