"""A story as one file that needs nothing else, as a page or as plain text.

Where holding a link can be an offence, a file without any is safer: links stand in it only when the reader wants them.
"""

import base64
import copy

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.reading import find_story
from articles.render import render_body
from newsroom import words_alone
from newsroom.pagecache import reader_page
from newsroom.text_edition import without_text

WIDTH, MOST_BYTES = 400, 200_000
KINDS = {"page": "html", "linked": "html", "text": "txt"}


@without_text
@require_safe
@reader_page
def keep(request, public_id, kind):
    """Answer with a story as a file to keep: `page` without links, `linked` with them, `text` as plain text."""
    if kind not in KINDS:
        raise Http404
    now, public_id = timezone.now(), public_id.lower()
    request.page_keys.add(f"article:{public_id}")
    story = find_story(public_id)
    if story is None or not story.is_live(now) or story.edition_id != request.edition.pk:
        raise Http404
    context = _context(request, story, at=now, is_linked=kind == "linked")
    if kind == "text":
        part = render_to_string("articles/kept_story.html", {**context, "picture": ""}, request)
        response = HttpResponse(words_alone.plain(part), content_type="text/plain; charset=utf-8")
    else:
        response = HttpResponse(render_to_string("articles/kept.html", context, request))
    response["Content-Disposition"] = f'attachment; filename="{story.slug or "story"}.{KINDS[kind]}"'
    response["X-Robots-Tag"] = "noindex"
    return response


def _context(request, story, *, at, is_linked):
    edition, without_boxes = request.edition, copy.copy(request)
    without_boxes.is_private = True
    body = render_body(story.body_html, edition=edition, at=at, context={"request": without_boxes, "edition": edition})
    request.page_keys.update(f"article:{other.public_id}" for other in body.articles)
    request.page_keys.update(f"photo:{photo.public_id}" for photo in body.photos)
    request.page_keys.update(f"person:{byline.person_id}" for byline in story.bylines.all())
    if story.lead_photo:
        request.page_keys.add(f"photo:{story.lead_photo.public_id}")
    return {
        "article": story,
        "address": settings.HOME_ORIGIN + story.get_absolute_url() if is_linked else "",
        "body_html": words_alone.of_part(body.html, link=_whole_link if is_linked else _inner_link),
        "entries": list(story.live_entries.standing().newest_first()) if story.is_told_live else [],
        "corrections": list(story.corrections.standing()),
        "picture": _picture(story),
    }


def _inner_link(address):
    """Return the address of a place in the same file; every other link leaves its words alone."""
    return address if address.startswith("#") else None


def _whole_link(address):
    return settings.HOME_ORIGIN + address if address.startswith("/") else address


def _picture(story):
    """Return the lead photo as a small data: address, or "" when there is none or it cannot be read."""
    entry = story.lead_photo and story.lead_photo.rendition(WIDTH, box=story.lead_crop)
    if not entry or entry["format"] not in {"jpeg", "png"}:
        return ""
    try:
        with default_storage.open(entry["name"]) as file:
            content = file.read(MOST_BYTES + 1)
    except OSError:
        return ""
    if len(content) > MOST_BYTES:
        return ""
    return f"data:image/{entry['format']};base64,{base64.b64encode(content).decode()}"
