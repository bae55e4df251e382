"""A live story in front of a reader: it refreshes itself, lets those who read read on, and is whole without script."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import LiveEntry
from tests.make import make_article

HALF_A_MINUTE = 31_000


@pytest.fixture
def story(site):
    """A story with one entry."""
    story = make_article(published=True, headline="The trial, live", body_html="<p>It begins at ten.</p>" * 3)
    write(story, "The judge came in")
    return story


def write(story, title, *, is_key=False):
    return LiveEntry.write(
        story, title=title, text="Everybody rose.\n\n" * 30, is_key=is_key, by=None, at=timezone.now()
    )


def wait_half_a_minute(page):
    """Let the page's own clock run on; it asks for itself once."""
    with page.expect_response(lambda response: response.request.resource_type == "fetch"):
        page.clock.run_for(HALF_A_MINUTE)


def test_new_entries_come_by_themselves_and_what_is_taken_back_goes(page, story):
    page.clock.install()
    page.goto(story.get_absolute_url())
    first = story.live_entries.get()
    write(story, "A witness speaks", is_key=True)
    wait_half_a_minute(page)
    expect(page.locator(".live__entry h3").first).to_contain_text("A witness speaks")
    expect(page.locator(".live__key")).to_contain_text("A witness speaks")
    first.take_back(by=None, at=timezone.now())
    wait_half_a_minute(page)
    expect(page.locator(".live__entry")).to_have_count(1)


def test_somebody_who_reads_is_told_and_not_disturbed(page, story):
    page.clock.install()
    page.goto(story.get_absolute_url())
    words = page.locator(".live__entry p").last
    words.scroll_into_view_if_needed()
    place = words.bounding_box()["y"]
    write(story, "Verdict")
    wait_half_a_minute(page)
    button = page.get_by_role("button", name="Show what is new")
    expect(page.get_by_role("status")).to_have_text("Show what is new")
    expect(page.locator(".live__entry")).to_have_count(1)
    assert words.bounding_box()["y"] == pytest.approx(place, abs=1)
    expect(button).to_be_in_viewport()
    button.click()
    expect(page.locator(".live__entry h3").first).to_contain_text("Verdict")
    expect(button).to_be_hidden()


def test_nothing_is_asked_behind_another_tab_or_after_the_end(page, story):
    asked = []
    page.clock.install()
    page.goto(story.get_absolute_url())
    page.on("request", lambda request: request.resource_type == "fetch" and asked.append(request.url))
    page.evaluate("Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })")
    page.clock.run_for(2 * HALF_A_MINUTE)
    assert asked == []
    page.evaluate("delete document.visibilityState")
    story.end_live(by=None, at=timezone.now())
    wait_half_a_minute(page)
    expect(page.get_by_role("heading", name="As it happened")).to_be_visible()
    page.reload()
    asked.clear()
    page.clock.run_for(2 * HALF_A_MINUTE)
    assert asked == []


def test_without_script_the_entries_stand_there_with_addresses_of_their_own(new_context, story):
    page = new_context(java_script_enabled=False).new_page()
    entry = story.live_entries.get()
    page.goto(entry.get_absolute_url())
    assert page.locator(f"#{entry.anchor}:target h3").inner_text().endswith("The judge came in")
    expect(page.get_by_role("button", name="Show what is new")).not_to_be_visible()
