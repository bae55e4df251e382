"""From the ask to the stop in a real browser, by keyboard, with script and without, in both languages; and no trace."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail
from playwright.sync_api import expect

from donations import forms
from donations.models import Gift, Guard, Plan
from newsroom.editions import forget_editions
from tests.donations.making import make_appeal, make_offers
from tests.make import make_article, make_edition
from tests.traces import told

WORDS = {
    "": {
        "monthly": "month", "continue": "Continue", "pay": "Pay", "thanks": "Thank you", "manage": "Send me the link",
        "open": "Open my page", "stop": "Stop", "sure": "Stop now", "stopped": "Nothing more will be charged",
        "leave": "Leave now", "give": re.compile("Give .*7.50 every month"),
    },
    "/ru": {
        "continue": "Дальше", "pay": "Заплатить", "thanks": "Спасибо", "manage": "Прислать ссылку",
        "open": "Открыть мою страницу", "stop": "Остановить", "sure": "Остановить сейчас",
        "stopped": "Больше ничего списываться не будет", "leave": "Уйти сейчас", "give": re.compile("Давать 7,50"),
    },
}  # fmt: skip
DAY = 24 * 60 * 60 * 1000


@pytest.fixture
def stories(transactional_db, monkeypatch):
    """A published story in each of two editions that ask."""
    monkeypatch.setattr(forms, "MIN_DWELL_SECONDS", 0)
    found = {}
    for prefix, edition in (("", make_edition()), ("/ru", make_edition("ru", language="ru", currency="EUR"))):
        make_offers(edition)
        make_appeal(edition, headline=f"Appeal {edition.code}")
        from tests.make import make_section

        found[prefix] = make_article(published=True, section=make_section(f"S{edition.code}", edition=edition))
    forget_editions()
    return found


def press(page, name):
    """Press a button by the keyboard."""
    page.get_by_role("button", name=name, exact=isinstance(name, str)).first.focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("prefix", ["", "/ru"])
def test_ask_choice_sandbox_return_receipt_manage_stop(new_context, stories, work, prefix, script, caplog, site):
    said, address = WORDS[prefix], "reader.marked@example.org"
    context = new_context(java_script_enabled=script)
    page, requests, titles = context.new_page(), [], []
    page.on("request", lambda request: requests.append((request.url, request.headers.get("referer", ""))))
    page.on("load", lambda: titles.append(page.title()))
    page.goto(stories[prefix].get_absolute_url())
    page.locator("input[name=cadence][value=month]").focus()
    page.keyboard.press("Space")
    page.locator("input[name=other]").focus()
    page.keyboard.type("7,50")
    press(page, said["continue"])
    page.locator("#email").focus()
    page.keyboard.type(address)
    press(page, said["give"])
    page.wait_for_url("**/sandbox/pay/**")
    press(page, said["pay"])
    page.get_by_role("heading", name=said["thanks"]).wait_for()
    work()
    gift = Gift.objects.get()
    assert (gift.state, gift.amount_minor) == ("paid", 750)
    assert [letter.to for letter in mail.outbox] == [[address]]
    assert not any(mark in mail.outbox[0].subject for mark in ("7", "€"))
    page.goto(f"{prefix}/support/manage/")
    page.locator("#email").focus()
    page.keyboard.type(address)
    press(page, said["manage"])
    page.get_by_role("status").wait_for()
    work()
    path = re.search(r"\S*/support/manage/open/\S+", mail.outbox[-1].body)[0]
    page.goto(urlsplit(path).path)
    press(page, said["open"])
    press(page, said["stop"])
    press(page, said["sure"])
    page.get_by_text(said["stopped"]).first.wait_for()
    assert Plan.objects.get().state == "ended"
    press(page, said["leave"])
    page.wait_for_url(f"{site}{prefix}/")
    kept = context.storage_state()
    assert kept["cookies"] == []
    stored = [item for origin in kept["origins"] for item in origin["localStorage"]]
    assert all(item["name"] == "quiet until" and re.fullmatch(r"\d{4}-\d\d-\d\d", item["value"]) for item in stored)
    assert len(stored) == (1 if script else 0)
    texts = [*titles, caplog.text, *(part for pair in requests for part in pair)]
    for mark in ("marked", gift.public_id, Plan.objects.get().public_id):
        assert not [text for text in texts if mark in text]
    for mark in ("750", "7.50", "7,50"):
        assert not [text for text in texts if mark in told(text)]
    assert {urlsplit(url).netloc for url, _referer in requests} == {urlsplit(site).netloc}
    assert not [referer for _url, referer in requests if "/open/" in referer or "/back/" in referer]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_donors_page_fits_and_has_large_buttons(new_context, stories, work, width):
    from donations.models import AccessLink
    from tests.donations.worlds import SandboxWorld, deliver

    world = SandboxWorld()
    gift = world.gift(cadence="month", email="reader@example.org")
    world.pay(gift)
    deliver(world)
    from django.utils import timezone

    token = AccessLink.issue(Gift.objects.get().donor, minutes=15, at=timezone.now())
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(f"/support/manage/open/{token}/")
    page.get_by_role("button", name="Open my page").click()
    page.get_by_role("heading", name="My support").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for button in page.locator("main .button:visible").all():
        assert button.bounding_box()["height"] >= 44


@pytest.mark.console("429")
def test_the_small_task_is_done_by_the_browser_and_the_gift_goes_through(page, stories):
    from django.utils import timezone

    Guard.move_to(Guard.State.CHALLENGE, "test", at=timezone.now())
    page.goto("/support/")
    page.get_by_label("Or another amount").fill("7")
    page.get_by_role("button", name="Continue").click()
    button = page.get_by_role("button", name="Give €7 every month")
    button.click(timeout=60_000)
    page.get_by_role("heading", name="Sandbox: no money moves").wait_for()


def test_the_strip_closes_for_a_week(page, stories):
    from donations.models import Appeal

    appeal = Appeal.objects.get(headline="Appeal en")
    Appeal.objects.filter(pk=appeal.pk).update(short_line="Please help us through the winter.")
    page.goto("/")
    strip = page.locator(".strip")
    strip.get_by_role("button", name="Close").click()
    expect(strip).to_be_hidden()
    page.reload()
    expect(strip).to_be_hidden()


def test_the_strip_closed_three_times_stays_away_for_a_year(page, stories):
    from donations.models import Appeal

    Appeal.objects.filter(headline="Appeal en").update(short_line="Please help us through the winter.")
    page.clock.install()
    strip = page.locator(".strip")
    kept = []
    for _time in range(3):
        page.goto("/")
        strip.get_by_role("button", name="Close").click()
        kept.append(page.evaluate("localStorage.getItem('quiet until')"))
        page.clock.fast_forward(DAY * 10)
    assert [value[10:] for value in kept] == ["T00:01", "T00:02", ""]
    page.clock.fast_forward(DAY * 300)
    page.goto("/")
    expect(strip).to_be_hidden()
    page.clock.fast_forward(DAY * 60)
    page.goto("/")
    expect(strip).to_be_visible()
