"""The Atom feed of an edition: addresses of the home origin whichever host was asked, ids that never change."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from articles import bylines
from articles.models import Article
from newsroom.pagecache import reader_page

LATEST = 30


@require_safe
@reader_page
def latest(request):
    """Answer with the newest stories: headline, standfirst, who signed."""
    edition, home = request.edition, settings.HOME_ORIGIN
    request.page_keys.add(f"feed:{edition.pk}")
    feed = Atom1Feed(
        title=edition.title, link=f"{home}{edition.prefix}/", description=edition.tagline, language=edition.language,
        feed_url=f"{home}{request.path}", subtitle=edition.tagline, feed_guid=_tag(f"edition/{edition.code}"),
    )  # fmt: skip
    for story in Article.objects.published(timezone.now()).in_edition(edition).newest_first().for_cards()[:LATEST]:
        feed.add_item(
            title=story.headline, link=home + story.get_absolute_url(), description=story.standfirst,
            author_name=bylines.names_text(bylines.credits_of(story, edition)) or edition.title,
            pubdate=story.published_at, updateddate=story.updated_at or story.published_at,
            unique_id=_tag(story.public_id), categories=[story.section.name],
        )  # fmt: skip
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _tag(name):
    """Return a tag: URI (RFC 4151) that stays when headline, slug or day change."""
    return f"tag:{urlsplit(settings.HOME_ORIGIN).hostname},2026:{name}"
