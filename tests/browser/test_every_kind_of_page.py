"""Every kind of reader page, in both languages and both colour schemes, on every width: open to everybody."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.utils import timezone

from articles.models import Article, LiveEntry, Topic
from newsroom.models import DailyCount
from tests.donations.making import make_appeal, make_offers
from tests.make import (
    make_article,
    make_edition,
    make_front,
    make_notice,
    make_page,
    make_person,
    make_photo,
    make_section,
)  # fmt: skip
from tests.newsletters.make import make_newsletter

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
OTHER_STATUS = {"not found": 404, "withdrawn": 410, "wrong link": 404}
WIDTHS = (320, 768, 2560)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
BODY = """<p>The first ferry left. <a href="/about/">About us</a></p><h2>What comes next</h2><p>Talks resume.</p>
<aside data-pullquote><blockquote><p>“We sail.”</p></blockquote><cite>A captain</cite></aside>
<figure data-photo="{photo}" data-layout="wide"><figcaption>The harbour.</figcaption></figure>
<figure data-photo="{photo}" data-layout="gallery"><figcaption>One.</figcaption></figure>
<figure data-photo="{photo}" data-layout="gallery"><figcaption>Two.</figcaption></figure>
<table><tbody><tr><th>Ship</th><td>Tons</td></tr></tbody></table><ul><li>One</li></ul><blockquote><p>Said.</p></blockquote>
<p>Note<sup data-footnote="A source."></sup></p><div data-embed="https://video.example/1" data-title="A film"></div>"""
ASK_AXE = """async (options) => (await axe.run(document, options)).violations.flatMap(
  (one) => one.nodes.slice(0, 3).map((node) => `${one.id}: ${node.html.slice(0, 160)}`)
)"""
# A word in Cyrillic on a page in English is a foreign passage, and says so.
FOREIGN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, place = node.parentElement;
    if (!/[а-яё]{3}/i.test(node.data) || ["SCRIPT", "STYLE"].includes(place.tagName)) continue;
    if (place.closest("[lang]").lang !== "ru") found.push(node.data.trim().slice(0, 60));
  }
  return found;
}"""
# Fields that are marked as wrong and lead to no message.
UNLINKED = """() => [...document.querySelectorAll("[aria-invalid=true]")].filter((field) => {
  const ids = `${field.getAttribute("aria-describedby") ?? ""} ${field.getAttribute("aria-errormessage") ?? ""}`;
  return !ids.trim().split(/\\s+/).some((id) => id && document.getElementById(id)?.textContent.trim());
}).map((field) => field.outerHTML)"""
MOVING = """() => [...document.querySelectorAll("*")].filter((one) => {
  const style = getComputedStyle(one);
  const moves = parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
  return moves || style.scrollBehavior === "smooth";
}).map((one) => one.outerHTML.slice(0, 80))"""


def fill(edition, *, headline, photo, person):
    """Fill an edition with one of everything; return {kind of page: path}."""
    prefix, name = edition.prefix, headline.split()[0]
    make_page("about", edition=edition), make_page("corrections", edition=edition)
    politics, opinion = (
        make_section("Politics", edition=edition),
        make_section("Opinion", edition=edition, is_opinion=True),
    )
    stories = [
        make_article(
            published=True, section=(politics, opinion)[number % 2], kicker=name, people=[person],
            headline=f"{LONG if number == 3 else headline} {number}", photo=photo if number % 2 else None,
        )
        for number in range(12)
    ]  # fmt: skip
    make_front(edition=edition, lead=[stories[0]], side=stories[2:4])
    full = make_article(
        published=True, section=politics, people=[person], photo=photo, body_html=BODY.format(photo=photo.public_id),
        headline=headline, topics=["Elections", "The trial"],
    )  # fmt: skip
    gone, retracted = (make_article(published=True, section=politics) for _number in range(2))
    live = make_article(published=True, section=politics, headline=f"{headline} live", topics=["The trial"])
    at = timezone.now()
    full.correct(text="It was 11.", version=full.read_draft().version, by=None, at=at)
    for title, is_key in (("Verdict", True), ("", False)):
        LiveEntry.write(live, title=title, text="They rose.", is_key=is_key, by=None, at=at)
    gone.withdraw(note="A court ordered it.", by=None, at=at)
    retracted.retract(text="Wrong.", keep_text=True, version=retracted.read_draft().version, by=None, at=at)
    DailyCount.objects.add({("story", story.public_id, timezone.localdate()): 9 for story in stories[:5]})
    make_notice(edition=edition), make_offers(edition), make_appeal(edition)
    letter = make_newsletter("The Week", edition=edition, slug=f"week-{edition.code}")
    day = timezone.localdate(at, edition.zone)
    paths = {
        "front": "/", "section": "/sections/politics/", "opinion section": "/sections/opinion/",
        "person": f"/people/{person.slug}/", "topic": "/topics/elections/", "series": "/topics/the-trial/",
        "archive": "/archive/", "year": f"/{day:%Y}/", "month": f"/{day:%Y/%m}/", "day": f"/{day:%Y/%m/%d}/",
        "most read": "/most-read/", "feeds": "/feeds/", "search": "/search/", "found": f"/search/?q={name}",
        "nothing found": "/search/?q=zzzz", "search refused": f"/search/?q={'x' * 300}", "page": "/about/",
        "corrections": "/corrections/", "all corrections": "/corrections/all/", "not found": "/nowhere/at/all/",
        "newsletters": "/newsletters/", "letters of one": f"/newsletters/{letter.slug}/",
        "letters' settings": "/newsletters/settings/", "wrong link": "/newsletters/confirm/nothing/",
        "support": "/support/", "manage": "/support/manage/", "text": "/text/",
        "text of a story": f"/text{full.get_absolute_url().removeprefix(prefix)}",
    }  # fmt: skip
    paths = {kind: prefix + path for kind, path in paths.items()}
    named = {"story": full, "opinion": stories[1], "live": live, "withdrawn": gone, "retracted": retracted}
    return paths | {kind: story.get_absolute_url() for kind, story in named.items()}


