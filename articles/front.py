"""The front page by rule: the newest stories on top, then a block per section, no story twice."""

from dataclasses import dataclass, field

from articles.models import Article, Section

NEWEST = 60
SIDE, SECOND, BLOCK = 6, 4, 4
LOOKS = ("news", "row", "news", "deep")


@dataclass(frozen=True)
class Block:
    """One section on the front page; `look` is one of LOOKS (deep stands on ink), solo (a single story) or opinion."""

    section: Section
    stories: list
    look: str


@dataclass(frozen=True)
class Front:
    """The stories of the front page by place."""

    lead: Article | None = None
    side: list = field(default_factory=list)
    second: list = field(default_factory=list)
    blocks: list = field(default_factory=list)

    def stories(self):
        """Return every story on the page."""
        in_blocks = [story for block in self.blocks for story in block.stories]
        return [*([self.lead] if self.lead else []), *self.side, *self.second, *in_blocks]


def arrange(edition, *, at):
    """Return the Front of an edition as it is at `at`; opinion never leads.

    The newest stories are one query; a section too quiet to be among them costs one more.
    """
    public = Article.objects.published(at).in_edition(edition).newest_first().for_cards()
    newest = list(public[:NEWEST])
    news = [story for story in newest if not story.section.is_opinion]
    lead = next((story for story in news[:SIDE] if story.lead_photo), news[0] if news else None)
    rest = [story for story in news if story is not lead]
    second = [story for story in rest if story.lead_photo][: min(SECOND, len(rest) // 2)]
    side = [story for story in rest if story not in second][:SIDE]
    used = {story.pk for story in [lead, *second, *side] if story}
    return Front(lead, side, second, _blocks(edition, public, newest, used))


def _blocks(edition, public, newest, used):
    blocks = []
    for section in Section.objects.filter(edition=edition).select_related("edition"):
        stories = [story for story in newest if story.section_id == section.pk and story.pk not in used]
        if len(stories) < BLOCK and len(newest) == NEWEST:
            stories = list(public.filter(section=section).exclude(pk__in=used)[:BLOCK])
        if stories:
            look = "opinion" if section.is_opinion else _look(len(stories), place=len(blocks))
            blocks.append(Block(section, _picture_first(stories[:BLOCK], look), look))
    return _opinion_in_the_middle(blocks)


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
