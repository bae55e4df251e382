"""Which migrations an older release survives: those that only add. Asked before a way back, and by the tests."""

import contextlib

from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import NOT_PROVIDED, Index, UniqueConstraint

# What an older release reads or writes is gone, or has another name.
TAKES_AWAY = (
    migrations.DeleteModel, migrations.RemoveField, migrations.RenameField, migrations.RenameModel,
    migrations.AlterModelTable,
)  # fmt: skip


def known(connection):
    """Return the names of all migrations that this release brings, as `app.name`, in order."""
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).disk_migrations)


def losses(connection, older):
    """Return, as sentences, what migrations that `older` (names) does not know have taken from that release."""
    loader = MigrationLoader(connection)
    found = []
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        if f"{app}.{name}" in older:
            continue
        migration = loader.disk_migrations.get((app, name))
        if migration is None:
            found.append(f"{app}.{name} was applied by yet another release")
            continue
        found += [f"{app}.{name} {loss}" for loss in contractions(migration, loader)]
    return found


def contractions(migration, loader):
    """Return what a migration takes from a release before it; a migration may say so itself: `contracts = False`."""
    said = getattr(migration, "contracts", None)
    if said is not None:
        return ["says that it takes something away"] if said else []
    state = loader.project_state((migration.app_label, migration.name), at_end=False)
    found, made = [], set()
    for operation in migration.operations:
        if isinstance(operation, migrations.CreateModel):
            made.add(operation.name_lower)
        # What this migration made itself, no older release knows.
        is_new = getattr(operation, "model_name", "").lower() in made
        if not is_new and _contracts(operation, migration.app_label, state):
            found.append(operation.describe()[0].lower() + operation.describe()[1:])
        operation.state_forwards(migration.app_label, state)
    return found


def _contracts(operation, app, state):
    if isinstance(operation, TAKES_AWAY):
        return True
    if isinstance(operation, migrations.AddField):
        # An older release leaves the column out, and a default of the model is none of the database.
        return not _may_be_left_out(operation.field)
    if isinstance(operation, migrations.AlterField):
        before = state.models[app, operation.model_name_lower].fields[operation.name]
        return before.null and not operation.field.null
    # A rule that an older release does not know of, it may break.
    return isinstance(operation, migrations.AddConstraint)


def _may_be_left_out(field):
    return field.many_to_many or field.null or getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED


def slow_indexes(migration, large):
    """Return the operations of a migration that would stop every writer of a `large` table while an index is built."""
    return [operation for operation in migration.operations if _locks(operation, migration.app_label, large)]


def _locks(operation, app, large):
    model = getattr(operation, "model_name", "")
    if f"{app}.{model.lower()}" not in large:
        return False
    if isinstance(operation, AddIndexConcurrently):
        return False
    if isinstance(operation, migrations.AddIndex):
        return isinstance(operation.index, Index)
    if isinstance(operation, migrations.AddConstraint):
        return isinstance(operation.constraint, UniqueConstraint)
    if isinstance(operation, migrations.AddField | migrations.AlterField):
        return bool(operation.field.db_index or operation.field.unique)
    return False


@contextlib.contextmanager
def patient(schema_editor):
    """Let statements take as long as they need, on PostgreSQL."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()[0]
        cursor.execute("SET statement_timeout = 0")
        try:
            yield
        finally:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [before])


class AddIndexConcurrently(migrations.AddIndex):
    """Add an index while the table is being written to: CONCURRENTLY on PostgreSQL, plainly on SQLite.

    The migration must say `atomic = False` and do nothing else. One that was cut short leaves an invalid index; it is
    dropped before the next try.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        if schema_editor.connection.vendor != "postgresql":
            schema_editor.add_index(model, self.index)
            return
        name = schema_editor.quote_name(self.index.name)
        # Building may take longer than any other statement is given.
        with patient(schema_editor):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        model = from_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        concurrently = {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}
        schema_editor.remove_index(model, self.index, **concurrently)
