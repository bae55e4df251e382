"""What a test committed is gone before the next, and what the migrations made is there as it was."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import DatabaseError, connection, connections

from donations.models import Journal
from newsroom.models import DailyCount, SealingKey, StaffAction
from tests import flushing
from tests.donations.worlds import SandboxWorld, paid
from tests.make import make_article, make_user


@pytest.fixture
def flush(transactional_db):
    """A flush that knows the databases as they are now: empty."""
    flush = flushing.Flush()
    for alias in connections:
        flush.know(alias)
    return flush


def rows(alias):
    """Return how many rows each table of a database has, where it has any."""
    line = connections[alias]
    tables = set(line.introspection.django_table_names(only_existing=True, include_views=False)) - set(flushing.MADE)
    with line.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT COUNT(*) FROM {line.ops.quote_name(table)}")
            found[table] = cursor.fetchone()[0]
    return {table: number for table, number in found.items() if number}


def test_books_records_and_keys_go_and_nothing_else_is_made_again(flush):
    before = list(Permission.objects.values_list("pk", flat=True))
    paid(SandboxWorld(), email="reader@example.org")
    make_article(published=True)
    StaffAction.record(user=make_user(), action="test", thing=make_user("Editor"), at="2026-01-01T00:00Z")
    assert Journal.objects.exists()
    assert SealingKey.objects.using("keys").exists()
    for alias in connections:
        flush.empty(alias)
        assert rows(alias) == {}
    assert list(Permission.objects.values_list("pk", flat=True)) == before
    with pytest.raises(DatabaseError, match="append-only"):
        _change_the_books()


def _change_the_books():
    paid(SandboxWorld())
    Journal.objects.update(reason="rewritten")


def test_a_group_that_a_test_changed_is_made_again(flush):
    Group.objects.get(name="Editor").permissions.clear()
    Group.objects.get(name="Reporter").delete()
    DailyCount.objects.create(kind="x", key="y", day="2026-01-01")
    flush.empty(connection.alias)
    assert Group.objects.get(name="Editor").permissions.exists()
    assert Group.objects.filter(name="Reporter").exists()
    assert not DailyCount.objects.exists()
