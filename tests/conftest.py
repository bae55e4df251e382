"""What every test has: both databases, empty caches, a clean slate of settings; and who is skipped where."""

import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection, connections
from django.db.backends.sqlite3.base import DatabaseOperations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from articles import most_read
from donations import triggers as books
from newsroom import editions, emergency, mirrors, pagecache
from newsroom import triggers as record
from tests import flushing
from tests.databases import KeptDatabases

GUARDS = ((books, books.TABLES[0]), (record, record.TABLE))
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_itemcollected(item):
    """Give each test that asks for a database both of them: `default` and `keys`."""
    marks = list(item.iter_markers("django_db"))
    for mark in marks:
        mark.kwargs.setdefault("databases", "__all__")
    wanted = DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
    if wanted and not marks:
        item.add_marker(pytest.mark.django_db(databases="__all__", transaction=wanted != {"db"}))


def pytest_collection_modifyitems(config, items):
    """Leave what takes minutes to `make torture`."""
    long = [] if os.environ.get("TORTURE") else [item for item in items if item.get_closest_marker("torture")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_runtest_setup(item):
    """Skip what this run's engine cannot answer; `make test` runs the suite once per engine."""
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: make test")
    if item.get_closest_marker("redis") and not os.environ.get("REDIS_URL"):
        pytest.skip("needs Redis: make test")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Let SQLite test in files, as it runs in life: threads and processes then lock each other as they would."""
    for alias, config in django_settings.DATABASES.items():
        if config["ENGINE"].endswith("sqlite3"):
            config.setdefault("TEST", {})["NAME"] = str(Path(django_settings.DATA_DIR) / f"test-{alias}.sqlite3")
    # Its one table is made at once: to run every app's migrations there for nothing takes as long as they do.
    django_settings.DATABASES["keys"].setdefault("TEST", {})["MIGRATE"] = False


@pytest.fixture(scope="session")
def migrated(django_db_modify_db_settings, request):
    """Where databases that all migrations have made are kept for the next run, and whether they are in place now."""
    kept = KeptDatabases.of(request.config)
    return kept, bool(kept) and kept.put_in_place()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb, migrated):
    """Begin with the databases of an earlier run whose migrations were the same."""
    return django_db_keepdb or migrated[1]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, migrated):
    """Say which migrations the keys' table stands for, and keep what the migrations have made."""
    kept, is_in_place = migrated
    with django_db_blocker.unblock():
        _record_migrations("keys")
        if kept and not is_in_place:
            kept.keep()
    with pytest.MonkeyPatch.context() as patch:
        flush = flushing.in_place_of_djangos(patch)
        with django_db_blocker.unblock():
            for alias in connections:
                flush.know(alias)
        yield


def _record_migrations(alias):
    loader, recorder = MigrationLoader(connections[alias]), MigrationRecorder(connections[alias])
    recorder.ensure_schema()
    missing = sorted(set(loader.disk_migrations) - set(recorder.applied_migrations()))
    recorder.migration_qs.bulk_create(recorder.Migration(app=app, name=name) for app, name in missing)


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """Start each test with nothing that an earlier one left in memory or in the cache."""
    cache.clear()
    pagecache.forget_all()
    editions.forget_editions()
    # That there are none of either is known, so that no page asks for them: what makes one forgets this.
    mirrors._remembered.update(seq=pagecache.versions().latest("mirrors"), mirrors=(), known=True)
    emergency._remembered.update(seq=pagecache.versions().latest("emergency"), row=None)
    most_read.forget()


@pytest.fixture
def redis_url():
    """The address of this process's own database on the run's Redis."""
    return os.environ["REDIS_URL"]


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_books():
    """Let the flush after a test empty books and record on SQLite, where it is a DELETE that their triggers refuse."""
    if connection.vendor != "sqlite":
        yield
        return
    flush = DatabaseOperations.execute_sql_flush

    def unguarded(self, statements):
        guards = [guard for guard, table in GUARDS if any(f'"{table}"' in statement for statement in statements)]
        dropped = [line for guard in guards for line in guard.drop_statements("sqlite")]
        flush(self, [*dropped, *statements, *(line for guard in guards for line in guard.create_statements("sqlite"))])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", unguarded)
        yield
