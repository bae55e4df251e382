"""How often somebody may ask for a letter: what keeps the signup form from being turned against a stranger."""

import datetime

from newsletters import proof
from newsroom import ratelimit

REPEAT_AFTER = datetime.timedelta(hours=24)
MAX_UNANSWERED = 3
FORGET_AFTER = datetime.timedelta(days=365)

PER_NETWORK = 30
PER_NETWORK_UNVOUCHED = 8
BURST = 100  # so many in an hour, and each must prove some work
EVERYBODY = 600
HOUR = 3600


class TooMany(Exception):
    """So many ask at this moment that nobody can be served; it says nothing about an address."""


class NeedsProof(Exception):
    """So many ask at this moment that each must bring a proof of work."""


def is_burst(*, at):
    """Tell whether so many ask in this hour that each must prove some work."""
    return ratelimit.count("newsletters.ask", "everybody", seconds=HOUR, at=at) >= BURST


def require_proof(solution, *, at):
    """Raise NeedsProof unless `solution` is a fresh one of a challenge of ours; it counts once."""
    if not proof.is_solved(solution, at=at):
        raise NeedsProof


def admit(network, *, vouched, at):
    """Count one request of a network; raise TooMany when it, or everybody together, asked too often this hour.

    `vouched` tells that the browser said the form stood on our own page; others are held shorter.
    """
    limit = PER_NETWORK if vouched else PER_NETWORK_UNVOUCHED
    if not ratelimit.allow("newsletters.ask", network, limit=limit, seconds=HOUR, at=at):
        raise TooMany("network")
    if not ratelimit.allow("newsletters.ask", "everybody", limit=EVERYBODY, seconds=HOUR, at=at):
        raise TooMany("everybody")
