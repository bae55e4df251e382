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


def leave_token(subscription_id, subscriber_public_id):
    """Return the token by which a reader leaves one newsletter; it never expires and needs no row of its own."""
    proof = sealing.lookup_key(f"{subscription_id}:{subscriber_public_id}", "leave")[:32]
    return f"{subscription_id}-{proof}"


def read_leave_token(token, find_public_id):
    """Return the subscription's id when the token is ours, else None; `find_public_id` maps an id to its reader's.

    The comparison takes the same time whether or not the subscription exists.
    """
    number, _dash, proof = token.partition("-")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    public_id = find_public_id(int(number)) or ""
    expected = leave_token(int(number), public_id).partition("-")[2]
    genuine = hmac.compare_digest(proof.encode("utf-8", "replace"), expected.encode())
    return int(number) if genuine and public_id else None
