"""Print the demo's accounts."""

from django.conf import settings
from django.core.management.base import BaseCommand

from newsroom import demo


class Command(BaseCommand):
    help = "Print the demo's accounts and their one password; nothing in production."

    def handle(self, **options):
        if settings.MODE == "production":
            return
        for login in demo.LOGINS:
            self.stdout.write(f"{login.username:<12} {demo.PASSWORD:<16} {login.role}")
