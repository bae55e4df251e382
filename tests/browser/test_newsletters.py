"""A reader signs up in a story, confirms from the demo's mailbox, gets a letter and leaves; an editor composes one."""

import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from newsletters.models import Issue, Subscription
from tests.make import make_article, make_edition, make_user
from tests.newsletters.make import make_approved, make_newsletter, make_readers, story_block, text_block

READER = "vera@example.org"


@pytest.fixture(autouse=True)
def mailbox(settings):
    """Send into the demo's mailbox, which is empty."""
    settings.EMAIL_BACKEND = "newsroom.outbox.OutboxBackend"
    shutil.rmtree(Path(settings.OUTBOX_DIR), ignore_errors=True)


@pytest.fixture
def newsletter():
    make_edition(
        newsletter_box_title="Get our letter", privacy_sentence="Sealed.", postal_address="1 Ropewalk, Linnhaven"
    )
    return make_newsletter("The Week")


def open_newest_mail(page):
    page.goto(f"/outbox/?to={READER}")
    page.locator("main a[href^='/outbox/2']").first.click()


def complaints(page):
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]})
    return [(violation["id"], violation["nodes"][0]["html"][:120]) for violation in found.response["violations"]]


@pytest.mark.tour
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_reader_signs_up_confirms_gets_a_letter_and_leaves(new_context, site, work, newsletter, script):
    page = new_context(java_script_enabled=script).new_page()
    story = make_article(published=True, headline="Ferry stays in port")
    page.goto(story.get_absolute_url())
    page.get_by_label("Your e-mail address").fill(READER)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text(READER)).to_be_visible()
    page.get_by_role("button", name="Yes, write to me").click()
    page.get_by_role("heading", name="Look into your mailbox").wait_for()
    work()
    open_newest_mail(page)
    page.locator("main a[href*='/newsletters/confirm/']").first.click()
    page.get_by_role("button", name="Yes, send me the letters").wait_for()
    assert Subscription.objects.get().state == "pending"
    page.get_by_role("button", name="Yes, send me the letters").click()
    page.get_by_role("heading", name="You are on the list").wait_for()

    issue = make_approved(newsletter, subject="A letter about bread", blocks=[text_block(), story_block(story)])
    issue.send_now(by=issue.approved_by, at=timezone.now())
    work()
    open_newest_mail(page)
    expect(page.get_by_text("FERRY STAYS IN PORT")).to_be_visible()
    page.goto(f"/newsletters/{newsletter.slug}/1/")
    expect(page.get_by_role("heading", name="A letter about bread")).to_be_visible()
    open_newest_mail(page)
    page.locator("main a[href*='/newsletters/leave/']").first.click()
    page.get_by_role("button", name="Stop the letters").wait_for()
    assert Subscription.objects.get().state == "confirmed"
    page.get_by_role("button", name="Stop the letters").click()
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    assert Subscription.objects.get().state == "unsubscribed"
    assert not page.context.cookies()


def test_wrong_address_is_said_at_its_field_and_several_letters_can_be_ticked(page, site, newsletter):
    make_newsletter("Morning Line", position=1)
    page.goto("/newsletters/")
    page.get_by_label("Morning Line").check()
    page.get_by_label("Your e-mail address").fill("not an address")
    page.get_by_role("button", name="Sign up").click()
    field = page.get_by_label("Your e-mail address")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("not an address")
    expect(page.get_by_label("Morning Line")).to_be_checked()
    field.fill(READER)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("listitem").filter(has_text="Morning Line")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_letters_are_accessible_and_fit_a_phone(new_context, site, newsletter, scheme, settings):
    context = new_context(viewport={"width": 320, "height": 700}, color_scheme=scheme, bypass_csp=True)
    page, story = context.new_page(), make_article(published=True)
    reader = make_readers(1, newsletter)[0]
    issue = make_approved(newsletter, blocks=[text_block(), story_block(story)])
    issue.send_now(by=None, at=timezone.now())
    issue.start(at=timezone.now())
    for path in (
        "/newsletters/", newsletter.get_absolute_url(), issue.get_absolute_url(),
        f"/newsletters/leave/{reader.subscriptions.get().leave_token}",
    ):  # fmt: skip
        page.goto(path)
        assert complaints(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_editor_composes_by_keyboard_and_approves(page, site, log_in, newsletter):
    make_article(published=True, headline="Ferry stays in port")
    make_article(published=True, headline="Bread has a price")
    log_in(page, make_user("Newsletter editor"))
    page.goto("/admin/newsletters/issue/add/")
    page.locator("#id_subject").fill("The week of the flood")
    page.locator("#id_preheader").fill("What it left behind")
    parts = page.locator("[data-row]")
    for number, headline in enumerate(("Ferry", "Bread")):
        if number >= parts.count():
            page.get_by_role("button", name="Add a part").press("Enter")
        chooser = parts.nth(number).get_by_role("combobox", name="Story")
        chooser.fill(headline)
        chooser.press("Enter")
    parts.nth(1).get_by_role("button", name="Move up").press("Enter")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_text("Saved.").first.wait_for()
    page.get_by_role("button", name="Approve").first.click()
    page.get_by_text("readers will get exactly this").first.wait_for()
    issue = Issue.objects.get()
    assert issue.state == "approved"
    assert [block.article.headline for block in issue.blocks.all()] == ["Bread has a price", "Ferry stays in port"]
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Preview").first.click()
    preview = opened.value
    preview.frame_locator("iframe").first.get_by_text("Bread has a price").wait_for()
    assert re.search(r"KB", preview.locator("#content-main").inner_text())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_editor_brings_a_list_reads_the_report_and_takes_it_in(new_context, site, log_in, work, newsletter, scheme):
    context = new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    log_in(page, make_user("Administrator"))
    page.goto("/admin/newsletters/readerimport/")
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    lines = ["email,subscribed_to_emails,created_at", "vera@example.org,true,2024-01-01", "not an address,true,"]
    page.get_by_label("Newsletter", exact=False).first.select_option(label="The Week")
    page.locator("#id_file").set_input_files(
        {"name": "members.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    )
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("heading", name="Being looked at").wait_for()
    work()
    page.reload()
    page.get_by_text("members.csv, 3").wait_for()
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with page.expect_navigation():
        page.get_by_role("button", name="Take them in").click()
    work()
    page.reload()
    page.get_by_role("heading", name="Done").wait_for()
    assert Subscription.objects.confirmed().count() == 1


def test_one_person_writes_approves_and_sends_an_urgent_letter_on_a_phone(new_context, site, log_in, work, newsletter):
    make_readers(2, newsletter)
    page = new_context(viewport={"width": 390, "height": 800}, has_touch=True).new_page()
    log_in(page, make_user("Newsletter editor"))
    page.goto("/admin/newsletters/issue/add/")
    page.locator("#id_subject").fill("We are blocked: read here")
    page.locator("#id_preheader").fill("The new addresses")
    part = page.locator("[data-row]").first
    part.locator("select[name$='-kind']").select_option("text")
    part.locator(".ProseMirror").fill("From tonight our site opens at another address.")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_text("Saved.").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Approve", exact=True).first.click()
    page.get_by_text("readers will get exactly this").first.wait_for()
    page.locator("summary", has_text="Send now").click()
    page.get_by_label("Yes, send it to every reader now").check()
    page.get_by_role("button", name="Send now").first.click()
    page.get_by_text("The worker begins to send it now.").first.wait_for()
    work()
    issue = Issue.objects.get()
    assert (issue.state, issue.totals()["accepted"]) == ("sent", 2)
    assert issue.approved_by is not None
