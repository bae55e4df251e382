"""The signup box that stands in pages and bodies."""

from django.template.loader import render_to_string

from newsletters.models import Newsletter
from newsroom import hosts


def newsletter_box(context):
    """Return the box of the edition's first newsletter, or nothing when it has none. Cacheable: no token, no cookie."""
    edition, request = context["edition"], context.get("request")
    if request is not None and not hosts.asks(request):
        return ""
    if request is not None and hasattr(request, "page_keys"):
        request.page_keys.add(f"newsletters:{edition.pk}")
    newsletter = Newsletter.objects.open(edition).with_newest().first() if edition.pk else None
    if newsletter is None:
        return ""
    newsletter.edition = edition
    shown = {"edition": edition, "newsletter": newsletter, "away": hosts.home_of(request)}
    return render_to_string("newsletters/includes/box.html", shown)
