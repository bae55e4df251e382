"""Migrations: what an older release survives, and what large tables survive."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from newsroom import expanding

APPS = ("newsroom", "desk", "articles", "donations", "newsletters")
# Tables that grow with readers; the number of the last migration of each app that ran when they were still empty.
LARGE = {"newsletters.delivery", "newsletters.subscriber", "newsletters.subscription", "donations.journalline",
         "donations.donor", "donations.gift", "articles.article", "newsroom.sealingkey"}  # fmt: skip
BEFORE_THE_FIRST_TITLE = {"newsroom": 8, "desk": 6, "articles": 16, "donations": 8, "newsletters": 13}


@pytest.fixture
def loader(db):
    return MigrationLoader(connection)


def make(*operations, app="newsroom", **said):
    """Return a migration after all others of its app."""
    leaf = MigrationLoader(connection).graph.leaf_nodes(app)[0]
    body = {"operations": list(operations), "dependencies": [leaf], **said}
    return type("Migration", (migrations.Migration,), body)("9999_next", app)


class Loader:
    """A loader that knows one migration more."""

    def __init__(self, loader, migration):
        self.loader, self.migration = loader, migration

    def project_state(self, node, at_end):
        return self.loader.project_state(self.migration.dependencies[0])


def contractions(loader, migration):
    return expanding.contractions(migration, Loader(loader, migration))


TEXT = models.TextField


@pytest.mark.once
@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("edition", "motto", TEXT(null=True)),
        migrations.AddField("edition", "motto", TEXT(default="", db_default="")),
        migrations.AddIndex("edition", models.Index(fields=["id"], name="one_more")),
        migrations.CreateModel("Motto", [("id", models.BigAutoField(primary_key=True))]),
        migrations.RunPython(migrations.RunPython.noop),
    ],
)
def test_what_only_adds_is_survived(loader, operation):
    assert contractions(loader, make(operation)) == []


@pytest.mark.once
@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("edition", "motto", TEXT(default="")),
        migrations.RemoveField("edition", "title"),
        migrations.RenameField("edition", "title", "heading"),
        migrations.DeleteModel("Edition"),
        migrations.RenameModel("Edition", "Issue"),
        migrations.AddConstraint("edition", models.UniqueConstraint(fields=["title"], name="one_name")),
    ],
)
def test_what_takes_away_is_not(loader, operation):
    assert len(contractions(loader, make(operation))) == 1


@pytest.mark.once
def test_column_that_may_no_longer_be_empty_is_not_survived(loader):
    adds = migrations.AddField("edition", "motto", TEXT(null=True))
    fills = migrations.AlterField("edition", "motto", TEXT(default=""))
    assert contractions(loader, make(adds)) == []
    assert contractions(loader, make(adds, fills)) == ["alter field motto on edition"]


@pytest.mark.once
def test_rule_on_a_table_of_its_own_is_survived_and_a_migration_may_know_better(loader):
    new = migrations.CreateModel("Motto", [("id", models.BigAutoField(primary_key=True))])
    rule = migrations.AddConstraint("motto", models.CheckConstraint(condition=models.Q(id__gt=0), name="positive"))
    assert contractions(loader, make(new, rule)) == []
    removes = migrations.RemoveField("edition", "title")
    assert contractions(loader, make(removes, contracts=False)) == []
    assert contractions(loader, make(new, contracts=True)) != []


@pytest.mark.django_db
def test_way_back_is_refused_after_a_migration_that_nobody_here_knows(tmp_path):
    known = tmp_path / "known"
    known.write_text("\n".join(expanding.known(connection)))
    out = StringIO()
    call_command("check_rollback", known, stdout=out)
    assert "only added" in out.getvalue()
    MigrationRecorder(connection).record_applied("newsroom", "7777_elsewhere")
    with pytest.raises(CommandError, match="7777_elsewhere"):
        call_command("check_rollback", known)


@pytest.mark.once
@pytest.mark.django_db
def test_way_back_needs_the_list_of_the_older_release(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("check_rollback", tmp_path / "nothing")


# Large tables


@pytest.mark.once
def test_no_later_migration_stops_those_who_write_to_a_large_table(loader):
    later = [migration for (app, name), migration in loader.disk_migrations.items()
             if app in APPS and int(name[:4]) > BEFORE_THE_FIRST_TITLE[app]]  # fmt: skip
    slow = {f"{each.app_label}.{each.name}": each.operations for each in later if expanding.slow_indexes(each, LARGE)}
    assert slow == {}


@pytest.mark.once
def test_the_walk_finds_what_would_stop_them():
    index = models.Index(fields=["id"], name="one_more")
    safe = expanding.AddIndexConcurrently("article", index)
    for operation in (
        migrations.AddIndex("article", index),
        migrations.AddField("article", "motto", models.TextField(null=True, db_index=True)),
        migrations.AddConstraint("article", models.UniqueConstraint(fields=["id"], name="one_id")),
    ):
        migration = migrations.Migration("9999_next", "articles")
        migration.operations = [safe, operation]
        assert expanding.slow_indexes(migration, LARGE) == [operation]


@pytest.mark.once
def test_large_tables_are_tables():
    from django.apps import apps

    assert {apps.get_model(name)._meta.label_lower for name in LARGE} == LARGE


@pytest.mark.django_db(transaction=True)
def test_index_is_added_beside_writers_and_taken_away_again():
    state = MigrationLoader(connection).project_state()
    index = models.Index(fields=["title"], name="edition_by_name_for_a_test")
    operation = expanding.AddIndexConcurrently("edition", index)
    after = state.clone()
    operation.state_forwards("newsroom", after)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("newsroom", editor, state, after)
        assert "edition_by_name_for_a_test" in names_of_indexes()
        operation.database_backwards("newsroom", editor, after, state)
    assert "edition_by_name_for_a_test" not in names_of_indexes()


def names_of_indexes():
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, "newsroom_edition"))
