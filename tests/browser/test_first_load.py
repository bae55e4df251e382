"""What the editor's first load weighs on the wire: each file that the browser asks for, as production sends it."""

import gzip
from pathlib import Path
from urllib.parse import urlsplit

import brotli
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from newsroom.minifying import minified
from tests.make import make_edition, make_user

LIMIT = 200 * 1024
COMPRESSED_ALREADY = (".woff2", ".png", ".jpg", ".webp", ".avif")
EDITOR = ".ProseMirror[contenteditable=true]"


def weight(page, path):
    """Return the bytes of one answer: static files in brotli, made by the build; pages in gzip, made by the proxy."""
    if not path.startswith(settings.STATIC_URL):
        return len(gzip.compress(page.request.get(path).body()))
    content = Path(finders.find(path.removeprefix(settings.STATIC_URL))).read_bytes()
    if path.endswith(COMPRESSED_ALREADY):
        return len(content)
    return len(brotli.compress(minified(path, content.decode()).encode()))


def test_the_first_load_of_the_editor_is_at_most_200_kb(page, log_in, site):
    make_edition()
    log_in(page, make_user("Editor"))
    address = reverse("admin:articles_article_add")
    page.goto(address)
    page.wait_for_selector(EDITOR)
    page.wait_for_load_state("networkidle")
    asked = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    paths = {address, *(urlsplit(name).path for name in asked if name.startswith(site))}
    names = {Path(path).name for path in paths}
    assert {"editor.js", "bar.js", "autosave.js", "desk.css", "desk-editor.css"} <= names
    sizes = sorted(((weight(page, path), path) for path in paths), reverse=True)
    assert sum(size for size, _path in sizes) <= LIMIT, "\n".join(f"{size:7} {path}" for size, path in sizes)