@pytest.fixture
def kinds(site, work):
    """Every kind of page in two languages: {(language, kind): path}."""
    photo, person = make_photo(), make_person("Ada Bren", bio_html="<p>Writes.</p>")
    Topic.objects.create(name="The trial", order=Topic.Order.OLDEST)
    words = {"tagline": "Across the water", "support_short": "Readers pay.", "contact_email": "desk@example.org"}
    words |= {"newsletter_box_title": "Letters", "postal_address": "1 Ropewalk", "privacy_sentence": "Sealed."}
    english, russian = make_edition(**words), make_edition("ru", **words)
    found = {}
    for edition, headline in ((english, "Harbour reopens"), (russian, "Порт открыт")):
        paths = fill(edition, headline=headline, photo=photo, person=person)
        found |= {(edition.code, kind): path for kind, path in paths.items()}
    linked = Article.objects.get(headline="Порт открыт"), Article.objects.get(headline="Harbour reopens")
    linked[0].join_translations(linked[1], by=None, at=timezone.now())
    work()
    return found


def complaints(page, options):
    """Return what axe says about the page as it stands; it is in the page already."""
    return page.evaluate(ASK_AXE, {**options, "preload": False, "resultTypes": ["violations"]})


def looked_at(page, language):
    """Return everything wrong with the page that is open."""
    page.evaluate(AXE_SCRIPT)
    full, other = ("light", "dark") if language == "en" else ("dark", "light")
    page.emulate_media(color_scheme=full, reduced_motion="reduce")
    wrong = complaints(page, RULES)
    page.emulate_media(color_scheme=other, reduced_motion="reduce")
    wrong += [f"{other}: {complaint}" for complaint in complaints(page, CONTRAST)]
    wrong += [f"no message: {field}" for field in page.evaluate(UNLINKED)]
    wrong += [f"moves: {one}" for one in page.evaluate(MOVING)[:3]]
    wrong += [f"no lang: {words}" for words in page.evaluate(FOREIGN)] if language == "en" else []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            wrong.append(f"{wide} wide at {width}")
    page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def refuse(page, path, button, **typed):
    """Send a form with what it refuses, past the browser's own check."""
    page.goto(path)
    for name, words in typed.items():
        page.locator(f"main [name={name}]").first.fill(words)
    page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true })")
    page.locator("main").get_by_role("button", name=button).first.click()
    page.locator("[aria-invalid=true]").first.wait_for()


@pytest.mark.console(r"status of 4(04|10|22|00)")
def test_no_kind_of_page_keeps_anybody_out(new_context, kinds):
    page, wrong = new_context(bypass_csp=True).new_page(), {}
    for (language, kind), path in kinds.items():
        assert page.goto(path).status == OTHER_STATUS.get(kind, 200), kind
        assert kind != "found" or page.locator("main mark").count(), "nothing was found"
        if found := looked_at(page, language):
            wrong[f"{language} {kind}"] = found
    for language, prefix in (("en", ""), ("ru", "/ru")):
        refuse(page, f"{prefix}/newsletters/", {"en": "Sign up", "ru": "Подписаться"}[language], email="nobody")
        if found := looked_at(page, language):
            wrong[f"{language} signup refused"] = found
    assert wrong == {}, "\n".join(f"{kind}: {one}" for kind, found in wrong.items() for one in found)
