"""Everything that the page of one story shows, in as few queries as it can be: at most ten, however much that is."""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef

from articles import most_read, shelves
from articles.models import Article, Correction, Photo, RelatedArticle, Topic, TopicOnArticle
from articles.related import READ_MORE, fillers, read_more
from articles.render import ReadBody
from desk.held import hold
from newsroom.listed import Listed
from newsroom.prepared import Prepared

TOPIC_FIELDS = ("id", "name", "slug", "order")


def find_story(public_id):
    """Return the story of this id, in whatever state, with its topics, picks and bylines; None when there is none."""
    story = _found.first(public_id)
    if story is not None:
        shelves.furnish([story])
        topics = [Topic(**dict(zip(TOPIC_FIELDS, row, strict=True))) for row in story.listed_topics or ()]
        hold(story, "topic_items", [TopicOnArticle(content_object=story, tag=topic) for topic in topics])
        picks = [RelatedArticle(article=story, other_id=pk, position=place) for pk, place in story.listed_picks or ()]
        hold(story, "related_picks", picks)
    return story


def _with_lists(public_id):
    topics = TopicOnArticle.objects.filter(content_object=OuterRef("pk")).order_by("pk")
    picks = RelatedArticle.objects.filter(article=OuterRef("pk")).order_by("position")
    standing = Correction.objects.standing().filter(article=OuterRef("pk"))
    group = Article.objects.filter(translation_group=OuterRef("translation_group")).order_by("pk")
    return Article.objects.filter(public_id=public_id).annotate(
        listed_topics=Listed(topics.values(**{f"t_{name}": F(f"tag__{name}") for name in TOPIC_FIELDS})),
        listed_picks=Listed(picks.values(p_other=F("other_id"), p_place=F("position"))),
        listed_bylines=shelves.listed_bylines(),
        listed_group=Listed(group.values(g_id=F("pk"))),
        has_corrections=Exists(standing),
    )[:1]  # fmt: skip


_found = Prepared(_with_lists, Article._meta.get_field("public_id"))


@dataclass(frozen=True)
class Around:
    """What stands in a story and beside it; the cards are loaded."""

    body: ReadBody
    linked: dict
    photos: dict
    translations: list
    more: list
    most_read: list


def around(story, *, topics, at):
    """Return the Around of a story; what this process has not at hand is a query for each kind of thing.

    How the stories are chosen is for articles.related to say.
    """
    body = ReadBody(story.body_html)
    picks = {pick.other_id: pick.position for pick in story.related_picks.all()}
    # A pick may be one of the fillers, so as many more of these are asked for.
    keys = fillers(story, topics=topics, at=at, count=READ_MORE + len(picks))
    group = _group_of(story)
    named = Article.objects.filter(public_id__in=body.articles).values_list("pk", flat=True) if body.articles else ()
    wanted = {pk for pk in [*picks, *keys, *group, *named] if pk != story.pk}
    others = [other for other in shelves.stories(sorted(wanted)) if other.is_live(at)]
    picked = [other for other in others if other.pk in picks and other.edition_id == story.edition_id]
    photos = Photo.objects.filter(public_id__in=body.photos).prefetch_related("texts") if body.photos else ()
    return Around(
        body=body,
        linked={other.public_id: other for other in others if other.public_id in body.articles},
        photos={photo.public_id: photo for photo in photos},
        translations=[other for other in others if other.translation_group == story.translation_group],
        more=read_more(sorted(picked, key=lambda other: picks[other.pk]), others, keys),
        most_read=most_read.most_read(story.edition, at=at),
    )


def _group_of(story):
    """Return the keys of the story's translations, its own among them; one query for a story not found by its id."""
    if hasattr(story, "listed_group"):
        return [pk for (pk,) in story.listed_group or ()]
    return list(Article.objects.filter(translation_group=story.translation_group).values_list("pk", flat=True))
