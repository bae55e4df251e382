"""What follows from a publication, run by the worker."""

from django_tasks import task


@task()
def update_index(*, article_id):
    """Make the search index agree with the article's live row."""
