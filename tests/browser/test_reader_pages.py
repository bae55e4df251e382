"""Reader pages in a real browser: whole without script, by keyboard and on paper; see test_every_kind_of_page too."""

import pytest
from playwright.sync_api import expect

from tests.make import make_article, make_edition, make_page, make_person, make_photo, make_section

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
BODY = """<p>The first ferry left. <a href="/about/">About us</a></p><h2>What comes next</h2><p>Talks resume.</p>
<aside data-pullquote><blockquote><p>“We sail.”</p></blockquote><cite>A captain</cite></aside>
<figure data-photo="{photo}" data-layout="wide"><figcaption>The harbour.</figcaption></figure>
<table><tbody><tr><th>Ship</th><td>Tons</td></tr></tbody></table><ul><li>One</li></ul><blockquote><p>Said.</p></blockquote>
<p>Note<sup data-footnote="A source."></sup></p><div data-embed="https://video.example/1" data-title="A film"></div>"""


@pytest.fixture
def addresses(site):
    """Fill the site and return the address of each kind of page."""
    make_edition(
        tagline="From across the water", support_short="Readers pay for this.", contact_email="desk@example.org"
    )
    photo, person = make_photo(), make_person("Ada Bren", bio_html="<p>Writes.</p>")
    make_page("about")
    for section in (make_section("Politics"), make_section("Opinion", is_opinion=True), make_section("Culture")):
        for number in range(5):
            make_article(
                published=True,
                section=section,
                kicker="the harbour",
                headline=f"{LONG if number == 3 else 'Harbour reopens'} {number}",
                people=[person],
                photo=photo if number % 2 else None,
            )
    story = make_article(published=True, people=[person], photo=photo, body_html=BODY.format(photo=photo.public_id))
    return [
        "/", story.get_absolute_url(), "/sections/politics/", f"/people/{person.slug}/", "/topics/elections/",
        "/search/?q=harbour", "/about/",
    ]  # fmt: skip


def test_pages_are_whole_without_script(new_context, addresses):
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_role("link", name="Search").first.click()
    page.get_by_role("searchbox").fill("harbour")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Search")


def test_the_keyboard_reaches_the_content_first(new_context, addresses):
    page = new_context().new_page()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_on_paper_the_story_stands_alone_with_its_address(new_context, addresses):
    page = new_context().new_page()
    page.goto(addresses[1])
    page.emulate_media(media="print")
    for furniture in (".masthead__tools", ".masthead .button", ".sections", ".colophon", ".more"):
        expect(page.locator(furniture)).not_to_be_visible()
    assert page.locator(".story__address").inner_text().endswith(addresses[1])
