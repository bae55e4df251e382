"""What the editor's first load weighs on the wire."""

import gzip
import html
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.make import make_edition, make_user

LIMIT = 200 * 1024
NAMED = re.compile(r"""(?:src|href)="([^"]+)\"""")
IMPORTED = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")
STYLED = re.compile(r"""(?:@import|url\()\s*["']?([^"')]+)""")
COMPRESSED_ALREADY = (".woff2", ".png", ".jpg", ".webp", ".avif")


def content_of(path):
    found = finders.find(path.removeprefix(settings.STATIC_URL))
    return Path(found).read_bytes() if found else None


def named_in(page):
    """Return the addresses of scripts, modules, styles and icons that a page names, in tags or in settings."""
    tags = re.findall(r"<(?:script|link)\b[^>]*>", page)
    tagged = {name for tag in tags for name in NAMED.findall(tag)}
    return tagged | set(re.findall(r"/static/[^\"'&\s?]+\.(?:js|css)", html.unescape(page).replace("\\/", "/")))


def everything(addresses):
    """Return {address: bytes} of static files and all that they bring along."""
    loaded, waiting = {}, {urlsplit(address).path for address in addresses}
    while waiting:
        path = waiting.pop()
        content = content_of(path) if path.startswith(settings.STATIC_URL) else None
        if content is None or path in loaded:
            continue
        loaded[path] = content
        pattern = {".js": IMPORTED, ".css": STYLED}.get(Path(path).suffix)
        if pattern:
            more = pattern.findall(content.decode())
            waiting |= {urlsplit(urljoin(path, name)).path for name in more if not name.startswith("data:")}
    return loaded


def weight(path, content):
    return len(content) if path.endswith(COMPRESSED_ALREADY) else len(brotli.compress(content))


@pytest.mark.django_db
def test_the_first_load_of_the_editor_is_at_most_200_kb(client):
    make_edition()
    client.force_login(make_user("Editor"))
    address = reverse("admin:articles_article_add")
    page = client.get(address).text
    addresses = named_in(page)
    loaded = everything(addresses)
    names = {Path(path).name for path in loaded}
    assert {"editor.js", "bar.js", "desk.css", "desk-editor.css", "preview.js"} <= names
    sizes = {path: weight(path, content) for path, content in loaded.items()}
    sizes[address] = len(gzip.compress(page.encode()))
    for path in addresses:
        if path.startswith("/admin/jsi18n"):
            sizes[path] = len(gzip.compress(client.get(path).content))
    heaviest = sorted(((size, path) for path, size in sizes.items()), reverse=True)
    assert sum(sizes.values()) <= LIMIT, "\n".join(f"{size:7} {path}" for size, path in heaviest)
