"""Say whether an older release can work with the database as it is now."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from newsroom import expanding


class Command(BaseCommand):
    help = "Refuse when migrations applied since an older release have taken something that it needs."

    def add_arguments(self, parser):
        parser.add_argument("known", type=Path, help="What `prepare` of the older release printed.")

    def handle(self, *, known, **options):
        try:
            older = set(known.read_text(encoding="utf-8").split())
        except OSError as error:
            raise CommandError(f"{known} cannot be read: {error.strerror}.") from error
        found = {loss: None for alias in ("default", "keys") for loss in expanding.losses(connections[alias], older)}
        if found:
            raise CommandError("The older release cannot work with this database:\n  " + "\n  ".join(found))
        self.stdout.write("Every migration since then only added.")
