"""A database made by an earlier program is brought on with what is stored in it."""

from datetime import datetime

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from runtime.infra import schema
from runtime.infra.db import Database

# The rules of state as version 0012 had them, and the list of version 0013.
_BEFORE_0013 = {
    "s_workflow_instance": "state IN ('running', 'approved', 'rejected', 'withdrawn')",
    "s_workflow_task": (
        "state IN ('open', 'approved', 'rejected', 'not_needed', 'withdrawn')"
    ),
}  # fmt: skip
_STATES_OF_0013 = {
    "s_workflow_instance": [
        "running", "approved", "rejected", "withdrawn", "terminated", "failed",
    ],
    "s_workflow_task": [
        "open", "waiting", "approved", "rejected", "filled", "not_needed", "withdrawn",
        "sent_back", "reassigned", "delegated", "removed", "passed",
    ],
}  # fmt: skip
_AT = "2026-01-05T02:00:00.000000Z"


def test_upgrade__widens_what_a_run_and_a_task_may_become(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as connection:
        _make_0012(connection, monkeypatch)
        before = _rows(connection)
        for table in _BEFORE_0013:
            _refused(connection, table, _STATES_OF_0013[table][-1])
    with database.transaction() as connection:
        schema.upgrade(connection)
    # Another connection reads the rule anew from the file.
    database.dispose()
    assert schema.is_current(database)
    with database.transaction() as connection:
        assert _rows(connection) == before
        for table, states in _STATES_OF_0013.items():
            for state in states:
                assert _become(connection, table, state) == 1
            _refused(connection, table, "nonsense")
        if database.kind == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def _make_0012(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the system tables of version 0012, with its rules of state, a run and its task."""
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "VERSION", "0012")
        schema.upgrade(connection)
    for table, rule in _BEFORE_0013.items():
        _narrow(connection, table, rule)
    at = datetime.fromisoformat(_AT) if connection.dialect.name == "postgresql" else _AT
    for statement in (
        "INSERT INTO s_workflow_definition (id, app, code, digest, definition, created_at)"
        " VALUES (1, 'jxc', 'receipt', 'd', '{}', :at)",
        "INSERT INTO s_workflow_instance"
        " (id, app, form, record_id, round, definition_id, state, started_at)"
        " VALUES (2, 'jxc', 'receipt', 9, 1, 1, 'running', :at)",
        "INSERT INTO s_workflow_task"
        " (id, instance_id, visit, app, form, record_id, step, user_id, reason, state, opened_at)"
        " VALUES (3, 2, 1, 'jxc', 'receipt', 9, 'boss', 1, 'role', 'open', :at)",
    ):
        connection.execute(text(statement), {"at": at})


def _narrow(connection: Connection, table: str, rule: str) -> None:
    """Put back a table's rule of state of version 0012."""
    if connection.dialect.name == "postgresql":
        name = f"ck_{table}_state"
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule})")
        return
    listed = ", ".join(f"'{state}'" for state in _STATES_OF_0013[table])
    number = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.execute(
        text(
            "UPDATE sqlite_schema SET sql = replace(sql, :wide, :narrow)"
            " WHERE name = :name AND instr(sql, :wide) > 0"
        ),
        {"wide": f"state IN ({listed})", "narrow": rule, "name": table},
    )
    assert changed.rowcount == 1
    connection.exec_driver_sql(f"PRAGMA schema_version = {number + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")


def _rows(connection: Connection) -> list[tuple[object, ...]]:
    columns = "id, app, form, record_id, state"
    return [
        tuple(row)
        for table in _BEFORE_0013
        for row in connection.execute(text(f"SELECT {columns} FROM {table} ORDER BY id"))
    ]


def _become(connection: Connection, table: str, state: str) -> int:
    done = connection.execute(text(f"UPDATE {table} SET state = :state"), {"state": state})
    return done.rowcount


def _refused(connection: Connection, table: str, state: str) -> None:
    with pytest.raises(IntegrityError), connection.begin_nested():
        _become(connection, table, state)
