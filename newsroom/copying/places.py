"""Where each page stands in a copy, and how one file leads to another."""

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

PAGE = re.compile(r"page=([1-9]\d{0,5})\Z")
KEPT = re.compile(r"/save/[\w-]+/(page|linked|text)\Z")
KEPT_SUFFIXES = {"page": ".html", "linked": ".html", "text": ".txt"}
TYPES = {
    ".html": "text/html", ".xml": "application/xml", ".rss": "application/rss+xml", ".txt": "text/plain",
    ".json": "application/json", ".minisig": "text/plain", ".js": "text/javascript", ".css": "text/css",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
    ".avif": "image/avif", ".woff2": "font/woff2",
}  # fmt: skip
WITH_CHARSET = ("text/", "application/json", "application/xml", "application/rss+xml")


@dataclass(frozen=True, order=True)
class Place:
    """A page of the site: its path, unquoted, and which page of a list it is."""

    path: str
    number: int = 1

    def __str__(self):
        return f"{self.path}?page={self.number}" if self.number > 1 else self.path

    @classmethod
    def read(cls, text):
        """Return the place that `str` made this text of."""
        path, _mark, query = text.partition("?page=")
        return cls(path, int(query or 1))

    @property
    def file(self):
        """The name of its file: folders have an index, further pages of a list stand beside it."""
        path = self.path.lstrip("/")
        kept, last = KEPT.search(self.path), path.rpartition("/")[2]
        if kept:
            return path + KEPT_SUFFIXES[kept[1]]
        if self.path.endswith("/feed/"):
            return f"{path}index.xml"
        if "." in last:
            return path
        folder = path if path.endswith("/") or not path else f"{path}/"
        return f"{folder}page-{self.number}.html" if self.number > 1 else f"{folder}index.html"


def content_type(name):
    """Return the media type of a file, with its charset."""
    kind = TYPES.get(posixpath.splitext(name)[1].lower(), "application/octet-stream")
    return f"{kind}; charset=utf-8" if kind.startswith(WITH_CHARSET) else kind


def relative(name, *, start):
    """Return the link from the file `start` to the file `name`, quoted."""
    return quote(posixpath.relpath(name, posixpath.dirname(start) or "."))


def split(link, *, at):
    """Return (Place or None, path, fragment) of a link of our own that stands in the page at `at`.

    The place is None for an address with parameters that no copy can answer.
    """
    parts = urlsplit(link)
    path = unquote(parts.path) if parts.path else at.path
    if not path.startswith("/"):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(at.path), path))
    number = PAGE.match(parts.query)
    if parts.query and not number:
        return None, path, parts.fragment
    stays = not parts.query and not parts.path
    return Place(path, int(number[1]) if number else at.number if stays else 1), path, parts.fragment
