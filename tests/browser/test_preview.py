"""The live preview in a real browser: beside the text, of what is typed, without a jump."""

import re

import pytest
from playwright.sync_api import expect

from articles.models import Article
from tests.make import make_article, make_edition, make_page, make_section, make_user

EDITOR = ".ProseMirror[contenteditable=true]"
FRAME = "[data-preview-view] iframe.is-shown"


@pytest.fixture
def story(site):
    """A story long enough to scroll."""
    make_edition(support_title="Stay with us", support_text="<p>Please.</p>")
    make_section("Politics")
    return make_article(published=True, body_html="".join(f"<p>Paragraph {n} {'words ' * 60}</p>" for n in range(40)))


@pytest.fixture
def page(page, log_in, story):
    log_in(page, make_user("Editor"))
    page.goto(f"/admin/articles/article/{story.pk}/change/")
    page.wait_for_selector(EDITOR)
    return page


def frame_of(page):
    return page.frame_locator(FRAME)


def scroll_of(page, to=None):
    if to is not None:
        page.evaluate("([frame, top]) => document.querySelector(frame).contentWindow.scrollTo(0, top)", [FRAME, to])
    return page.evaluate("(selector) => document.querySelector(selector).contentWindow.scrollY", FRAME)


def width_inside(page):
    return page.evaluate("(selector) => document.querySelector(selector).contentWindow.innerWidth", FRAME)


def test_what_is_typed_stands_beside_the_text_and_nothing_is_saved(page, story):
    page.get_by_role("button", name="Live preview").click()
    expect(frame_of(page).locator("h1")).to_have_text("Harbour reopens after the strike")
    page.get_by_label("Headline").fill("Not saved, but shown")
    expect(frame_of(page).locator("h1")).to_have_text("Not saved, but shown")
    page.locator(EDITOR).click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("Fresh words. ")
    expect(frame_of(page).locator(".prose p").first).to_contain_text("Fresh words.")
    assert page.evaluate("document.activeElement.classList.contains('ProseMirror')"), "typing goes on in the text"
    assert Article.objects.get(pk=story.pk).headline == "Harbour reopens after the strike"
    expect(page.locator("[data-preview-view] iframe")).to_have_count(1)


def test_an_update_keeps_the_place_and_makes_no_entry_in_the_history(page):
    page.get_by_role("button", name="Live preview").click()
    expect(frame_of(page).locator("h1")).to_be_visible()
    entries = page.evaluate("history.length")
    assert scroll_of(page, 1500) == 1500
    page.get_by_label("Headline").fill("Another headline")
    expect(frame_of(page).locator("h1")).to_have_text("Another headline")
    assert scroll_of(page) == 1500
    assert page.evaluate("history.length") == entries


def test_phone_and_desktop_widths_are_those_of_a_reader(page):
    page.get_by_role("button", name="Live preview").click()
    expect(frame_of(page).locator("h1")).to_be_visible()
    assert width_inside(page) == 390
    page.get_by_role("button", name="Desktop").click()
    assert width_inside(page) == 1280
    box, room = page.locator(FRAME).bounding_box(), page.locator("[data-preview-view]").bounding_box()
    assert box["width"] <= room["width"] + 1
    expect(page.get_by_role("button", name="Desktop")).to_have_attribute("aria-pressed", "true")


def test_the_choice_is_remembered_in_this_tab_only(page, new_context, log_in, story):
    page.keyboard.press("Control+Alt+p")
    expect(frame_of(page).locator("h1")).to_be_visible()
    page.get_by_role("button", name="Desktop").click()
    page.reload()
    expect(frame_of(page).locator("h1")).to_be_visible()
    assert width_inside(page) == 1280
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector(EDITOR)
    expect(other.get_by_role("button", name="Live preview")).to_have_attribute("aria-expanded", "false")
    page.get_by_role("button", name="Close the preview").click()
    expect(page.get_by_role("button", name="Live preview")).to_be_focused()
    page.reload()
    page.wait_for_selector(EDITOR)
    expect(page.locator("[data-preview]")).to_be_hidden()


def test_on_a_phone_the_preview_takes_the_place_of_the_text(new_context, log_in, story):
    page = new_context(viewport={"width": 390, "height": 844}).new_page()
    log_in(page, make_user("Editor"))
    page.goto(f"/admin/articles/article/{story.pk}/change/")
    page.wait_for_selector(EDITOR)
    page.get_by_role("button", name="Live preview").click()
    expect(frame_of(page).locator("h1")).to_be_visible()
    expect(page.locator(".desk__text")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Close the preview").click()
    expect(page.locator(".desk__text")).to_be_visible()


@pytest.mark.console(r"ERR_INTERNET_DISCONNECTED", r"chrome-error", r"Failed to load")
def test_offline_the_last_page_stays_and_the_pane_says_so(page):
    page.get_by_role("button", name="Live preview").click()
    expect(frame_of(page).locator("h1")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_label("Headline").fill("Typed in a tunnel")
    expect(page.locator("[data-preview-line]")).to_contain_text("Not up to date")
    expect(frame_of(page).locator("h1")).to_have_text("Harbour reopens after the strike")
    page.context.set_offline(False)
    expect(frame_of(page).locator("h1")).to_have_text("Typed in a tunnel")
    expect(page.locator("[data-preview-line]")).to_have_text("")


def test_links_in_the_preview_open_elsewhere_and_no_script_runs_in_it(page):
    page.get_by_role("button", name="Live preview").click()
    expect(frame_of(page).locator("h1")).to_be_visible()
    links = frame_of(page).locator("a[href]:not([href^='#'])")
    assert links.count() > 3
    assert set(links.evaluate_all("links => links.map(link => link.target)")) == {"_blank"}
    assert "allow-scripts" not in page.locator(FRAME).get_attribute("sandbox")
    expect(frame_of(page).locator("script")).to_have_count(0)


def test_a_new_story_and_a_page_have_a_preview_too(page, story):
    page.goto("/admin/articles/article/add/")
    page.wait_for_selector(EDITOR)
    page.get_by_label("Headline").fill("Nobody has saved this")
    page.get_by_role("button", name="Live preview").click()
    expect(frame_of(page).locator("h1")).to_have_text("Nobody has saved this")
    page.evaluate("window.onbeforeunload = null")
    static = make_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/admin/articles/page/{static.pk}/change/")
    page.wait_for_selector(EDITOR)
    page.get_by_label("Title").fill("Who we are")
    expect(frame_of(page).locator("h1")).to_have_text(re.compile("Who we are"))
