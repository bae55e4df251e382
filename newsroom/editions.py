"""Which edition a request is for: the address alone decides, never a cookie or a header."""

import functools

from django.db import DatabaseError, OperationalError
from django.shortcuts import render
from django.urls import get_urlconf, reverse
from django.utils import translation

from newsroom import pagecache

WORKSHOP = ("/admin/", "/accounts/")
NEUTRAL = (
    "/static/",
    "/media/",
    "/hooks/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/robots.txt",
    "/favicon.ico",
    "/count/",
)
WITHOUT_EDITION = (*WORKSHOP, "/outbox/", "/sandbox/")
_remembered = {"seq": None, "editions": []}


def all_editions():
    """Return every edition in order, from memory while nothing has changed or the database is away."""
    from newsroom.models import Edition

    try:
        seq = pagecache.versions().latest("site")
    except pagecache.Away:
        seq = None
    if seq is None or _remembered["seq"] != seq or not _remembered["editions"]:
        try:
            _remembered["editions"] = list(Edition.objects.all())
        except OperationalError:
            if not _remembered["editions"]:
                raise
        else:
            _remembered["seq"] = seq
    return _remembered["editions"]


def forget_editions():
    """Make the next question read the database; the tests need this between two databases."""
    _remembered["seq"] = None
    _remembered["editions"] = []


def default_edition():
    """Return the default edition, or an unsaved one with neutral words on a site that has none yet."""
    from newsroom.models import Edition

    editions = all_editions()
    for edition in editions:
        if edition.is_default:
            return edition
    return editions[0] if editions else Edition(code="en", language="en", title="Newsroom", is_default=True)


def edition_url(edition, viewname, *args, **kwargs):
    """Return the path of a reader page in `edition`: reverse() behind the edition's prefix."""
    return edition.prefix + _path_of(get_urlconf(), viewname, args, tuple(kwargs.items()))


@functools.lru_cache(maxsize=4096)
def _path_of(urlconf, viewname, args, kwargs):
    return reverse(viewname, urlconf, args=args or None, kwargs=dict(kwargs) or None)


def split_edition(path):
    """Return (edition, path without its prefix); the code of an edition without a slash behind it stays."""
    first, slash, _rest = path[1:].partition("/")
    for edition in all_editions():
        if not edition.is_default and edition.code == first:
            return edition, path[len(first) + 1 :] if slash else path
    return default_edition(), path


class EditionMiddleware:
    """Set `request.edition`, take its prefix off `path_info` and speak its language for this request alone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        path = request.path_info
        if path.startswith(NEUTRAL):
            return self.get_response(request)
        try:
            request.edition = self._edition(request, path)
        except DatabaseError:
            from newsroom.models import Edition

            request.edition = Edition(code="en", language="en", title="Newsroom", is_default=True)
        language = request.edition.language
        if path.startswith(WORKSHOP):
            language = translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = translation.get_language()
            if request.edition.pk is None and not path.startswith(WITHOUT_EDITION):
                response = render(request, "newsroom/not_ready.html", status=503)
            else:
                response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response

    def _edition(self, request, path):
        edition, request.path_info = split_edition(path)
        return edition
