"""Forms on cached pages carry no token and no cookie; their target refuses only what is positively cross-site."""

import functools
from urllib.parse import urlsplit

from django.conf import settings
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

FORM_MAX_BYTES = 64 * 1024


def says_cross_site(request):
    """Tell whether `Sec-Fetch-Site` or `Origin` says that the form stood on another site.

    Text browsers send neither; their posts pass. Source: Fetch Metadata Request Headers (W3C) and RFC 6454.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site in {"cross-site", "same-site"}:
        return True
    origin = request.headers.get("Origin")
    if not origin:
        return False
    if origin == "null":
        return site != "same-origin"
    try:
        return urlsplit(origin).netloc not in {request.get_host(), urlsplit(settings.HOME_ORIGIN).netloc}
    except ValueError:
        return True


def announced_size(request):
    """Return how many bytes the request says it carries; what is no number counts as none."""
    size = request.headers.get("Content-Length") or ""
    return int(size) if size.isascii() and size.isdigit() and len(size) < 19 else 0


def reader_form(view):
    """Accept a form from a cached page: same-origin as far as anybody can tell, bounded in size, never stored."""

    @csrf_exempt
    @never_cache
    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        if request.method == "POST":
            if says_cross_site(request):
                return render(request, "403.html", status=403)
            if announced_size(request) > FORM_MAX_BYTES:
                return render(request, "413.html", status=413)
        return view(request, *args, **kwargs)

    return wrapped
