"""Bring readers from another service."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from newsletters import lists
from newsletters.models import Newsletter, ReaderImport


class Command(BaseCommand):
    help = (
        "Look at an export of Mailchimp, listmonk, Ghost, Substack or of our own and say what would become of each "
        "mailbox; with --write take the readers in. What was interrupted goes on with --go-on, without doubles."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", help="The zip or CSV file as it came.")
        parser.add_argument("--newsletter", help="The slug of the newsletter that they read from now on.")
        parser.add_argument("--write", action="store_true", help="Take the readers in after looking.")
        parser.add_argument("--ask-undated", action="store_true", help="Ask those whose consent has no date by mail.")
        parser.add_argument("--go-on", type=int, metavar="NUMBER", help="The number of an import that was interrupted.")

    def handle(self, *, file, newsletter, write, ask_undated, go_on, verbosity, **options):
        bringing = self._find(go_on) if go_on else self._bring(file, newsletter, ask_undated)
        self.stdout.write(f"Import {bringing.pk}: {bringing.total} mailboxes, from {bringing.kind}.")
        self._work(bringing, quiet=not verbosity)
        if write:
            bringing.take_in(by=None, at=timezone.now())
            self._work(bringing, quiet=not verbosity)
        for _name, words, count, places in bringing.report():
            self.stdout.write(f"{count:>9}  {words}" + (f"  ({'; '.join(places[:5])} …)" if places else ""))
        if bringing.state == bringing.State.LOOKED:
            self.stdout.write(f"Nothing is written. To take them in: importreaders --go-on {bringing.pk} --write")

    def _find(self, number):
        bringing = ReaderImport.objects.filter(pk=number).first()
        if bringing is None:
            raise CommandError(f"There is no import {number}.")
        return bringing

    def _bring(self, file, slug, ask_undated):
        newsletter = Newsletter.objects.filter(slug=slug or "").first()
        if newsletter is None:
            raise CommandError(f"There is no newsletter “{slug}”: {', '.join(_slugs())}")
        path = Path(file or "")
        if not path.is_file() or path.stat().st_size > lists.MAX_BYTES:
            raise CommandError("Name a file of at most 64 MB.")
        try:
            return ReaderImport.bring(
                newsletter, path.read_bytes(), path.name, by=None, at=timezone.now(), ask_undated=ask_undated
            )
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error

    def _work(self, bringing, *, quiet):
        with tqdm(total=bringing.total, initial=bringing.seen, disable=quiet, file=self.stderr) as progress:
            while bringing.is_open() and (piece := bringing.next_piece()):
                bringing.do_piece(piece.position, state=bringing.state, at=timezone.now())
                bringing.refresh_from_db()
                progress.update(bringing.seen - progress.n)


def _slugs():
    return Newsletter.objects.values_list("slug", flat=True)
