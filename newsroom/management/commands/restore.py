"""Put a backup back."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from newsroom.backups import archive, engines, verbs


class Command(BaseCommand):
    help = (
        "Make this empty machine the site that a backup holds. Letters that were being sent stop and wait for a person."
    )
    # The databases may not be there yet.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("data", type=Path, help="newsroom-….tar.age")
        parser.add_argument("keys", type=Path, help="newsroom-….keys.tar.age of the same moment")
        parser.add_argument("--identity", type=Path, required=True, help="The file with the identity of age.")

    def handle(self, *, data, keys, identity, verbosity, **options):
        try:
            text = identity.read_text(encoding="utf-8")
            total = data.stat().st_size + keys.stat().st_size
            with tqdm(unit="B", unit_scale=True, total=total, file=self.stderr, disable=not verbosity) as progress:
                facts = verbs.put_back(data, keys, text, at=timezone.now(), progress=progress)
        except (archive.BadKey, archive.Broken, engines.Failed, verbs.NotEmpty, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        self.stdout.write(
            f"The site of {facts['made']} is back, with {len(facts['parts']) - 1} files. Read “After a restore” in "
            "docs/production.md before its worker starts."
        )
