"""Nothing typed is lost and nothing is overwritten, driven as a person would."""

import datetime
import os
import re
import signal
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Article, Page
from desk.models import Presence
from newsroom.models import StaffSession
from tests.environment import free_port
from tests.make import PASSWORD, make_article, make_edition, make_page, make_section, make_user

# The beat of an open form, in milliseconds.
BEAT = 10_000
EDITOR = ".ProseMirror[contenteditable=true]"
OFFLINE = r"net::ERR_(INTERNET_DISCONNECTED|FAILED|CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE)"


@pytest.fixture
def desk(site):
    """A newsroom with an edition and a section."""
    make_edition()
    return make_section("Politics")


@pytest.fixture
def editor(desk):
    return make_user("Editor", first_name="Edda", last_name="Holm", username="edda")


def open_story(page, story):
    page.goto(f"/admin/articles/article/{story.pk}/change/")
    page.wait_for_selector(EDITOR)


def line(page):
    return page.locator("[data-state-line]")


def kept(page):
    """Return what the browser keeps under the desk's names."""
    return page.evaluate(
        "Object.keys(localStorage).filter((key) => key.startsWith('desk:')).map((key) => localStorage[key])"
    )


def eventually(page, look, wanted):
    """Wait until `look()` answers what is wanted."""
    for _turn in range(100):
        if look() == wanted:
            return
        page.wait_for_timeout(100)
    assert look() == wanted


def saves(page):
    """Count the autosaves of a page from now on."""
    found = []
    page.on("request", lambda request: found.append(request) if request.url.endswith("/autosave/") else None)
    return found


def write(page, words):
    page.locator(EDITOR).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def headline(page):
    return page.get_by_label("Headline", exact=True)


# Saved while typing


def test_a_pause_in_typing_saves_in_place(page, log_in, editor):
    story = make_article(published=True, by=editor)
    revisions = story.revisions.count()
    log_in(page, editor)
    open_story(page, story)
    page.evaluate("window.samePage = true")
    write(page, " Typed words")
    before = page.evaluate("[scrollY, document.activeElement.className]")
    page.wait_for_timeout(0)
    expect(line(page)).to_have_text(re.compile(r"^Saved \d\d:\d\d$"), timeout=3000)
    assert page.evaluate("[scrollY, document.activeElement.className]") == before
    assert page.evaluate("window.samePage")
    page.keyboard.type(" go on")
    expect(line(page)).to_have_text("Not saved yet…")
    expect(line(page)).to_have_text(re.compile(r"^Saved"))
    draft = story.read_draft()
    assert "Typed words go on" in draft.content["body_html"]
    assert draft.updated_by == editor
    assert story.revisions.count() == revisions
    assert "Typed words" not in Article.objects.get().body_html
    assert kept(page) == []


def test_an_untouched_form_saves_nothing(page, log_in, editor):
    story = make_article(people=[], body_html="<p>One</p><ul><li><p>two</p></li></ul>")
    version = story.read_draft().version
    log_in(page, editor)
    found = saves(page)
    open_story(page, story)
    page.wait_for_timeout(2500)
    assert [request.post_data for request in found] == []
    assert story.read_draft().version == version


def test_save_keeps_the_place_and_a_revision(page, log_in, editor):
    story = make_article(body_html="<p>Long</p>" * 80)
    log_in(page, editor)
    open_story(page, story)
    page.locator("#id_slug").fill("another-address")
    page.locator("#id_slug").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    page.wait_for_selector(EDITOR)
    eventually(page, lambda: page.evaluate("scrollY") > before - 80, True)
    assert page.evaluate("document.activeElement.id") == "id_slug"
    assert story.revisions.first().content["slug"] == "another-address"


@pytest.mark.parametrize("kind", ["article", "page", "appeal", "issue"])
def test_everything_that_is_drafted_is_saved_while_it_is_typed(page, log_in, desk, kind):
    from tests.donations.making import make_appeal
    from tests.newsletters.make import make_issue, make_newsletter

    thing, label = {
        "article": lambda: (make_article(), "Headline"),
        "page": lambda: (make_page(), "Title"),
        "appeal": lambda: (make_appeal(make_edition()), "Headline"),
        "issue": lambda: (make_issue(make_newsletter()), "Subject"),
    }[kind]()
    log_in(page, make_user(is_superuser=True))
    page.goto(f"/admin/{thing._meta.app_label}/{kind}/{thing.pk}/change/")
    page.get_by_label(label, exact=True).fill("Typed a moment ago")
    expect(line(page)).to_have_text(re.compile("^Saved"))
    assert "Typed a moment ago" in str(thing.read_draft().content)


