"""A newsroom with many stories, stored in bulk: the rows that the verbs would leave behind, without their work."""

import datetime
import random

from django.utils import timezone

from articles import search
from articles.models import Article, Byline, Correction, RelatedArticle, Topic, TopicOnArticle
from newsroom.models import DailyCount
from tests.donations.making import make_appeal, make_offers
from tests.make import make_article, make_edition, make_person, make_photo, make_section, make_topic
from tests.newsletters.make import make_newsletter

SECTIONS = ("Politics", "Culture", "Economy", "Society", "World")
WORDS = ("harbour", "strike", "minister", "court", "school", "river", "verdict", "archive", "market", "winter")
FIRST_DAY = datetime.datetime(2026, 11, 2, 9, tzinfo=datetime.UTC)
# Stories per day, so that days, months and sections all grow with the newsroom.
PER_DAY = 40


class Newsroom:
    """Sections, topics, people and photos that stories share; `grow` adds stories to all of them."""

    def __init__(self):
        self.edition = make_edition()
        self.sections = [make_section(name) for name in SECTIONS]
        self.topics = [make_topic("Elections"), make_topic("Harbours")]
        self.series = Topic.objects.create(name="The trial", order=Topic.Order.OLDEST)
        self.people = [make_person(f"Ada Bren {number}", slug=f"ada-{number}") for number in range(3)]
        self.photos = [make_photo(caption=f"Photo {number}") for number in range(4)]
        make_offers(self.edition), make_appeal(self.edition), make_newsletter(edition=self.edition)
        self.random = random.Random(5)
        self.count = 0

    def grow(self, total):
        """Add stories until there are `total`."""
        stories = [self._story(number) for number in range(self.count, total)]
        self.count = total
        Article.objects.bulk_create(stories, batch_size=500)
        Byline.objects.bulk_create(
            [Byline(article=story, person=person, position=place) for story in stories
             for place, person in enumerate(self.people[: 1 + story.number % 3])],
            batch_size=500,
        )  # fmt: skip
        tags = [
            TopicOnArticle(tag=topic, content_object=story)
            for story in stories
            for topic in (*self.topics, *([self.series] if story.number % 5 == 0 else []))
        ]
        TopicOnArticle.objects.bulk_create(tags, batch_size=500)
        self._correct(stories[::10])
        for story in stories:
            search.update(story)

    def _correct(self, stories):
        Correction.objects.bulk_create(
            [Correction(article=story, edition=self.edition, number=story.number + 1, text="It was 11.",
                        created_at=story.published_at) for story in stories],
            batch_size=500,
        )  # fmt: skip

    def _story(self, number):
        moment = FIRST_DAY - datetime.timedelta(days=number // PER_DAY, minutes=number % PER_DAY)
        words = " ".join(self.random.choices(WORDS, k=60))
        story = Article(
            edition=self.edition, section=self.sections[number % len(self.sections)], headline=f"Harbour {number}",
            slug=f"harbour-{number}", standfirst="Ships left at dawn.", body_html=f"<p>{words}</p>" * 3,
            lead_photo=self.photos[number % 4] if number % 2 else None, state=Article.State.PUBLISHED,
            published_at=moment, first_published_at=moment, created_at=moment,
        )  # fmt: skip
        story.number = number
        return story

    def count_reads(self):
        """Let the newest thirty stories have been read today."""
        today = timezone.localdate()
        newest = Article.objects.published().newest_first()[:30]
        DailyCount.objects.add({("story", story.public_id, today): 30 - n for n, story in enumerate(newest)})

    def full_story(self):
        """Return a story that has all a story can have: photos, links, names, picks, parts and a translation."""
        others = list(Article.objects.published().newest_first()[:6])
        figure = '<figure data-photo="{}"><figcaption></figcaption></figure>'
        body = "".join(figure.format(photo.public_id) for photo in self.photos)
        body += "".join(f'<p><a data-article="{other.public_id}">x</a></p>' for other in others[:4])
        story = make_article(
            published=True, headline="All of it", body_html=body, people=self.people, photo=self.photos[0],
            section=self.sections[0], topics=["Elections", "Harbours", "The trial"],
        )  # fmt: skip
        russian = make_edition("ru")
        make_article(published=True, edition=russian, headline="Всё", translation_group=story.translation_group)
        for place, other in enumerate(others[4:]):
            RelatedArticle.objects.create(article=story, other=other, position=place)
        story.correct(text="It was 11.", version=story.read_draft().version, by=None, at=timezone.now())
        return Article.objects.get(pk=story.pk)
