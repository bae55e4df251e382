"""The text edition: every reader page again under /text/, as words, links and forms; one small style sheet, no picture.

It is made of the page itself, so it shows what the page shows and lives and dies with the page's keys.
"""

import copy

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_safe

from newsroom import words_alone
from newsroom.editions import all_editions
from newsroom.pagecache import reader_page

PREFIX = "/text"


def with_text(view):
    """Give a page that is not stored, such as a search, a text edition too."""
    view.has_text = True
    return view


def without_text(view):
    """Leave what is no page, such as a file to keep, out of the text edition."""
    view.has_text = False
    return view


def has_text(path):
    """Return the match of the path (without its edition's prefix) when that page has a text edition, else None."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    if "." in path.rpartition("/")[2] or (match.url_name or "").endswith("feed") or path.startswith("/api/"):
        return None
    is_page = getattr(match.func, "has_text", getattr(match.func, "is_reader_page", False))
    return match if is_page else None


@without_text
@require_safe
@reader_page
def page(request, path=""):
    """Show the page at `path` as words alone; what has no such page is not found here."""
    inner_path = f"/{path}"
    match = has_text(inner_path)
    if match is None:
        raise Http404
    inner = _request_for(request, inner_path, match)
    response = match.func(inner, *match.args, **match.kwargs)
    if response.status_code in {301, 302}:
        return HttpResponseRedirect(_link(response["Location"]) or response["Location"], status=response.status_code)
    if not response.headers["Content-Type"].startswith("text/html"):
        raise Http404
    request.is_reader_page = getattr(inner, "is_reader_page", False)
    words = words_alone.of_page(response.content.decode(), link=_link)
    context = {"words": words, "full_url": inner.path, "home_url": f"{request.edition.prefix}{PREFIX}/"}
    shown = render(request, "text.html", context, status=response.status_code)
    shown["X-Robots-Tag"] = "noindex"
    if not request.is_reader_page:
        shown["Cache-Control"] = "private, no-store"
    return shown


def text_url(path, edition):
    """Return the text edition of a page by its whole path; the edition's front in text for a page that has none."""
    found = _link(path)
    return found if found != path else f"{edition.prefix}{PREFIX}/"


def _request_for(request, path, match):
    """Return a copy of the request that asks for the page itself; the keys that it notes are shared."""
    inner = copy.copy(request)
    inner.path_info, inner.path, inner.resolver_match = path, request.edition.prefix + path, match
    inner.is_reader_page = False
    return inner


def _link(address):
    """Return where a link of the page leads in the text edition: to texts where there are some."""
    if not address.startswith("/") or address.startswith("//"):
        return address
    where = address.partition("#")[0].partition("?")[0]
    prefix = next((edition.prefix for edition in all_editions() if _is_in(where, edition.prefix)), "")
    inner = where[len(prefix) :] or "/"
    if has_text(inner) is None:
        return address
    return f"{prefix}{PREFIX}{inner}{address[len(where) :]}"


def _is_in(path, prefix):
    return bool(prefix) and (path == prefix or path.startswith(f"{prefix}/"))
