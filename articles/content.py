"""The content documents of articles and pages: their fields, how they are read and written, and the checklist."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from articles import checklist, photo_checks
from articles.named import Named
from articles.slugs import make_slug
from desk.content import Body, Choice, Document, Flag, Id, Problem, Rows, Slug, Text
from desk.held import hold, is_held
from newsroom import html

ROLES = ("reporting", "photos", "translation", "editing", "additional")


@dataclass(frozen=True)
class Crop:
    """A part of a photo, cut by hand: "x,y,w,h" in shares of the upright picture, or "" for all of it."""

    default: str = ""

    def clean(self, value):
        """Return the crop; raise ValidationError when it is none."""
        value = Text(31).clean(value)
        if value and not html.is_crop(value):
            raise ValidationError(_("This is no part of a photo."), code="crop")
        return value


class ArticleDocument(Document):
    """The content of a story."""

    fields = {
        "kicker": Text(60),
        "headline": Text(200),
        "standfirst": Text(500),
        "body_html": Body(),
        "section": Id(),
        "slug": Slug(),
        "topics": Rows(Text(100), max_items=12),
        "main_topic": Text(100),
        "no_byline": Flag(),
        "byline_text": Text(300),
        "bylines": Rows({"person": Id(), "role": Choice(ROLES, "reporting")}, max_items=12),
        "lead_photo": Id(),
        "lead_caption": Text(500),
        "lead_alt": Text(300),
        "lead_decorative": Flag(),
        "lead_crop": Crop(),
        "related": Rows(Id(), max_items=6),
        "asks_off": Flag(),
        "is_recommended": Flag(default=True),
        "is_opinion": Flag(),
    }
    columns = (
        "kicker", "headline", "standfirst", "body_html", "no_byline", "byline_text", "lead_caption", "lead_alt",
        "lead_decorative", "lead_crop", "asks_off", "is_recommended", "is_opinion",
    )  # fmt: skip

    def related(self):
        """Return the relations that `write` replaces; each topic comes with its name."""
        from articles.models import TopicOnArticle

        topics = Prefetch("topic_items", TopicOnArticle.objects.select_related("tag").order_by("pk"))
        return ("bylines", topics, "related_picks", "photo_uses")

    def read(self, thing):
        """Return the content that readers see now."""
        return {
            **{name: getattr(thing, name) for name in self.columns},
            "section": thing.section_id,
            "slug": thing.slug,
            "lead_photo": thing.lead_photo_id,
            "topics": [item.tag.name for item in self._topic_items(thing)],
            "main_topic": thing.main_topic.name if thing.main_topic else "",
            "bylines": [{"person": byline.person_id, "role": byline.role} for byline in thing.bylines.all()],
            "related": [pick.other_id for pick in thing.related_picks.all()],
        }

    def _topic_items(self, thing):
        return thing.topic_items.select_related("tag").order_by("pk") if thing.pk else ()

    def compose(self, thing, content):
        """Set the columns of `thing` and return its related rows, unsaved: what readers would see of this content.

        Writes nothing; both publishing and the preview are made of it.
        """
        from articles.models import Byline

        for name in self.columns:
            setattr(thing, name, content[name])
        thing.section_id = content["section"]
        thing.lead_photo_id = content["lead_photo"]
        thing.slug = content["slug"] or thing.slug or make_slug(content["headline"]) or "story"
        pairs = dict.fromkeys((row["person"], row["role"]) for row in content["bylines"] if row["person"])
        return {
            "bylines": [
                Byline(article=thing, person_id=person, role=role, position=position)
                for position, (person, role) in enumerate(pairs, start=1)
            ],
            "topics": self._topics(thing, content),
            "related_picks": self._picks(thing, content),
        }

    def write(self, thing, content):
        """Set the columns and replace bylines, topics, related stories and photo uses."""
        from articles.models import Topic, TopicOnArticle

        rows = self.compose(thing, content)
        topics = Topic.made(rows["topics"])
        items = [TopicOnArticle(content_object=thing, tag=topic) for topic in topics]
        main = content["main_topic"].casefold()
        thing.main_topic = next((topic for topic in topics if topic.name.casefold() == main), None)
        replace(thing, "bylines", rows["bylines"], "person_id", "role", "position")
        replace(thing, "topic_items", items, "tag_id")
        replace(thing, "related_picks", rows["related_picks"], "other_id", "position")
        replace(thing, "photo_uses", self._photo_uses(thing, content), "photo_id")
        photo_checks.want_crops(content)

    def keys(self, content):
        """Return who signs and in which section it stands."""
        return {
            "person": sorted({row["person"] for row in content["bylines"] if row["person"]}),
            "section": [content["section"]] if content["section"] else [],
        }

    def problems(self, thing, content):
        """Return the checklist: blockers first, then advice, each at its field."""
        return checklist.problems(thing, content)

    def _topics(self, thing, content):
        """Return the topics in their order; the ones that stand already are not looked up again."""
        from articles.models import Topic

        standing = [item.tag for item in thing.topic_items.all()] if is_held(thing, "topic_items") else []
        if [topic.name for topic in standing] == content["topics"]:
            return standing
        return Topic.named(content["topics"])

    def _picks(self, thing, content):
        from articles.models import RelatedArticle

        stories = Named.of(thing, content).stories
        wanted = [pk for pk in dict.fromkeys(content["related"]) if pk in stories and pk != thing.pk]
        return [
            RelatedArticle(article=thing, other_id=other, position=position)
            for position, other in enumerate(wanted, start=1)
        ]

    def _photo_uses(self, thing, content):
        from articles.models import PhotoUse

        return [PhotoUse(article=thing, photo_id=photo.pk) for photo in Named.of(thing, content).inside]


def replace(thing, relation, wanted, *names):
    """Make the rows of `thing.<relation>` these, told apart by `names`; nothing is written when they are."""

    def told(rows):
        return [tuple(getattr(row, name) for name in names) for row in rows]

    standing = sorted(getattr(thing, relation).all(), key=lambda row: row.pk)
    if told(standing) == told(wanted):
        return
    model = getattr(thing, relation).model
    if standing:
        model.objects.filter(pk__in=[row.pk for row in standing]).delete()
    model.objects.bulk_create(wanted)
    if is_held(thing, relation):
        hold(thing, relation, wanted)


class PageDocument(Document):
    """The content of a static page."""

    fields = {"title": Text(160), "body_html": Body()}

    def read(self, thing):
        """Return the content that readers see now."""
        return {"title": thing.title, "body_html": thing.body_html}

    def write(self, thing, content):
        """Set title and body."""
        thing.title, thing.body_html = content["title"], content["body_html"]

    def problems(self, thing, content):
        """Return what is missing."""
        found = []
        if not content["title"]:
            found.append(Problem("title", _("The page needs a title.")))
        if not html.plain_text(content["body_html"]):
            found.append(Problem("body_html", _("The page has no text.")))
        return found
