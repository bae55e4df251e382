"""How often somebody may ask for a letter: what keeps the signup form from being turned against a stranger."""

import datetime

from newsroom import ratelimit

REPEAT_AFTER = datetime.timedelta(hours=24)
MAX_UNANSWERED = 3
FORGET_AFTER = datetime.timedelta(days=365)

PER_NETWORK = 30
PER_NETWORK_UNVOUCHED = 8
EVERYBODY = 600
HOUR = 3600


class TooMany(Exception):
    """So many ask at this moment that nobody can be served; it says nothing about an address."""


def admit(network, *, vouched, at):
    """Count one request of a network; raise TooMany when it, or everybody together, asked too often this hour.

    `vouched` tells that the browser said the form stood on our own page; others are held shorter.
    """
    limit = PER_NETWORK if vouched else PER_NETWORK_UNVOUCHED
    if not ratelimit.allow("newsletters.ask", network, limit=limit, seconds=HOUR, at=at):
        raise TooMany("network")
    if not ratelimit.allow("newsletters.ask", "everybody", limit=EVERYBODY, seconds=HOUR, at=at):
        raise TooMany("everybody")
