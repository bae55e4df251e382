"""The front page: what editors put into zones by hand, the rest by rule; no story twice unless a zone says so."""

import copy
from dataclasses import dataclass, field

from django.db.models import prefetch_related_objects

from articles import shelves
from articles.front_content import CAPACITY
from articles.models import Article, Place, Section
from articles.models.article import bylines_for_readers
from newsroom import pagecache

NEWEST = 60
SIDE, SECOND, BLOCK = CAPACITY["latest"], CAPACITY["second"], 4
LOOKS = ("news", "row", "news", "deep")


@dataclass(frozen=True)
class Block:
    """One section on the front page; `look` is one of LOOKS (deep stands on ink), solo (a single story) or opinion."""

    section: Section
    stories: list
    look: str


@dataclass(frozen=True)
class Focus:
    """A few stories under a title that the editors gave them."""

    title: str
    stories: list
    repeats: bool


@dataclass(frozen=True)
class Front:
    """The stories of a front by place."""

    lead: Article | None = None
    side: list = field(default_factory=list)
    second: list = field(default_factory=list)
    focus: Focus | None = None
    blocks: list = field(default_factory=list)

    def stories(self):
        """Return every story on the page."""
        in_blocks = [story for block in self.blocks for story in block.stories]
        in_focus = self.focus.stories if self.focus else []
        return [*([self.lead] if self.lead else []), *self.side, *self.second, *in_focus, *in_blocks]


class Picks:
    """What stands in the zones by hand, as cards: of the edition's front (section None) and of each section's.

    `places` are what `standing` returns, or unsaved ones made of a draft.
    """

    def __init__(self, places):
        self.places = list(places)
        self.shown = {}
        for place in self.places:
            rows = self.shown.setdefault((place.front.section_id, place.zone), [])
            if len(rows) < CAPACITY[place.zone]:
                rows.append(card_of(place))

    def of(self, section, zone, *, but=frozenset()):
        """Return the stories by hand in a zone, without those whose keys are in `but`."""
        return [story for story in self.shown.get((section, zone), []) if story.pk not in but]

    def front(self, section):
        """Return the front whose places these are, or None when nothing stands there by hand."""
        return next((place.front for place in self.places if place.front.section_id == section), None)

    def focus(self, section, *, but):
        """Return the Focus of a front, or None."""
        front = self.front(section)
        repeats = front is not None and front.focus_repeats
        stories = self.of(section, "focus", but=frozenset() if repeats else but)
        return Focus(front.focus_title, stories, repeats) if stories else None


def card_of(place):
    """Return the place's story with the words and the picture that it has in this place: a copy where it has any."""
    if not (place.kicker or place.headline or place.photo):
        return place.article
    story = copy.copy(place.article)
    # Words and picture of this place are not the story's own: nothing made of it may be kept with it.
    story.kept_cards = None
    # A prefetch lies in the instance; the copy must not write into the original's.
    story._prefetched_objects_cache = dict(getattr(story, "_prefetched_objects_cache", {}))
    story.kicker = place.kicker or story.kicker
    story.headline = place.headline or story.headline
    if place.photo:
        story.lead_photo = place.photo
        story.lead_alt, story.lead_decorative, story.lead_crop = "", False, ""
    return story


def arrange(edition, *, at, places=None):
    """Return the Front of an edition as it is at `at`; by rule, opinion never leads.

    Which stories are the newest is one query; a section too quiet to be among them costs one more. `places` stand in
    for the published ones when a draft is looked at.
    """
    public = Article.objects.published(at).in_edition(edition).newest_first().values_list("pk", flat=True)
    newest = shelves.stories(public[:NEWEST])
    picks = Picks(standing(edition, at=at) if places is None else _loaded(places))
    lead, second, side, focus, used = _zones(picks, newest)
    return Front(lead, side, second, focus, _blocks(edition, public, newest, used, picks))


