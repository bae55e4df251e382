"""The desk for everybody: no violation of WCAG 2.2 AA on its pages in light and dark, and a story by keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Article, MassWithdrawal, Page, Person, Photo, RemovalRequest
from tests.make import make_article, make_edition, make_page, make_person, make_photo, make_section, make_user

EDITOR = ".ProseMirror[contenteditable=true]"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# What axe calls best practice and WCAG does not ask for, and the admin's frame cannot give.
NOT_ASKED = {"region", "landmark-unique", "heading-order", "landmark-complementary-is-top-level"}


@pytest.fixture
def story(site):
    """A live story with a changed draft, a photo, bylines and some history."""
    make_edition(), make_section("Politics"), make_section("Culture")
    ada, photo = make_person("Ada Brandt"), make_photo()
    figure = f'<figure data-photo="{photo.public_id}" data-layout="normal"><figcaption></figcaption></figure>'
    story = make_article(published=True, people=[ada], photo=photo, body_html=f"<p>First words.</p>{figure}")
    draft = story.read_draft()
    changed = {**draft.content, "headline": "Harbour opens again", "body_html": "<p>Other words.</p>"}
    story.save_draft(changed, version=draft.version, by=None, at=draft.updated_at, revision=True)
    make_article(headline="A draft of somebody", section=None)
    make_page()
    return story


NAMED = "[...document.querySelectorAll('.tiptap')].every((one) => one.ariaLabel || one.hasAttribute('aria-labelledby'))"


def violations(page):
    page.wait_for_function(NAMED)
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found
        if one["id"] not in NOT_ASKED
        for node in one["nodes"][:3]
    ]


def pages_of(story):
    """Return {name: (address, what to wait for)} of the desk's pages."""
    form, photo = f"/admin/articles/article/{story.pk}", story.lead_photo_id
    unfinished, page = Article.objects.exclude(pk=story.pk).get(), Page.objects.get()
    return {
        "dashboard": ("/admin/", "#content"),
        "list": ("/admin/articles/article/", "#result_list"),
        "form": (f"{form}/change/", EDITOR),
        "new story": ("/admin/articles/article/add/", EDITOR),
        "unfinished story": (f"/admin/articles/article/{unfinished.pk}/change/", EDITOR),
        "page": (f"/admin/articles/page/{page.pk}/change/", EDITOR),
        "history": (f"{form}/history/", "table"),
        "version": (f"{form}/history/1/", "#content"),
        "photos": ("/admin/articles/photo/", "#content"),
        "photo": (f"/admin/articles/photo/{photo}/change/", "#content"),
        "new photo": ("/admin/articles/photo/add/", "#content"),
    }


