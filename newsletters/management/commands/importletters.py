"""Bring the archive of another service."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from articles.models import Redirect
from newsletters import lists, old_letters
from newsletters.models import Issue, Newsletter, take_in_archived


class Command(BaseCommand):
    help = (
        "Look at letters that another service sent (Substack's export, .eml files, or issues.csv with their pages, in "
        "a zip) and say what would become of each; with --write put them into a newsletter's archive and let their old "
        "addresses lead there. Nobody gets a mail. Run again, it goes on where it was, without doubles."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="The zip, or one .eml file.")
        parser.add_argument("--newsletter", required=True, help="The slug of the newsletter.")
        parser.add_argument("--write", action="store_true", help="Take them in after looking.")

    def handle(self, *, file, newsletter, write, verbosity, **options):
        found = Newsletter.objects.select_related("edition").filter(slug=newsletter).first()
        if found is None:
            known = ", ".join(Newsletter.objects.values_list("slug", flat=True))
            raise CommandError(f"There is no newsletter “{newsletter}”: {known}")
        if not file.is_file() or file.stat().st_size > lists.MAX_BYTES:
            raise CommandError("Name a file of at most 64 MB.")
        try:
            letters, refused = old_letters.read(file.read_bytes(), file.name)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        self.report(found, letters, refused)
        if write:
            self.take_in(found, letters, quiet=not verbosity)
        else:
            self.stdout.write("Nothing is written. To take them in, add --write.")

    def report(self, newsletter, letters, refused):
        known = set(Issue.objects.filter(newsletter=newsletter).values_list("came_as", flat=True))
        for letter in letters:
            state = "there" if letter.source in known else "new"
            pictures = f"  ({letter.pictures} pictures left out)" if letter.pictures else ""
            self.stdout.write(f"{state:>7}  {letter.sent_at:%Y-%m-%d}  {letter.subject}  {letter.address}{pictures}")
        for one in refused:
            self.stdout.write(f"refused  {one.source}: {one.why}")

    def take_in(self, newsletter, letters, *, quiet):
        made = 0
        for letter in tqdm(letters, disable=quiet, file=self.stderr, unit=" letters"):
            issue, is_new = take_in_archived(newsletter, letter, by=None, at=timezone.now())
            made += is_new
            try:
                if letter.address:
                    Redirect.point(letter.address, issue.get_absolute_url())
            except ValidationError as error:
                self.stdout.write(f"address  {letter.address} of {letter.source}: {error.messages[0]}")
        self.stdout.write(f"{made} letters taken in.")
