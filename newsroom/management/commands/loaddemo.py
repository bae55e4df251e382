"""Bring in the demo."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from newsroom import demo, registry


class Command(BaseCommand):
    help = (
        "Bring the invented title's content in, through the verbs that editors use. Running it again changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="Do nothing when the site has stories already.")

    def handle(self, *, if_empty, verbosity, **options):
        if settings.MODE == "production":
            raise CommandError("The demo is for NEWSROOM_MODE=demo; this site is in production.")
        reason = next((reason for refuse in registry.demo_refusals.values() if (reason := refuse(demo.FOLDER))), None)
        if reason:
            if if_empty:
                return
            raise CommandError(reason)
        started = time.monotonic()
        for name, load in registry.demo.items():
            with tqdm(
                desc=f"  {name:<12}", total=1, file=self.stderr, disable=not verbosity, bar_format=BAR
            ) as progress:
                load(demo.FOLDER, progress)
        if verbosity:
            self.stdout.write(f"  The demo is in, after {time.monotonic() - started:.0f} s.")


BAR = "{desc} {bar:30} {n_fmt}/{total_fmt} {elapsed}"
