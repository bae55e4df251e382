"""Pages and style sheets made fit to stand anywhere: relative links, pictures in two sizes, nothing from a server."""

import base64
import html
import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from django.conf import settings

from newsroom.copying import places
from newsroom.copying.places import Place

TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:\s+[^\s=>/]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)*)\s*(/?)>")
ATTRIBUTE = re.compile(r"([^\s=>/]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+))?")
# What is loaded or led to; everything else (canonical addresses, data for machines) names home and stays.
LINKS = {
    "a": ("href",), "area": ("href",), "img": ("src", "srcset"), "source": ("src", "srcset"), "script": ("src",),
    "link": ("href",), "video": ("src", "poster"), "audio": ("src",), "form": ("action",), "iframe": ("src",),
}  # fmt: skip
DROPPED_PICTURES = re.compile(r"<source\b[^>]*\bsrcset=[^>]*>")
OWN_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|#\Z")
WIDE = 1200
IMPORT = re.compile(r"@import\s+(?:url\()?[\"']([^\"')]+)[\"']\)?")
URL = re.compile(r"url\(\s*[\"']?([^\"')]+)[\"']?\s*\)")
# A sheet opened from a folder may not use a picture of its neighbour as a mask; small ones stand in the sheet.
INLINE_BYTES = 8000


@dataclass
class Page:
    """A page being rewritten: what it was, where it stands, and what it was found to need and to lead to."""

    place: Place
    known: object
    assets: set = field(default_factory=set)
    targets: set = field(default_factory=set)

    def rewritten(self, text):
        """Return the text of a page with its links made relative."""
        return TAG.sub(self._tag, DROPPED_PICTURES.sub("", text))

    def _tag(self, match):
        name = match[1].lower()
        wanted = LINKS.get(name)
        if wanted is None:
            return match[0]
        found = {key.lower(): (value or "").strip("\"'") for key, value in ATTRIBUTE.findall(match[2])}
        if not any(key in found for key in wanted):
            return match[0]
        if name == "img" and "srcset" in found:
            found.update(two_sizes(html.unescape(found["srcset"])))
        for key in wanted:
            if key in found:
                found[key] = self._changed(key, html.unescape(found[key]))
        bare = {key.lower() for key, value in ATTRIBUTE.findall(match[2]) if not value}
        written = "".join(f" {key}" if key in bare else f' {key}="{value}"' for key, value in found.items())
        return f"<{match[1]}{written}{match[3]}>"

    def _changed(self, key, value):
        if key == "srcset":
            parts = [part.split() for part in value.split(",")]
            value = ", ".join(" ".join([self.link(part[0]), *part[1:]]) for part in parts if part)
        else:
            value = self.link(value)
        return html.escape(value)

    def link(self, value):
        """Return where a link leads in the copy: to a file of it, or to the home address."""
        if OWN_SCHEME.match(value) or value.startswith("#"):
            return value
        place, path, fragment = places.split(value, at=self.place)
        end = f"#{fragment}" if fragment else ""
        if name := asset_name(path):
            self.assets.add(path)
            return places.relative(name, start=self.place.file) + end
        if place is not None:
            place = self.known.settled(place)
            self.targets.add(place)
            if place in self.known:
                return places.relative(place.file, start=self.place.file) + end
        if value.startswith("/"):
            return settings.HOME_ORIGIN + value
        query = urlsplit(value).query
        return settings.HOME_ORIGIN + quote(path) + (f"?{query}" if query else "") + end


def asset_name(path):
    """Return the name in the copy of a static or media file, or nothing for a page."""
    if path.startswith((settings.STATIC_URL, settings.MEDIA_URL)) and ".." not in path:
        return path.lstrip("/")
    return ""


def two_sizes(srcset):
    """Return {"src", "srcset"} with the smallest picture and the widest of at most WIDE pixels."""
    entries = [part.split() for part in srcset.split(",") if part.strip()]
    sized = sorted((int(part[1].rstrip("w")), part[0]) for part in entries if len(part) == 2 and part[1][:-1].isdigit())
    if not sized:
        return {}
    small, wide = sized[0], max((one for one in sized if one[0] <= WIDE), default=sized[0])
    chosen = dict.fromkeys((small, wide))
    return {"src": html.escape(wide[1]), "srcset": html.escape(", ".join(f"{link} {width}w" for width, link in chosen))}


def sheet(text, *, path, read):
    """Return (text, paths of other files) of a style sheet at `path`; `read` returns the bytes at a path or None."""
    needed = set()

    def whole(link):
        return posixpath.normpath(posixpath.join(posixpath.dirname(path), link.partition("#")[0].partition("?")[0]))

    def picture(match):
        link = match[1]
        if OWN_SCHEME.match(link):
            return match[0]
        data = read(whole(link))
        if data is None:
            return match[0]
        if link.endswith(".svg") and len(data) <= INLINE_BYTES:
            return f'url("data:image/svg+xml;base64,{base64.b64encode(data).decode()}")'
        needed.add(whole(link))
        return match[0]

    for link in IMPORT.findall(text):
        needed.add(whole(link))
    return URL.sub(picture, text), needed