def test_leaving_right_after_the_last_word_asks_nothing_and_loses_nothing(page, log_in, editor):
    story = make_article()
    log_in(page, editor)
    open_story(page, story)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    headline(page).fill("The last word")
    page.goto("/admin/")
    assert asked == []
    page.wait_for_timeout(500)
    assert story.read_draft().title == "The last word"
    open_story(page, story)
    expect(headline(page)).to_have_value("The last word")
    expect(page.locator("[data-kept]")).to_be_hidden()


@pytest.mark.console("422")
def test_what_cannot_be_kept_is_marked_and_holds_nothing_else_back(page, log_in, editor):
    story = make_article()
    log_in(page, editor)
    open_story(page, story)
    page.locator("#id_slug").fill("Not an address")
    expect(line(page)).to_have_text("Not saved: mend what is marked")
    expect(page.locator(".field--slug .errorlist")).to_be_visible()
    headline(page).fill("Typed meanwhile")
    expect(line(page)).to_contain_text("except: Words in the address")
    assert story.read_draft().title == "Typed meanwhile"
    page.locator("#id_slug").fill("an-address")
    expect(line(page)).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))
    expect(page.locator(".field--slug .errorlist")).to_have_count(0)


def test_what_only_save_sends_is_named(page, log_in, editor):
    story = make_article()
    log_in(page, editor)
    open_story(page, story)
    page.get_by_text("A new person…").click()
    page.get_by_label("Name, as it is signed").fill("Nina Novel")
    expect(line(page)).to_contain_text("Press Save for: Name, as it is signed")


# A new story


def test_a_new_story_begins_with_its_first_words_and_the_page_goes_on(page, log_in, editor):
    log_in(page, editor)
    page.goto("/admin/articles/article/add/")
    page.wait_for_selector(EDITOR)
    page.evaluate("window.samePage = true")
    headline(page).press_sequentially("First words", delay=20)
    expect(line(page)).to_have_text(re.compile("^Saved"))
    story = Article.objects.get()
    assert page.url.endswith(f"/{story.pk}/change/")
    assert page.evaluate("window.samePage && document.activeElement.id") == "id_headline"
    page.keyboard.type(" and more")
    expect(line(page)).to_have_text("Not saved yet…")
    expect(line(page)).to_have_text(re.compile("^Saved"))
    assert story.read_draft().title == "First words and more"
    page.get_by_label("Section", exact=True).select_option(label="Politics")
    with page.expect_navigation():
        page.locator(".desk__bar button[value=save]").click()
    assert Article.objects.get().revisions.count() == 1
    assert story.read_draft().content["section"]
    page.reload()
    expect(headline(page)).to_have_value("First words and more")


def test_an_answer_that_got_lost_makes_no_second_story(page, log_in, editor):
    log_in(page, editor)
    page.goto("/admin/articles/article/add/")
    page.wait_for_selector(EDITOR)
    lost = []

    def lose(route):
        if not lost:
            lost.append(route.fetch())
            return route.fulfill(status=503, body="")
        return route.continue_()

    page.route("**/autosave/", lose)
    headline(page).fill("Once")
    expect(line(page)).to_have_text(re.compile("^Saved"), timeout=15_000)
    assert Article.objects.get().read_draft().title == "Once"


test_an_answer_that_got_lost_makes_no_second_story = pytest.mark.console("503")(
    test_an_answer_that_got_lost_makes_no_second_story
)


def test_a_page_waits_for_its_address_before_it_is_begun(page, log_in, editor):
    log_in(page, editor)
    page.goto("/admin/articles/page/add/")
    page.get_by_label("Title", exact=True).fill("Contact")
    expect(line(page)).to_contain_text("Not saved yet: fill in")
    assert len(kept(page)) == 1
    page.locator("#id_new-slug").fill("cont")
    expect(line(page)).to_have_text(re.compile("^Saved"))
    page.locator("#id_new-slug").fill("contact")
    expect(line(page)).to_have_text("Not saved yet…")
    expect(line(page)).to_have_text(re.compile("^Saved"))
    assert Page.objects.get().slug == "contact"


# Cut off


