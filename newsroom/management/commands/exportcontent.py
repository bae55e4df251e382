"""Write all content in an open form."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from newsroom.backups import archive
from newsroom.openform import writing


class Command(BaseCommand):
    help = (
        "Write all content into FOLDER, JSON lines and files (docs/open-form.md). Run again, it copies no file twice. "
        "Names that readers do not see stay out, unless --protected-for says who may open them."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="Where it goes; it is made when it is not there.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be written.")
        parser.add_argument(
            "--protected-for", action="append", default=[], metavar="RECIPIENT",
            help="Add the protected names, sealed for this recipient of age (age1…).",
        )  # fmt: skip
        parser.add_argument("--with-staff", action="store_true", help="Say which account wrote and decided what.")
        parser.add_argument("--without-originals", action="store_true", help="Leave the originals of photos out.")

    def handle(self, *, folder, dry_run, protected_for, with_staff, without_originals, verbosity, **options):
        counts = writing.count()
        if dry_run:
            self._tell(counts)
            self.stdout.write("Nothing is written.")
            return
        choices = writing.Choices(tuple(protected_for), with_staff, not without_originals)
        try:
            with tqdm(total=sum(counts.values()), file=self.stderr, disable=not verbosity) as progress:
                written = writing.write(folder, choices, at=timezone.now(), progress=progress)
        except (archive.BadKey, OSError) as error:
            raise CommandError(str(error)) from error
        self._tell(written.rows)
        self.stdout.write(f"{written.files:>8}  files, {written.size / 1e6:.1f} MB")
        for what, number in sorted((+written.left).items()):
            self.stdout.write(f"{number:>8}  left out: {what}")

    def _tell(self, counts):
        for name, number in counts.items():
            self.stdout.write(f"{number:>8}  {name}")
