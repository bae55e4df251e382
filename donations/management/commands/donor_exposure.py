"""Say what a thief of the database would learn about donors."""

from django.core.management.base import BaseCommand

from donations import exposure


class Command(BaseCommand):
    help = "Print what a thief of the database would learn about donors today."

    def handle(self, **options):
        for line in exposure.report():
            self.stdout.write(line)
