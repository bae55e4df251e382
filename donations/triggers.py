"""Triggers that make the books append-only in the database itself, on SQLite and on PostgreSQL.

On SQLite a REPLACE slips past a delete trigger unless `recursive_triggers` is on; the settings turn it on.
"""

TABLES = ("donations_journal", "donations_journalline")
EVENTS = ("update", "delete")


def create_statements(vendor):
    """Return the statements that guard the books."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{event} BEFORE {event.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END"
            for table in TABLES
            for event in EVENTS
        ]
    function = (
        "CREATE OR REPLACE FUNCTION donations_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the books are append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    return [
        function,
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION donations_append_only()"
            for table in TABLES
        ),
    ]


def drop_statements(vendor):
    """Return the statements that take the guard away."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {table}_no_{event}" for table in TABLES for event in EVENTS]
    return [
        *(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}" for table in TABLES),
        "DROP FUNCTION IF EXISTS donations_append_only()",
    ]
