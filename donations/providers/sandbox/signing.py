"""Signed notices: an HMAC-SHA256 over the moment and the raw body, "t=…,v1=…" in one header.

The grammar follows Stripe's webhook signatures, so that both adapters fail and are tested alike.
"""

import hashlib
import hmac

HEADER = "Sandbox-Signature"
TOLERANCE_SECONDS = 300


class BadSignature(Exception):
    """The header does not prove where the body comes from; the text is one word for the log."""


def _digest(moment, body, secret):
    return hmac.new(secret.encode(), str(moment).encode() + b"." + body, hashlib.sha256).hexdigest()


def sign(body, *, secret, at):
    """Return the header's value for `body` (bytes)."""
    moment = int(at.timestamp())
    return f"t={moment},v1={_digest(moment, body, secret)}"


def verify(body, header, *, secrets, at):
    """Raise BadSignature unless one signature in `header` fits `body` under one of `secrets` and is fresh."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    moments = [value for name, _equals, value in pairs if name == "t"]
    given = [value for name, _equals, value in pairs if name == "v1"]
    if len(moments) != 1 or not (moments[0].isascii() and moments[0].isdigit()) or len(moments[0]) > 12 or not given:
        raise BadSignature("header")
    expected = [_digest(int(moments[0]), body, secret) for secret in secrets if secret]
    if not any(
        hmac.compare_digest(one.encode(), other.encode("utf-8", "replace")) for one in expected for other in given
    ):
        raise BadSignature("signature")
    if abs(at.timestamp() - int(moments[0])) > TOLERANCE_SECONDS:
        raise BadSignature("age")
