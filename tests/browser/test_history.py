"""The past of a story in a real browser: compared, named, restored, shown to a lawyer, and rid of a passage."""

import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from desk.models import PrivateLink
from tests.make import make_article, make_edition, make_person, make_photo, make_section, make_user

HOUR = datetime.timedelta(hours=1)
NAME = "Zarathrust Quokkanovic"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}


def address(story, name="change", *more):
    return reverse(f"admin:articles_article_{name}", args=[story.pk, *more])


def save(story, by, **fields):
    draft = story.read_draft()
    return story.save_draft({**draft.content, **fields}, version=draft.version, by=by, at=timezone.now(), revision=True)


@pytest.fixture
def chief(site):
    make_edition()
    make_section("Politics")
    return make_user("Administrator", first_name="Ada", last_name="Brandt")


@pytest.fixture
def story(chief):
    """A live story with a photo, three versions and changes that readers do not see yet."""
    photo = make_photo(caption="Queue at dawn.")
    paragraphs = "".join(f"<p>Paragraph {number} of the harbour story.</p>" for number in range(6))
    body = (
        f"<p>The first ferry left at five.</p>{paragraphs}"
        f'<figure data-photo="{photo.public_id}" data-alt="A queue"><figcaption>People wait</figcaption></figure>'
    )
    made = make_article(
        published=True, by=chief, at=timezone.now() - HOUR, people=[make_person("Ada Lind")], photo=photo,
        headline="Ships leave at dawn", body_html=body,
    )  # fmt: skip
    save(made, chief, standfirst=f"The strike is over, says {NAME}.")
    save(
        made,
        chief,
        headline="Ships leave at noon",
        body_html=body.replace("at five", "at six").replace("A queue", "A row"),
    )
    return made


def open_page(new_context, log_in, user, **options):
    page = new_context(**options).new_page()
    log_in(page, user)
    return page


def test_any_two_versions_are_chosen_and_compared_by_keyboard_and_one_is_restored(new_context, log_in, chief, story):
    page = open_page(new_context, log_in, chief)
    page.goto(address(story, "history"))
    page.get_by_label("from version 1", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_label("to version 3", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Compare the two").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#change-headline + .diff del")).to_contain_text("dawn")
    expect(page.locator("#change-headline + .diff ins")).to_contain_text("noon")
    expect(page.locator(".diff__facts ins")).to_contain_text("row")
    fold = page.locator(".diff__fold summary")
    expect(page.get_by_text("Paragraph 3 of the harbour story.")).to_be_hidden()
    fold.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Paragraph 3 of the harbour story.")).to_be_visible()
    page.locator(".side").first.get_by_role("button", name="Make this the draft").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Headline")).to_have_value("Ships leave at dawn")
    assert story.revisions.first().kind == "restore"


def test_the_form_is_one_click_from_what_readers_see(new_context, log_in, chief, story):
    page = open_page(new_context, log_in, chief)
    page.goto(address(story))
    page.get_by_role("link", name="Compare with live").click()
    expect(page.get_by_role("heading", name="What readers see")).to_be_visible()
    expect(page.locator("#change-headline + .diff ins")).to_contain_text("noon")


def test_without_script_two_versions_are_compared_and_one_is_named(new_context, log_in, chief, story):
    page = open_page(new_context, log_in, chief, java_script_enabled=False)
    page.goto(address(story, "history"))
    page.get_by_label("from version 2", exact=True).check()
    page.get_by_label("to version 3", exact=True).check()
    page.get_by_role("button", name="Compare the two").click()
    expect(page.locator("#change-headline + .diff ins")).to_contain_text("noon")
    page.goto(address(story, "revision", 2))
    page.get_by_label("Name of this version").fill("As sent to the lawyer")
    with page.expect_navigation():
        page.get_by_role("button", name="Keep the name").click()
    page.goto(address(story, "history"))
    expect(page.get_by_role("link", name="2 · As sent to the lawyer")).to_be_visible()


