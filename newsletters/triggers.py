"""Triggers that keep consent as it was given, in the database itself, on SQLite and on PostgreSQL.

Rows may leave, for a reader who is erased takes her consent along; no row may change. On SQLite a migration that makes
one of these tables anew has to create the triggers again.
"""

TABLES = ("newsletters_consentevent", "newsletters_consentwording")


def create_statements(vendor):
    """Return the statements that guard consent."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END"
            for table in TABLES
        ]
    function = (
        "CREATE OR REPLACE FUNCTION newsletters_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'consent is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    return [
        function,
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION newsletters_append_only()"
            for table in TABLES
        ),
    ]


def drop_statements(vendor):
    """Return the statements that take the guard away."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {table}_no_update" for table in TABLES]
    return [
        *(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}" for table in TABLES),
        "DROP FUNCTION IF EXISTS newsletters_append_only()",
    ]
