"""Make a backup."""

import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from newsroom.backups import archive, engines, verbs


class Command(BaseCommand):
    help = (
        "Write everything the site is into FOLDER, sealed, while it runs: one file of data, one of keys. "
        "The recipients' public lines come from BACKUP_RECIPIENTS."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="Where the two files go.")
        parser.add_argument("--recipient", action="append", default=[], help="One more of age's recipients (age1…).")
        parser.add_argument("--keep", type=int, metavar="DAYS", help="Afterwards delete what is older (keys: 30 days).")
        parser.add_argument(
            "--new-identity", action="store_true",
            help="Make no backup: write a new identity into FOLDER/identity.txt and print its recipient.",
        )  # fmt: skip

    def handle(self, *, folder, recipient, keep, new_identity, verbosity, **options):
        if new_identity:
            self.make_identity(folder)
        else:
            self.make_backup(folder, recipient, keep, verbosity)

    def make_backup(self, folder, recipient, keep, verbosity):
        recipients = [*settings.BACKUP_RECIPIENTS, *recipient]
        if not recipients:
            raise CommandError(
                "For whom? Make an identity on another machine (manage.py backup FOLDER --new-identity, or "
                "age-keygen), and give the line that begins with age1 as BACKUP_RECIPIENTS."
            )
        if keep is not None and keep < 1:
            raise CommandError("--keep takes a number of days, at least 1.")
        at = timezone.now()
        try:
            with tqdm(unit="B", unit_scale=True, total=0, file=self.stderr, disable=not verbosity) as progress:
                made = verbs.make(folder, recipients, at=at, progress=progress)
        except (archive.BadKey, engines.Failed, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made.data}\n{made.keys}\n{made.files} files, {made.size / 1e6:.1f} MB, {made.gone} went.")
        if keep is not None:
            self.stdout.write(f"{verbs.forget_old(folder, at=at, days=keep)} old files deleted.")

    def make_identity(self, folder):
        identity, recipient = archive.new_identity()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with open(folder / "identity.txt", "x", opener=owner_only) as stream:
                stream.write(f"# recipient: {recipient}\n{identity}\n")
        except FileExistsError as error:
            raise CommandError(f"{folder / 'identity.txt'} is there already.") from error
        self.stdout.write(recipient)


def owner_only(path, flags):
    """Open a file that only its owner may read."""
    return os.open(path, flags, 0o600)