@pytest.mark.console(r"Blocked script execution", r"[Ss]andbox")  # axe asks the frame, which runs nothing
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_no_page_of_the_desk_keeps_anybody_out(new_context, log_in, story, width, scheme):
    page = new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True).new_page()
    log_in(page, make_user("Editor", first_name="Edda"))
    wrong = {}
    for name, (address, ready) in pages_of(story).items():
        page.goto(address)
        page.locator(ready).first.wait_for()
        if found := violations(page):
            wrong[name] = found
        for narrow in {width, min(width, 768)}:
            page.set_viewport_size({"width": narrow, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                wrong[f"{name}, too wide at {narrow}"] = wide
        page.set_viewport_size({"width": width, "height": 900})
    page.goto(pages_of(story)["history"][0])
    compare = page.locator("a[href*='compare']")
    if compare.count():
        compare.first.click()
        if found := violations(page):
            wrong["compare"] = found
    page.goto(pages_of(story)["form"][0])
    page.wait_for_selector(EDITOR)
    page.get_by_role("button", name="Live preview").click()
    page.locator("[data-preview-view] iframe.is-shown").wait_for()
    if found := violations(page):
        wrong["form with preview"] = found
    assert wrong == {}


@pytest.fixture
def protected(story):
    """Something on each page that protects names, photos and readers; returns the addresses."""
    editor, now = make_user("Editor"), timezone.now()
    make_photo(creator="", agency="", expires_on=now.date())
    story.correct(text="It was 11, not 12.", version=story.read_draft().version, by=editor, at=now)
    gone = make_person("Zorvanna Quillfeather")
    make_article(published=True, people=[gone], headline="We met Quillfeather")
    done = gone.withdraw_name("desk", by=editor, at=now)
    request = RemovalRequest.log(words="A source asks.", story=story, by=editor, at=now)
    mass = MassWithdrawal.ask([story], explanation="A court asks.", by=editor, at=now)
    base, ada = "/admin/articles", Person.objects.get(name="Ada Brandt")
    photos = ",".join(Photo.objects.values_list("public_id", flat=True))
    return [
        f"{base}/photo/rights/", f"{base}/photo/confirm/?ids={photos}", f"{base}/person/{ada.pk}/change/",
        f"{base}/person/{ada.pk}/withdraw-name/", f"{base}/namewithdrawal/", f"{base}/namewithdrawal/{done.pk}/change/",
        f"{base}/removalrequest/", f"{base}/removalrequest/{request.pk}/change/", f"{base}/removalrequest/add/",
        f"{base}/masswithdrawal/{mass.pk}/change/", f"{base}/notice/add/", f"{base}/topic/add/",
    ]  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_the_pages_that_protect_keep_nobody_out(new_context, log_in, protected, width, scheme):
    page = new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True).new_page()
    log_in(page, make_user("Administrator"))
    wrong = {}
    for address in protected:
        page.goto(address)
        page.locator("#content").wait_for()
        if found := violations(page):
            wrong[address] = found
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            wrong[f"{address}, too wide"] = wide
    assert wrong == {}


def tab_to(page, wanted, *, limit=200, key="Tab"):
    """Press Tab until the focus is on something whose name, label or text is `wanted`."""
    for _press in range(limit):
        page.keyboard.press(key)
        if page.evaluate(
            """(wanted) => {
              const here = document.activeElement
              const texts = [here.getAttribute("aria-label"), here.textContent.trim(), here.name,
                             ...[...(here.labels || [])].map((label) => label.textContent.trim())]
              return texts.includes(wanted) || here.matches(wanted.startsWith("css:") ? wanted.slice(4) : "#none")
            }""",
            wanted,
        ):
            return
    raise AssertionError(f"the keyboard did not come to {wanted!r} in {limit} steps")


def test_a_story_goes_from_the_dashboard_to_the_reader_by_keyboard_alone(page, log_in, site):
    make_edition(), make_section("Politics"), make_person("Ada Brandt"), make_photo()
    log_in(page, make_user("Editor"))
    page.goto("/admin/")
    tab_to(page, "New story")
    page.keyboard.press("Enter")
    page.wait_for_selector(EDITOR)
    tab_to(page, "Kicker")
    page.keyboard.type("Harbour")
    tab_to(page, "Headline")
    page.keyboard.type("Ships leave at dawn")
    tab_to(page, "Standfirst")
    page.keyboard.type("The strike is over.")
    tab_to(page, f"css:{EDITOR}")
    page.keyboard.type("The first ferry left at five.")
    page.keyboard.press("Escape")
    tab_to(page, "css:[data-choose-input], [role=combobox]")
    page.keyboard.type("ada")
    page.keyboard.press("Enter")
    tab_to(page, "Section")
    page.keyboard.type("Pol")
    tab_to(page, "css:.chips input")
    page.keyboard.type("Harbour")
    page.keyboard.press("Enter")
    tab_to(page, "Publish")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("Published.")
    article = Article.objects.published().get()
    assert article.headline == "Ships leave at dawn"
    assert [byline.person.name for byline in article.bylines.all()] == ["Ada Brandt"]
    assert article.section.name == "Politics"
