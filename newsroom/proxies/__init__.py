"""The proxy or CDN before the site: told, by a task, which pages it must forget. One module for each kind.

Each has `forget(keys, *, are_taken_back)`: `keys` are surrogate keys, as pages name them in their `Surrogate-Key`;
`are_taken_back` says that something on those pages may not be shown any more, not even while the site is away. It
raises OSError when the proxy did not do it; the worker then tries again.
"""

import urllib.request
from importlib import import_module

from django.conf import settings

KINDS = ("none", "nginx", "varnish", "fastly", "cloudflare")
PATIENCE = 10
MOST_KEYS = 200


def current():
    """Return the module of the proxy that the settings name, or None."""
    return None if settings.PROXY == "none" else import_module(f"newsroom.proxies.{settings.PROXY}")


def forget(keys):
    """Have the proxy forget the pages of bumped keys; keys that mark what was taken back are understood."""
    proxy = current()
    if proxy is None:
        return
    gone = sorted(key.removeprefix("taken-back:") for key in keys if key.startswith("taken-back:"))
    changed = sorted({key for key in keys if not key.startswith("taken-back:")} - set(gone))
    for found, are_taken_back in ((gone, True), (changed, False)):
        for start in range(0, len(found), MOST_KEYS):
            proxy.forget(found[start : start + MOST_KEYS], are_taken_back=are_taken_back)


def ask(method, address, *, headers=None, body=None):
    """Send one request to the proxy and return its status; no proxy of the environment is used. Raises OSError."""
    request = urllib.request.Request(address, data=body, headers=headers or {}, method=method)  # noqa: S310 - configured
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=PATIENCE) as answer:
        answer.read(1_000_000)
        return answer.status
