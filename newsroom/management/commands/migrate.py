"""`manage.py migrate`, one at a time: two machines that are upgraded at once do not both make the same table."""

import contextlib
import fcntl
import zlib

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections

LOCK = zlib.crc32(b"newsroom migrate")


@contextlib.contextmanager
def one_at_a_time(connection):
    """Wait until no other process migrates this database; the lock ends with the process that holds it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        return
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / f"migrate-{connection.alias}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Command(migrate.Command):
    """Django's, behind a lock; what another process has brought in meanwhile is not brought in again."""

    def handle(self, *args, **options):
        """Migrate when it is this process's turn."""
        with one_at_a_time(connections[options["database"]]):
            return super().handle(*args, **options)
