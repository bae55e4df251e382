"""People, photos and stories as cards show them, read once by each process: see newsroom.shelf.

Whoever gets one changes nothing in it: all requests of the process have the same object in hand.
"""

from django.db.models import F, OuterRef, Prefetch

from articles.models import Article, Byline, Person, Photo, Section
from articles.models.person import PersonText
from desk.held import hold
from newsroom.editions import all_editions
from newsroom.listed import Listed
from newsroom.shelf import Shelf

PEOPLE, PHOTOS, STORIES = 500, 500, 1000


def _load_people(keys):
    texts = Prefetch("texts", PersonText.objects.defer("bio_html"))
    return Person.objects.defer("bio_html").prefetch_related(texts).in_bulk(keys)


def _load_photos(keys):
    return Photo.objects.prefetch_related("texts").in_bulk(keys)


people = Shelf(_load_people, lambda person: ("site",), most=PEOPLE)
photos = Shelf(_load_photos, lambda photo: ("site", f"photo:{photo.public_id}"), most=PHOTOS)


def listed_bylines():
    """Return the annotation that brings who signs a story along in its own row; `furnish` reads it."""
    bylines = Byline.objects.filter(article=OuterRef("pk")).order_by("position")
    return Listed(bylines.values(b_person=F("person_id"), b_role=F("role"), b_place=F("position")))


def furnish(rows):
    """Give stories that were read with `listed_bylines` their edition, section, lead photo and bylines."""
    signed = [story.listed_bylines or () for story in rows]
    known = people.get({person for bylines in signed for person, _role, _place in bylines})
    pictures = photos.get({story.lead_photo_id for story in rows if story.lead_photo_id})
    editions = {edition.pk: edition for edition in all_editions()}
    sections = {section.pk: section for section in Section.everywhere()}
    for story, bylines in zip(rows, signed, strict=True):
        if story.edition_id in editions:
            story.edition = editions[story.edition_id]
        if story.section_id in sections:
            story.section = sections[story.section_id]
        story.lead_photo = pictures.get(story.lead_photo_id)
        hold(story, "bylines", [
            Byline(article=story, person=known[person], role=role, position=place)
            for person, role, place in bylines if person in known
        ])  # fmt: skip


def _load_stories(keys):
    stories = Article.objects.defer("body_html").annotate(listed_bylines=listed_bylines()).in_bulk(keys)
    furnish(list(stories.values()))
    for story in stories.values():
        # What is made of it is kept with it: see the template tag `card`.
        story.kept_cards = {}
    return stories


def _keys_of_story(story):
    photo = (f"photo:{story.lead_photo.public_id}",) if story.lead_photo else ()
    return ("site", f"article:{story.public_id}", *photo)


_stories = Shelf(_load_stories, _keys_of_story, most=STORIES)


def stories(keys):
    """Return the stories with these primary keys in their order, whoever may see them; those that are gone are not."""
    keys = list(keys)
    found = _stories.get(keys)
    return [found[key] for key in keys if key in found]
