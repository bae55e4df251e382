"""What follows from a publication, run by the worker."""

from django.utils import timezone
from django_tasks import task

from articles import search

BEHIND = -10  # pictures take long and readers have one already: mails and the index go first


@task()
def update_index(*, article_id):
    """Make the search index agree with the article's live row; a story that is gone leaves the index."""
    from articles.models import Article

    article = Article.objects.filter(pk=article_id).first()
    if article is None:
        search.remove(article_id)
    else:
        search.update(article, at=timezone.now())


@task(priority=BEHIND)
def make_renditions(*, photo_id, gone=()):
    """Make every size of a photo that readers may get; the files `gone` are deleted as soon as others stand there."""
    from articles import renditions
    from articles.models import Photo

    photo = Photo.objects.filter(pk=photo_id).first()
    if photo:
        photo.make_renditions()
    renditions.delete(gone)


@task(priority=BEHIND)
def delete_renditions(*, names):
    """Delete files that no photo names any more, when no stored page can ask for them."""
    from articles import renditions

    renditions.delete(names)


@task(priority=BEHIND)
def delete_photo_files(*, names, original):
    """Delete every file of a photo that was deleted."""
    from articles import renditions
    from articles.models.photo import private_storage

    renditions.delete(names)
    private_storage().delete(original)
