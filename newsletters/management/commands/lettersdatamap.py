"""Write down what the letters keep of readers."""

from django.core.management.base import BaseCommand
from django.utils import translation

from newsletters import datamap


class Command(BaseCommand):
    help = "Print docs/letters-data.md, made from the tables as they are."

    def handle(self, **options):
        with translation.override("en"):
            self.stdout.write(datamap.write(), ending="")
