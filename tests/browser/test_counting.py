"""The page tells that it was read: after ten seconds in front of a person, once, and never for those who ask not."""

import pytest

from newsroom import beacon
from newsroom.models import DailyCount
from tests.make import make_article

A_PERSON = "Object.defineProperty(navigator, 'webdriver', {get: () => false});"


@pytest.fixture
def story(site):
    beacon.limits.forget(None)
    return make_article(published=True)


def read(new_context, story, *, seconds, script=A_PERSON, **options):
    """Open the story, let so many seconds of its clock pass, and return the requests that counted."""
    context = new_context(**options)
    if script:
        context.add_init_script(script)
    page, sent = context.new_page(), []
    page.on("requestfinished", lambda request: sent.append(request) if "/count/" in request.url else None)
    page.clock.install()
    page.goto(story.get_absolute_url())
    page.clock.run_for(seconds * 1000)
    page.wait_for_load_state("networkidle")
    return sent


def test_a_story_in_front_for_ten_seconds_counts_once_without_a_cookie(new_context, story):
    sent = read(new_context, story, seconds=30)
    assert [request.post_data for request in sent] == [f"story:{story.public_id}"]
    assert "cookie" not in sent[0].all_headers()
    assert sent[0].response().status == 204
    assert list(DailyCount.objects.values_list("key", "count")) == [(story.public_id, 1)]


def test_a_glance_does_not_count(new_context, story):
    assert read(new_context, story, seconds=8) == []


@pytest.mark.parametrize(
    "script",
    [
        "",
        A_PERSON + "Object.defineProperty(navigator, 'globalPrivacyControl', {get: () => true});",
        A_PERSON + "Object.defineProperty(navigator, 'doNotTrack', {get: () => '1'});",
        A_PERSON + "Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'});",
    ],
    ids=["robot", "global privacy control", "do not track", "tab behind others"],
)
def test_robots_and_readers_who_ask_not_to_be_tracked_send_nothing(new_context, story, script):
    assert read(new_context, story, seconds=30, script=script) == []
    assert not DailyCount.objects.exists()
