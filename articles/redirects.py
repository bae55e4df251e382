"""What is not found may have moved: a redirect is looked up where no page answers, and nowhere else."""

import re

from django.db import OperationalError
from django.http import HttpResponsePermanentRedirect
from django.utils import timezone

from articles.models import Redirect
from newsroom import pagecache, text_edition
from newsroom.editions import NEUTRAL, WITHOUT_EDITION
from newsroom.faults import busy

FEED = re.compile(r"^(?P<parent>/.+)/(?P<feed>(?:full/)?feed\.(?:xml|rss|json))$")


class RedirectMiddleware:
    """Turn a 404 into a 301 where an old address stands; it is inside the page cache, which stores no 301."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in {"GET", "HEAD"}:
            return response
        if request.path.startswith((*NEUTRAL, *WITHOUT_EDITION)):
            return response
        request.page_keys.add("redirects")
        try:
            address = new_address(
                request.path, request.META.get("QUERY_STRING", ""), request.edition, at=timezone.now()
            )
        except OperationalError:
            return busy(request)
        return permanently(address) if address else response


def new_address(path, query, edition, *, at):
    """Return the path that an old one leads to, or "". At most one query, two for a feed or a text edition."""
    redirect = Redirect.objects.at(path, query)
    if redirect is not None:
        return redirect.url if redirect.is_open(at) else ""
    if feed := FEED.match(path):
        redirect = Redirect.objects.at(feed["parent"])
        is_moved = redirect is not None and not redirect.new_path and redirect.is_open(at)
        return f"{redirect.url.rstrip('/')}/{feed['feed']}" if is_moved else ""
    start = f"{edition.prefix}{text_edition.PREFIX}/"
    if path.startswith(start):
        redirect = Redirect.objects.at(edition.prefix + path[len(start) - 1 :])
        return text_edition.text_url(redirect.url, edition) if redirect and redirect.is_open(at) else ""
    return ""


def permanently(address):
    """Return a 301 that browsers ask about again each time: what moved may move once more."""
    response = HttpResponsePermanentRedirect(address)
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    pagecache.for_proxies(response, ["redirects", "site"], "max-age=60")
    return response
