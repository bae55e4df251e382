"""Asking another host for something: public addresses only, for a bounded time, size and number of redirects.

The address that was judged is the one that is connected to, so a name that resolves differently a moment later leads
nowhere else (OWASP, Server-Side Request Forgery Prevention).
"""

import http.client
import io
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

PORTS = {"http": 80, "https": 443}
MOVED = {301, 302, 303, 307, 308}


class NotAllowed(Exception):
    """The address leads where this site must not go; the text says why."""


class TooLong(ValueError):
    """The answer is larger than was asked for."""


@dataclass(frozen=True)
class Bounds:
    """How far one request may go: `seconds` and `most` bytes for all of it, `hops` redirects, `kinds` of content."""

    seconds: float = 10
    most: int = 2_000_000
    hops: int = 0
    kinds: tuple = ()


@dataclass(frozen=True)
class Answer:
    """What came back. `kind` is the type of the content, in small letters, without its parameters."""

    status: int
    kind: str
    place: str
    body: bytes


def is_public(address):
    """Tell whether an address of IPv4 or IPv6 is one that everybody on the internet can reach."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None) or ip
    return ip.is_global and inner.is_global and not inner.is_multicast and not _is_translated(ip)


def get(address, bounds, *, hosts=None, judge=is_public):
    """Return the Answer to a GET, redirects followed as far as `bounds` say; each is judged like the first address.

    `hosts` are the only names that may be asked. Raises NotAllowed, TooLong, OSError, http.client.HTTPException.
    """
    until, last = time.monotonic() + bounds.seconds, None
    for _hop in range(bounds.hops + 1):
        parts = checked(address, hosts=hosts, after=last)
        raw = connect(parts.hostname, parts.port or PORTS[parts.scheme], until, judge=judge)
        answer = ask(raw, parts, until, bounds)
        if answer.status not in MOVED or not bounds.hops:
            return answer
        last, address = parts.scheme, _next(address, answer.place)
    raise NotAllowed("it leads on too often")


def _next(address, place):
    try:
        return urljoin(address, place)
    except ValueError as error:
        raise NotAllowed("it leads to no address") from error


def checked(address, *, hosts=None, after=None):
    """Return the parts of an address that may be asked. `after` is the scheme that led there. Raises NotAllowed."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise NotAllowed("it is no address") from error
    if parts.scheme not in PORTS or not parts.hostname or any(ord(sign) <= 32 or ord(sign) == 127 for sign in address):
        raise NotAllowed("it is no address of the web")
    if parts.username is not None or port not in (None, PORTS[parts.scheme]):
        raise NotAllowed("it names an account or a port")
    if after == "https" and parts.scheme != "https":
        raise NotAllowed("it leads from a safe line to an open one")
    if hosts is not None and parts.hostname not in hosts:
        raise NotAllowed(f"nobody said that {parts.hostname[:80]} may be asked")
    return parts


def connect(host, port, until, *, judge=is_public):
    """Return a connection to `host`, whose every address is judged before one is used. Raises NotAllowed, OSError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise NotAllowed("it is no name of a host") from error
    if not all(judge(place[4][0]) for place in found):
        raise NotAllowed("its address is not public")
    family, kind, protocol, _name, address = found[0]
    connection = socket.socket(family, kind, protocol)
    try:
        connection.settimeout(_left(until))
        connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


def ask(raw, parts, until, bounds):
    """Return the Answer to a GET over a connection, which is closed afterwards."""
    with raw:
        raw.settimeout(_left(until))
        line = raw
        if parts.scheme == "https":
            line = ssl.create_default_context().wrap_socket(raw, server_hostname=parts.hostname)
        connection = http.client.HTTPConnection(parts.hostname)
        connection.sock = _Timed(line, until)
        try:
            wanted = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            headers = {"Host": parts.netloc, "User-Agent": "Mozilla/5.0", "Accept-Encoding": "identity"}
            connection.request("GET", wanted.encode("ascii", "xmlcharrefreplace").decode(), headers=headers)
            answer = connection.getresponse()
            kind = answer.headers.get_content_type().lower()
            if bounds.kinds and answer.status == 200 and not kind.startswith(bounds.kinds):
                raise NotAllowed(f"it is of the type {kind[:60]}")
            return Answer(answer.status, kind, answer.headers.get("Location", ""), _bounded(answer, until, bounds.most))
        finally:
            line.close()


def _bounded(answer, until, most):
    if (answer.length or 0) > most:
        raise TooLong("it is too large")
    body = bytearray()
    while chunk := answer.read1(65536):
        body += chunk
        if len(body) > most:
            raise TooLong("it is too large")
        _left(until)
    return bytes(body)


def _left(until):
    """Return the seconds that are left. Raises TimeoutError."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left


def _is_translated(ip):
    """Tell whether an address of IPv6 stands for one of IPv4 that a translator chooses (RFC 6052, RFC 4380)."""
    return any(ip in network for network in TRANSLATED if network.version == ip.version)


TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "::/96")))


class _Timed:
    """A socket for http.client whose every wait counts against one deadline: dripping bytes buys no time."""

    def __init__(self, line, until):
        self.line, self.until = line, until

    def sendall(self, data):
        self.line.settimeout(_left(self.until))
        self.line.sendall(data)

    def makefile(self, *_args, **_named):
        return io.BufferedReader(_Reader(self.line, self.until))

    def close(self):
        """Do nothing: http.client closes before the body of an old-fashioned answer is read; `ask` does it after."""


class _Reader(io.RawIOBase):
    def __init__(self, line, until):
        self.line, self.until = line, until

    def readable(self):
        return True

    def readinto(self, buffer):
        self.line.settimeout(_left(self.until))
        return self.line.recv_into(buffer)
