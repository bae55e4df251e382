"""Pictures fetched from the hosts that somebody named, when no folder has them."""

import http.client
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile

from newsroom import outward

# One picture: how long, how many redirects. A host that fails so often in a row is left alone for the rest of a run.
SECONDS, HOPS, FAILURES = 30, 3, 5


class Fetcher:
    """Asks `hosts`, nobody else, and never again after it failed too often."""

    def __init__(self, hosts):
        self.hosts, self.failures = frozenset(host.lower().strip(".") for host in hosts), {}
        self.bounds = outward.Bounds(SECONDS, settings.PHOTO_MAX_BYTES, HOPS, ("image/",))

    def may_ask(self, address):
        """Tell whether the address is one that this run would fetch."""
        try:
            return outward.checked(address, hosts=self.hosts) is not None
        except outward.NotAllowed:
            return False

    def fetch(self, address):
        """Return (file, "") or (None, why not)."""
        host = urlsplit(address).hostname
        if self.failures.get(host, 0) >= FAILURES:
            return None, f"{host} did not answer {FAILURES} times and is asked no more; run the command again"
        try:
            answer = outward.get(address, self.bounds, hosts=self.hosts)
        except (outward.NotAllowed, outward.TooLong) as error:
            return None, str(error)
        except (OSError, http.client.HTTPException) as error:
            self.failures[host] = self.failures.get(host, 0) + 1
            return None, f"{host} does not answer ({type(error).__name__})"
        self.failures[host] = 0
        if answer.status != 200:
            return None, f"{host} answers with status {answer.status}"
        return ContentFile(answer.body, name=urlsplit(address).path.rpartition("/")[2][-100:] or "picture"), ""
