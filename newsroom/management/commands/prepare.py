"""Make databases and style sheets fit this release."""

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from newsroom import expanding


class Command(BaseCommand):
    help = (
        "Before a release comes into service: check the settings, migrate both databases, collect style sheets and "
        "scripts. Prints the migrations that this release brings, for check_rollback."
    )

    def handle(self, **options):
        call_command("check", deploy=True, fail_level="WARNING", stdout=self.stderr)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("migrate", "newsroom", database="keys", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write("\n".join(expanding.known(connection)))
