"""What follows from a publication, run by the worker."""

from django_tasks import task


@task()
def update_index(*, article_id):
    """Make the search index agree with the article's live row."""


@task()
def make_renditions(*, photo_id):
    """Make every size of a photo that readers may get."""
    from articles.models import Photo

    photo = Photo.objects.filter(pk=photo_id).first()
    if photo:
        photo.make_renditions()


@task()
def delete_renditions(*, names):
    """Delete files that no photo names any more, when no stored page can ask for them."""
    from articles import renditions

    renditions.delete(names)