@pytest.mark.console("404", "status of 4")
def test_a_lawyer_reads_the_draft_until_the_link_is_revoked(new_context, log_in, chief, story):
    page = open_page(new_context, log_in, chief, permissions=["clipboard-read", "clipboard-write"])
    page.goto(address(story))
    page.get_by_role("link", name="Private links").click()
    page.get_by_label("For whom").fill("The lawyer")
    page.get_by_label("Opens for how many days").fill("3")
    page.keyboard.press("Enter")
    url = page.get_by_label("Address of the private link").input_value()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == url
    lawyer = new_context().new_page()
    answer = lawyer.goto(url)
    assert answer.headers["referrer-policy"] == "no-referrer"
    expect(lawyer.get_by_role("heading", name="Ships leave at noon")).to_be_visible()
    expect(lawyer.get_by_text("Confidential")).to_be_visible()
    assert lawyer.context.cookies() == []
    page.goto(address(story, "links"))
    expect(page.get_by_text("once")).to_be_visible()
    expect(page.get_by_label("Address of the private link")).to_have_count(0)
    page.get_by_role("button", name="Revoke The lawyer").click()
    expect(page.get_by_text("The link no longer opens.")).to_be_visible()
    assert lawyer.reload().status == 404


def test_the_link_leads_to_the_public_page_once_the_story_is_published(new_context, log_in, chief, story):
    _link, token = PrivateLink.issue(story, by=chief, at=timezone.now() - HOUR / 2)
    lawyer = new_context().new_page()
    lawyer.goto(reverse("desk:private", args=[token]))
    expect(lawyer.get_by_text("Confidential")).to_be_visible()
    story.publish(version=story.read_draft().version, by=chief, at=timezone.now())
    lawyer.reload()
    assert lawyer.url.endswith(story.get_absolute_url())
    expect(lawyer.get_by_text("Confidential")).to_have_count(0)


@pytest.mark.console("status of 4")
def test_a_passage_is_removed_and_an_old_tab_cannot_bring_it_back(new_context, log_in, chief, story):
    old = open_page(new_context, log_in, make_user("Editor"), java_script_enabled=False)
    old.goto(address(story))
    page = open_page(new_context, log_in, chief)
    page.goto(address(story, "history"))
    page.get_by_role("link", name="Remove a passage").click()
    page.get_by_label("Passage to remove").fill(f"  says   {NAME.upper()} ")
    page.get_by_role("button", name="Look where it stands").click()
    expect(page.get_by_role("heading", name="It stands in 3 places")).to_be_visible()
    expect(page.locator(".context mark").first).to_have_text(f"says {NAME}")
    page.get_by_role("button", name="Remove it for good").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The passage was removed from 3 places.")).to_be_visible()
    expect(page.get_by_text("Passage removed")).to_be_visible()
    assert NAME not in str(list(story.revisions.values_list("content", flat=True)))
    old.get_by_label("Kicker").fill("Harbour")
    old.locator(".desk__bar").get_by_role("button", name="Save", exact=True).click()
    expect(old.get_by_text("this tab cannot be saved any more")).to_be_visible()
    expect(old.get_by_label("Kicker")).to_have_value("Harbour")
    assert NAME not in str(story.read_draft().content)


# Every page, in both schemes and narrow


@pytest.fixture
def pages(chief, story):
    """Addresses, and what to do there before looking: {name: (address, function(page) or None)}."""
    _link, token = PrivateLink.issue(story, by=chief, at=timezone.now(), note="The lawyer")

    def make_link(page):
        page.get_by_role("button", name="Make a link").click()

    def look(page):
        page.get_by_label("Passage to remove").fill(NAME)
        page.get_by_role("button", name="Look where it stands").click()

    return {
        "history": (address(story, "history"), None),
        "compare": (address(story, "compare"), None),
        "revision": (address(story, "revision", 2), None),
        "links": (address(story, "links"), make_link),
        "scrub": (address(story, "scrub"), look),
        "private": (reverse("desk:private", args=[token]), None),
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_past_are_accessible_in_both_schemes(new_context, log_in, chief, pages, scheme):
    page, found = open_page(new_context, log_in, chief, color_scheme=scheme, bypass_csp=True), []
    for name, (url, act) in pages.items():
        page.goto(url)
        if act:
            act(page)
        results = Axe().run(page, options=RULES)
        for violation in results.response["violations"]:
            found += [f"{name} {violation['id']}: {node['html'][:160]}" for node in violation["nodes"]]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [360, 768])
def test_the_pages_of_the_past_are_never_wider_than_the_screen(new_context, log_in, chief, pages, width):
    page = open_page(new_context, log_in, chief, viewport={"width": width, "height": 800})
    for name, (url, act) in pages.items():
        page.goto(url)
        if act:
            act(page)
            page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
