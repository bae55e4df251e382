"""The site in a text browser, w3m: a reader finds, reads, searches, signs up and gives without script or style."""

import os
import re
import subprocess
from urllib.parse import urlencode, urljoin

import pytest
from bs4 import BeautifulSoup
from django.conf import settings as django_settings
from django.core import mail

from donations import forms
from newsletters.models import Subscription
from newsroom import worker
from tests import services
from tests.donations.making import make_offers
from tests.make import make_article, make_edition, make_person, make_photo, make_section
from tests.newsletters.make import make_newsletter

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="session")
def program():
    """The path of w3m; where it must be there, its absence is a failure."""
    try:
        return services.w3m_program()
    except services.Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


class W3m:
    """One reader with w3m: what it shows, and its forms filled in and sent as it sends them."""

    def __init__(self, program, home, origin):
        self.environ = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb"}
        self.command = [program, "-no-proxy", "-o", "use_cookie=0", "-o", "accept_language=en"]
        self.command += ["-o", "accept_encoding=identity", "-cols", "100"]
        self.home, self.origin, self.url, self.post = home, origin, origin, ()

    def _run(self, *options):
        done = subprocess.run(
            [*self.command, *self.post, *options, self.url], env=self.environ, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return done.stdout

    def open(self, path):
        """Show a page and return its words on one line."""
        self.url, self.post = urljoin(self.url, path), ()
        return self._look()

    def _look(self):
        """Ask once for what the page is made of and let w3m lay that out."""
        head, _empty, self.source = self._run("-dump_extra").replace("\r\n", "\n").partition("\n\n")
        self.url = re.search(r"^W3m-current-url: (.+)$", head, re.MULTILINE)[1]
        page = self.home / "page.html"
        page.write_text(self.source)
        shown = subprocess.run(
            [*self.command, "-T", "text/html", "-dump", str(page)], env=self.environ, capture_output=True, text=True,
            timeout=60, check=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return " ".join(shown.stdout.split())

    def follow(self, words):
        """Follow the first link with these words."""
        links = BeautifulSoup(self.source, "html.parser").find_all("a", href=True)
        return self.open(next(link["href"] for link in links if words in " ".join(link.get_text().split())))

    def send(self, button, **typed):
        """Fill the form that has this button and press it."""
        page = BeautifulSoup(self.source, "html.parser")
        pressed = next(
            one for one in page.find_all("button") if button in one.get_text() or button == one.get("aria-label")
        )
        form = pressed.find_parent("form")
        fields = dict(_given(form)) | ({pressed["name"]: pressed.get("value", "")} if pressed.get("name") else {})
        assert set(typed) <= {one.get("name") for one in form.find_all(["input", "textarea"])}
        words, target = urlencode({**fields, **typed}), urljoin(self.url, form.get("action") or self.url)
        if form.get("method", "get").lower() == "get":
            return self.open(f"{target}?{words}")
        self.url, body = target, self.home / "form"
        body.write_text(words)
        self.post = ("-post", str(body))
        return self._look()


def _given(form):
    """Yield what a form sends when nothing is typed into it."""
    for one in form.find_all("input", attrs={"name": True}):
        kind = one.get("type", "text")
        if kind not in {"checkbox", "radio", "submit"} or (kind != "submit" and one.has_attr("checked")):
            yield one["name"], one.get("value", "on" if kind == "checkbox" else "")


@pytest.fixture
def reader(program, live_server, tmp_path):
    """A reader with w3m in front of the live site."""
    assert live_server.url == django_settings.HOME_ORIGIN
    return W3m(program, tmp_path, live_server.url)


@pytest.fixture
def story():
    """A story with everything on it, in a section, in an edition that asks and mails."""
    make_edition(newsletter_box_title="Get our letter", privacy_sentence="Sealed.", postal_address="1 Ropewalk")
    make_offers(make_edition()), make_newsletter("The Week")
    return make_article(
        published=True, headline="Ferry stays in port", section=make_section("Politics"), photo=make_photo(),
        people=[make_person("Ada Brandt")],
    )  # fmt: skip


def test_a_reader_goes_from_the_front_to_a_section_and_a_story(reader, story):
    front = reader.open("/")
    assert "Ferry stays in port" in front
    assert "Ferry stays in port" in reader.follow("Politics")
    page = reader.follow("Ferry stays in port")
    assert reader.url.endswith(story.get_absolute_url())
    for words in ("Ada Brandt", "The first ferry left at five.", "What comes next", "Emmanuel Bonne / EPA"):
        assert words in page
    assert "A queue of people in front of a school." in page  # the picture in words
    assert "{" not in page


def test_a_reader_searches(reader, story):
    worker.drain()
    reader.open("/search/")
    found = reader.send("Search", q="ferry")
    assert "Ferry stays in port" in found
    assert "The first ferry left at five." in reader.follow("Ferry stays in port")


def test_a_reader_signs_up_and_confirms(reader, story):
    reader.open("/newsletters/")
    assert "vera@example.org" in reader.send("Sign up", email="vera@example.org")
    assert "Look into your mailbox" in reader.send("Yes, write to me")
    worker.drain()
    link = re.search(r"https?://\S+/newsletters/confirm/\S+", mail.outbox[0].body)[0]
    reader.open(link)
    assert Subscription.objects.get().state == "pending"
    assert "You are on the list" in reader.send("Yes, send me the letters")
    assert Subscription.objects.get().state == "confirmed"


def test_a_reader_gives_and_comes_to_the_page_where_money_is_paid(reader, story, monkeypatch):
    monkeypatch.setattr(forms, "MIN_DWELL_SECONDS", 0)
    assert "(*)" in reader.open("/support/")  # the chosen amount is seen
    reader.send("Continue", cadence="once", other="7.50")
    paying = reader.send("Give €7.50 once", email="vera@example.org")
    assert "Sandbox: no money moves" in paying
    assert "Thank you" in reader.send("Pay")