def standing(edition, *, at):
    """Return the places of an edition's public fronts whose pin has not ended, with stories that are public."""
    places = [place for place in _by_hand(edition.pk) if place.front.is_live(at) and not place.has_ended(at)]
    stories = {story.pk: story for story in shelves.stories({place.article_id for place in places})}
    photos = shelves.photos.get({place.photo_id for place in places if place.photo_id})
    found = []
    for kept in places:
        story, place = stories.get(kept.article_id), copy.copy(kept)
        if story is not None and story.edition_id == edition.pk and story.is_live(at):
            place.article, place.photo = story, photos.get(kept.photo_id)
            found.append(place)
    return found


def _read_by_hand(edition_pk):
    places = Place.objects.filter(front__edition=edition_pk, front__state="published")
    return list(places.select_related("front").order_by("front", "position"))


_by_hand = pagecache.RememberedOf("front", _read_by_hand)


def _loaded(places):
    """Return the places of a draft with what the cards of their stories show."""
    if places:
        prefetch_related_objects([place.article for place in places], "lead_photo__texts", bylines_for_readers())
    if photos := [place.photo for place in places if place.photo]:
        prefetch_related_objects(photos, "texts")
    return places


def _zones(picks, newest):
    """Return (lead, second row, side, focus, keys of the stories that stand there)."""
    used = set()

    def by_hand(zone):
        stories = picks.of(None, zone, but=used)
        used.update(story.pk for story in stories)
        return stories

    lead, second, side = by_hand("lead"), by_hand("second"), by_hand("latest")
    focus = picks.focus(None, but=used)
    if focus and not focus.repeats:
        used.update(story.pk for story in focus.stories)
    news = [story for story in newest if not story.section.is_opinion and story.pk not in used]
    if not lead and news:
        lead = [next((story for story in news[:SIDE] if story.lead_photo), news[0])]
    rest = [story for story in news if story not in lead]
    open_places = max(0, min(SECOND, (len(rest) + len(second)) // 2) - len(second))
    filled = [story for story in rest if story.lead_photo][:open_places]
    second = [*second, *filled]
    side = [*side, *(story for story in rest if story not in filled)][:SIDE]
    used.update(story.pk for story in [*lead, *second, *side])
    return (lead or [None])[0], second, side, focus, used


def _blocks(edition, public, newest, used, picks):
    blocks = []
    for section in Section.of(edition):
        chosen = [*picks.of(section.pk, "lead", but=used), *picks.of(section.pk, "second", but=used)][:BLOCK]
        known = used | {story.pk for story in chosen}
        stories = [story for story in newest if story.section_id == section.pk and story.pk not in known]
        if len(chosen) + len(stories) < BLOCK and len(newest) == NEWEST:
            stories = shelves.stories(public.filter(section=section).exclude(pk__in=known)[:BLOCK])
        if stories or chosen:
            count = len(chosen) + len(stories)
            look = "opinion" if section.is_opinion else _look(count, place=len(blocks))
            stories = [*chosen, *stories] if chosen else _picture_first(stories[:BLOCK], look)
            blocks.append(Block(section, stories[:BLOCK], look))
    return _opinion_in_the_middle(blocks)


def arrange_section(section, *, at, places=None):
    """Return the Front of a section: only what stands there by hand; the list below it is the rule."""
    if places is None:
        places = [place for place in standing(section.edition, at=at) if place.front.section_id == section.pk]
    else:
        places = _loaded(places)
    picks = Picks(places)
    lead = picks.of(section.pk, "lead")
    used = {story.pk for story in lead}
    second = picks.of(section.pk, "second", but=used)
    used |= {story.pk for story in second}
    return Front((lead or [None])[0], [], second, picks.focus(section.pk, but=used))


def _look(count, *, place):
    return {1: "solo", 2: "row"}.get(count, LOOKS[place % len(LOOKS)])


def _picture_first(stories, look):
    if look in {"opinion", "row"}:
        return stories
    return sorted(stories, key=lambda story: story is not next((s for s in stories if s.lead_photo), None))


def _opinion_in_the_middle(blocks):
    opinion = [block for block in blocks if block.look == "opinion"]
    others = [block for block in blocks if block.look != "opinion"]
    return [*others[:2], *opinion, *others[2:]]
