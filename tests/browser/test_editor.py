"""The document in the editor: typed, pasted, searched and arranged in a real browser."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from newsroom.html import clean_body
from tests.make import make_article, make_edition, make_photo, make_section, make_user

EDITOR = ".ProseMirror[contenteditable=true]"
PASTED = Path(__file__).parent.parent / "newsroom" / "pasted"
SOURCES = {"google_docs": "en", "google_docs_export": "en", "word": "en", "libreoffice": "ru", "web_page": "en"}


@pytest.fixture
def photo(site):
    """A newsroom with an edition in English, one in Russian, a section and a photo."""
    make_edition(), make_edition("ru")
    make_section("Politics")
    return make_photo(caption="Voters queue before dawn.")


@pytest.fixture
def write(page, log_in, photo):
    """Open the editor on a story with this body: `write("<p>Text</p>")`; the cursor stands at its end."""
    log_in(page, make_user("Editor"))

    def opened(body="", *, language="en"):
        article = make_article(body_html=body, edition=make_edition(language))
        page.goto(f"/admin/articles/article/{article.pk}/change/")
        page.wait_for_selector(EDITOR)
        page.locator(EDITOR).evaluate("(element) => element.editor.commands.focus('end')")
        expect(page.locator(EDITOR)).to_be_focused()
        return article

    return opened


def body_of(page):
    """Return what the editor would send, as the server would store it."""
    return clean_body(page.locator("#id_body_html").input_value())


def paste(page, **data):
    page.evaluate(
        """([selector, data]) => {
          const clipboardData = new DataTransfer()
          for (const [name, text] of Object.entries(data)) clipboardData.setData(`text/${name}`, text)
          const options = { clipboardData, bubbles: true, cancelable: true }
          document.querySelector(selector).dispatchEvent(new ClipboardEvent("paste", options))
        }""",
        [EDITOR, data],
    )


def plain(html):
    """Return HTML without what the editor and the server write in two ways: items and cells with or without <p>."""
    for tag in ("li", "td", "th"):
        html = html.replace(f"<{tag}><p>", f"<{tag}>").replace(f"</p></{tag}>", f"</{tag}>")
    return html.replace("</p><ul>", "<ul>").replace("</p><ol>", "<ol>").replace('colspan="2"><p>', 'colspan="2">')


# Pasting and typing


@pytest.mark.parametrize(("name", "language"), SOURCES.items(), ids=SOURCES)
def test_what_is_pasted_looks_at_once_as_the_server_would_store_it(page, write, name, language):
    write(language=language)
    paste(page, html=(PASTED / f"{name}.html").read_text(encoding="utf-8"))
    wanted = (PASTED / f"{name}.clean.html").read_text(encoding="utf-8").replace("\n", "")
    assert plain(body_of(page)) == plain(wanted)


def test_plain_text_becomes_paragraphs_with_the_marks_of_the_language(page, write):
    write(language="ru")
    paste(page, plain='Он сказал "да".\n\nИ "нет".')
    assert body_of(page) == "<p>Он сказал «да».</p><p>И «нет».</p>"


@pytest.mark.parametrize(
    ("language", "typed", "printed"),
    [
        ("en", '"Yes," it\'s "a \'no\'", 5\'10"', "“Yes,” it’s “a ‘no’”, 5'10\""),
        ("ru", 'Театр "Сова" и "театр "Сова""', "Театр «Сова» и «театр „Сова“»"),
        ("en", 'see https://e.org/?q="a" now', 'see https://e.org/?q="a" now'),
    ],
)
def test_quotation_marks_follow_the_language_while_one_types(page, write, language, typed, printed):
    write(language=language)
    page.keyboard.type(typed)
    assert page.locator(EDITOR).inner_text().strip() == printed


def test_undo_and_redo_go_step_by_step(page, write):
    write("<p>Words</p>")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+b")
    page.keyboard.press("Control+Alt+2")
    page.keyboard.press("Control+z")
    assert body_of(page) == "<p><strong>Words</strong></p>"
    page.keyboard.press("Control+z")
    assert body_of(page) == "<p>Words</p>"
    page.keyboard.press("Control+Shift+z")
    assert body_of(page) == "<p><strong>Words</strong></p>"


def test_one_step_back_gives_the_straight_mark(page, write):
    write()
    page.keyboard.type('"')
    page.keyboard.press("Backspace")
    assert page.locator(EDITOR).inner_text().strip() == '"'


# Find and replace


def test_find_goes_from_match_to_match_and_minds_the_case(page, write):
    write("<p>Port, port, PORT</p><p>a port</p>")
    page.keyboard.press("Control+f")
    page.keyboard.type("port")
    count = page.locator(".find__count")
    expect(count).to_have_text("4 found")
    expect(page.locator(".found")).to_have_count(4)
    page.keyboard.press("Enter")
    expect(count).to_have_text("1 of 4")
    page.keyboard.press("Shift+Enter")
    expect(count).to_have_text("4 of 4")
    page.get_by_label("Match case").check()
    expect(count).to_contain_text("2")
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".found")).to_have_count(0)
    expect(page.locator(EDITOR)).to_be_focused()


def test_replace_all_is_one_step_and_the_form_notices(page, write):
    write("<p>Port, <strong>port</strong></p><p>a port</p>")
    page.keyboard.press("Control+h")
    page.keyboard.type("port")
    page.get_by_label("Replace with").fill("quay")
    page.get_by_role("button", name="Replace all").click()
    expect(page.locator(".find__count")).to_have_text("3 replaced")
    assert body_of(page) == "<p>quay, <strong>quay</strong></p><p>a quay</p>"
    page.keyboard.press("Escape")
    page.locator(EDITOR).focus()
    page.keyboard.press("Control+z")
    assert body_of(page) == "<p>Port, <strong>port</strong></p><p>a port</p>"


def test_replace_takes_one_match_after_the_other(page, write):
    write("<p>one one one</p>")
    page.keyboard.press("Control+f")
    page.keyboard.type("one")
    page.keyboard.press("Enter")
    page.get_by_label("Replace with").fill("two")
    page.get_by_label("Replace with").press("Enter")
    page.get_by_label("Replace with").press("Enter")
    assert body_of(page) == "<p>two two one</p>"


# By keyboard


def test_a_table_grows_and_shrinks_by_keyboard(page, write):
    write("<p>Before</p>")
    page.keyboard.press("Alt+Shift+D")
    page.keyboard.type("Year")
    page.keyboard.press("Tab")
    page.keyboard.type("Cases")
    page.keyboard.press("Alt+Shift+ArrowRight")
    page.keyboard.press("Alt+Shift+ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("third")
    rows, cells = page.locator(f"{EDITOR} tr"), page.locator(f"{EDITOR} tr:first-child > *")
    assert (rows.count(), cells.count()) == (4, 4)
    page.keyboard.press("Alt+Shift+Delete")
    for _cell in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Alt+Shift+ArrowUp")
    page.keyboard.press("Alt+Shift+Backspace")
    assert (rows.count(), cells.count()) == (4, 3)
    head = "<thead><tr><th><p>Year</p></th><th><p>Cases</p></th>"
    assert body_of(page).startswith(f"<p>Before</p><table>{head}")
    page.keyboard.press("Alt+Shift+5")
    assert "<table>" not in body_of(page)


def test_every_tool_stands_in_the_list_of_keys_and_runs_from_it(page, write):
    write("<p>Words</p>")
    page.keyboard.press("Control+/")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    for title in ("Photo", "Pull quote", "Footnote", "Table", "Find and replace", "Undo"):
        expect(keys.get_by_role("button", name=title, exact=True)).to_be_visible()
    keys.get_by_role("button", name="Newsletter box").click()
    assert 'data-box="newsletter"' in body_of(page)


def test_the_toolbar_is_one_stop_and_arrows_go_through_it(page, write):
    write("<p>Words</p>")
    page.keyboard.press("Alt+F10")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    expect(page.get_by_role("button", name="Subhead", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    assert body_of(page) == "<h2>Words</h2>"
    expect(page.locator(".prose-menubar__button[tabindex='0']")).to_have_count(1)


def test_every_insertion_has_a_key(page, write):
    write("<p>Words</p>")
    for key in ("Q", "N", "M", "H"):
        page.keyboard.press(f"Alt+Shift+{key}")
        page.locator(EDITOR).focus()
        page.keyboard.press("Control+End")
    body = body_of(page)
    assert 'data-box="newsletter"' in body
    assert 'data-box="support"' in body
    assert "<hr>" in body
    page.keyboard.press("Alt+Shift+F")
    page.get_by_label("Text of the note").fill("Own count.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".node-note")).to_be_visible()
    assert 'data-footnote="Own count."' in body_of(page)


def test_words_and_minutes_are_counted_while_one_types(page, write):
    write(f"<p>{'word ' * 439}</p>")
    expect(page.locator(".node-count")).to_have_text("439 words · 2 min")
    page.keyboard.type(" more")
    expect(page.locator(".node-count")).to_have_text("440 words · 2 min")


# Photos and embeds


def test_a_crop_is_chosen_by_keyboard_kept_and_taken_back(page, write, photo):
    write(f'<figure data-photo="{photo.public_id}"><figcaption></figcaption></figure><p>End</p>')
    page.locator(".node-photo").get_by_role("button", name="Crop the photo").click()
    dialog = page.get_by_role("dialog", name="Crop the photo")
    width, left = dialog.get_by_label("Width"), dialog.get_by_label("From the left")
    width.focus()
    for _step in range(4):
        page.keyboard.press("PageDown")
    left.focus()
    for _step in range(10):
        page.keyboard.press("ArrowRight")
    dialog.get_by_role("button", name="Use this crop").click()
    assert 'data-crop="0.1,0,0.6,1"' in body_of(page)
    expect(page.locator(".node-photo__picture.is-cropped")).to_be_visible()
    page.locator(".node-photo").get_by_role("button", name="Crop the photo").click()
    dialog.get_by_role("button", name="Whole picture").click()
    assert "data-crop" not in body_of(page)


def test_a_crop_keeps_a_shape_and_can_be_drawn(page, write, photo):
    write(f'<figure data-photo="{photo.public_id}"><figcaption></figcaption></figure><p>End</p>')
    page.locator(".node-photo").get_by_role("button", name="Crop the photo").click()
    dialog = page.get_by_role("dialog", name="Crop the photo")
    dialog.get_by_label("Shape").select_option(label="Square")
    box = dialog.locator(".crop__stage").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.1)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5, steps=4)
    page.mouse.up()
    dialog.get_by_role("button", name="Use this crop").click()
    crop = page.locator("#id_body_html").input_value().split('data-crop="')[1].split('"')[0]
    left, top, width, height = map(float, crop.split(","))
    assert (round(left, 1), round(top, 1), round(width, 1)) == (0.2, 0.1, 0.4)
    assert abs(width * photo.width - height * photo.height) < 3


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_a_picture_from_the_desktop_waits_in_the_dialog_for_its_words(page, write, way):
    write("<p>Before</p>")
    page.evaluate(
        """([selector, way]) => {
          const data = new DataTransfer()
          data.items.add(new File([new Uint8Array([255, 216, 255])], "tram.jpg", { type: "image/jpeg" }))
          const target = document.querySelector(selector)
          const box = target.getBoundingClientRect()
          const options = { bubbles: true, cancelable: true, clientX: box.left + 20, clientY: box.top + 20 }
          target.dispatchEvent(way === "paste" ? new ClipboardEvent("paste", { ...options, clipboardData: data })
            : new DragEvent("drop", { ...options, dataTransfer: data }))
        }""",
        [EDITOR, way],
    )
    dialog = page.get_by_role("dialog", name="Choose a photo")
    assert dialog.locator("input[type=file]").evaluate("(input) => input.files[0].name") == "tram.jpg"
    page.keyboard.press("Escape")
    expect(page.locator(EDITOR)).to_be_focused()
    assert body_of(page) == "<p>Before</p>"


def test_an_embed_keeps_its_picture_and_its_words_here(page, write, photo):
    write("<p>Before</p>")
    page.keyboard.press("Alt+Shift+E")
    page.get_by_label("Address (https://…)").fill("https://video.example/1")
    page.get_by_label("What it shows").fill("The launch")
    page.get_by_role("button", name="Keep").click()
    page.locator("dialog .desk-dialog__item").first.click()
    expect(page.locator(".node-card img")).to_be_visible()
    page.locator(".node-card__text p").click()
    page.keyboard.type("Ships leave.")
    assert body_of(page) == (
        "<p>Before</p>"
        f'<div data-embed="https://video.example/1" data-title="The launch" data-photo="{photo.public_id}">'
        "<p>Ships leave.</p></div>"
    )


def test_a_link_without_a_scheme_leads_to_the_web(page, write):
    write("<p>words</p>")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+k")
    page.get_by_label("Address", exact=True).fill("example.org/page")
    page.keyboard.press("Enter")
    expect(page.locator("#id_body_html")).to_have_value('<p><a href="https://example.org/page">words</a></p>')


# What it weighs and in which language it speaks


def test_the_icons_come_without_a_font_and_every_tool_has_a_name(page, write):
    fonts = []
    page.on("request", lambda request: fonts.append(request.url) if request.resource_type == "font" else None)
    write("<p>Words</p>")
    page.wait_for_load_state("networkidle")
    assert fonts == []
    for button in page.locator(".prose-menubar__button").all():
        assert button.get_attribute("aria-label")
        expect(button.locator("svg")).to_have_count(1)


def violations(page):
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bar_and_dialogs_are_accessible_in_both_schemes(new_context, log_in, photo, scheme):
    # axe writes styles of its own into the page, which our policy would block.
    page = new_context(color_scheme=scheme, bypass_csp=True).new_page()
    log_in(page, make_user("Editor"))
    body = (
        f'<figure data-photo="{photo.public_id}"><figcaption></figcaption></figure><p>The end</p>'
        f'<div data-embed="https://video.example/1" data-photo="{photo.public_id}"></div>'
        "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>"
    )
    page.goto(f"/admin/articles/article/{make_article(body_html=body).pk}/change/")
    page.wait_for_selector(EDITOR)
    page.locator(EDITOR).locator("td").first.click()
    page.keyboard.press("Control+f")
    page.keyboard.type("the")
    found = violations(page)
    page.keyboard.press("Escape")
    for open_it in (
        lambda: page.keyboard.press("Control+/"),
        page.locator(".node-photo").get_by_role("button", name="Crop the photo").click,
    ):
        open_it()
        page.locator("dialog[open]").wait_for()
        found += violations(page)
        page.keyboard.press("Escape")
    assert not found, "\n".join(found)
