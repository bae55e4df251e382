"""Triggers that keep the record of what the staff did as it was written, on SQLite and on PostgreSQL.

No row goes and none changes, but for two things that may only be taken away: the name of who did it, which goes with a
deleted account, and words of the reason, which go when a passage is removed for good.
"""

TABLE = "newsroom_staffaction"
FIXED = ("action", "kind", "object_id", "at")


def create_statements(vendor):
    """Return the statements that guard the record."""
    allowed = [
        *(f"NEW.{name} = OLD.{name}" for name in FIXED),
        "(NEW.user_id IS NULL OR NEW.user_id = COALESCE(OLD.user_id, -1))",
        "(NEW.reason = OLD.reason OR length(NEW.reason) < length(OLD.reason))",
    ]
    changed = f"NOT ({' AND '.join(allowed)})"
    if vendor == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END"
        return [
            f"CREATE TRIGGER IF NOT EXISTS {TABLE}_no_update BEFORE UPDATE ON {TABLE} WHEN {changed} {refuse}",
            f"CREATE TRIGGER IF NOT EXISTS {TABLE}_no_delete BEFORE DELETE ON {TABLE} {refuse}",
        ]
    refuse = "EXECUTE FUNCTION newsroom_append_only()"
    function = (
        "CREATE OR REPLACE FUNCTION newsroom_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the record is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    return [
        function,
        f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN ({changed}) {refuse}",
        f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} FOR EACH ROW {refuse}",
    ]


def drop_statements(vendor):
    """Return the statements that take the guard away."""
    on = "" if vendor == "sqlite" else f" ON {TABLE}"
    dropped = [f"DROP TRIGGER IF EXISTS {TABLE}_no_{event}{on}" for event in ("update", "delete")]
    return dropped if vendor == "sqlite" else [*dropped, "DROP FUNCTION IF EXISTS newsroom_append_only()"]
