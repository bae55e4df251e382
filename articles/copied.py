"""What the search of a static copy knows of each story."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from articles import bylines
from articles.models import Article
from newsroom import html
from newsroom.stems import words

# The words of so many newest stories are all in the index; of older ones those of headline, standfirst and byline.
WHOLE, LEAST_LETTERS = 2000, 3


def search_rows(edition, *, at):
    """Yield (path, headline, standfirst, day, words) of each public story, the newest first."""
    stories = Article.objects.published(at).in_edition(edition).newest_first().for_cards()
    with override(edition.language), timezone.override(edition.zone):
        for number, story in enumerate(stories.iterator(chunk_size=500)):
            signed = bylines.names_text(bylines.credits_of(story, edition))
            head = words(f"{story.headline} {story.kicker} {story.standfirst} {signed} {story.section.name}")
            body = words(html.plain_text(story.body_html)) if number < WHOLE else []
            rest = (word for word in body if len(word) >= LEAST_LETTERS)
            day = date_format(timezone.localtime(story.published_at), "j E Y")
            known = " ".join(dict.fromkeys([*head, *rest]))
            yield story.get_absolute_url(), story.headline, story.standfirst, day, f" {known}"
