"""How many gifts one network and the whole site may begin; the numbers follow Tor's donation page."""

from newsroom import ratelimit

PER_NETWORK_MINUTE = 3
PER_NETWORK_DAY = 10
PER_SITE_MINUTE = 30


def allow_hand_over(request, *, at):
    """Count one new gift and tell whether it may begin."""
    network = ratelimit.network_of(request)
    return (
        ratelimit.allow("give minute", network, limit=PER_NETWORK_MINUTE, seconds=60, at=at)
        and ratelimit.allow("give day", network, limit=PER_NETWORK_DAY, seconds=86_400, at=at)
        and ratelimit.allow("give site", "all", limit=PER_SITE_MINUTE, seconds=60, at=at)
    )


def allow_choice(request, *, at):
    """Count one choice of an amount and tell whether it may be answered."""
    return ratelimit.allow("choose", ratelimit.network_of(request), limit=60, seconds=60, at=at)


def allow_link(request, address, *, at):
    """Count one wish for a link and tell whether it may be answered: few for a network, fewer for an address."""
    network = ratelimit.network_of(request)
    return ratelimit.allow("link network", network, limit=20, seconds=3600, at=at) and ratelimit.allow(
        "link address", address.strip().lower(), limit=4, seconds=3600, at=at
    )


def allow_reminder(request, *, at):
    """Count one wish to be reminded and tell whether it may be taken."""
    return ratelimit.allow("remind", ratelimit.network_of(request), limit=10, seconds=3600, at=at)


def allow_opening(request, *, at):
    """Count one try of a link or a session and tell whether it may be answered."""
    return ratelimit.allow("open", ratelimit.network_of(request), limit=120, seconds=600, at=at)


def allow_question(gift, *, at):
    """Count one question to the provider about a gift and tell whether it may be asked."""
    return ratelimit.allow("ask about", str(gift.pk), limit=12, seconds=60, at=at)
