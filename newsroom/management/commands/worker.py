"""Run what happens in the background."""

from django.core.management.base import BaseCommand

from newsroom import worker


class Command(BaseCommand):
    help = "Run scheduled jobs, tasks and outgoing mail until stopped; several workers may run at once."

    def add_arguments(self, parser):
        parser.add_argument("--drain", action="store_true", help="Do what is due, then end.")

    def handle(self, *, drain, **options):
        if drain:
            self.stdout.write(f"{worker.drain()} pieces of work done.")
            return
        runner = worker.Worker()
        runner.listen()
        runner.run()
