"""What else is made of a story, and what stands beside it, when a passage has to disappear (see desk.models.scrub)."""

from django.db.models import Q

from articles import search
from articles.named import PHOTO_IN_BODY


def after(article, passage):
    """Make the story's entry in the index anew, deleted words gone for good; delete unused topics that say it."""
    from articles.models import Topic

    search.update(article)
    search.compact()
    unused = Topic.objects.filter(items__isnull=True)
    Topic.objects.filter(pk__in=[topic.pk for topic in unused if passage.count_in(topic.name)]).delete()


def beside(article, passage):
    """Yield the translations and the photos of a story that hold the passage too."""
    from articles.models import Article, Photo

    for other in Article.objects.filter(translation_group=article.translation_group).exclude(pk=article.pk):
        contents = [other.read_draft().content, *other.revisions.values_list("content", flat=True)]
        if any(passage.count_in(content) for content in contents):
            yield other
    content = article.read_draft().content
    ids = set(PHOTO_IN_BODY.findall(content.get("body_html", "")))
    leads = [content.get("lead_photo"), article.lead_photo_id]
    for photo in Photo.objects.filter(Q(pk__in=[pk for pk in leads if pk]) | Q(public_id__in=ids)):
        if any(passage.count_in(text) for text in (photo.caption, photo.alt, photo.creator, photo.keywords)):
            yield photo
