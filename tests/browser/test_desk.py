"""The editors' desk in a real browser: a story from the first word to the front page, two people on one story."""

import pytest
from playwright.sync_api import expect

from articles.models import Article, Person
from tests.make import make_article, make_edition, make_person, make_photo, make_section, make_user

EDITOR = ".ProseMirror[contenteditable=true]"


@pytest.fixture
def desk(site):
    """A newsroom with an edition, sections, people and a photo."""
    make_edition()
    make_section("Politics"), make_section("Culture")
    make_person("Ada Brandt"), make_person("Milo Stern")
    return make_photo()


def open_form(page, article):
    page.goto(f"/admin/articles/article/{article.pk}/change/")
    page.wait_for_selector(EDITOR)


def press(page, label):
    with page.expect_navigation():
        page.locator(".desk__bar").get_by_role("button", name=label, exact=True).click()


def body_of(page):
    return page.locator("#id_body_html").input_value()


@pytest.mark.tour
def test_a_story_goes_from_the_first_word_to_the_front_page(new_context, log_in, desk, work):
    page = new_context().new_page()
    log_in(page, make_user("Reporter", first_name="Rita"))
    page.goto("/admin/")
    page.get_by_role("link", name="New story").click()
    page.wait_for_selector(EDITOR)
    page.get_by_label("Kicker").fill("Harbour")
    page.get_by_label("Headline").fill("Ships leave at dawn")
    page.get_by_label("Standfirst").fill("The strike is over; the wage talks go on.")
    page.locator(EDITOR).click()
    page.keyboard.type("The first ferry left at five.")
    page.keyboard.press("Control+Shift+P")
    page.locator("dialog .desk-dialog__item").first.wait_for()
    page.keyboard.press("Enter")
    expect(page.locator(".node-photo img")).to_be_visible()
    first = page.get_by_role("combobox", name="Person").first
    first.fill("ada")
    first.press("Enter")
    page.get_by_role("button", name="Add a byline").click()
    page.keyboard.type("milo")
    page.keyboard.press("Enter")
    page.locator("select[name=bylines-3-role], select[name=bylines-2-role]").last.select_option("photos")
    page.get_by_role("button", name="Lead photo: choose").click()
    page.locator("dialog .desk-dialog__item").first.click()
    page.get_by_label("Section", exact=True).select_option(label="Politics")
    page.locator(".chips input").fill("Harbour")
    page.keyboard.press("Enter")
    press(page, "Hand in")
    expect(page.locator(".messagelist")).to_contain_text("Handed in.")

    other = new_context().new_page()
    log_in(other, make_user("Editor", first_name="Edda"))
    other.goto("/admin/")
    other.get_by_role("link", name="Ships leave at dawn").click()
    other.wait_for_selector(EDITOR)
    press(other, "Publish")
    expect(other.locator(".messagelist")).to_contain_text("Published.")

    article = Article.objects.published().get()
    assert [(byline.person.name, byline.role) for byline in article.bylines.all()] == [
        ("Ada Brandt", "reporting"), ("Milo Stern", "photos"),
    ]  # fmt: skip
    assert article.body_html == (
        f'<p>The first ferry left at five.</p><figure data-photo="{desk.public_id}" data-layout="normal">'
        "<figcaption></figcaption></figure>"
    )
    reader = new_context().new_page()
    reader.goto("/")
    reader.get_by_role("link", name="Ships leave at dawn").first.click()
    expect(reader.locator("article figure img").first).to_be_visible()
    expect(reader.locator("body")).to_contain_text("Ada Brandt")


@pytest.mark.console(r"409 \(Conflict\)")
def test_two_people_on_one_story_lose_nothing(new_context, log_in, desk):
    article = make_article(headline="Common headline")
    one, two = new_context().new_page(), new_context().new_page()
    log_in(one, make_user("Editor", first_name="Ada", last_name="Brandt"))
    log_in(two, make_user("Editor", first_name="Milo", last_name="Stern"))
    open_form(one, article)
    open_form(two, article)
    one.get_by_label("Headline").fill("Headline of Ada")
    press(one, "Save")
    two.get_by_label("Standfirst").fill("Standfirst of Milo")
    press(two, "Save")
    conflict = two.locator(".conflict")
    expect(conflict).to_contain_text("Ada Brandt saved this")
    expect(conflict).to_contain_text("Headline of Ada")
    expect(conflict).to_contain_text("Standfirst of Milo")
    conflict.locator("input[name=_settle-headline][value=theirs]").check()
    press(two, "Save what I chose")
    content = article.read_draft().content
    assert (content["headline"], content["standfirst"]) == ("Headline of Ada", "Standfirst of Milo")


