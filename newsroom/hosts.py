"""Which hosts are answered, and what each carries: the workshop, the home address, mirrors and the onion.

Whatever is not listed is refused before anything else sees it. Behind this middleware `request.host_role` says where
the request came in; `request.page_host` names the hosts that share their stored pages.
"""

import functools
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.request import split_domain_port
from django.middleware import security
from django.urls import Resolver404, resolve
from django.utils.encoding import escape_uri_path

from newsroom import mirrors, pagecache

# One host for both, the home address alone, the workshop alone, the others, and pages for the static copy.
BOTH, HOME, WORKSHOP, MIRROR, ONION, COPY = "both", "home", "workshop", "mirror", "onion", "copy"
AWAY = {MIRROR, ONION, COPY}
# Who renders inside this process puts its role here; a request from outside cannot.
INSIDE = "newsroom.role"
WORKSHOP_PATHS = ("/admin/", "/accounts/", "/outbox/")
WORKSHOP_VIEWS = {"articles:preview"}
PRIVATE_VIEWS = {"desk:private"}
# What a mirror carries although it is no stored page.
CARRIED = {
    "articles:search", "newsletters:confirm", "newsletters:leave", "media", "robots", "favicon", "text_front",
    "mirror_list",
}  # fmt: skip
NEUTRAL = {"media", "robots", "healthz", "favicon"}


@functools.lru_cache(maxsize=16)
def _host_of(origin):
    return urlsplit(origin).hostname


def is_away(request):
    """Tell whether a page is for a mirror, the onion or the static copy: what gives or signs up stands at home."""
    return getattr(request, "host_role", HOME) in AWAY


def is_copy(request):
    """Tell whether a page is made for the static copy, where no server answers."""
    return getattr(request, "host_role", HOME) == COPY


def home_of(request):
    """Return what stands before links to what only home has: the home origin away from it, and nothing at home."""
    return settings.HOME_ORIGIN if is_away(request) else ""


def asks(request):
    """Tell whether pages for this host may hold the boxes that ask for money and for sign-ups."""
    return not is_away(request) or settings.ASK_ON_MIRRORS


def _settle(request):
    """Set role and page host of a request; return the status with which it is refused, or None."""
    if INSIDE in request.META:
        request.host_role = request.page_host = request.META[INSIDE]
        return None
    try:
        name = request.get_host()
    except DisallowedHost:
        return _settle_mirror(request)
    domain, _port = split_domain_port(name)
    home, workshop = _host_of(settings.HOME_ORIGIN), _host_of(settings.WORKSHOP_ORIGIN)
    request.host_role = BOTH if home == workshop else WORKSHOP if domain == workshop else HOME
    request.page_host = "home" if name == urlsplit(settings.HOME_ORIGIN).netloc else domain
    return None


def _settle_mirror(request):
    name = request.META.get("HTTP_HOST", "").lower()
    domain, _port = split_domain_port(name)
    if not domain:
        return 400
    mirror = mirrors.listed_under(domain)
    if mirror is None:
        return 421
    request.host_role, request.page_host = ONION if mirror.is_onion else MIRROR, "mirror"
    request.is_plain_host = mirror.address.startswith("http://")
    # Django's own list of hosts stays closed: without this middleware a mirror is refused.
    request.get_host = lambda: name
    return None


def _refused(status):
    """Answer in words that name nobody: whoever walks through addresses must not learn whose machine this is."""
    answer = HttpResponse("This address is not served here.\n", status=status, content_type="text/plain")
    answer["Cache-Control"] = "no-store"
    return answer


class HostMiddleware:
    """Refuse hosts that are not listed; keep the workshop to its host, and from mirrors what they must not carry."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        status = _settle(request)
        if status is not None:
            return _refused(status)
        response = self.get_response(request)
        if request.host_role in {MIRROR, ONION, WORKSHOP}:
            response.headers["X-Robots-Tag"] = "noindex"
        if request.host_role in AWAY:
            response.cookies.clear()
        if request.host_role in {BOTH, HOME, MIRROR}:
            self._point_to_onion(request, response)
        return response

    @staticmethod
    def _point_to_onion(request, response):
        """Name the same page at the onion, for browsers that can go there (Onion-Location of the Tor Project)."""
        is_page = response.headers.get("Content-Type", "").startswith("text/html") and response.status_code == 200
        if is_page and getattr(request, "is_reader_page", False) and (onion := mirrors.onion()):
            place = escape_uri_path(request.path) + pagecache.known_query(request)
            response.headers["Onion-Location"] = onion + place

    def process_view(self, request, view, args, kwargs):
        """Answer what this host does not carry: 404, or the way to the home address."""
        role, name = getattr(request, "host_role", BOTH), request.resolver_match.view_name or ""
        if role == BOTH:
            return None
        is_workshop = request.path_info.startswith(WORKSHOP_PATHS) or name in WORKSHOP_VIEWS
        if role == WORKSHOP:
            is_carried = is_workshop or name in PRIVATE_VIEWS or name in NEUTRAL
        elif is_workshop:
            is_carried = False
        else:
            is_carried = role == HOME or _mirrors_carry(view, name, kwargs)
        if is_carried:
            return None
        if is_workshop or name in PRIVATE_VIEWS or request.method not in {"GET", "HEAD"} or "hook" in name:
            raise Http404
        return HttpResponseRedirect(settings.HOME_ORIGIN + request.get_full_path())


def _mirrors_carry(view, name, kwargs):
    """Tell whether mirrors and the onion carry a view: reading, search, confirming and leaving."""
    if name == "text":
        try:
            inner = resolve(f"/{kwargs['path']}")
        except Resolver404:
            return True
        return inner.view_name != "text" and _mirrors_carry(inner.func, inner.view_name, inner.kwargs)
    if name in CARRIED:
        return True
    return getattr(view, "is_reader_page", False) and not name.startswith("donations:")


class SecurityMiddleware(security.SecurityMiddleware):
    """Django's, which leads to https; hosts that have none (onions, plain mirrors) stay where they are."""

    def process_request(self, request):
        """Return the redirect to https, or None."""
        return None if getattr(request, "is_plain_host", False) else super().process_request(request)