@pytest.mark.console(OFFLINE)
def test_a_cut_network_loses_nothing_and_what_was_typed_follows(page, log_in, editor):
    story = make_article()
    log_in(page, editor)
    open_story(page, story)
    page.context.set_offline(True)
    write(page, " Written on the train.")
    expect(line(page)).to_have_text("Not saved: offline, kept on this computer")
    assert "Written on the train." in kept(page)[0]
    page.locator(".desk__bar button[value=save]").click()
    expect(line(page)).to_have_text("Not saved: offline, kept on this computer")
    page.context.set_offline(False)
    expect(line(page)).to_have_text(re.compile("^Saved"), timeout=15_000)
    assert "Written on the train." in story.read_draft().content["body_html"]
    assert kept(page) == []


@pytest.mark.console(OFFLINE)
def test_a_tab_that_closed_offline_offers_its_words_beside_the_draft(new_context, log_in, editor):
    story = make_article(headline="As it was")
    context = new_context()
    page = context.new_page()
    log_in(page, editor)
    open_story(page, story)
    context.set_offline(True)
    headline(page).fill("As it was offline")
    write(page, " Unsent.")
    expect(line(page)).to_have_text("Not saved: offline, kept on this computer")
    eventually(page, lambda: "Unsent." in kept(page)[0], True)
    page.close()
    context.set_offline(False)

    again = context.new_page()
    open_story(again, story)
    panel = again.locator("[data-kept]")
    expect(panel).to_be_visible()
    expect(panel.locator("ins").first).to_contain_text("offline")
    expect(panel).to_contain_text("Unsent.")
    expect(headline(again)).to_have_value("As it was")
    with again.expect_navigation():
        panel.get_by_role("button", name="Use my words").click()
    again.wait_for_selector(EDITOR)
    content = story.read_draft().content
    assert content["headline"] == "As it was offline"
    assert "Unsent." in content["body_html"]
    eventually(again, lambda: kept(again), [])
    expect(panel).to_be_hidden()


@pytest.mark.console(OFFLINE, "409")
def test_kept_words_meet_a_newer_text_in_the_page_of_both(new_context, log_in, editor):
    story = make_article(headline="As it was", standfirst="As it was")
    context = new_context()
    page = context.new_page()
    log_in(page, editor)
    open_story(page, story)
    context.set_offline(True)
    headline(page).fill("Mine, offline")
    expect(line(page)).to_have_text("Not saved: offline, kept on this computer")
    eventually(page, lambda: "Mine, offline" in kept(page)[0], True)
    page.close()
    context.set_offline(False)
    draft = story.read_draft()
    content = {**draft.content, "headline": "Theirs", "standfirst": "Theirs too"}
    story.save_draft(content, version=draft.version, by=make_user(first_name="Ada"), at=timezone.now())

    again = context.new_page()
    open_story(again, story)
    with again.expect_navigation():
        again.locator("[data-kept]").get_by_role("button", name="Compare and choose").click()
    conflict = again.locator(".conflict")
    expect(conflict).to_contain_text("Ada saved this")
    expect(conflict.locator("input[name=_settle-headline][value=mine]")).to_be_checked()
    expect(conflict.locator("input[name=_settle-standfirst][value=theirs]")).to_be_checked()
    with again.expect_navigation():
        conflict.get_by_role("button", name="Save what I chose").click()
    content = story.read_draft().content
    assert (content["headline"], content["standfirst"]) == ("Mine, offline", "Theirs too")
    again.wait_for_selector(EDITOR)
    expect(again.locator("[data-kept]")).to_be_hidden()


@pytest.mark.console(OFFLINE)
def test_kept_words_can_be_thrown_away(new_context, log_in, editor):
    context = new_context()
    page = context.new_page()
    log_in(page, editor)
    page.goto("/admin/articles/article/add/")
    page.wait_for_selector(EDITOR)
    context.set_offline(True)
    headline(page).fill("Never begun")
    expect(line(page)).to_have_text("Not saved: offline, kept on this computer")
    eventually(page, lambda: "Never begun" in kept(page)[0], True)
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto("/admin/articles/article/add/")
    panel = again.locator("[data-kept]")
    expect(panel).to_contain_text("Never begun")
    again.on("dialog", lambda dialog: dialog.accept())
    panel.get_by_role("button", name="Throw them away").click()
    expect(panel).to_be_hidden()
    assert kept(again) == []
    assert not Article.objects.exists()


