"""Everything that the page of one story shows, in as few queries as it can be: at most ten, however much that is."""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, prefetch_related_objects

from articles import most_read
from articles.models import Article, Correction, Photo, RelatedArticle, Topic, TopicOnArticle
from articles.models.article import bylines_for_readers
from articles.related import READ_MORE, fillers, read_more
from articles.render import ReadBody
from desk.held import hold, is_held
from newsroom.listed import Listed

TOPIC_FIELDS = ("id", "name", "slug", "order")


def find_story(public_id):
    """Return the story of this id, in whatever state, with its topics and picks; None when there is none."""
    topics = TopicOnArticle.objects.filter(content_object=OuterRef("pk")).order_by("pk")
    picks = RelatedArticle.objects.filter(article=OuterRef("pk")).order_by("position")
    standing = Correction.objects.standing().filter(article=OuterRef("pk"))
    story = Article.objects.filter(public_id=public_id).select_related("edition", "section", "lead_photo").annotate(
        listed_topics=Listed(topics.values(**{f"t_{name}": F(f"tag__{name}") for name in TOPIC_FIELDS})),
        listed_picks=Listed(picks.values(p_other=F("other_id"), p_place=F("position"))),
        has_corrections=Exists(standing),
    ).first()  # fmt: skip
    if story is not None:
        topics = [Topic(**dict(zip(TOPIC_FIELDS, row, strict=True))) for row in story.listed_topics or ()]
        hold(story, "topic_items", [TopicOnArticle(content_object=story, tag=topic) for topic in topics])
        picks = [RelatedArticle(article=story, other_id=pk, position=place) for pk, place in story.listed_picks or ()]
        hold(story, "related_picks", picks)
    return story


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
    """Return the Around of a story: other stories in two queries or three, photos and names in one each.

    How the stories are chosen is for articles.related to say.
    """
    body = ReadBody(story.body_html)
    ids = most_read.ids(at=at)
    wanted = Q(public_id__in=body.articles | set(ids)) | Q(translation_group=story.translation_group)
    picks = {pick.other_id: pick.position for pick in story.related_picks.all()}
    # A pick may be one of the fillers, so as many more of these are asked for.
    keys = fillers(story, topics=topics, at=at, count=READ_MORE + len(picks))
    # Few rows, found by their keys: SQLite would read every public story if it were asked for the times too.
    named = Article.objects.filter(wanted | Q(pk__in=[*picks, *keys])).exclude(pk=story.pk).with_card_rows()
    others = [other for other in named if other.is_live(at)]
    picked = [other for other in others if other.pk in picks and other.edition_id == story.edition_id]
    more = read_more(sorted(picked, key=lambda other: picks[other.pk]), others, keys)
    photos = list(Photo.objects.filter(public_id__in=body.photos)) if body.photos else []
    load_words([story, *more], photos)
    return Around(
        body=body,
        linked={other.public_id: other for other in others if other.public_id in body.articles},
        photos={photo.public_id: photo for photo in photos},
        translations=[other for other in others if other.translation_group == story.translation_group],
        more=more,
        most_read=most_read.in_order([*others, story], ids, story.edition),
    )


def load_words(stories, photos=()):
    """Load who signs the stories, and the wordings of their lead photos and of `photos`: one query for each kind."""
    unsigned = [story for story in stories if not is_held(story, "bylines")]
    if unsigned:
        prefetch_related_objects(unsigned, bylines_for_readers())
    leads = [story.lead_photo for story in stories if story.lead_photo]
    if leads or photos:
        prefetch_related_objects([*leads, *photos], "texts")
