"""Proof of work: when a burst of signups comes, each costs the asking machine a second of computing (altcha)."""

import base64
import datetime
import json

from altcha import ChallengeOptionsV1, create_challenge_v1, verify_solution_v1

from newsroom import ratelimit, sealing

LIFETIME = datetime.timedelta(minutes=20)
MAX_NUMBER = 60_000  # about a second in a browser
MAX_LENGTH = 2000
TEXTS = ("algorithm", "challenge", "salt", "signature")


def make_challenge(*, at):
    """Return a signed challenge as JSON: find the number whose hash behind the salt is the challenge."""
    options = ChallengeOptionsV1(
        algorithm="SHA-256", max_number=MAX_NUMBER, hmac_key=_key(), expires=at + LIFETIME,
    )  # fmt: skip
    return json.dumps(create_challenge_v1(options).to_dict())


def is_solved(text, *, at):
    """Tell whether `text` is the solution of a challenge of ours, in time and for the first time."""
    try:
        solution = json.loads(base64.b64decode(text[:MAX_LENGTH], validate=True))
    except (ValueError, RecursionError):
        return False
    if not isinstance(solution, dict) or not all(isinstance(solution.get(name), str) for name in TEXTS):
        return False
    if type(solution.get("number")) is not int or "\x00" in solution["salt"] or not _is_fresh(solution["salt"], at):
        return False
    solved, _why = verify_solution_v1(solution, _key(), check_expires=False)
    lifetime = int(LIFETIME.total_seconds()) * 2
    return solved and ratelimit.allow("newsletters.proof", solution["signature"], limit=1, seconds=lifetime, at=at)


def _is_fresh(salt, at):
    ends = salt.partition("expires=")[2].partition("&")[0]
    return ends.isascii() and ends.isdigit() and len(ends) < 12 and int(ends) >= at.timestamp()


def _key():
    return sealing.lookup_key("challenge", "proof-of-work")
