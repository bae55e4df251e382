"""A database as one file and back: SQLite by its own backup, PostgreSQL by pg_dump and pg_restore."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from django.db import connections


class Failed(Exception):
    """A program of the database said no; the text says what."""


def file_name(alias):
    """Return the name of the file in which a backup holds the database."""
    return f"{alias}.sqlite3" if connections[alias].vendor == "sqlite" else f"{alias}.dump"


def take(alias, path):
    """Write the database as it is at one moment into `path`, while others read and write it. Raises Failed."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        source = sqlite3.connect(f"file:{connection.settings_dict['NAME']}?mode=ro", uri=True, timeout=60)
        with contextlib.closing(source), contextlib.closing(sqlite3.connect(path)) as target:
            source.backup(target)
    else:
        _run(connection, "pg_dump", "--format=custom", "--compress=6", "--no-owner", "--no-privileges", "--file", path)


def put_back(alias, path):
    """Make the database what the file holds; what was in it before is gone. Raises Failed."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        connection.close()
        name = Path(connection.settings_dict["NAME"])
        name.parent.mkdir(parents=True, exist_ok=True)
        for leftover in (name, name.with_name(name.name + "-wal"), name.with_name(name.name + "-shm")):
            leftover.unlink(missing_ok=True)
        shutil.copyfile(path, name)
    else:
        _empty(connection)
        _run(
            connection, "pg_restore", "--no-owner", "--no-privileges", "--clean", "--if-exists", "--single-transaction",
            "--exit-on-error", "--dbname", connection.settings_dict["NAME"], path,
        )  # fmt: skip
        connection.close()


def is_used(alias, table):
    """Tell whether the database has rows in a table; one that is not there has none."""
    connection = connections[alias]
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return False
    if table not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608 - a name of ours
        return cursor.fetchone() is not None


def _empty(connection):
    """Drop every table: one of a newer version that the file does not know would stay behind."""
    names = ", ".join(connection.ops.quote_name(name) for name in connection.introspection.table_names())
    if names:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {names} CASCADE")


def _run(connection, program, *arguments):
    """Run one of PostgreSQL's programs against the connection's database; the password goes by the environment."""
    found = shutil.which(program)
    if not found:
        raise Failed(f"{program} is missing. To get it: apt-get install postgresql-client")
    params = connection.settings_dict
    variables = {
        "PGHOST": params["HOST"], "PGPORT": str(params["PORT"] or ""), "PGUSER": params["USER"],
        "PGPASSWORD": params["PASSWORD"], "PGDATABASE": params["NAME"],
    }  # fmt: skip
    environ = {**os.environ, **{name: value for name, value in variables.items() if value}}
    done = subprocess.run(  # noqa: S603 - a fixed program
        [found, *map(str, arguments)], env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        raise Failed(f"{program}: {done.stderr.decode(errors='replace').strip()[-500:]}")
