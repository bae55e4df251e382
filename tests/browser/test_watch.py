"""The browser's watch itself: it must see what later tests rely on it to see."""

import pytest
from django.http import HttpResponse
from django.urls import path

from tests.make import make_edition

pytestmark = pytest.mark.urls(__name__)


def _page(markup, *, status=200):
    head = "<!doctype html><link rel='icon' href='data:,'><title>x</title>"
    return lambda request: HttpResponse(head + markup, status=status)


urlpatterns = [
    path("calm", _page("<p>calm</p>")),
    path("inline", _page("<script>document.title = 'ran'</script>")),
    path("throws", _page("<script type='module' src='/throws.js'></script>")),
    path("throws.js", lambda request: HttpResponse("throw new Error('oops')", content_type="text/javascript")),
    path("nowhere", _page("", status=404)),
    # A browser may ask for the icon although a page names another one.
    path("favicon.ico", lambda request: HttpResponse(status=204)),
    path("elsewhere", _page("<a href='http://elsewhere.invalid/'>go</a>")),
]


@pytest.fixture(autouse=True)
def edition(site):
    """A site without an edition answers 503 everywhere."""
    return make_edition()


def seen(page, watch, address):
    """Visit `address` and hand over the complaints, so that the test itself passes."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    found, watch.complaints = watch.complaints, []
    return found


def test_a_calm_page_gives_no_complaint(page, watch):
    assert seen(page, watch, "/calm") == []


def test_an_inline_script_without_nonce_is_refused_and_seen(page, watch):
    assert any("CSP violation: script-src" in line for line in seen(page, watch, "/inline"))
    assert page.title() == "x"


def test_an_error_in_a_script_is_seen(page, watch):
    assert any("oops" in line for line in seen(page, watch, "/throws"))


def test_a_request_to_another_host_is_seen_and_goes_nowhere(page, watch):
    page.goto("/elsewhere")
    page.get_by_role("link").click(no_wait_after=True)
    page.wait_for_event("requestfailed")
    assert any("request to another host: http://elsewhere.invalid/" in line for line in watch.complaints)
    watch.complaints = []


@pytest.mark.console("404")
def test_an_announced_complaint_passes(page, watch):
    page.goto("/nowhere")
    assert watch.complaints and not watch.unexpected()
