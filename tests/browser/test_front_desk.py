"""Arranging the front page in a real browser: by keyboard, by drag, and two editors at once."""

import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from articles import front
from articles.models import Front
from tests.make import make_article, make_edition, make_photo, make_section, make_user


@pytest.fixture
def stories(site):
    """Twenty public stories, the first one the newest, and an edition whose front is not arranged yet."""
    make_edition()
    section, now = make_section("Politics"), timezone.now()
    return [
        make_article(
            published=True,
            section=section,
            headline=f"Story {number:02}",
            when=now - datetime.timedelta(minutes=number),
        )
        for number in range(20)
    ]


def begin():
    edition = make_edition()
    return Front.begin({}, by=None, at=timezone.now(), edition=edition)


def open_board(page, thing):
    page.goto(f"/admin/articles/front/{thing.pk}/change/")
    page.locator(".front-list__story").first.wait_for()


def titles(page, zone):
    return page.locator(f"[data-zone={zone}] .place__story [data-pointer-label]").all_text_contents()


def drag(page, grip, target):
    """Drag as a hand does, in many small moves."""
    target.scroll_into_view_if_needed()
    start, end = grip.bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] - 10, start["y"] + 12, steps=4)
    page.mouse.move(end["x"] + 80, end["y"] + 10, steps=8)
    page.mouse.up()


def publish(page):
    with page.expect_navigation():
        page.locator(".desk__bar").get_by_role("button", name="Publish").first.click()


def test_twenty_stories_are_arranged_by_keyboard_alone(new_context, log_in, stories):
    page = new_context().new_page()
    log_in(page, make_user("Editor"))
    open_board(page, begin())
    page.locator("[data-front-into]").focus()
    page.keyboard.type("In focus")
    for number in range(4):
        page.locator(".front-list__story").nth(16 + number).focus()
        page.keyboard.press("Enter")
    page.locator("[data-front-into]").focus()
    page.keyboard.type("Second")
    for number in range(12):
        page.locator(".front-list__story").nth(number).focus()
        page.keyboard.press("Enter")
    assert len(titles(page, "second")) == 12
    # Up to the top of its zone, and on into the zones above.
    handle = page.locator("[data-zone=second] .place", has_text="Story 03").locator("[data-handle]")
    handle.focus()
    for _step in range(4):
        page.keyboard.press("ArrowUp")
    assert titles(page, "latest") == ["Story 03"]
    page.keyboard.press("ArrowUp")
    assert titles(page, "lead") == ["Story 03"]
    assert page.evaluate("document.activeElement.matches('[data-handle]')")
    expect(page.locator("[data-front] [role=status]")).to_have_text("Story 03: Lead, 1 / 1")
    page.locator("[data-zone=second] .place", has_text="Story 11").locator("[data-handle]").focus()
    page.keyboard.press("ArrowLeft")
    assert titles(page, "latest") == ["Story 11"]
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    expect(page.locator(".messagelist")).to_contain_text("Saved.")
    page.locator(".desk__bar").get_by_role("button", name="Publish").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    shown = front.arrange(make_edition(), at=timezone.now())
    assert shown.lead == stories[3]
    assert shown.side[0] == stories[11]
    assert shown.second == [stories[0], stories[1], stories[2], stories[4]]
    assert shown.focus.stories == stories[16:]


def test_a_story_is_dragged_from_the_list_and_from_zone_to_zone(new_context, log_in, stories):
    page = new_context().new_page()
    log_in(page, make_user("Editor"))
    open_board(page, begin())
    drag(page, page.locator(".front-list__grip").nth(0), page.locator("[data-zone=lead]"))
    drag(page, page.locator(".front-list__grip").nth(1), page.locator("[data-zone=latest]"))
    assert (titles(page, "lead"), titles(page, "latest")) == (["Story 00"], ["Story 01"])
    drag(page, page.locator("[data-zone=latest] [data-handle]"), page.locator("[data-zone=lead] .place").first)
    assert titles(page, "lead") == ["Story 01", "Story 00"]
    assert titles(page, "latest") == []
    publish(page)
    assert Front.objects.get().places.filter(zone="lead").count() == 2


def test_the_words_of_a_place_and_the_end_of_its_pin_reach_the_reader(new_context, log_in, stories):
    page = new_context().new_page()
    log_in(page, make_user("Editor"))
    open_board(page, begin())
    page.locator(".front-list__story").nth(7).click()
    place = page.locator("[data-zone=lead] .place")
    place.get_by_text("Only here").click()
    place.locator("input[name$=-headline]").fill("A shorter headline")
    place.locator("input[name$=-kicker]").fill("live")
    place.locator("input[name$=-pinned_until]").fill("2099-01-01T12:00")
    publish(page)
    reader = new_context().new_page()
    reader.goto("/")
    expect(reader.locator(".card--lead")).to_contain_text("A shorter headline")
    reader.get_by_role("link", name="A shorter headline").click()
    expect(reader.locator("h1")).to_have_text("Story 07")
    assert Front.objects.get().places.get().pinned_until.year in {2098, 2099}


@pytest.mark.console(r"409 \(Conflict\)")
def test_two_editors_who_arrange_at_once_lose_nothing(new_context, log_in, stories):
    thing = begin()
    one, two = new_context().new_page(), new_context().new_page()
    log_in(one, make_user("Editor", first_name="Ada", last_name="Brandt"))
    log_in(two, make_user("Editor", first_name="Milo", last_name="Stern"))
    open_board(one, thing), open_board(two, thing)
    one.locator(".front-list__story").nth(1).click()
    with one.expect_navigation():
        one.keyboard.press("Control+s")
    two.locator("[data-front-into]").select_option("second")
    two.locator(".front-list__story").nth(2).click()
    with two.expect_navigation():
        two.keyboard.press("Control+s")
    expect(two.locator(".conflict")).to_contain_text("Ada Brandt")
    row = two.locator(".conflict__row", has_text="Lead")
    row.locator("input[value=theirs]").check()
    with two.expect_navigation():
        two.locator(".desk__bar").get_by_role("button", name="Save what I chose").click()
    content = thing.read_draft().content
    assert [row["story"] for row in content["lead"]] == [stories[1].pk]
    assert [row["story"] for row in content["second"]] == [stories[2].pk]


def test_without_script_a_front_is_arranged_by_numbers(new_context, log_in, stories):
    thing = begin()
    page = new_context(java_script_enabled=False).new_page()
    log_in(page, make_user("Editor"))
    page.goto(f"/admin/articles/front/{thing.pk}/change/")
    page.locator("input[name=lead-0-story]").fill(stories[4].public_id)
    with page.expect_navigation():
        page.locator(".desk__bar button", has_text="Publish").first.click()
    assert front.arrange(make_edition(), at=timezone.now()).lead == stories[4]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_board_is_open_to_everyone(new_context, log_in, stories, scheme):
    thing = begin()
    content = {"lead": [{"story": stories[1].pk, "photo": make_photo().pk}], "focus": [{"story": stories[2].pk}]}
    thing.save_draft({**thing.read_draft().content, **content}, version=1, by=None, at=timezone.now())
    page = new_context(color_scheme=scheme, bypass_csp=True).new_page()
    log_in(page, make_user("Editor"))
    open_board(page, thing)
    page.locator("[data-place-own] summary").first.click()
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found.response["violations"]] == []
