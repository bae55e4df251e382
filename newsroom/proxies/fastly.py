"""Fastly: purge by surrogate key (https://www.fastly.com/documentation/reference/api/purging/).

PROXY_ADDRESS is `https://api.fastly.com/service/<id>`, PROXY_TOKEN a token that may purge.
"""

from django.conf import settings

from newsroom import proxies


def forget(keys, *, are_taken_back):
    """Purge the keys; what was taken back at once, other pages softly: they may be shown while the site is away."""
    headers = {"Fastly-Key": settings.PROXY_TOKEN, "Surrogate-Key": " ".join(keys)}
    if not are_taken_back:
        headers["Fastly-Soft-Purge"] = "1"
    proxies.ask("POST", f"{settings.PROXY_ADDRESS}/purge", headers=headers, body=b"")
