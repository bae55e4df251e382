"""Bring the addresses of an old archive as redirects."""

import csv
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from articles.models import Redirect
from newsroom import pagecache

MAX_BYTES, AT_ONCE = 64 * 1024 * 1024, 500
HEADINGS = {"old", "old address", "old_address", "old_path", "from", "source"}


class DryRun(Exception):
    """Nothing is to be kept."""


class Command(BaseCommand):
    help = (
        "Read a CSV file of old and new addresses and let each old address lead to the new one. Lines that cannot be "
        "are named with the reason; the others are taken. Repeating it changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", help="CSV in UTF-8: old address, new address. A line of headings may stand first.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would become of each line; write nothing.")

    def handle(self, *, file, dry_run, verbosity, **options):
        lines = self._read(Path(file))
        counts = dict.fromkeys(("added", "changed", "same", "refused"), 0)
        with tqdm(total=len(lines), disable=not verbosity, file=self.stderr, unit="line") as progress:
            if dry_run:
                # One transaction for all: a line may meet another one of the file.
                self._take(lines, counts, progress, keep=False)
            else:
                for start in range(0, len(lines), AT_ONCE):
                    self._take(lines[start : start + AT_ONCE], counts, progress, keep=True)
        self.stdout.write(", ".join(f"{name}: {number}" for name, number in counts.items()))
        if dry_run:
            self.stdout.write("Nothing is written.")

    def _read(self, path):
        """Return [(line number, cells)] of the file without its headings and empty lines."""
        try:
            if path.stat().st_size > MAX_BYTES:
                raise CommandError("The file is larger than 64 MB.")
            text = path.read_text(encoding="utf-8-sig")
            reader = csv.reader(text.splitlines(keepends=True), strict=True)
            lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
        except (OSError, ValueError) as error:
            raise CommandError(f"The file cannot be read: {error}") from error
        except csv.Error as error:
            raise CommandError(f"This is no CSV file: {error}") from error
        return lines[1:] if lines and lines[0][1][0].strip().lower() in HEADINGS else lines

    def _take(self, lines, counts, progress, *, keep):
        try:
            with transaction.atomic():
                for number, cells in lines:
                    counts[self._point(number, cells)] += 1
                    progress.update()
                if not keep:
                    raise DryRun
                pagecache.bump("redirects")
        except DryRun:
            return

    def _point(self, number, cells):
        """Write one line and return what happened."""
        try:
            if len(cells) < 2:
                raise ValidationError("Two cells are needed: old address, new address.")
            return Redirect.point(cells[0], cells[1], quietly=True)[1]
        except ValidationError as error:
            self.stdout.write(f"line {number}: {error.messages[0]} ({cells[0][:200]!r})")
            return "refused"
