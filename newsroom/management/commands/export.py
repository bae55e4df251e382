"""Write the public site as files."""

import os

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from newsroom.copying.export import Export
from newsroom.copying.rendering import Broken
from newsroom.copying.targets import Refused, open_target
from newsroom.editions import all_editions


class Command(BaseCommand):
    """Bring a static copy up to date: only what changed since the last time is made and written."""

    help = "Write the public site as files with relative links, to a folder or to s3://bucket/prefix."

    def add_arguments(self, parser):
        """Take the target and how to work."""
        parser.add_argument("target", help="a folder that is empty or holds an earlier copy, or s3://bucket/prefix")
        parser.add_argument("--edition", action="append", default=[], help="the code of an edition; all by default")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes that make pages")
        parser.add_argument("--full", action="store_true", help="make every page anew")

    def handle(self, *, target, edition, jobs, full, verbosity, **options):
        """Do it and say how much was written."""
        editions = [one for one in all_editions() if not edition or one.code in edition]
        if not editions or set(edition) - {one.code for one in editions}:
            raise CommandError("There is no such edition.")
        with tqdm(unit="page", file=self.stderr, disable=not verbosity, total=0) as progress:
            run = Export(None, editions, at=timezone.now(), jobs=max(1, min(jobs, 64)), full=full, progress=progress)
            try:
                run.target = open_target(target)
                written = run.run()
            except (Refused, Broken, OSError) as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"{written} files written, {len(run.pages)} pages in the copy.")