@pytest.mark.console("401", "403")
def test_an_ended_session_keeps_the_words_until_one_has_logged_in_again(new_context, log_in, editor):
    story = make_article()
    context = new_context()
    page = context.new_page()
    log_in(page, editor)
    open_story(page, story)
    StaffSession.objects.all().delete()
    headline(page).fill("Typed after the end")
    expect(line(page)).to_contain_text("Not saved: your session has ended")
    page.locator(".desk__bar button[value=save]").click()
    expect(line(page)).to_contain_text("Not saved: your session has ended")
    with context.expect_page() as opened:
        line(page).get_by_role("link", name="Log in in another tab").click()
    other = opened.value
    other.locator("input[name=login]").fill("edda")
    other.locator("input[name=password]").fill(PASSWORD)
    other.get_by_role("button", name="Log in", exact=True).click()
    other.wait_for_url("**/admin/")
    expect(line(page)).to_have_text(re.compile("^Saved"), timeout=15_000)
    assert story.read_draft().title == "Typed after the end"
    with page.expect_navigation():
        page.locator(".desk__bar button[value=save]").click()
    expect(page.locator(".messagelist")).to_contain_text("Saved.")


@pytest.mark.console("403")
def test_nothing_is_saved_under_the_name_of_somebody_else(new_context, log_in, editor):
    story = make_article()
    context = new_context()
    page = context.new_page()
    log_in(page, editor)
    open_story(page, story)
    log_in(page, make_user("Editor", first_name="Other"))
    headline(page).fill("Of Edda")
    expect(line(page)).to_contain_text("somebody else is logged in")
    assert story.read_draft().title != "Of Edda"
    other = context.new_page()
    other.goto("/admin/")
    eventually(other, lambda: kept(other), [])


@pytest.mark.console(OFFLINE, "401")
def test_after_logout_nothing_stays_in_the_browser(new_context, log_in, editor):
    story = make_article()
    context = new_context()
    page, other = context.new_page(), context.new_page()
    log_in(page, editor)
    open_story(page, story)
    page.route("**/autosave/", lambda route: route.abort())
    headline(page).fill("A secret")
    expect(line(page)).to_have_text("Not saved: offline, kept on this computer")
    assert len(kept(page)) == 1
    other.goto("/admin/")
    other.get_by_role("button", name="Log out").click()
    other.wait_for_load_state()
    expect(line(page)).to_contain_text(re.compile("logged out|session has ended"))
    headline(page).fill("A secret, and more")
    page.wait_for_timeout(600)
    assert kept(other) == kept(page) == []


