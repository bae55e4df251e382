"""The draft of a story or a page as readers would see it: made in memory, nothing is written and nothing stored.

`article_page` and `static_page` only render; who calls them decides who may look, and in which frame.
"""

import copy

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles.front import arrange, standing
from articles.front_content import CAPACITY, moment_of, unrepeated
from articles.models import Article, Person, Photo, Place, Section, TopicOnArticle
from articles.views import article_context, page_context, section_context
from desk.held import hold
from newsroom.editions import default_edition


@require_safe
@never_cache
@staff_member_required
def preview(request, public_id):
    """Show the saved draft in the public template, to the staff."""
    if not request.user.has_perm("articles.view_article"):
        raise PermissionDenied
    article = get_object_or_404(Article.objects.select_related("edition"), public_id=public_id)
    return article_page(request, article, article.read_draft().content, at=timezone.now())


def article_page(request, article, content, *, at, notice=None):
    """Return the page that publishing `content` at `at` would make of the story, under a notice."""
    shown = imagine(article, content, at=at)
    return _page(request, shown, "articles/article.html", article_context, at=at, notice=notice)


def static_page(request, page, content, *, at, notice=None):
    """Return the page that publishing `content` would make, under a notice."""
    shown = copy.copy(page)
    shown.document.write(shown, content)
    shown.slug = shown.slug or "page"
    _stand_somewhere(shown)
    return _page(request, shown, "articles/page.html", page_context, at=at, notice=notice)


def front_page(request, front, content, *, at, notice=None):
    """Return the front that publishing `content` would make, as it will stand at `at`, under a notice."""
    shown = copy.copy(front)
    _stand_somewhere(shown)
    shown.focus_title, shown.focus_repeats = content["focus_title"], content["focus_repeats"]
    section = shown.section if shown.section_id else None
    if section is not None:
        return _page(
            request, shown, "articles/section.html", lambda *_args, at: section_context(
                request, section, at=at, places=_places(shown, content, at=at)
            ), at=at, notice=notice,
        )  # fmt: skip
    others = [place for place in standing(shown.edition, at=at) if place.front.section_id is not None]
    places = [*_places(shown, content, at=at), *others]
    return _page(
        request, shown, "articles/front.html",
        lambda *_args, at: {"front": arrange(shown.edition, at=at, places=places)}, at=at, notice=notice,
    )  # fmt: skip


def _places(front, content, *, at):
    """Return unsaved places for what a content puts by hand and readers may see at `at`."""
    rows = [(zone, row) for zone in CAPACITY for row in unrepeated(content[zone])]
    public = Article.objects.published(at).in_edition(front.edition).with_card_rows()
    stories = public.in_bulk([row["story"] for _zone, row in rows])
    photos = Photo.objects.in_bulk([row["photo"] for _zone, row in rows if row["photo"]])
    return [
        Place(
            front=front, zone=zone, article=stories[row["story"]], photo=photos.get(row["photo"]),
            kicker=row["kicker"], headline=row["headline"], pinned_until=moment_of(row),
        )
        for zone, row in rows
        if row["story"] in stories and not ((until := moment_of(row)) and until <= at)
    ]  # fmt: skip


def imagine(article, content, *, at):
    """Return the story as readers would see it with this content: an object in memory, never to be saved."""
    shown = Article.objects.for_reading().filter(pk=article.pk).first() if article.pk else copy.copy(article)
    shown.pk = shown.pk or 0
    _stand_somewhere(shown)
    rows = shown.document.compose(shown, content)
    photos = Photo.objects.prefetch_related("texts")
    shown.section = Section.objects.filter(pk=content["section"]).first() if content["section"] else None
    shown.lead_photo = photos.filter(pk=content["lead_photo"]).first() if content["lead_photo"] else None
    hold(shown, "bylines", _with_people(rows["bylines"]))
    hold(shown, "topic_items", _as_items(shown, rows["topics"]))
    hold(shown, "related_picks", rows["related_picks"])
    shown.state = Article.State.PUBLISHED
    shown.published_at = shown.published_at or at
    shown.first_published_at = shown.first_published_at or shown.published_at
    return shown


def _stand_somewhere(thing):
    if thing.edition_id is None:
        thing.edition = default_edition()


def _with_people(bylines):
    people = Person.objects.prefetch_related("texts").in_bulk([byline.person_id for byline in bylines])
    known = [byline for byline in bylines if byline.person_id in people]
    for byline in known:
        byline.person = people[byline.person_id]
    return known


def _as_items(article, topics):
    return [TopicOnArticle(content_object=article, tag=topic) for topic in topics]


def _page(request, shown, template, make_context, *, at, notice):
    request.edition = shown.edition
    with translation.override(shown.edition.language):
        context = {
            **make_context(request, shown, at=at),
            "canonical_url": settings.HOME_ORIGIN + shown.get_absolute_url(),
            "draft_notice": notice
            or gettext("A draft, as readers would see it. Nobody outside the newsroom can open this page."),
        }
        response = render(request, template, context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
