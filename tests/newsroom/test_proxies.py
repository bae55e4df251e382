"""What stands before the site: nginx as we configure it, for real; Varnish and CDNs by what they are told."""

import http.client
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django_tasks_db.models import DBTaskResult

from newsroom import pagecache, proxies, worker
from newsroom.proxies import cloudflare, fastly, nginx, varnish
from tests import nginx as nginx_here
from tests.environment import free_port
from tests.make import make_article, make_edition, make_person


class Peer:
    """A server that answers as told and remembers what it was asked: (method, path, headers, body)."""

    def __init__(self, answer=lambda request: (200, {}, b"")):
        self.asked, self.answer = [], answer
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                peer.asked.append((self.command, self.path, dict(self.headers), body))
                status, headers, content = peer.answer(self)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": len(content)}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_BAN = do_HEAD = handle_any  # noqa: N815 - names of the standard library

            def log_message(self, *args):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.stop()


# nginx, for real


def page(number=[0]):  # noqa: B006 - a counter
    """Answer a reader page as the site does: another text each time, which encoding was asked, one second in nginx."""

    def answer(request):
        number[0] += 1
        if request.path == "/private":
            return 200, {"Cache-Control": "no-store"}, b"private %d" % number[0]
        if request.path == "/cookie":
            return 200, {"X-Accel-Expires": "1", "Set-Cookie": "a=b"}, b"cookie %d" % number[0]
        encoding = request.headers.get("Accept-Encoding", "none")
        lifetime = "0" if request.path == "/old" else "60"
        headers = {"Cache-Control": "public, max-age=0, must-revalidate", "X-Accel-Expires": lifetime,
                   "Vary": "Accept-Encoding"}  # fmt: skip
        return 200, headers, f"{encoding} {number[0]}".encode()

    return answer


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """The nginx of our configuration before a peer: (port, peer)."""
    if nginx_here.program() is None:
        assert os.environ.get("CI") != "true", nginx_here.MISSING
        pytest.skip(nginx_here.MISSING)
    peer = Peer(page())
    with nginx_here.before(peer.address, tmp_path_factory.mktemp("nginx")) as port:
        yield port, peer


