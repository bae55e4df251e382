"""Read-only mode from the command line."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from newsroom import emergency
from newsroom.models import Emergency


class Command(BaseCommand):
    """Switch read-only mode on or off, or say how it stands."""

    help = "Stop all writing (on), allow it again (off), or say how it stands (state)."

    def add_arguments(self, parser):
        """Take the word and the reason."""
        parser.add_argument("what", choices=("on", "off", "state"))
        parser.add_argument("--reason", default="", help="for the staff, at most 300 characters")

    def handle(self, *, what, reason, **options):
        """Switch and say."""
        now = timezone.now()
        if what == "on":
            Emergency.begin(by=None, reason=reason, at=now)
        elif what == "off":
            Emergency.end(by=None, at=now)
        row = emergency.present()
        self.stdout.write(
            f"read-only since {row.since:%Y-%m-%d %H:%M} UTC. {row.reason}" if row else "written as always"
        )
