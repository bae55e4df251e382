"""Bring an open form into an empty site."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from newsroom.backups import archive
from newsroom.openform import reading
from newsroom.openform.kinds import Unreadable


class Command(BaseCommand):
    help = (
        "Try whether all of the form in FOLDER fits into this empty site; with --write bring it in. Run again after it "
        "was stopped, it stores no file twice; rows come in all together or not at all."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="The folder that exportcontent wrote.")
        parser.add_argument("--identity", type=Path, help="The file with age's identity that opens protected names.")
        parser.add_argument("--write", action="store_true", help="Bring it in after trying.")

    def handle(self, *, folder, identity, write, verbosity, **options):
        try:
            form = reading.Form(folder, identity.read_text(encoding="utf-8") if identity else "")
            with tqdm(total=form.total, file=self.stderr, disable=not verbosity) as progress:
                brought = reading.bring(form, at=timezone.now(), progress=progress, write=write)
        except (Unreadable, reading.NotEmpty, archive.BadKey, archive.Broken, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        for name, number in brought.rows.items():
            self.stdout.write(f"{number:>8}  {name}")
        self.stdout.write(f"{brought.files:>8}  files")
        for note in [*brought.notes, *(f"Left out when it was written: {n} {what}" for what, n in self._left(form))]:
            self.stdout.write(f"          {note}")
        if not write:
            self.stdout.write("Everything fits. Nothing is written; to bring it in, add --write.")

    def _left(self, form):
        left = form.facts.get("left")
        return sorted(left.items()) if isinstance(left, dict) else ()
