"""The signup box that stands in pages and bodies."""

from django.template.loader import render_to_string

from newsletters.models import Newsletter
from newsroom import hosts, pagecache
from newsroom.fragments import fragments


def _first_of(edition_pk):
    return Newsletter.objects.open(edition_pk).with_newest().first()


# The newsletter that an edition's boxes offer.
_first = pagecache.RememberedOf("newsletters", _first_of)


def newsletter_box(context):
    """Return the box of the edition's first newsletter, or nothing when it has none. Cacheable: no token, no cookie."""
    edition, request = context["edition"], context.get("request")
    if request is not None and not hosts.asks(request):
        return ""
    if request is not None and hasattr(request, "page_keys"):
        request.page_keys.add(f"newsletters:{edition.pk}")
    if not edition.pk:
        return ""
    away = hosts.home_of(request)
    name, keys = ("newsletter box", edition.pk, away), [f"newsletters:{edition.pk}"]
    return fragments.get(name, keys, lambda: _box_of(edition, away))


def _box_of(edition, away):
    newsletter = _first(edition.pk)
    if newsletter is None:
        return ""
    newsletter.edition = edition
    shown = {"edition": edition, "newsletter": newsletter, "away": away}
    return render_to_string("newsletters/includes/box.html", shown)
