"""Turn the sandbox's clock ahead."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from donations.models import SandboxClock


class Command(BaseCommand):
    help = "Turn the sandbox's clock ahead: running plans pay what falls due, and the worker delivers the notices."

    def add_arguments(self, parser):
        parser.add_argument("--months", type=int, default=1, help="How many months (1 to 24).")

    def handle(self, *, months, **options):
        if settings.PAYMENT_PROVIDER != "sandbox":
            raise CommandError("This site does not use the sandbox.")
        if not 1 <= months <= 24:
            raise CommandError("--months must lie between 1 and 24.")
        charged = 0
        for _month in range(months):
            day, made = SandboxClock.advance(1, at=timezone.now())
            charged += made
        self.stdout.write(f"It is {day} in the sandbox; {charged} renewals are on their way.")
