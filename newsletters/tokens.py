"""Random ids, tokens of links, and the links by which readers leave."""

import hashlib
import hmac
import secrets

from newsroom import sealing


def random_id():
    """Return 128 random bits for an id that may stand in an address."""
    return secrets.token_urlsafe(16)


def new_token():
    """Return 256 random bits for a link in a mail."""
    return secrets.token_urlsafe(32)


def token_hash(token):
    """Return what is stored of a token: its SHA-256 in 64 hex digits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def leave_token(subscription_id):
    """Return the token by which a reader leaves one newsletter: 45 characters, good for ever, in no table.

    It proves itself without a row, so that the link of an erased reader is still known for ours.
    """
    return f"{subscription_id:012d}-{_proof(subscription_id)}"


def read_leave_token(token):
    """Return the subscription's id when the token is ours, whether or not the subscription still exists, else None."""
    number, _dash, proof = token.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) == 12):
        return None
    genuine = hmac.compare_digest(proof.encode("utf-8", "replace"), _proof(int(number)).encode())
    return int(number) if genuine else None


def _proof(subscription_id):
    return sealing.lookup_key(str(subscription_id), "leave")[:32]


def bounce_token(delivery_id):
    """Return the token in the envelope address of one delivery, by which a report of failure is known for ours."""
    return f"{delivery_id}-{sealing.lookup_key(str(delivery_id), 'bounce')[:16]}"


def read_bounce_token(token):
    """Return the delivery's id when the token is ours, else None."""
    number, _dash, proof = token.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    genuine = hmac.compare_digest(
        proof.encode("utf-8", "replace"), bounce_token(int(number)).partition("-")[2].encode()
    )
    return int(number) if genuine else None
