"""The grand tour of the demo, as a newcomer takes it: read, sign up, give, write, publish."""

import pytest
from playwright.sync_api import expect

from articles import demo as stories
from articles.models import Article
from donations import forms as giving
from newsroom import demo, registry
from newsroom.models import User
from tests.newsroom.test_demo import Bar, small_jpeg

READER = "newcomer@example.org"
EDITOR = ".ProseMirror[contenteditable=true]"


@pytest.fixture
def demo_site(site, settings, tmp_path, monkeypatch, work):
    """The whole demo, with small pictures and a mailbox of its own."""
    settings.EMAIL_BACKEND = "newsroom.outbox.OutboxBackend"
    settings.OUTBOX_DIR = tmp_path / "outbox"
    settings.SIGNUP_MIN_SECONDS = 0
    monkeypatch.setattr(giving, "MIN_DWELL_SECONDS", 0)
    monkeypatch.setattr(stories, "draw_jpeg", small_jpeg)
    for load in registry.demo.values():
        load(demo.FOLDER, Bar())
    work()
    return site


def open_mail(page, words):
    page.goto(f"/outbox/?to={READER}")
    page.get_by_role("main").get_by_role("link", name=words).first.click()


def logged_in(new_context, name):
    page = new_context().new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Login").fill(name)
    page.get_by_label("Password").fill(demo.PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/admin/**")
    return page


def read_a_story(page):
    page.goto("/")
    expect(page.get_by_role("link", name="The Far Shore").first).to_be_visible()
    assert page.locator("main article, main .card").count() > 15
    page.get_by_role("link", name="A decree fixes the loaf").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("A decree fixes the loaf")
    expect(page.locator(".byline")).to_contain_text("Sofia Brandt")
    expect(page.locator(".times")).to_contain_text("Linnhaven time")
    expect(page.get_by_role("heading", name="Read more")).to_be_visible()


def sign_up_and_confirm(page, work):
    page.goto("/newsletters/")
    page.get_by_label("Your e-mail address").fill(READER)
    page.get_by_role("button", name="Sign up").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Yes, write to me").click()
    work()
    open_mail(page, "confirm")
    page.locator("main a[href*='/newsletters/confirm/']").first.click()
    page.get_by_role("button", name="Yes, send me the letters").click()
    page.get_by_role("heading", name="You are on the list").wait_for()


def give_five_a_month(page, work):
    page.goto("/support/")
    page.get_by_text("Monthly", exact=True).click()
    page.locator("[data-cadence=month]").get_by_text("€5", exact=True).click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("E-mail for the receipt").fill(READER)
    page.get_by_role("button", name="Give €5 every month").click()
    page.get_by_role("button", name="Pay", exact=True).click()
    page.get_by_role("heading", name="Thank you").wait_for()
    work()
    open_mail(page, "Receipt")
    expect(page.get_by_role("main")).to_contain_text("€5")


def write_and_hand_in(page):
    page.get_by_role("link", name="New story").click()
    page.wait_for_selector(EDITOR)
    page.get_by_label("Headline").fill("Ferry company opens a second line to Kettil")
    page.get_by_label("Standfirst").fill("From Monday two boats will cross the Sound.")
    page.locator(EDITOR).click()
    page.keyboard.type("The second boat is older than the first.")
    page.keyboard.press("Control+Shift+P")
    page.locator("dialog .desk-dialog__item").first.wait_for()
    page.keyboard.press("Enter")
    first = page.get_by_role("combobox", name="Person").first
    first.fill("hanna")
    first.press("Enter")
    page.get_by_role("button", name="Add a byline").click()
    page.keyboard.type("ilya")
    page.keyboard.press("Enter")
    page.get_by_label("Section", exact=True).select_option(label="Society")
    with page.expect_navigation():
        page.locator(".desk__bar").get_by_role("button", name="Hand in", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("Handed in.")


@pytest.mark.tour
def test_a_newcomer_tours_the_demo(new_context, demo_site, work):
    reader = new_context().new_page()
    read_a_story(reader)
    sign_up_and_confirm(reader, work)
    give_five_a_month(reader, work)
    write_and_hand_in(logged_in(new_context, "reporter"))
    editor = logged_in(new_context, "editor")
    editor.get_by_role("link", name="Ferry company opens").first.click()
    editor.wait_for_selector(EDITOR)
    with editor.expect_navigation():
        editor.locator(".desk__bar").get_by_role("button", name="Publish", exact=True).click()
    expect(editor.locator(".messagelist")).to_contain_text("Published.")
    reader.goto("/")
    reader.get_by_role("link", name="Ferry company opens a second line to Kettil").first.click()
    expect(reader.locator(".byline")).to_contain_text("Hanna Lind and Ilya Sorensen")
    assert Article.objects.get(headline__startswith="Ferry company").created_by == User.objects.get(username="reporter")
    assert not reader.context.cookies()
