"""What a story asks of its photos: what blocks publication, and which hand-made crops must be cut."""

import re

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from desk.content import Problem

PHOTO_IN_BODY = re.compile(r'data-photo="([0-9a-z]+)"')
FIGURE = re.compile(r"<figure [^>]*>")
CROP = re.compile(r'data-crop="([0-9.,]+)"')


def problems(photo, field, *, is_public):
    """Yield what stands between one photo and readers.

    A right that ended never holds up the correction of a story that readers see already: there it is advice.
    """
    name = photo.caption[:60] or photo.public_id
    if photo.needs_credit():
        text = _("The lead photo has no credit.") if field == "lead_photo" else _("A photo in the text has no credit.")
        yield Problem(field, text)
    elif not photo.credit:
        text = _("The photo “%(name)s” stands without credit: %(reason)s")
        yield Problem(field, text % {"name": name, "reason": photo.no_credit_reason}, blocks=False)
    if photo.confirmed_at is None:
        text = _("The names with the photo “%(name)s” came from its file. Confirm them on its page.")
        yield Problem(field, text % {"name": name})
    if trouble := photo.rights_problem(timezone.localdate()):
        text = _("The photo “%(name)s”: %(trouble)s")
        yield Problem(field, text % {"name": name, "trouble": trouble}, blocks=not is_public)


def want_crops(content):
    """Have the worker cut what was cut by hand for the lead photo and for photos in the text; see Photo.want_crop."""
    from articles.models import Photo

    wanted = set()
    for figure in FIGURE.findall(content["body_html"]):
        photo, crop = PHOTO_IN_BODY.search(figure), CROP.search(figure)
        if photo and crop:
            wanted.add((photo.group(1), crop.group(1)))
    for photo in Photo.objects.filter(public_id__in={public_id for public_id, _box in wanted}) if wanted else ():
        for box in sorted(box for public_id, box in wanted if public_id == photo.public_id):
            photo.want_crop(box)
    if content["lead_crop"] and content["lead_photo"]:
        for photo in Photo.objects.filter(pk=content["lead_photo"]):
            photo.want_crop(content["lead_crop"])
