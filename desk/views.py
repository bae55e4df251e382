"""The page behind a private link: the saved draft as readers would see it, for whoever holds the link."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from desk.models import PrivateLink
from newsroom import ratelimit, registry

LIMIT = {"limit": 60, "seconds": 600}
# What a page says to machines: scripts and structured data, social tags, other addresses of the page.
TO_MACHINES = re.compile(
    rb"<script\b[^>]*>.*?</script>|<meta (?:property|name=\"twitter)[^>]*>|<link rel=\"(?:canonical|alternate)\"[^>]*>",
    re.DOTALL,
)
POLICY = {"script-src": ["'none'"], "connect-src": ["'none'"], "frame-src": ["'none'"], "form-action": ["'none'"]}


@require_safe
@never_cache
def private(request, token):
    """Show the saved draft behind a private link; whatever does not open answers the same 404.

    Once what it shows is public the link leads to the public address. Never from mirrors: only the workshop and the
    home address answer.
    """
    at = timezone.now()
    if not _is_ours(request):
        raise Http404
    if not ratelimit.allow("private link", ratelimit.network_of(request), at=at, **LIMIT):
        return _quiet(render(request, "desk/too_often.html", status=429))
    link = PrivateLink.find(token, at=at)
    thing = link.thing if link is not None else None
    if thing is None:
        raise Http404
    if link.has_ended(at=at):
        if thing.is_live(at):
            return _quiet(HttpResponseRedirect(settings.HOME_ORIGIN + thing.get_absolute_url()))
        if not _still_to_come(thing, at):
            raise Http404
    if request.method == "GET" and not link.count_view(at=at):
        raise Http404
    return _page(request, link, thing, at=at)


def _still_to_come(thing, at):
    """Tell whether what was published waits for the end of an embargo, rather than being over."""
    over = thing.state == thing.State.WITHDRAWN or (thing.expires_at is not None and thing.expires_at <= at)
    return not over


def _page(request, link, thing, *, at):
    make = registry.draft_pages.get(thing._meta.label_lower)
    if make is None:
        raise Http404
    request.is_private = True
    edition = getattr(thing, "edition", None)
    with override(edition.language if edition else None), timezone.override(edition.zone if edition else None):
        until = date_format(timezone.localtime(link.expires_at), "j E Y, H:i")
        notice = _("Confidential: a draft, not published. Please do not pass this link on. It opens until %(until)s.")
        response = make(request, thing, link.content(), at=at, notice=notice % {"until": until})
    response.content = TO_MACHINES.sub(b"", response.content)
    response._csp_replace = POLICY
    return _quiet(response)


def _quiet(response):
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _is_ours(request):
    host = request.get_host().rpartition("@")[2]
    own = {urlsplit(origin).hostname for origin in (settings.WORKSHOP_ORIGIN, settings.HOME_ORIGIN)}
    return urlsplit(f"//{host}").hostname in own
