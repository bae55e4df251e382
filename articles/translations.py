"""Translations of a story: which one is the source, and which fell behind it."""

from django.db.models import DateTimeField, Exists, OuterRef
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, override

from articles.models import Article


def behind(at):
    """Return the public translations whose source readers see changed since: with new facts or a correction, no typo.

    The source is the story of the group that was published first. A translation catches up when it is published again
    with a change that is more than a typo.
    """
    caught_up = Coalesce(OuterRef("updated_at"), OuterRef("published_at"), output_field=DateTimeField())
    source = Article.objects.published(at).filter(
        translation_group=OuterRef("translation_group"), first_published_at__lt=OuterRef("first_published_at"),
        updated_at__gt=caught_up,
    )  # fmt: skip
    return Article.objects.published(at).filter(Exists(source))


def source_that_changed(article, others):
    """Return the source of a translation when readers see it changed since, or None; `others` are its group."""
    caught_up = article.updated_at or article.published_at
    if caught_up is None or article.first_published_at is None:
        return None
    public = [other for other in others if other.first_published_at]
    sources = [other for other in public if other.first_published_at < article.first_published_at]
    newer = [other for other in sources if other.updated_at and other.updated_at > caught_up]
    return newer[0] if newer else None


def links_of(article, others):
    """Return every public edition of the story, this one included, when there are others; one is the default."""
    links = []
    stories = [article, *others] if others else []
    default = next((story for story in stories if story.edition.is_default), article)
    for story in stories:
        with override(story.edition.language):
            # Translators: write "Read this story in <your language>".
            invitation = gettext("Read this story in English")
        links.append({
            "language": story.edition.language, "url": story.get_absolute_url(), "invitation": invitation,
            "is_default": story is default,
        })  # fmt: skip
    return links


def fronts(editions):
    """Return the fronts of all editions as links, when there are several."""
    if len(editions) < 2:
        return []
    return [
        {"language": edition.language, "url": edition.get_absolute_url(), "is_default": edition.is_default}
        for edition in editions
    ]
