"""Take everything that the letters hold along."""

import os

from django.core.management.base import BaseCommand, CommandError

from newsletters import takeout


class Command(BaseCommand):
    help = "Write readers, consent, suppressions, newsletters and letters into one zip file, addresses in the clear."

    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, *, file, **options):
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"The file cannot be made: {error.strerror}") from error
        with os.fdopen(handle, "wb") as out:
            for piece in takeout.stream():
                out.write(piece)
        self.stdout.write(f"Written to {file}, readable by you alone.")
