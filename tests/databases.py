"""Databases that the migrations have made, kept between runs: SQLite alone, under a name made of every migration."""

import contextlib
import hashlib
import os
import shutil
import sqlite3
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from django.conf import settings
from django.db import connections

ROOT = Path(__file__).resolve().parent.parent


def fingerprint():
    """Return a short name for the sum of all migrations, of what they import and of the libraries that bring some."""
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("*/*migrations/*.py"), *ROOT.glob("*/triggers.py"), *ROOT.glob("*/roles.py")]):
        digest.update(path.as_posix().removeprefix(ROOT.as_posix()).encode() + path.read_bytes())
    for library in sorted(f"{found.name} {found.version}" for found in metadata.distributions()):
        digest.update(library.encode())
    return digest.hexdigest()[:16]


@dataclass
class KeptDatabases:
    """One file for each SQLite database in a folder of pytest's cache."""

    folder: Path

    @classmethod
    def of(cls, config):
        """Return the place, or None on another engine and where nothing can be kept."""
        vendors = {connections[alias].vendor for alias in settings.DATABASES}
        cache = getattr(config, "cache", None)
        if vendors != {"sqlite"} or cache is None:
            return None
        with contextlib.suppress(OSError):
            return cls(cache.mkdir("migrated") / fingerprint())
        return None

    def put_in_place(self):
        """Copy each database to where the tests will open it. Returns False when one is not there."""
        files = {alias: self.folder / f"{alias}.sqlite3" for alias in settings.DATABASES}
        if not all(path.exists() for path in files.values()):
            return False
        for alias, path in files.items():
            shutil.copyfile(path, settings.DATABASES[alias]["TEST"]["NAME"])
        return True

    def keep(self):
        """Copy each fresh database; the files of older migrations go."""
        with contextlib.suppress(OSError):
            for other in self.folder.parent.iterdir():
                if other != self.folder:
                    shutil.rmtree(other, ignore_errors=True)
            self.folder.mkdir(exist_ok=True)
            for alias in settings.DATABASES:
                self._keep_one(alias)

    def _keep_one(self, alias):
        connections[alias].ensure_connection()
        unfinished = self.folder / f"{alias}.{os.getpid()}"
        with contextlib.closing(sqlite3.connect(unfinished)) as copy:
            connections[alias].connection.backup(copy)
        unfinished.replace(self.folder / f"{alias}.sqlite3")
