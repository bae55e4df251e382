"""Signatures in the format of minisign, so that anybody can check them with a tool of their own (Ed25519, BLAKE2b).

Source: the formats of signatures, public and secret keys, as minisign describes them (github.com/jedisct1/minisign).
The secret key is the unencrypted form that `minisign -G -W` writes (with zeros for its checksum); so either tool reads
the other's keys.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

PLAIN, HASHED, CHECKSUM = b"Ed", b"ED", b"B2"
# Algorithm, no key derivation, checksum; then the salt and limits that no derivation needs.
HEAD = PLAIN + b"\0\0" + CHECKSUM + bytes(32 + 8 + 8)
SECRET_BYTES = len(HEAD) + 8 + 64 + 32


class BadKey(ValueError):
    """What was given is no key of this format."""


def _last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise BadKey("empty")
    try:
        return base64.b64decode(lines[-1], validate=True)
    except ValueError:  # not base64, or no ASCII
        raise BadKey("not base64") from None


def _checksum(key_id, secret):
    return hashlib.blake2b(PLAIN + key_id + secret, digest_size=32).digest()


@dataclass(frozen=True)
class SecretKey:
    """A key that signs."""

    key_id: bytes
    seed: bytes

    @classmethod
    def make(cls):
        """Return a new key."""
        return cls(secrets.token_bytes(8), secrets.token_bytes(32))

    @classmethod
    def read(cls, text):
        """Return the key that a file or its last line holds; raises BadKey, also for one under a password."""
        data = _last_line(text)
        if len(data) != SECRET_BYTES or data[: len(HEAD)][:6] != HEAD[:6]:
            raise BadKey("not an unencrypted secret key of minisign")
        rest = data[len(HEAD) :]
        key_id, secret, checksum = rest[:8], rest[8:72], rest[72:]
        key = cls(key_id, secret[:32])
        if checksum not in {_checksum(key_id, secret), bytes(32)} or secret[32:] != key._public():
            raise BadKey("damaged")
        return key

    def _private(self):
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def _public(self):
        return self._private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def written(self):
        """Return the key as the text of a file."""
        seed = self._private().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        secret = seed + self._public()
        line = base64.b64encode(HEAD + self.key_id + secret + _checksum(self.key_id, secret)).decode()
        return f"untrusted comment: minisign secret key of the newsroom\n{line}\n"

    @property
    def public(self):
        """The line by which everybody checks signatures."""
        return base64.b64encode(PLAIN + self.key_id + self._public()).decode()

    def sign(self, data, *, trusted_comment, comment="signature of the newsroom"):
        """Return the text of a signature file; the trusted comment is signed too and must be one line."""
        if "\n" in trusted_comment or "\r" in trusted_comment:
            raise ValueError("A trusted comment is one line.")
        private = self._private()
        signature = private.sign(hashlib.blake2b(data).digest())
        whole = private.sign(signature + trusted_comment.encode())
        first = base64.b64encode(HASHED + self.key_id + signature).decode()
        second = base64.b64encode(whole).decode()
        return f"untrusted comment: {comment}\n{first}\ntrusted comment: {trusted_comment}\n{second}\n"


def verify(public, data, signature):
    """Return the trusted comment of a signature file made by the key `public`; raises ValueError when it is none."""
    key = _last_line(public)
    lines = signature.splitlines()
    if len(lines) != 4 or not lines[2].startswith("trusted comment: ") or len(key) != 42:
        raise ValueError("not a signature")
    first, second, comment = _last_line(lines[1]), _last_line(lines[3]), lines[2].removeprefix("trusted comment: ")
    if first[:2] != HASHED or first[2:10] != key[2:10]:
        raise ValueError("of another key")
    checker = Ed25519PublicKey.from_public_bytes(key[10:])
    try:
        checker.verify(first[10:], hashlib.blake2b(data).digest())
        checker.verify(second, first[10:] + comment.encode())
    except InvalidSignature:
        raise ValueError("forged") from None
    return comment
