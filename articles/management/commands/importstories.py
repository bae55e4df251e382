"""Move in from another system."""

import re
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from articles.moving import ghost, markdown_folder, wordpress
from articles.moving.bringing import Bringing, Options
from articles.moving.fetching import Fetcher
from articles.moving.source import Unreadable
from newsroom.models import Edition

SYSTEMS = {"wordpress": wordpress.read, "ghost": ghost.read, "markdown": markdown_folder.read}

NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


class Command(BaseCommand):
    help = (
        "Look at an export of WordPress (WXR), Ghost (JSON) or a folder of Markdown and say what would become of "
        "everything in it; with --write bring it in. Run again, it goes on where it was and makes no doubles."
    )

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path, help="The export's file, or the folder.")
        parser.add_argument("--from", dest="system", required=True, choices=SYSTEMS)
        parser.add_argument("--edition", help="The code of the edition; the default one without it.")
        parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="Where they lie (wp-content/uploads).")
        parser.add_argument(
            "--fetch", action="append", default=[], metavar="HOST",
            help="Fetch pictures that are not in the folder from this host of the old site, which will see who asks.",
        )  # fmt: skip
        parser.add_argument("--credit", default="", help="Who is credited where a picture names nobody.")
        parser.add_argument("--show-names", action="store_true", help="Authors sign by name; else names are withheld.")
        parser.add_argument("--by", metavar="NAME", help="The account in whose name it happens; else a superuser.")
        parser.add_argument("--write", action="store_true", help="Bring it in after looking.")

    def handle(self, *, path, system, write, verbosity, **options):
        try:
            export = SYSTEMS[system](path)
        except (Unreadable, OSError) as error:
            raise CommandError(str(error)) from error
        chosen = self._options(export, system, options)
        with tqdm(total=2 * len(export.stories), disable=not verbosity, file=self.stderr) as progress:
            report = Bringing(export, chosen, write=write).run(at=timezone.now(), progress=progress.update)
        for what, number in export.counts().items():
            self.stdout.write(f"{number:>8}  {what} in the export")
        for (what, happened), number in sorted(report.counts.items(), key=lambda row: (row[0][1], row[0][0])):
            self.stdout.write(f"{number:>8}  {what}: {happened}")
        for note in report.notes:
            self.stdout.write(f"          {note}")
        if not write:
            self.stdout.write("Nothing is written. To bring it in, add --write.")

    def _options(self, export, system, options):
        codes = {"code": options["edition"]} if options["edition"] else {"is_default": True}
        edition = Edition.objects.filter(**codes).first()
        if edition is None:
            raise CommandError("There is no such edition: " + ", ".join(Edition.objects.values_list("code", flat=True)))
        names = {"username": options["by"]} if options["by"] else {"is_superuser": True}
        by = get_user_model().objects.filter(is_active=True, **names).order_by("pk").first()
        if by is None:
            raise CommandError("There is no such account; name one with --by.")
        if options["pictures"] and not options["pictures"].is_dir():
            raise CommandError(f"{options['pictures']} is no folder.")
        return Options(
            edition, by, options["pictures"], options["credit"][:120], options["show_names"], system, export.origin,
            self._fetcher(options["fetch"]),
        )  # fmt: skip

    def _fetcher(self, hosts):
        for host in hosts:
            if not NAME.fullmatch(host):
                raise CommandError(f"--fetch takes the name of a host, such as old.example, and not {host[:80]!r}.")
        return Fetcher(hosts) if hosts else None