@pytest.mark.console(r"422 \(Unprocessable")
def test_without_script_a_story_is_written_saved_and_refused_alike(new_context, log_in, desk):
    page = new_context(java_script_enabled=False).new_page()
    log_in(page, make_user("Editor"))
    person = make_person("Nina Plain")
    page.goto("/admin/articles/article/add/")
    page.get_by_label("Headline").fill("Written by hand")
    page.locator("#id_body_html").fill("<p>Plain <b>text</b> in a plain box.</p>")
    page.locator("#id_bylines-0-person").select_option(str(person.pk))
    page.locator("#id_section").select_option(label="Culture")
    page.locator("#id_topics").fill("By hand, Plain")
    page.locator("#id_lead_photo").fill(desk.public_id)
    page.locator(".desk__bar button[value=save]").click()
    article = Article.objects.get()
    content = article.read_draft().content
    assert content["body_html"] == "<p>Plain <strong>text</strong> in a plain box.</p>"
    assert content["topics"] == ["By hand", "Plain"]
    assert content["bylines"] == [{"person": person.pk, "role": "reporting"}]
    assert content["lead_photo"] == desk.pk
    page.locator("#id_topics").fill("x" * 101)
    page.locator(".desk__bar button[value=save]").click()
    expect(page.locator("#id_topics")).to_have_value("x" * 101)
    expect(page.locator(".field--topics .errorlist")).to_be_visible()


def test_nodes_that_were_stored_come_back_unchanged(page, log_in, desk):
    other = make_article(published=True, headline="The other story")
    body = (
        f'<p>See <a data-article="{other.public_id}">that story</a> and <a href="https://example.org/">this</a>.'
        '<sup data-footnote="A &quot;source&quot;."></sup></p>'
        f'<figure data-photo="{desk.public_id}" data-layout="wide" data-alt="A queue." data-decorative="true">'
        "<figcaption>Caption <em>here</em></figcaption></figure>"
        '<aside data-pullquote=""><blockquote><p>“We sail.”</p></blockquote><cite>A captain</cite></aside>'
        f'<div data-related="{other.public_id}"></div><div data-box="support"></div>'
        '<div data-embed="https://video.example/1" data-title="A film"></div><h2>Subhead</h2><p>End</p>'
    )
    article = make_article(body_html=body)
    log_in(page, make_user("Editor"))
    open_form(page, article)
    expect(page.locator(".node-card").first).to_contain_text("The other story")
    page.locator(EDITOR).locator("p").last.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(".")
    before = article.read_draft().content["body_html"]
    press(page, "Save")
    after = article.read_draft().content["body_html"]
    assert after.replace("<p>.</p>", "").replace("End.", "End") == before


def test_leaving_asks_only_for_what_no_autosave_has_sent(page, log_in, desk):
    article = make_article()
    log_in(page, make_user("Editor"))
    open_form(page, article)
    page.wait_for_timeout(100)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/admin/")
    assert asked == []
    open_form(page, article)
    page.get_by_text("A new person…").click()
    page.get_by_label("Name, as it is signed").press_sequentially("Nina")
    page.goto("/admin/")
    assert asked == ["beforeunload"]


def go_to_the_end(page, words):
    """Press until the cursor stays in the last words: a moment after the focus the editor puts it back once."""
    for _turn in range(50):
        page.keyboard.press("Control+End")
        page.wait_for_timeout(100)
        if words in page.evaluate("getSelection().anchorNode?.textContent ?? ''"):
            return
    raise AssertionError(f"the cursor did not come to {words!r}")


def test_topics_bylines_and_the_kind_of_paragraph_work_by_keyboard(page, log_in, desk):
    article = make_article(people=[make_person("Zoe First"), make_person("Zoe Second")])
    log_in(page, make_user("Editor"))
    open_form(page, article)
    page.get_by_role("button", name="Move down").first.focus()
    page.keyboard.press("Enter")
    page.locator(EDITOR).focus()
    go_to_the_end(page, "Talks resume")
    page.keyboard.press("Control+Alt+2")
    expect(page.locator(EDITOR).locator("h2").last).to_contain_text("Talks resume")
    page.get_by_role("button", name="Remove Elections").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+s")
    expect(page.locator(".messagelist")).to_contain_text("Saved.")
    content = article.read_draft().content
    assert content["topics"] == []
    names = [Person.objects.get(pk=row["person"]).name for row in content["bylines"]]
    assert names == ["Zoe Second", "Zoe First"]
