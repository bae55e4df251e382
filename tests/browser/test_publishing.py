"""From draft to live in a real browser: few clicks, the question what changed, the minute for undoing, the list."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from articles.models import Article, Correction
from tests.make import make_article, make_edition, make_person, make_photo, make_section, make_user

EDITOR = ".ProseMirror[contenteditable=true]"
COUNT_CLICKS = """
addEventListener("pointerdown", (event) => {
  if (event.isTrusted) sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks") || 0) + 1)
}, true);
"""


@pytest.fixture
def newsroom(site):
    make_edition()
    make_section("Politics"), make_section("Culture")
    make_person("Ada Brandt"), make_person("Milo Stern")
    return make_photo()


@pytest.fixture
def editor(page, log_in, newsroom):
    user = make_user("Editor", first_name="Edda")
    log_in(page, user)
    return user


def open_form(page, article):
    page.goto(f"/admin/articles/article/{article.pk}/change/")
    page.wait_for_selector(EDITOR)


def press(page, label, within=".desk__bar"):
    with page.expect_navigation():
        page.locator(within).get_by_role("button", name=label, exact=True).click()


def test_from_a_new_story_to_published_takes_at_most_twelve_clicks(page, editor):
    """Photo, credit, byline, topics and section; typing and the keys that belong to it are not counted."""
    page.add_init_script(COUNT_CLICKS)
    page.goto("/admin/")
    page.get_by_role("link", name="New story").click()
    page.wait_for_selector(EDITOR)
    page.get_by_label("Headline").click()
    page.keyboard.type("Ships leave at dawn")
    page.keyboard.press("Tab")
    page.keyboard.type("The strike is over; the wage talks go on.")
    page.locator(EDITOR).click()
    page.keyboard.type("The first ferry left at five.")
    page.get_by_role("combobox", name="Person").first.click()
    page.keyboard.type("ada")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Lead photo: choose").click()
    page.locator("dialog .desk-dialog__item").first.click()
    page.get_by_label("Section", exact=True).focus()
    page.keyboard.type("Politics")
    page.locator(".chips input").click()
    page.keyboard.type("Harbour")
    page.keyboard.press("Enter")
    with page.expect_navigation():
        page.locator(".desk__bar").get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("Published. Readers see “Ships leave at dawn” now.")
    clicks = int(page.evaluate("sessionStorage.getItem('clicks')"))
    article = Article.objects.published().get()
    assert (article.section.name, [topic.name for topic in article.topics.all()]) == ("Politics", ["Harbour"])
    assert [byline.person.name for byline in article.bylines.all()] == ["Ada Brandt"]
    assert article.lead_photo.credit
    assert 6 <= clicks <= 12


@pytest.mark.console(r"422 \(Unprocessable")
@pytest.mark.parametrize("script", [True, False])
def test_a_correction_asks_for_its_note_and_stands_in_the_story(new_context, log_in, newsroom, script):
    page = new_context(java_script_enabled=script).new_page()
    log_in(page, make_user("Editor"))
    article = make_article(headline="One ship left", published=True)
    page.goto(f"/admin/articles/article/{article.pk}/change/")
    page.get_by_label("Headline").fill("Two ships left")
    note = page.get_by_label("What was wrong, and what is right")
    expect(note).to_be_hidden()
    press(page, "Publish changes", ".panel--moves")
    expect(page.locator(".panel--moves")).to_contain_text("Say what changed")
    page.get_by_label("A correction: tell readers what was wrong").check()
    press(page, "Publish changes", ".panel--moves")
    expect(page.locator(".panel--moves")).to_contain_text("A correction needs a note for readers.")
    expect(note).to_be_visible()
    note.fill("We wrote “one ship”; there were two.")
    press(page, "Publish changes", ".panel--moves")
    expect(page.locator(".messagelist")).to_contain_text("The changes are live.")
    page.goto(Correction.objects.get().get_absolute_url())
    expect(page.locator(".correction")).to_contain_text("We wrote “one ship”; there were two.")
    expect(page.locator("h1")).to_contain_text("Two ships left")


def test_a_publication_is_taken_back_within_the_minute(page, editor):
    article = make_article(headline="Too early")
    open_form(page, article)
    press(page, "Publish")
    expect(page.locator(".undo")).to_contain_text("You can take the last step back for")
    assert page.request.get(Article.objects.get().get_absolute_url()).status == 200
    press(page, "Undo", ".undo")
    expect(page.locator(".messagelist")).to_contain_text("Undone.")
    assert not Article.objects.published().exists()
    expect(page.locator(".undo")).to_have_count(0)


def test_an_item_of_the_checklist_leads_to_its_field_by_keyboard(page, editor):
    open_form(page, make_article(headline="Ships TK leave"))
    page.get_by_role("link", name="A “TK”, “XXX” or “TODO” is left in the text.").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Headline")).to_be_focused()


def test_the_main_topic_is_chosen_among_the_topics(page, editor):
    article = make_article(topics=["Ports"])
    open_form(page, article)
    page.locator(".chips input").fill("Strikes")
    page.locator(".chips input").press("Enter")
    page.get_by_label("Main topic").select_option("Strikes")
    press(page, "Save")
    assert article.read_draft().content["main_topic"] == "Strikes"
    expect(page.get_by_label("Main topic")).to_have_value("Strikes")


@pytest.mark.parametrize("script", [True, False])
def test_a_filter_is_kept_and_several_stories_are_published_from_the_list(new_context, log_in, newsroom, script):
    page = new_context(java_script_enabled=script).new_page()
    log_in(page, make_user("Editor"))
    culture = make_section("Culture")
    stories = [make_article(headline=f"Culture {number}", section=culture) for number in range(3)]
    make_article(headline="Politics")
    page.goto("/admin/articles/article/")
    page.locator(".filterbar select[name=section]").select_option(label="Culture")
    press(page, "Show", ".filterbar")
    expect(page.locator("#result_list tbody tr")).to_have_count(3)
    page.get_by_text("Save this filter…").click()
    page.get_by_label("Name of the filter").fill("All of culture")
    press(page, "Save", ".kept-filters")
    expect(page.get_by_role("link", name="All of culture")).to_have_attribute("aria-current", "true")
    for story in stories[:2]:
        page.get_by_label(f"Choose “{story.read_draft().title}”").check()
    page.locator("select[name=action]").select_option(label="Publish now")
    press(page, "Go" if page.get_by_role("button", name="Go").count() else "Run the selected action", ".actions")
    expect(page.locator(".messagelist")).to_contain_text("Published:")
    assert set(Article.objects.published()) == set(stories[:2])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_list_dashboard_and_publishing_panel_are_accessible_and_fit(new_context, log_in, newsroom, scheme, width):
    page = new_context(color_scheme=scheme, viewport={"width": width, "height": 900}).new_page()
    log_in(page, make_user("Editor"))
    live = make_article(headline="One ship left", published=True)
    live.correct(text="There were two.", version=live.read_draft().version, by=None, at=live.published_at)
    page.goto("/admin/articles/article/?stage=published")
    page.get_by_text("Save this filter…").click()
    found = []
    for address in ("", "/admin/", f"/admin/articles/article/{live.pk}/change/", live.get_absolute_url()):
        if address:
            page.goto(address)
        results = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        for violation in results.response["violations"]:
            found += [f"{address} {violation['id']}: {node['html'][:160]}" for node in violation["nodes"]]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert not found, "\n".join(found)