class Server:
    """A server process of its own on the database of this test, to be killed without a warning."""

    def __init__(self, page):
        self.page = page
        self.port = free_port()
        self.process = None

    def start(self):
        databases = {
            "DATABASE_URL": f"sqlite:///{connections['default'].settings_dict['NAME']}",
            "KEYS_DATABASE_URL": f"sqlite:///{connections['keys'].settings_dict['NAME']}",
        }
        command = [sys.executable, "manage.py", "runserver", "--noreload", "--nostatic", f"localhost:{self.port}"]
        self.process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env={**os.environ, **databases, "PORT": str(self.port)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        eventually(self.page, self.answers, True)

    def answers(self):
        try:
            socket.create_connection(("localhost", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.mark.console(OFFLINE, "request to another host: http://localhost:", "50[03]")
@pytest.mark.skipif(connections["default"].vendor != "sqlite", reason="the second process opens the same file")
def test_a_server_killed_in_mid_sentence_loses_nothing(page, log_in, editor):
    story = make_article()
    log_in(page, editor)
    server = Server(page)
    server.start()
    try:
        page.goto(f"http://localhost:{server.port}/admin/articles/article/{story.pk}/change/")
        page.wait_for_selector(EDITOR)
        write(page, " Before it fell")
        expect(line(page)).to_have_text(re.compile("^Saved"), timeout=15_000)
        page.keyboard.type(" and right then")
        server.kill()
        page.keyboard.type(" and after it.")
        expect(line(page)).to_have_text("Not saved: offline, kept on this computer", timeout=15_000)
        assert "and after it." in kept(page)[0]
        server.start()
        expect(line(page)).to_have_text(re.compile("^Saved"), timeout=60_000)
    finally:
        server.kill()
    assert "Before it fell and right then and after it." in story.read_draft().content["body_html"]
    assert kept(page) == []


# Two people


@pytest.mark.console("409")
def test_two_people_see_each_other_and_the_second_is_told_before_trying(new_context, log_in, editor):
    story = make_article(headline="Common")
    one, two = new_context().new_page(), new_context().new_page()
    one.clock.install()
    two.clock.install()
    log_in(one, editor)
    milo = make_user("Editor", first_name="Milo", last_name="Stern")
    log_in(two, milo)
    open_story(one, story)
    open_story(two, story)
    expect(two.locator("[data-presence]")).to_have_text("Also here: Edda Holm")
    one.clock.fast_forward(BEAT)
    expect(one.locator("[data-presence]")).to_have_text("Also here: Milo Stern")
    headline(one).fill("Of Edda")
    expect(line(one)).to_have_text(re.compile("^Saved"))
    two.clock.fast_forward(BEAT)
    expect(line(two)).to_contain_text("Edda Holm saved a newer text")
    two.get_by_label("Standfirst").fill("Of Milo")
    expect(line(two)).to_contain_text("Not saved: Edda Holm saved this at")
    assert "Of Milo" in kept(two)[0]
    with two.expect_navigation():
        line(two).get_by_role("button", name="Compare and choose").click()
    expect(two.locator(".conflict mark").first).to_be_visible()
    expect(line(two)).to_contain_text("Not saved: choose above")
    two.wait_for_timeout(1500)
    assert story.read_draft().content["standfirst"] != "Of Milo"
    with two.expect_navigation():
        two.locator(".conflict").get_by_role("button", name="Save what I chose").click()
    content = story.read_draft().content
    assert (content["headline"], content["standfirst"]) == ("Of Edda", "Of Milo")
    # Its new page says at once that Milo is here: not after he has gone.
    two.wait_for_load_state("networkidle")
    two.close()
    gone = Presence.objects.filter(user=milo).update(seen_at=timezone.now() - datetime.timedelta(seconds=31))
    assert gone == 1
    one.clock.fast_forward(BEAT)
    expect(one.locator("[data-presence]")).to_be_hidden()


def test_who_has_nothing_to_lose_loads_the_newer_text(new_context, log_in, editor):
    story = make_article(headline="Common")
    page = new_context().new_page()
    page.clock.install()
    log_in(page, editor)
    open_story(page, story)
    draft = story.read_draft()
    content = {**draft.content, "headline": "Newer"}
    story.save_draft(content, version=draft.version, by=make_user(first_name="Ada"), at=timezone.now())
    page.clock.fast_forward(BEAT)
    expect(line(page)).to_contain_text("Ada saved a newer text")
    line(page).get_by_role("button", name="Load it").click()
    expect(headline(page)).to_have_value("Newer")


@pytest.mark.console("409")
def test_the_back_button_brings_no_old_words_over_new_ones(page, log_in, editor):
    story = make_article(headline="First")
    log_in(page, editor)
    open_story(page, story)
    headline(page).fill("Second")
    with page.expect_navigation():
        page.locator(".desk__bar button[value=save]").click()
    page.wait_for_selector(EDITOR)
    page.goto("/admin/")
    draft = story.read_draft()
    theirs = {**draft.content, "headline": "Theirs"}
    story.save_draft(theirs, version=draft.version, by=make_user(first_name="Ada"), at=timezone.now())
    page.go_back()
    page.wait_for_selector(EDITOR)
    page.get_by_label("Standfirst").fill("After going back")
    page.wait_for_timeout(2500)
    assert story.read_draft().content["headline"] == "Theirs"


def test_without_script_a_stale_form_shows_both_texts(new_context, log_in, editor):
    story = make_article(headline="Common")
    page = new_context(java_script_enabled=False).new_page()
    log_in(page, editor)
    page.goto(f"/admin/articles/article/{story.pk}/change/")
    draft = story.read_draft()
    content = {**draft.content, "headline": "Theirs"}
    story.save_draft(content, version=draft.version, by=make_user(first_name="Ada"), at=timezone.now())
    page.get_by_label("Standfirst").fill("Mine")
    page.locator(".desk__bar button[value=save]").click()
    expect(page.locator(".conflict")).to_contain_text("Ada saved this")
    page.locator(".conflict").get_by_role("button", name="Save what I chose").click()
    content = story.read_draft().content
    assert (content["headline"], content["standfirst"]) == ("Theirs", "Mine")


test_without_script_a_stale_form_shows_both_texts = pytest.mark.console("409")(
    test_without_script_a_stale_form_shows_both_texts
)
