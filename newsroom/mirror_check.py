"""A look at a mirror from outside: does it answer, and with today's front page?

It goes only where readers could go: to public addresses, without following redirects, for a bounded time and size.
An onion is asked through the SOCKS proxy of the onion network (NEWSROOM_ONION_PROXY); without one nobody looks.
"""

import http.client
import re
import socket
import struct
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from newsroom import hosts, inside, outward
from newsroom.editions import all_editions
from newsroom.models import Mirror

SECONDS, MAX_BYTES, COMPARED = 10, 2_000_000, 10
STORY = re.compile(rb"\b[12]\d{3}/\d{2}/\d{2}/(?:[^\"'/?#<>\s]*-)?([0-9A-Za-z]{8,12})\b")


def check(mirror, *, at):
    """Look at a mirror and write down what was seen; returns its state."""
    edition = next((one for one in all_editions() if mirror.speaks(one)), None)
    if edition is None or (mirror.is_onion and not settings.ONION_PROXY):
        mirror.note_check(Mirror.State.UNKNOWN, _("Nobody can look from here."), at=at)
        return mirror.state
    try:
        status, body = fetch(f"{mirror.address}{edition.prefix}/")
    except outward.NotAllowed:
        mirror.note_check(Mirror.State.AWAY, _("The address is not public."), at=at)
    except (OSError, http.client.HTTPException, ValueError) as error:
        mirror.note_check(Mirror.State.AWAY, type(error).__name__, at=at)
    else:
        mirror.note_check(*_judged(edition, status, body), at=at)
    return mirror.state


def _judged(edition, status, body):
    """Return (state, note) of an answer."""
    if status != 200:
        return Mirror.State.OTHER, _("It answers with status %(status)d.") % {"status": status}
    ours = inside.page(f"{edition.prefix}/", role=hosts.MIRROR).content
    wanted, found = stories(ours)[:COMPARED], set(stories(body))
    if edition.title.encode() not in body and (not wanted or not found & set(wanted)):
        return Mirror.State.OTHER, _("It answers with another page.")
    missing = [story for story in wanted if story not in found]
    if missing:
        return Mirror.State.OLD, _("Stories missing: %(count)d.") % {"count": len(missing)}
    return Mirror.State.CURRENT, ""


def stories(html):
    """Return the ids of the stories that a page leads to, in their order; links may be whole or relative."""
    return list(dict.fromkeys(STORY.findall(html)))


def fetch(address):
    """Return (status, body) of a GET; raises NotAllowed, OSError, HTTPException or ValueError (a body too long)."""
    parts, until = urlsplit(address), time.monotonic() + SECONDS
    port = parts.port or outward.PORTS[parts.scheme]
    if parts.hostname.endswith(".onion"):
        raw = _through_onion(parts.hostname, port)
    else:
        raw = outward.connect(parts.hostname, port, until, judge=_may_be_asked)
    answer = outward.ask(raw, parts, until, outward.Bounds(SECONDS, MAX_BYTES))
    return answer.status, answer.body


def _may_be_asked(address):
    return settings.PRIVATE_MIRRORS or outward.is_public(address)


def _through_onion(host, port):
    """Return a connection to an onion through the SOCKS5 proxy, which resolves its name (RFC 1928)."""
    proxy, _colon, proxy_port = settings.ONION_PROXY.rpartition(":")
    connection = socket.create_connection((proxy, int(proxy_port)), timeout=SECONDS)
    try:
        connection.sendall(b"\x05\x01\x00")
        if connection.recv(2) != b"\x05\x00":
            raise ConnectionError
        name = host.encode()
        connection.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + struct.pack(">H", port))
        reply = connection.recv(262)
        if len(reply) < 4 or reply[1] != 0:
            raise ConnectionError
    except OSError:
        connection.close()
        raise
    return connection
