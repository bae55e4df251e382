"""Random ids and tokens."""

import hashlib
import secrets

from newsroom import sealing


def random_id():
    """Return 128 random bits for an id that may stand in an address."""
    return secrets.token_urlsafe(16)


def token_hash(token):
    """Return what is stored of a random token: its SHA-256 in 64 hex digits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def return_token(gift_public_id):
    """Return the token of a gift's return address: the same for every repetition of a hand-over, and in no table."""
    return sealing.lookup_key(gift_public_id, "return")
