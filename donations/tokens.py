"""Random ids and tokens."""

import hashlib
import secrets


def random_id():
    """Return 128 random bits for an id that may stand in an address."""
    return secrets.token_urlsafe(16)


def token_hash(token):
    """Return what is stored of a random token: its SHA-256 in 64 hex digits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
