"""The shortest way: the same bytes as the long one, and never longer than the page behind it is good."""

import io

import pytest
from django.core.wsgi import get_wsgi_application

from newsroom import shortcut
from newsroom.shortcut import Shortcut
from tests.make import make_article, make_mirror

pytestmark = pytest.mark.django_db(transaction=True)


class Site:
    """The whole site behind the shortcut; counts what Django was asked."""

    def __init__(self):
        self.django, self.asked = get_wsgi_application(), 0
        self.shortcut = Shortcut(self._django)

    def _django(self, environ, start_response):
        self.asked += 1
        return self.django(environ, start_response)

    def get(self, path="/", query="", **headers):
        """Return (status line, headers, body)."""
        told = []
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost",
            "SERVER_PORT": "80", "HTTP_HOST": "localhost", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(), "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", **headers,
        }  # fmt: skip
        answer = self.shortcut(environ, lambda status, headers, exc_info=None: told.extend([status, headers]))
        body = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        return told[0], dict(told[1]), body


@pytest.fixture
def site():
    """A site with a story whose front was asked for twice: it is stored, and its answer is known."""
    make_article(published=True, headline="Harbour")
    site = Site()
    site.get(), site.get()
    return site


@pytest.mark.parametrize("encoding", ["", "gzip", "br", "gzip, br;q=0"])
def test_it_gives_the_same_answer_as_django_without_asking(site, encoding):
    headers = {"HTTP_ACCEPT_ENCODING": encoding}
    whole = site.get(**headers)
    assert whole[1]["X-Page-Cache"] == "hit"
    before = site.asked
    assert site.get(**headers) == whole
    assert site.asked == before
    assert "Content-Security-Policy" in whole[1]


def test_a_change_is_seen_by_the_next_reader(site):
    make_article(published=True, headline="Next story")
    before = site.asked
    assert b"Next story" in site.get()[2]
    assert site.asked == before + 1


@pytest.mark.parametrize(
    "headers",
    [{"REQUEST_METHOD": "HEAD"}, {"REQUEST_METHOD": "POST"}, {"HTTP_IF_NONE_MATCH": '"x"'}, {"HTTP_RANGE": "bytes=0-1"},
     {"HTTP_IF_MODIFIED_SINCE": "Thu, 26 Nov 2026 10:00:00 GMT"}],
)  # fmt: skip
def test_what_is_no_plain_question_goes_the_whole_way(site, headers):
    before = site.asked
    site.get(**headers)
    assert site.asked == before + 1


def test_another_host_is_another_question_and_one_that_left_the_list_is_refused_at_once(site):
    mirror = make_mirror()
    host = {"HTTP_HOST": mirror.address.removeprefix("https://"), "wsgi.url_scheme": "https"}
    for _twice in range(2):
        assert site.get(**host)[1]["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in site.get()[1]
    mirror.active = False
    mirror.save()
    assert site.get(**host)[0].startswith("421")


def test_nothing_but_stored_pages_is_kept(site):
    for path in ("/search/", "/admin/login/", "/healthz", "/no-such-page/", "/feed.xml"):
        for _twice in range(3):
            site.get(path)
    kept = {key[4] for key in site.shortcut.answers}
    assert kept == {"/", "/feed.xml"}


def test_there_is_an_end_to_what_is_kept(site, monkeypatch):
    monkeypatch.setattr(shortcut, "MOST", 3)
    for number in range(5):
        for _twice in range(2):
            site.get(query=f"x={number}")
    assert [key[5] for key in site.shortcut.answers] == ["x=2", "x=3", "x=4"]
    assert site.get(query="x" * 50)[0] == "200 OK"


def test_it_is_what_the_server_serves():
    from newsroom.wsgi import application

    assert isinstance(application, Shortcut)
