"""Guards that keep the database from changing, removing or replacing rows of a table."""

from typing import Final

_SQLITE: Final = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
# INSERT OR REPLACE removes the old row without asking a delete trigger.
_SQLITE_REPLACE: Final = """
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRESQL: Final = (
    """
CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{table} is append-only'; END $$
""",
    """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_refuse()
""",
    """
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()
""",
    # ALWAYS: also for a session that poses as a replica.
    "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change",
    "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
)


def guards(table: str, kind: str) -> tuple[str, ...]:
    """Return the statements that make a table append-only on a kind of database."""
    assert table.isidentifier(), "a table of ours"
    if kind == "postgresql":
        return tuple(statement.format(table=table) for statement in _POSTGRESQL)
    changes = tuple(
        _SQLITE.format(table=table, verb=verb.lower(), VERB=verb) for verb in ("UPDATE", "DELETE")
    )
    return (*changes, _SQLITE_REPLACE.format(table=table))
