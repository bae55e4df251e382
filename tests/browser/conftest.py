"""A real browser against the live site. A test fails on anything that the browser complains about.

def test_reader_opens_a_story(page, site):
    page.goto(f"{site}/")
"""

import contextlib
import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import TimeoutError as StillBusy
from playwright.sync_api import expect

from newsroom import worker
from tests import services

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but this machine can be found: a page that asks elsewhere fails at once, and the watch says so.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
]
# Milliseconds. A slow machine is no fault; what never comes is.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`
));
"""


def pytest_itemcollected(item):
    """Mark everything in this folder: a browser test with a database that other threads can see."""
    item.add_marker(pytest.mark.browser)
    if not any(item.iter_markers("django_db")):
        item.add_marker(pytest.mark.django_db(transaction=True, databases="__all__"))


class Watch:
    """What the browser complained about, and what the test said it would."""

    def __init__(self, origin, expected=()):
        self.origin = origin
        self.expected = [re.compile(pattern) for pattern in expected]
        self.complaints = []

    def follow(self, context):
        """Listen to every page that `context` opens."""
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._complain(f"page error: {error.error}"))
        context.on("request", self._request)

    def expect(self, pattern):
        """Let lines that match `pattern` (a regular expression) pass in this test."""
        self.expected.append(re.compile(pattern))

    def _console(self, message):
        if message.type == "error":
            self._complain(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request):
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self._complain(f"request to another host: {request.url}")

    def _complain(self, line):
        self.complaints.append(line)

    def unexpected(self):
        """Return the complaints that nothing announced."""
        return [line for line in self.complaints if not any(pattern.search(line) for pattern in self.expected)]


@pytest.fixture(scope="session")
def chromium():
    """One Chromium for the whole run of this process."""
    from playwright.sync_api import sync_playwright

    try:
        program = services.chromium_program()
    except services.Missing as missing:
        pytest.skip(str(missing))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(live_server):
    """The live site's origin; the settings' home is the same one."""
    assert live_server.url == django_settings.HOME_ORIGIN
    return live_server.url


@pytest.fixture
def watch(request, site):
    """The browser's complaints; the test fails at its end when an unexpected one is left."""
    marker = request.node.get_closest_marker("console")
    watching = Watch(site, marker.args if marker else ())
    yield watching
    assert not watching.unexpected(), "The browser complained:\n" + "\n".join(watching.unexpected())


@pytest.fixture
def new_context(chromium, site, watch):
    """Open another reader's browser: `new_context(java_script_enabled=False).new_page()`."""
    contexts = []

    def opened(**options):
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", "base_url": site, **options}
        context = chromium.new_context(**options)
        context.set_default_timeout(PATIENCE)
        watch.follow(context)
        contexts.append(context)
        return context

    yield opened
    heard = len(watch.complaints)
    for context in contexts:
        _settle(context)
        context.close()
    del watch.complaints[heard:]  # what the cut line made the closing pages say


def _settle(context):
    """Let what the pages are sending arrive, then cut the line: nothing may reach a database that is being emptied."""
    for page in context.pages:
        if not page.is_closed() and page.locator("[data-desk-form]").count():
            with contextlib.suppress(StillBusy):
                page.wait_for_load_state("networkidle", timeout=3000)
    context.set_offline(True)


@pytest.fixture
def page(new_context):
    """One page of one browser, watched."""
    return new_context().new_page()


@pytest.fixture
def log_in(site):
    """Log a user in without the forms: `log_in(page, user)`."""

    def logged_in(page, user):
        client = Client()
        client.force_login(user)
        cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site, "httpOnly": True}])

    return logged_in


@pytest.fixture
def work():
    """Do what the worker would do now: `work()` sends the mails and runs the tasks that are due."""
    return worker.drain


@pytest.fixture(autouse=True)
def _axe_reads_no_style_sheets_again(monkeypatch):
    """Keep axe from fetching style sheets by itself: it writes them into the page, where their imports lead nowhere."""
    run = Axe.run
    monkeypatch.setattr(
        Axe, "run", lambda self, page, context=None, options=None: run(
            self, page, context=context, options={**(options or {}), "preload": False, "resultTypes": ["violations"]}
        ),
    )  # fmt: skip
