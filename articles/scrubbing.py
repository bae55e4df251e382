"""What else is made of a story, and what stands beside it, when a passage has to disappear (see desk.models.scrub)."""

from django.db.models import Q

from articles import search
from articles.named import PHOTO_IN_BODY


def after(article, passage, *, at):
    """Make the story's entry in the index anew, deleted words gone for good; delete unused topics that say it.

    Live entries that were taken back lose the passage, or go with it; those that readers see are named by `elsewhere`.
    """
    from articles.models import Topic

    for entry in article.live_entries.filter(taken_back_at__isnull=False):
        title, in_title = passage.cut_from(entry.title, "title")
        text_html, in_text = passage.cut_from(entry.text_html, "text_html")
        if not in_title + in_text:
            continue
        if title or text_html:
            article.live_entries.filter(pk=entry.pk).update(title=title, text_html=text_html)
        else:
            entry.delete()

    search.update(article, at=at)
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
