"""Giving in a real browser: from the message in a story to the receipt and the books; with script and without."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect

from donations import forms
from donations.models import Gift, Journal, Plan, Receipt
from tests.donations.making import make_appeal, make_offers
from tests.make import make_article, make_user
from tests.traces import told


@pytest.fixture
def story(transactional_db, monkeypatch):
    """A published story in an edition that asks, and a site that trusts quick hands."""
    monkeypatch.setattr(forms, "MIN_DWELL_SECONDS", 0)
    edition = make_offers()
    make_appeal(edition)
    return make_article(published=True)


def give_five_a_month(page, story, *, email="reader@example.org"):
    """Walk from the story to the sandbox's page."""
    page.goto(story.get_absolute_url())
    page.get_by_text("Monthly", exact=True).click()
    page.locator("[data-cadence=month]").get_by_text("€5", exact=True).click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("E-mail for the receipt").fill(email)
    page.get_by_role("button", name="Give €5 every month").click()
    page.get_by_role("heading", name="Sandbox: no money moves").wait_for()


@pytest.mark.tour
def test_a_reader_gives_five_a_month_and_it_ends_in_the_books(page, story, work, log_in):
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    give_five_a_month(page, story)
    page.get_by_role("button", name="Pay", exact=True).click()
    page.get_by_role("heading", name="Thank you").wait_for()
    work()
    gift = Gift.objects.get()
    assert (gift.state, gift.amount_minor, gift.cadence) == ("paid", 500, "month")
    assert Plan.objects.get().state == "active"
    assert [letter.to for letter in mail.outbox] == [["reader@example.org"]]
    assert f"Receipt {Receipt.objects.get()}" == mail.outbox[0].subject
    assert Journal.objects.filter(gift=gift, kind="charge").count() == 1
    assert not page.context.cookies()
    assert not [address for address in addresses if gift.public_id in address or "example.org" in address]
    assert not [address for address in addresses if "500" in told(address)]
    log_in(page, make_user("Fundraiser"))
    page.goto(reverse("admin:donations_journal_changelist"))
    expect(page.get_by_text("€5", exact=True)).to_be_visible()


def test_the_same_way_works_without_script_and_by_keyboard(new_context, story, work):
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/support/")
    page.locator("input[name=cadence][value=once]").focus()
    page.keyboard.press("Space")
    page.get_by_label("Or another amount").focus()
    page.keyboard.type("7,50")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Give €7.50 once").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Pay", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Thank you").wait_for()
    work()
    assert Gift.objects.get().amount_minor == 750
    assert Journal.objects.filter(kind="charge").count() == 1


def test_only_the_amounts_of_the_chosen_cadence_are_shown(page, story):
    page.goto("/support/")
    expect(page.locator("[data-cadence=month]")).to_be_visible()
    expect(page.locator("[data-cadence=once]")).to_be_hidden()
    page.get_by_text("Once", exact=True).click()
    expect(page.locator("[data-cadence=once]")).to_be_visible()
    expect(page.locator("[data-cadence=month]")).to_be_hidden()


def test_an_amount_that_is_written_takes_the_chosen_one_away_and_back(page, story):
    page.goto("/support/")
    page.get_by_label("Or another amount").fill("7")
    expect(page.locator("[name=amount_month]:checked")).to_have_count(0)
    page.locator("[data-cadence=month]").get_by_text("€10", exact=True).click()
    expect(page.get_by_label("Or another amount")).to_have_value("")


@pytest.mark.console("422")
def test_a_refusal_is_focused_linked_and_keeps_what_was_typed(page, story):
    page.goto("/support/")
    page.get_by_label("Or another amount").fill("1e3")
    page.get_by_role("button", name="Continue").click()
    summary = page.locator(".error-summary")
    assert summary.evaluate("element => element === document.activeElement")
    summary.get_by_role("link").click()
    expect(page.get_by_label("Or another amount")).to_have_value("1e3")
    assert page.evaluate("location.hash") == "#support-other"


def test_remind_me_later_hides_the_message_and_keeps_one_date(page, story):
    page.goto(story.get_absolute_url())
    box = page.locator("[data-support]")
    box.get_by_role("link", name="Remind me later").click()
    box.get_by_role("button", name="in a week").click()
    expect(box.get_by_role("status")).to_be_visible()
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert re.fullmatch(r'\{"quiet until":"\d{4}-\d\d-\d\d"\}', kept)
    page.reload()
    expect(box).to_be_hidden()
    assert not page.context.cookies()
    page.evaluate("localStorage.setItem('quiet until', '2026-01-01')")
    page.reload()
    expect(box).to_be_visible()


def test_a_broken_date_in_the_browser_does_not_hide_the_message(page, story):
    # A page without a message: one that was seen would move the date on.
    page.goto("/newsletters/")
    page.evaluate("localStorage.setItem('quiet until', '9999')")
    page.goto(story.get_absolute_url())
    expect(page.locator("[data-support]")).to_be_visible()


def test_after_a_gift_the_browser_is_left_in_peace(page, story):
    give_five_a_month(page, story, email="")
    page.get_by_role("button", name="Pay", exact=True).click()
    page.get_by_role("heading", name="Thank you").wait_for()
    page.goto(story.get_absolute_url())
    expect(page.locator("[data-support]")).to_be_hidden()


def test_remind_me_later_explains_itself_without_script(new_context, story):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(story.get_absolute_url())
    page.get_by_role("link", name="Remind me later").click()
    page.get_by_role("heading", name="Remind me later").wait_for()
    expect(page.get_by_text("This needs script")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_support_page_fits_every_width(new_context, story, width, scheme):
    page = new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
    page.goto("/support/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for button in page.locator(".choice:visible, .ask .button:visible").all():
        assert button.bounding_box()["height"] >= 44
