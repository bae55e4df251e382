"""Build the search index anew."""

from django.core.management.base import BaseCommand
from django.db import transaction

from articles import search
from articles.models import Article
from newsroom import pagecache


class Command(BaseCommand):
    help = "Build the search index anew from the published stories."

    def handle(self, *args, **options):
        with transaction.atomic():
            search.clear()
            count = 0
            for article in Article.objects.filter(state=Article.State.PUBLISHED).iterator(chunk_size=200):
                search.update(article)
                count += 1
            pagecache.bump("search")
        self.stdout.write(f"{count} stories indexed.")
