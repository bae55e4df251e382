"""The rows that the content of a story names, each kind loaded once: forms, checklist and publication share them."""

import html
import re
from functools import cached_property
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

PHOTO_IN_BODY = re.compile(r'data-photo="([0-9a-z]+)"')
STORY_PATH = re.compile(r"(?:/[a-z][a-z0-9-]*)?/\d{4}/\d{2}/\d{2}/(?:[^/]*-)?([0-9a-hjkmnp-tv-z]{8})/?\Z")
HREF = re.compile(r'href="([^"]+)"')
MOST_LINKS = 300
LINK_IN_BODY = re.compile(r'data-(?:article|related)="([0-9a-z]+)"')


def story_behind(link):
    """Return the public id of the story that a plain link to this site names, or ""."""
    path = link.removeprefix(settings.HOME_ORIGIN)
    try:
        found = STORY_PATH.match(urlsplit(path).path) if path.startswith("/") else None
    except ValueError:
        return ""
    return found.group(1) if found else ""


class Named:
    """Photos, stories, people and section of one content document; what is missing here is gone.

    With `loads_all` (for a form) the people and the sections are all that may be chosen, those of `edition` alone where
    there is one.
    """

    loads_all = False
    edition = None

    def __init__(self, content):
        self.content = content

    @classmethod
    def of(cls, thing, content):
        """Return what this very content of the thing names: the same object for as long as both are in hand."""
        named = getattr(thing, "_named", None)
        if named is None or named.content is not content:
            named = cls(content)
            if thing is not None:
                thing._named = named
        return named

    @cached_property
    def ids_inside(self):
        """The public ids of the photos in the text."""
        return set(PHOTO_IN_BODY.findall(self.content["body_html"]))

    @cached_property
    def ids_linked(self):
        """The public ids of the stories to which the text links, or which stand in it."""
        body = self.content["body_html"]
        behind = {story_behind(html.unescape(link)) for link in HREF.findall(body)[:MOST_LINKS]} - {""}
        return behind | set(LINK_IN_BODY.findall(body))

    @cached_property
    def photos(self):
        """The photos, lead and in the text."""
        from articles.models import Photo

        lead = self.content["lead_photo"]
        if not lead and not self.ids_inside:
            return []
        return list(Photo.objects.filter(Q(pk=lead) | Q(public_id__in=self.ids_inside)).order_by("pk"))

    @property
    def lead(self):
        """The lead photo, or None."""
        return next((photo for photo in self.photos if photo.pk == self.content["lead_photo"]), None)

    @property
    def inside(self):
        """The photos in the text."""
        return [photo for photo in self.photos if photo.public_id in self.ids_inside]

    @cached_property
    def stories(self):
        """{primary key: story} of the stories picked and linked; their texts stay behind."""
        from articles.models import Article

        picked = set(self.content["related"])
        if not picked and not self.ids_linked:
            return {}
        found = Article.objects.filter(Q(pk__in=picked) | Q(public_id__in=self.ids_linked))
        return {story.pk: story for story in found.defer("body_html")}

    @cached_property
    def people(self):
        """{primary key: person} of at least those who sign."""
        from articles.models import Person

        people = Person.objects.defer("bio_html")
        if self.loads_all:
            return {person.pk: person for person in people}
        return people.in_bulk({row["person"] for row in self.content["bylines"] if row["person"]})

    @cached_property
    def sections(self):
        """{primary key: section} of at least the one where it stands."""
        from articles.models import Section

        sections = Section.objects.select_related("edition")
        if self.loads_all:
            offered = sections if self.edition is None else sections.filter(edition=self.edition)
            return {section.pk: section for section in offered}
        return sections.in_bulk([self.content["section"]] if self.content["section"] else [])

    @property
    def section(self):
        """The section, or None."""
        return self.sections.get(self.content["section"])
