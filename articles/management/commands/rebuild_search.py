"""Build the search index anew while it goes on answering."""

import sys

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from articles import search
from newsroom import pagecache

PART = 100


class Command(BaseCommand):
    help = (
        "Build the search index anew, story by story, while readers go on searching. When it is stopped, the next run "
        "goes on where this one ended."
    )

    def add_arguments(self, parser):
        parser.add_argument("--anew", action="store_true", help="begin again, even if an earlier run was stopped")

    def handle(self, *args, anew, **options):
        at = timezone.now()
        missing, gone = search.stale(at=at)
        left = missing.count() + gone.count()
        if anew or not left:
            search.forget()
            left = missing.count() + gone.count()
        else:
            self.stdout.write("Going on where the last run stopped.")
        done = 0
        with tqdm(total=left, unit=" stories", disable=not sys.stderr.isatty()) as progress:
            while step := search.catch_up(at=at, limit=PART):
                done += step
                progress.update(step)
        search.compact()
        pagecache.bump("search")
        self.stdout.write(f"{done} stories indexed.")
