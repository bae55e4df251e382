"""Make the key that signs the list of mirrors."""

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from newsroom import minisign


class Command(BaseCommand):
    """Write a new secret key to a file that only its owner may read, and print the public one."""

    help = "Make the key that signs the list of mirrors (NEWSROOM_SIGNING_KEY_FILE), and print its public part."

    def add_arguments(self, parser):
        """Take the file."""
        parser.add_argument("file", type=Path, help="where the secret key goes; an existing file is never replaced")

    def handle(self, *, file, **options):
        """Write and print."""
        key = minisign.SecretKey.make()
        try:
            stream = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from error
        with os.fdopen(stream, "w", encoding="ascii") as writing:
            writing.write(key.written())
        self.stdout.write(key.public)
        self.stderr.write(
            f"Set NEWSROOM_SIGNING_KEY_FILE={file}, keep a copy apart, and print the line above where readers know you."
        )
