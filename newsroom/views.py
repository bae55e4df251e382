"""Pages of the site itself: health, media files in the demo, errors."""

import mimetypes
import sys

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import FileResponse, Http404, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache

from newsroom import readings
from newsroom.editions import all_editions

SERVED = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif"}


@never_cache
def healthz(request):
    """Answer 200 when the process and its database work, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request):
    """Answer 200 when this process can take readers: both databases answer and no migration waits; else 503."""
    found = {"default": _database_state("default"), "keys": _database_state("keys")}
    is_ready = set(found.values()) == {"ok"}
    return JsonResponse({"status": "ok" if is_ready else "not ready", **found}, status=200 if is_ready else 503)


def _database_state(alias):
    """Return "ok", "unavailable" or "migrations wait"; of the keys' database only this app's migrations are asked."""
    apps = ["newsroom"] if alias == "keys" else [None]
    try:
        executor = MigrationExecutor(connections[alias])
        targets = [leaf for app in apps for leaf in executor.loader.graph.leaf_nodes(app)]
        return "migrations wait" if executor.migration_plan(targets) else "ok"
    except DatabaseError:
        return "unavailable"


@never_cache
def metrics(request):
    """Answer Prometheus, who knows METRICS_TOKEN (Authorization: Bearer, RFC 6750); nobody else finds anything here."""
    given = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not constant_time_compare(given.encode(), expected.encode()):
        raise Http404
    return HttpResponse(readings.metrics(timezone.now()), content_type="text/plain; version=0.0.4; charset=utf-8")


def media(request, path):
    """Serve an uploaded picture with a type that cannot run; nginx or the object store does this in production."""
    suffix = "." + path.rpartition(".")[2].lower()
    if suffix not in SERVED or ".." in path or not default_storage.exists(path):
        raise Http404
    response = FileResponse(default_storage.open(path), content_type=mimetypes.types_map.get(suffix, "image/avif"))
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def robots(request):
    """Tell robots what to leave alone, and where every address is listed (RFC 9309, sitemaps.org)."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /accounts/",
        "Disallow: /private/",
        "Disallow: /search/?",
        "Disallow: /support/give",
        "",
        *(f"Sitemap: {settings.HOME_ORIGIN}{edition.prefix}/sitemap.xml" for edition in all_editions()),
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def favicon(request):
    """Lead browsers that ask for the icon by its old name to the one we have."""
    return HttpResponsePermanentRedirect(static("img/icon.svg"))


def not_found(request, exception=None):
    """Answer 404 with the site's own page; the same for everybody, so it may be stored for a moment."""
    request.is_empty_place = True
    return render(request, "404.html", status=404)


def forbidden(request, exception=None, reason=""):
    """Answer 403 in plain words."""
    return render(request, "403.html", status=403)


def server_error(request):
    """Answer 500 with a page that needs neither the database nor a context processor; 503 when a database is away.

    A middleware asks the database too, such as for the session; what it meets does not pass by BusyDatabaseMiddleware.
    """
    from django.template.loader import get_template

    from newsroom import faults

    if faults.is_away(sys.exc_info()[1]):
        return faults.busy(request)
    html = get_template("500.html").template.render(_bare_context())
    return HttpResponse(html, status=500)


def bad_request(request, exception=None, *, status=400):
    """Answer 400 (or `status`) with a page that needs neither the database nor a context processor."""
    from django.template.loader import get_template

    return HttpResponse(get_template("400.html").template.render(_bare_context()), status=status)


def _bare_context():
    from django.template import Context

    return Context({"home_origin": settings.HOME_ORIGIN})