def get(port, path, **headers):
    """Return (body, how nginx came by it, status)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Host": "example.org", **headers})
    answer = connection.getresponse()
    found = answer.read().decode(), answer.headers.get("X-Proxy-Cache"), answer.status
    connection.close()
    return found


def test_page_is_asked_for_once_and_served_from_the_cache(front):
    port, _peer = front
    first = get(port, "/once")
    assert [first[1], get(port, "/once")[1]] == ["MISS", "HIT"]
    assert get(port, "/once")[0] == first[0]


def test_there_is_one_copy_for_each_encoding_of_ours_and_no_other(front):
    port, _peer = front
    spoken = ["br", "gzip, deflate, br, zstd", "gzip", "gzip;q=0.5", "deflate", ""]
    bodies = [get(port, "/encoded", **{"Accept-Encoding": one})[0] for one in spoken]
    assert [body.split()[0] for body in bodies] == ["br", "br", "gzip", "gzip", "none", "none"]
    assert len(set(bodies)) == 3


def test_what_is_private_or_sets_a_cookie_is_never_kept(front):
    port, _peer = front
    for path in ("/private", "/cookie", "/old"):
        assert get(port, path)[0] != get(port, path)[0], path


def test_only_this_machine_has_a_page_fetched_past_the_cache(front, settings):
    port, _peer = front
    before = get(port, "/refreshed")[0]
    assert get(port, "/refreshed", **{"X-Forwarded-For": "127.0.0.1"})[0] == before
    settings.PROXY_ADDRESS, settings.HOME_ORIGIN = f"http://127.0.0.1:{port}", "http://example.org"
    nginx.refresh("/refreshed", host="example.org")
    after = get(port, "/refreshed")
    assert (after[0] != before, after[1]) == (True, "HIT")


def test_while_one_reader_waits_for_the_site_others_get_the_page_of_a_second_ago(front):
    port, peer = front
    usual, asked, go_on = peer.answer, threading.Event(), threading.Event()
    peer.answer = lambda request: (200, {"X-Accel-Expires": "1"}, b"first")
    assert get(port, "/slow")[0] == "first"

    def slow(request):
        asked.set()
        assert go_on.wait(20)
        return 200, {"X-Accel-Expires": "1"}, b"second"

    peer.answer = slow
    waiting = threading.Thread(target=lambda: _ask_until(port, "/slow", "second"))
    waiting.start()
    assert asked.wait(20)
    try:
        assert get(port, "/slow")[:2] == ("first", "UPDATING")
    finally:
        go_on.set()
        waiting.join(20)
        peer.answer = usual
    assert not waiting.is_alive()


def _ask_until(port, path, body):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and get(port, path)[0] != body:
        pass


def test_older_page_is_shown_while_the_site_does_not_answer(front, tmp_path):
    port, peer = front
    peer.answer = lambda request: (200, {"X-Accel-Expires": "1"}, b"kept")
    assert get(port, "/kept")[1] == "MISS"
    peer.stop()
    deadline, how = time.monotonic() + 20, "HIT"
    while how == "HIT" and time.monotonic() < deadline:
        body, how, status = get(port, "/kept")
    assert (body, how, status) == ("kept", "STALE", 200)
    assert get(port, "/never-asked")[2] == 502


# What the others are told


@pytest.mark.django_db(transaction=True)
def test_change_is_told_by_a_task_that_commits_with_it(settings, peer):
    settings.PROXY, settings.PROXY_ADDRESS = "varnish", peer.address
    pagecache.bump("article:abc", "front:1")
    assert not peer.asked
    worker.drain()
    ((method, path, headers, _body),) = peer.asked
    assert (method, path, headers["X-Ban-Keys"]) == ("BAN", "/", "(^| )(article:abc|front:1)( |$)")


@pytest.mark.django_db(transaction=True)
def test_proxy_that_is_down_delays_no_verb_and_is_told_later(settings, peer):
    settings.PROXY, settings.PROXY_ADDRESS = "varnish", f"http://127.0.0.1:{free_port()}"
    pagecache.bump("article:abc")
    worker.drain()
    task = DBTaskResult.objects.get(task_path="newsroom.tasks.purge_proxy")
    assert task.status == "READY"
    settings.PROXY_ADDRESS = peer.address
    with time_machine.travel(task.run_after):
        worker.drain()
    assert len(peer.asked) == 1


@pytest.mark.django_db(transaction=True)
def test_without_a_proxy_nothing_is_left_to_do():
    pagecache.bump("article:abc")
    assert not DBTaskResult.objects.exists()


def test_fastly_is_told_softly_but_for_what_was_taken_back(settings, peer):
    settings.PROXY, settings.PROXY_ADDRESS, settings.PROXY_TOKEN = "fastly", peer.address, "secret"
    proxies.forget(["article:a", "person:b", "taken-back:person:b"])
    (taken, changed) = peer.asked
    assert (taken[1], taken[2]["Surrogate-Key"], taken[2].get("Fastly-Soft-Purge")) == ("/purge", "person:b", None)
    assert (changed[2]["Surrogate-Key"], changed[2]["Fastly-Soft-Purge"]) == ("article:a", "1")
    assert changed[2]["Fastly-Key"] == "secret"


def test_cloudflare_is_told_thirty_tags_at_a_time(settings, peer):
    settings.PROXY_ADDRESS, settings.PROXY_TOKEN = peer.address, "secret"
    cloudflare.forget([f"article:{number}" for number in range(31)], are_taken_back=False)
    assert [body.count(b"article:") for _method, _path, _headers, body in peer.asked] == [30, 1]
    assert peer.asked[0][2]["Authorization"] == "Bearer secret"


@pytest.mark.parametrize("module", [varnish, fastly, cloudflare])
def test_refusal_of_a_proxy_is_an_error_and_not_taken_for_done(settings, module):
    peer = Peer(lambda request: (500, {}, b""))
    settings.PROXY_ADDRESS, settings.PROXY_TOKEN = peer.address, "secret"
    with pytest.raises(OSError, match="500"):
        module.forget(["a"], are_taken_back=True)
    peer.stop()


@pytest.mark.django_db
def test_nginx_fetches_every_public_page_anew_when_something_was_taken_back(settings, peer):
    settings.PROXY, settings.PROXY_ADDRESS = "nginx", peer.address
    story = make_article(edition=make_edition(), published=True)
    nginx.forget(["article:x"], are_taken_back=False)
    assert not peer.asked
    nginx.forget(["site"], are_taken_back=True)
    asked = [(path, headers.get("Accept-Encoding"), headers["X-Refresh"]) for _m, path, headers, _b in peer.asked]
    for encoding in ("identity", "gzip", "br"):
        assert (story.get_absolute_url(), encoding, "1") in asked


@pytest.mark.django_db
@pytest.mark.parametrize("proxy", ["varnish", "fastly", "cloudflare"])
def test_pages_name_their_keys_to_a_proxy_that_is_told_by_key(client, settings, proxy):
    settings.PROXY = proxy
    story = make_article(published=True)
    answer = client.get(story.get_absolute_url())
    keys = answer["Surrogate-Key"].split()
    assert answer["Surrogate-Control"].startswith("max-age=")
    assert {"site", f"article:{story.public_id}"} <= set(keys)
    assert answer["Cache-Tag"] == answer["Surrogate-Key"]
    assert answer["X-Accel-Expires"] == "1"
    assert "X-Accel-Expires" not in client.get("/search/?q=a").headers


@pytest.mark.django_db
@pytest.mark.parametrize("proxy", ["none", "nginx"])
def test_nobody_else_learns_the_keys_which_tell_who_may_not_be_named_from_others(client, settings, proxy):
    settings.PROXY = proxy
    mute = make_person("Mute Person", name_state="withheld")
    stories = [make_article(published=True, people=[mute]) for _two in range(2)]
    for story in stories:
        headers = client.get(story.get_absolute_url()).headers
        assert not any(f"person:{mute.pk}" in value for value in headers.values())
        assert not {"Surrogate-Key", "Cache-Tag", "Surrogate-Control", "CDN-Cache-Control"} & set(headers)


def test_proxy_without_an_address_stops_the_start(monkeypatch):
    import importlib

    from newsroom import settings as module

    monkeypatch.setenv("PROXY", "varnish")
    monkeypatch.delenv("PROXY_ADDRESS", raising=False)
    spec = importlib.util.spec_from_file_location("settings_again", module.__file__)
    with pytest.raises(ImproperlyConfigured, match="PROXY_ADDRESS"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
