"""The content document of a front: which story stands in which zone, until when, and with which words."""

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from desk.content import Document, Flag, Id, Moment, Problem, Rows, Text

CAPACITY = {"lead": 1, "second": 4, "latest": 6, "focus": 4}
MOST_ROWS = 12
PLACE = {"story": Id(), "pinned_until": Moment(), "kicker": Text(60), "headline": Text(200), "photo": Id()}
LABELS = {"lead": _("Lead"), "second": _("Second row"), "latest": _("Beside the lead"), "focus": _("In focus")}


class FrontDocument(Document):
    """The zones of a front, each a list of places in order."""

    fields = {
        "lead": Rows(PLACE, max_items=MOST_ROWS),
        "latest": Rows(PLACE, max_items=MOST_ROWS),
        "second": Rows(PLACE, max_items=MOST_ROWS),
        "focus_title": Text(60),
        "focus": Rows(PLACE, max_items=MOST_ROWS),
        "focus_repeats": Flag(),
    }

    def title(self, content):
        """Return "": a front is called by its edition and section."""
        return ""

    def read(self, thing):
        """Return the arrangement that readers see now."""
        zones = {zone: [] for zone in CAPACITY}
        for place in thing.places.all():
            zones[place.zone].append({
                "story": place.article_id, "kicker": place.kicker, "headline": place.headline, "photo": place.photo_id,
                "pinned_until": place.pinned_until.isoformat() if place.pinned_until else "",
            })  # fmt: skip
        return {**zones, "focus_title": thing.focus_title, "focus_repeats": thing.focus_repeats}

    def write(self, thing, content):
        """Set the columns and replace the places; a story that is gone leaves its place."""
        from articles.models import Article, Photo, Place

        thing.focus_title, thing.focus_repeats = content["focus_title"], content["focus_repeats"]
        rows = [(zone, row) for zone in CAPACITY for row in unrepeated(content[zone])]
        stories = _known(Article, [row["story"] for _zone, row in rows])
        photos = _known(Photo, [row["photo"] for _zone, row in rows])
        thing.places.all().delete()
        Place.objects.bulk_create(
            Place(
                front=thing, zone=zone, position=position, article_id=row["story"], kicker=row["kicker"],
                headline=row["headline"], photo_id=row["photo"] if row["photo"] in photos else None,
                pinned_until=moment_of(row),
            )
            for position, (zone, row) in enumerate(rows, start=1)
            if row["story"] in stories
        )  # fmt: skip

    def problems(self, thing, content):
        """Return what stands between the arrangement and its publication, blockers first."""
        return [*self._double(content), *self._stories(thing, content), *self._waiting(content)]

    def _double(self, content):
        zones = ["lead", "second", "latest", *([] if content["focus_repeats"] else ["focus"])]
        seen = {}
        for zone in zones:
            for row in content[zone]:
                first = seen.setdefault(row["story"], (zone, row))
                if row["story"] and first[1] is not row:
                    message = _("A story stands both in “%(one)s” and in “%(other)s”.")
                    yield Problem(zone, message % {"one": LABELS[first[0]], "other": LABELS[zone]})
        if content["focus_repeats"] and len(unrepeated(content["focus"])) < len(content["focus"]):
            yield Problem("focus", _("A story stands twice in “In focus”."))

    def _stories(self, thing, content):
        from articles.models import Article

        at = timezone.now()
        rows = [(zone, row["story"]) for zone in CAPACITY for row in content[zone]]
        known = Article.objects.filter(pk__in=[story for _zone, story in rows if story])
        found = {story.pk: story for story in known.defer("body_html")}
        for zone, pk in rows:
            if pk not in found:
                yield Problem(zone, _("A place names no story."))
            elif found[pk].edition_id != thing.edition_id:
                yield Problem(zone, _("A story stands in another edition."))
            elif not found[pk].is_live(at):
                yield Problem(
                    zone, _("“%(story)s” is not public: readers see the next one until it is.") % {"story": found[pk]},
                    blocks=False,
                )  # fmt: skip

    def _waiting(self, content):
        for zone, capacity in CAPACITY.items():
            if len(content[zone]) > capacity:
                message = _("“%(zone)s” shows %(count)d: the stories below wait until a pin above them ends.")
                yield Problem(zone, message % {"zone": LABELS[zone], "count": capacity}, blocks=False)
            if any((moment := moment_of(row)) and moment <= timezone.now() for row in content[zone]):
                yield Problem(zone, _("A pin in “%(zone)s” has ended.") % {"zone": LABELS[zone]}, blocks=False)


def moment_of(row):
    """Return the end of a row's pin as an aware datetime, or None."""
    return parse_datetime(row["pinned_until"]) if row["pinned_until"] else None


def unrepeated(rows):
    """Return the rows without a second one for the same story."""
    return list({row["story"]: row for row in reversed(rows) if row["story"]}.values())[::-1]


def _known(model, keys):
    wanted = {key for key in keys if key}
    return set(model.objects.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
