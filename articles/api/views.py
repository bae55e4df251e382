"""The answers of the API: the same for everybody, stored and forgotten with the pages that show the same things."""

import functools

from django.http import Http404, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import lists
from articles.api import document, writing
from articles.feeds.entries import whole
from articles.models import Article, Correction, Section, Topic
from articles.reading import find_story
from articles.views import page_of
from newsroom.editions import edition_url
from newsroom.pagecache import reader_page

PER_PAGE = 50


def answer(view):
    """Make a view of the API from a function that returns (status, JSON): for any site's script, errors in JSON too."""

    @require_safe
    @reader_page
    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        try:
            status, told = view(request, *args, **kwargs)
        except Http404:
            status, told = 404, {"error": "not_found", "message": "There is nothing public at this address."}
        response = JsonResponse(told, status=status, json_dumps_params={"ensure_ascii": False})
        # Nothing here is anybody's own: a page of any site may read it.
        response["Access-Control-Allow-Origin"] = "*"
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapped


@answer
def start(request):
    """Answer with the edition and its sections."""
    edition = request.edition
    sections = list(Section.objects.filter(edition=edition).order_by("pk"))
    request.page_keys.update(["site", f"feed:{edition.pk}", *(f"section:{section.pk}" for section in sections)])
    return 200, writing.edition_of(edition, sections)


@answer
def openapi(request):
    """Answer with the description of the API (OpenAPI 3.1)."""
    return 200, document.of(request.edition)


@answer
def nothing(request):
    """Answer for an address of which the API's description knows nothing, in JSON like every other answer."""
    raise Http404


@answer
def stories(request):
    """Answer with the stories of the edition, the newest first."""
    request.page_keys.add(f"feed:{request.edition.pk}")
    return _listed(request, lists.public(request), "stories")


@answer
def section(request, slug):
    """Answer with a section and its stories, the newest first."""
    section, stories = lists.of_section(request, slug)
    return _listed(request, stories, "section", slug, section=writing.section_of(section, request.edition))


@answer
def topics(request):
    """Answer with the topics that public stories of the edition are about, by name."""
    request.page_keys.add(f"feed:{request.edition.pk}")
    ids = Article.objects.published().in_edition(request.edition).values("pk")
    about = Topic.objects.filter(items__content_object__in=ids).distinct().order_by("name", "pk")
    return _page(request, about, "topics", write=writing.topic_of)


@answer
def topic(request, slug):
    """Answer with a topic and its stories, the newest first."""
    topic, stories = lists.of_topic(request, slug)
    return _listed(request, lists.some(stories), "topic", slug, topic=writing.topic_of(topic, request.edition))


@answer
def person(request, slug):
    """Answer with somebody who signs by name and the stories signed, the newest first."""
    person, stories = lists.of_person(request, slug)
    return _listed(request, lists.some(stories), "person", slug, person=writing.person_of(person, request.edition))


@answer
def corrections(request):
    """Answer with the corrections of the edition, the newest first."""
    request.page_keys.add(f"corrections:{request.edition.pk}")
    found = Correction.objects.published().filter(edition=request.edition).newest_first()
    return _page(request, found, "corrections", write=writing.correction_of)


@answer
def story(request, public_id):
    """Answer with a whole story; with 410 for one that was withdrawn."""
    edition, now, public_id = request.edition, timezone.now(), public_id.lower()
    request.page_keys.add(f"article:{public_id}")
    story = find_story(public_id)
    if story is None or story.edition_id != edition.pk:
        raise Http404
    if story.state == Article.State.WITHDRAWN and story.first_published_at <= now:
        return 410, {"error": "withdrawn", "message": "This story was withdrawn."}
    if not story.is_live(now):
        raise Http404
    text = whole([story], request=request, at=now)[story.pk]
    others = Article.objects.published(now).filter(translation_group=story.translation_group).exclude(pk=story.pk)
    request.page_keys.update(text.keys, [f"group:{story.translation_group}"])
    request.page_keys.update(f"person:{byline.person_id}" for byline in story.bylines.all())
    if story.lead_photo:
        request.page_keys.add(f"photo:{story.lead_photo.public_id}")
    entries = story.live_entries.standing().newest_first() if story.is_told_live else []
    return 200, writing.story_of(
        story, edition, body_html=text.html, entries=entries,
        topics=[item.tag for item in story.topic_items.all() if item.tag.pk],
        corrections=story.corrections.standing() if story.has_corrections else [],
        others=others.select_related("edition").defer("body_html"),
    )  # fmt: skip


def _listed(request, stories, name, *args, **about):
    """Return a page of stories as (status, JSON), with what they have in common."""
    status, told = _page(request, stories, name, *args, write=writing.summary_of, key="stories")
    return status, {**about, **told}


def _page(request, rows, name, *args, write, key=""):
    """Return the page that `?page=` asks for as (status, JSON), with the addresses of its neighbours."""
    edition, page = request.edition, page_of(request, rows, per_page=PER_PAGE)
    page.object_list = list(page.object_list)
    request.page_keys.update(
        f"photo:{row.lead_photo.public_id}" for row in page.object_list if getattr(row, "lead_photo", None)
    )

    def address(number):
        start = writing.home(edition_url(edition, f"articles:api_{name}", *args))
        return start if number == 1 else f"{start}?page={number}"

    return 200, {
        "count": page.paginator.count,
        "next": address(page.next_page_number()) if page.has_next() else None,
        "previous": address(page.previous_page_number()) if page.has_previous() else None,
        key or name: [write(row, edition) for row in page.object_list],
    }
