"""Asking another host: public addresses only, the judged address is the one that is used, and everything is bounded."""

import http.server
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from newsroom import outward
from newsroom.outward import Bounds, NotAllowed, TooLong

pytestmark = pytest.mark.once


class Peer(http.server.BaseHTTPRequestHandler):
    """Answers as the test says: {path: (status, headers, body)}."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Host"]))
        status, headers, body = self.server.answers[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def peer(monkeypatch):
    """A host called pictures.example on this machine; `get` may go to its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    server.answers, server.asked = {}, []
    monkeypatch.setitem(outward.PORTS, "http", server.server_port)
    names(monkeypatch, {"pictures.example": ["127.0.0.1"]})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def names(monkeypatch, known):
    """Let names resolve to these addresses; each look takes the next list where there are several."""

    def resolve(host, port, **_named):
        found = known[host] if not isinstance(known[host][0], list) else known[host].pop(0)
        return [(socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
                for one in found]  # fmt: skip

    monkeypatch.setattr(outward.socket, "getaddrinfo", resolve)


def get(path="/a.jpg", **bounds):
    return outward.get(f"http://pictures.example{path}", Bounds(**bounds), judge=lambda address: True)


def refuse_to_connect(monkeypatch):
    monkeypatch.setattr(outward.socket.socket, "connect", lambda *_: pytest.fail("connected"))


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "0.0.0.0", "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1",
     "224.0.0.1", "255.255.255.255", "::1", "::", "fd00::1", "fe80::1", "ff02::1", "::ffff:10.0.0.1", "2002:a00:1::",
     "64:ff9b::a00:1",     "64:ff9b:1::a00:1", "::127.0.0.1", "2001:0:0:0::a00:1"],
)  # fmt: skip
def test_no_address_that_is_not_public_is_asked(monkeypatch, address):
    names(monkeypatch, {"pictures.example": [address]})
    refuse_to_connect(monkeypatch)
    with pytest.raises(NotAllowed, match="not public"):
        outward.get("http://pictures.example/a.jpg", Bounds())


def test_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    names(monkeypatch, {"pictures.example": ["93.184.216.34", "10.0.0.1"]})
    refuse_to_connect(monkeypatch)
    with pytest.raises(NotAllowed, match="not public"):
        outward.get("http://pictures.example/a.jpg", Bounds())


def test_public_addresses_are_public():
    assert outward.is_public("93.184.216.34")
    assert outward.is_public("2606:2800:220:1::1")


def test_name_is_looked_up_once_and_what_was_judged_is_connected_to(monkeypatch):
    names(monkeypatch, {"pictures.example": [["93.184.216.34"], ["127.0.0.1"]]})
    gone_to = []

    def connect(_socket, address):
        gone_to.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(outward.socket.socket, "connect", connect)
    with pytest.raises(ConnectionRefusedError):
        outward.get("http://pictures.example/a.jpg", Bounds())
    assert gone_to == ["93.184.216.34"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("file:///etc/passwd", "no address of the web"),
        ("gopher://pictures.example/", "no address of the web"),
        ("//pictures.example/a.jpg", "no address of the web"),
        ("http:///a.jpg", "no address of the web"),
        ("http://pictures.example/a b", "no address of the web"),
        ("http://pictures.example/a\r\nHost: x", "no address of the web"),
        ("http://u:p@pictures.example/", "an account or a port"),
        ("http://pictures.example:6379/", "an account or a port"),
        ("http://pictures.example:99999/", "no address"),
        ("http://[::1", "no address"),
        ("http://" + "a" * 80 + ".example/", "no name of a host"),
    ],
)
def test_what_is_no_plain_address_of_the_web_is_refused(monkeypatch, address, said):
    refuse_to_connect(monkeypatch)
    with pytest.raises(NotAllowed, match=said):
        outward.get(address, Bounds())


def test_host_that_nobody_named_is_not_asked(monkeypatch):
    refuse_to_connect(monkeypatch)
    with pytest.raises(NotAllowed, match="nobody said"):
        outward.get("http://other.example/a.jpg", Bounds(), hosts={"pictures.example"})


def test_answer_comes_with_its_type_and_host(peer):
    peer.answers = {"/a.jpg?x=1": (200, {"Content-Type": "Image/JPEG; x=y"}, b"picture")}
    answer = get("/a.jpg?x=1", kinds=("image/",))
    assert (answer.status, answer.kind, answer.body) == (200, "image/jpeg", b"picture")
    assert peer.asked == [("/a.jpg?x=1", "pictures.example")]


def test_other_type_is_refused(peer):
    peer.answers = {"/a.jpg": (200, {"Content-Type": "text/html"}, b"<script>")}
    with pytest.raises(NotAllowed, match="type text/html"):
        get(kinds=("image/",))


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "5000"}])
def test_too_large_an_answer_is_not_read(peer, headers):
    peer.answers = {"/a.jpg": (200, headers, b"x" * 5000)}
    with pytest.raises(TooLong):
        get(most=4999)


def test_redirect_is_followed_within_bounds_and_not_beyond(peer):
    peer.answers = {
        "/a.jpg": (302, {"Location": "/b.jpg"}, b""),
        "/b.jpg": (301, {"Location": "http://pictures.example/c.jpg"}, b""),
        "/c.jpg": (200, {}, b"there"),
    }
    assert get(hops=2).body == b"there"
    with pytest.raises(NotAllowed, match="too often"):
        get(hops=1)
    assert get(hops=0).status == 302


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("http://inside.example/", "not public"),
        ("http://other.example/", "nobody said"),
        ("file:///etc/passwd", "no address of the web"),
        ("http://pictures.example:22/", "an account or a port"),
        ("http://[", "leads to no address"),
    ],
)
def test_redirect_is_judged_like_the_first_address(peer, monkeypatch, place, said):
    names(monkeypatch, {"pictures.example": ["127.0.0.1"], "inside.example": ["10.0.0.1"]})
    peer.answers = {"/a.jpg": (302, {"Location": place}, b"")}
    with pytest.raises(NotAllowed, match=said):
        outward.get("http://pictures.example/a.jpg", Bounds(hops=3), judge=lambda one: one == "127.0.0.1",
                    hosts={"pictures.example", "inside.example"})  # fmt: skip


def test_no_redirect_leads_from_a_safe_line_to_an_open_one():
    with pytest.raises(NotAllowed, match="safe line"):
        outward.checked("http://pictures.example/", after="https")
    outward.checked("https://pictures.example/", after="http")


def test_peer_that_drips_meets_the_deadline(peer):
    """Each byte of the headers comes in time; all of them together do not. Without a deadline the end comes first."""
    mine, theirs = socket.socketpair()
    stop = threading.Event()

    def drip():
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300:
            if stop.wait(0.005):
                return
            try:
                theirs.sendall(bytes([byte]))
            except OSError:
                return
        theirs.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(TimeoutError):
        outward.ask(mine, urlsplit("http://pictures.example/"), time.monotonic() + 0.2, Bounds())
    stop.set()
    thread.join()
    theirs.close()


def test_deadline_that_passed_asks_nobody(peer):
    with pytest.raises(TimeoutError):
        get(seconds=0)
    assert peer.asked == []
