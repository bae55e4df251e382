"""A static copy as readers open it: from a folder, and below a path of somebody else's host."""

import functools
import http.server
import threading

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect

from newsroom import pagecache
from newsroom.copying.places import Place
from tests.browser.conftest import Watch
from tests.newsroom.copies import export, make_site


@pytest.fixture
def copied(site, tmp_path, settings):
    """A copy in a folder below another, and one of its stories."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    pagecache.forget_all()
    stories = make_site()
    export(tmp_path / "host" / "deep" / "copy")
    return tmp_path / "host", stories[0]


@pytest.fixture
def elsewhere(copied):
    """The copy served below a path of another host."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=copied[0])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.RequestHandlerClass.log_message = lambda *_args: None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def opened(chromium, origin, **options):
    """Return (page, watch) of a browser that may ask nobody but `origin`."""
    watch, context = Watch(origin, ()), chromium.new_context(viewport={"width": 390, "height": 800}, **options)
    watch.follow(context)
    return context.new_page(), watch


@pytest.mark.parametrize("way", ["folder", "host"])
def test_a_copy_is_read_and_searched_and_asks_nobody_else(chromium, copied, elsewhere, way):
    folder, story = copied
    start = (folder / "deep" / "copy" / "index.html").as_uri() if way == "folder" else f"{elsewhere}/deep/copy/"
    page, watch = opened(chromium, elsewhere)
    asked = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto(start)
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px", "the style sheet is there"
    page.get_by_role("link", name=story.headline).first.click()
    page.wait_for_url(lambda url: story.public_id in url)
    picture = page.locator("figure.photo--lead img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    canonical = django_settings.HOME_ORIGIN + str(Place(story.get_absolute_url()))
    expect(page.locator("link[rel=canonical]")).to_have_attribute("href", canonical)
    page.get_by_role("link", name="Search", exact=True).first.click()
    page.get_by_role("searchbox").fill("PLAIN news 1")
    page.keyboard.press("Enter")
    page.get_by_text("Stories found: 1").wait_for()
    page.locator(".card__headline a").click()
    page.get_by_role("heading", level=1, name="Plain news 1").wait_for()
    page.go_back()
    page.get_by_role("searchbox").fill("nowhere")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("Nothing found").wait_for()
    base = start.removesuffix("index.html")
    assert [url for url in asked if not url.startswith((base, "data:"))] == []
    page.context.close()
    assert watch.complaints == []


def test_a_copy_is_searched_in_russian_whatever_the_ending(chromium, copied):
    page, watch = opened(chromium, "")
    page.goto((copied[0] / "deep" / "copy" / "ru" / "search" / "index.html").as_uri())
    page.get_by_role("searchbox").fill("мнениями реки")
    page.keyboard.press("Enter")
    page.locator(".card__headline a", has_text="Мнение о реке").wait_for()
    page.context.close()
    assert watch.complaints == []


def test_without_script_the_archive_leads_to_every_story(chromium, copied):
    page, watch = opened(chromium, "", java_script_enabled=False)
    page.goto((copied[0] / "deep" / "copy" / "search" / "index.html").as_uri())
    expect(page.locator("form")).to_have_count(0)
    page.get_by_role("link", name="Every story stands in the archive.").click()
    page.get_by_role("heading", level=1, name="Archive").wait_for()
    page.context.close()
    assert watch.complaints == []
