"""What the editor's dialogs ask for: photos and stories as small JSON lists."""

from django.http import JsonResponse
from django.utils import timezone

from articles.admin.forms import label_of
from newsroom import html

PAGE = 24


def answer(request, found, describe):
    """Return a page of `found` (searched by `q`, or exactly the ones of `ids`) as JSON."""
    ids = [word for word in request.GET.get("ids", "").split(",")[:60] if html.PUBLIC_ID.match(word)]
    if "ids" in request.GET:
        rows, has_more = list(found.filter(public_id__in=ids)), False
    else:
        number = (
            min(int(page), 1000)
            if (page := request.GET.get("p", "")).isascii() and page.isdigit() and len(page) < 5
            else 0
        )
        rows = list(found[number * PAGE : (number + 1) * PAGE + 1])
        rows, has_more = rows[:PAGE], len(rows) > PAGE
    response = JsonResponse({"results": [describe(row) for row in rows], "more": has_more})
    response["Cache-Control"] = "private, no-store"
    return response


def words_of(request):
    """Return the search words without characters that no database takes."""
    return html.tidy_text(request.GET.get("q", ""))[:200]


def photo_as_json(photo):
    """Return what a picker shows of a photo."""
    return {
        "id": photo.public_id, "title": label_of(photo), "caption": photo.caption, "credit": photo.credit,
        "alt": photo.alt,
        "thumb": photo.url(400, crop="3:2"), "url": photo.url(800), "width": photo.width, "height": photo.height,
    }  # fmt: skip


def story_as_json(story):
    """Return what a picker shows of a story."""
    return {
        "id": story.public_id,
        "title": story.draft_title or story.headline or story.public_id,
        "edition": str(story.edition),
        "is_live": story.is_live(timezone.now()),
        "date": story.published_at.date().isoformat() if story.published_at else "",
    }
