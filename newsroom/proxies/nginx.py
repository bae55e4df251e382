"""nginx: it asks the site again after a second by itself, so only what was taken back is fetched anew at once.

nginx's free edition cannot delete by key. Its configuration (docs/production/nginx.conf) keeps a page for one second
and shows an older one only while the site does not answer; one with something taken back must not be shown even then.
"""

from urllib.error import HTTPError
from urllib.parse import urlsplit

from django.conf import settings

from newsroom import proxies, registry
from newsroom.editions import all_editions

ENCODINGS = ("", "gzip", "br")


def forget(keys, *, are_taken_back):
    """Fetch every public page anew, in each encoding, when something was taken back."""
    if not are_taken_back:
        return
    host = urlsplit(settings.HOME_ORIGIN).netloc
    for path in sorted({path for edition in all_editions() for urls in registry.public_urls.values()
                        for path in urls(edition)}):  # fmt: skip
        refresh(path, host=host)


def refresh(path, *, host):
    """Fetch one page past the cache, which then holds what the site answered: also that the page is gone."""
    for encoding in ENCODINGS:
        headers = {"Host": host, "X-Refresh": "1", "Accept-Encoding": encoding or "identity"}
        headers["X-Forwarded-Proto"] = urlsplit(settings.HOME_ORIGIN).scheme
        try:
            proxies.ask("GET", settings.PROXY_ADDRESS + path, headers=headers)
        except HTTPError as answer:
            if answer.code >= 500:
                raise
