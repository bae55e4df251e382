"""Empty the databases after a test that commits: only the tables that have rows, and not what the migrations made.

Django's own flush empties every table and makes all permissions again, which takes longer than most tests.
"""

from django.core.management import call_command
from django.db import connections, transaction
from django.test import TransactionTestCase

# What a migration makes anew each time: the same after every test, unless one changed it.
MADE = ("auth_group", "auth_group_permissions", "auth_permission", "django_content_type")


class Flush:
    """The flush of one run, with what it knows of each database."""

    def __init__(self):
        self.questions, self.made = {}, {}

    def know(self, alias):
        """Note what the migrations made in a database that no test has touched yet."""
        connection = connections[alias]
        tables = sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))
        quoted = {table: connection.ops.quote_name(table) for table in tables if table not in MADE}
        self.questions[alias] = " UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name})" for table, name in quoted.items()
        )
        self.made[alias] = self._rows(connection, [table for table in MADE if table in tables])

    def empty(self, alias):
        """Empty a database; a test that changed what the migrations made has it made again."""
        connection = connections[alias]
        known = self.made[alias]
        if self._rows(connection, known) == known and self._may_delete(connection):
            self._delete(connection, self._filled(connection, alias))
            return
        call_command("flush", verbosity=0, interactive=False, database=alias, reset_sequences=False)
        self.know(alias)

    def _rows(self, connection, tables):
        with connection.cursor() as cursor:
            found = {}
            for table in tables:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY id")
                found[table] = cursor.fetchall()
        return found

    def _filled(self, connection, alias):
        with connection.cursor() as cursor:
            cursor.execute(self.questions[alias])
            return [table for (table,) in cursor.fetchall()]

    def _may_delete(self, connection):
        if connection.vendor == "sqlite":
            return True
        with connection.cursor() as cursor:
            cursor.execute("SHOW is_superuser")
            return cursor.fetchone() == ("on",)

    def _delete(self, connection, tables):
        lines = [f"DELETE FROM {connection.ops.quote_name(table)};" for table in tables]
        if connection.vendor == "sqlite":
            connection.ops.execute_sql_flush(lines)
            return
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            # Neither foreign keys nor the triggers that guard the books: all of it goes.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("\n".join(lines) or "SELECT 1")


def in_place_of_djangos(patch):
    """Let every test that commits end with this flush, until `patch` (pytest's MonkeyPatch) is undone; return it."""
    flush = Flush()

    def teardown(self):
        for alias in self._databases_names(include_mirrors=False):
            flush.empty(alias)

    patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
    return flush
