"""The feed of a newsletter's archive, rendered from the blocks as they are now."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from newsletters import blocks
from newsletters.models import Issue, Newsletter
from newsroom.editions import edition_url
from newsroom.pagecache import reader_page

LATEST = 10


@require_safe
@reader_page
def archive(request, slug):
    """Answer with the newest letters; a story that was withdrawn is not in them any more."""
    newsletter = get_object_or_404(Newsletter.objects.filter(has_archive=True), edition=request.edition, slug=slug)
    newsletter.edition = request.edition
    request.page_keys.update(newsletter.page_keys())
    home, host = settings.HOME_ORIGIN, urlsplit(settings.HOME_ORIGIN).hostname
    feed = Atom1Feed(
        title=newsletter.name, link=home + newsletter.get_absolute_url(), description=newsletter.promise,
        language=request.edition.language, subtitle=newsletter.promise,
        feed_url=home + edition_url(request.edition, "newsletters:feed", slug),
        feed_guid=f"tag:{host},2026:newsletter/{newsletter.pk}",
    )  # fmt: skip
    issues = Issue.objects.published().filter(newsletter=newsletter).prefetch_related("blocks__article")
    for issue in issues.order_by("-started_at", "-number")[:LATEST]:
        issue.newsletter = newsletter
        request.page_keys.update(f"article:{row.article.public_id}" for row in issue.blocks.all() if row.article)
        feed.add_item(
            title=issue.subject, link=home + issue.get_absolute_url(), description=_content(issue),
            pubdate=issue.started_at, updateddate=issue.started_at,
            unique_id=f"tag:{host},2026:letter/{newsletter.pk}/{issue.number}",
        )  # fmt: skip
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _content(issue):
    show = blocks.Show(where="web")
    parts = blocks.parts(
        issue.document.read(issue), edition=issue.edition, at=timezone.now(), origin=settings.HOME_ORIGIN, show=show
    )  # fmt: skip
    return "".join(render_to_string("newsletters/includes/feed_part.html", {"part": part}) for part in parts)
