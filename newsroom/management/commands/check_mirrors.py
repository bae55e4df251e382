"""Look at every mirror from here."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from newsroom import mirror_check
from newsroom.models import Mirror


class Command(BaseCommand):
    """Print what each active mirror answers with; ends with 1 when one fails."""

    help = "Look whether each active mirror answers with today's front page, and write down what was seen."

    def handle(self, **options):
        """Look at one after the other."""
        failed = 0
        for mirror in Mirror.objects.filter(active=True):
            state = mirror_check.check(mirror, at=timezone.now())
            failed += state in Mirror.FAILED
            self.stdout.write(f"{mirror.address}\t{state}\t{mirror.state_note}")
        if failed:
            raise SystemExit(1)
