"""The append-only record of every change, written in the transaction of the change itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Index, RowMapping, Text, select

from runtime.infra.act import Act
from runtime.infra.bulk import insert_rows
from runtime.infra.columns import Instant, JsonText, Key
from runtime.infra.db import system_table

# Triggers of the initial migration refuse to change, remove or replace a row, whoever asks.
audit_table: Final = system_table(
    "s_audit",
    Column("id", Key(), primary_key=True),
    Column("at", Instant(), nullable=False),
    Column("user_id", Key()),
    Column("user_name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("form", Text),
    Column("record_id", Key()),
    Column("changes", JsonText(), nullable=False),
    Index("ix_s_audit_record", "form", "record_id", "id"),
    Index("ix_s_audit_at", "at", "id"),
)


@dataclass(frozen=True)
class AuditEntry:
    """One change as it was recorded."""

    id: int
    at: datetime
    user_id: int | None
    user_name: str
    source: str
    request_id: str
    action: str
    form: str | None
    record_id: int | None
    changes: Mapping[str, Any]


def write(
    act: Act,
    action: str,
    form: str | None = None,
    record_id: int | None = None,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Record an act; it stands or falls with the caller's transaction.

    `form` is `<app>.<form>`, or the name of a system table without its `s_`.
    """
    write_many(act, action, form, [(record_id, changes or {})])


def write_many(
    act: Act,
    action: str,
    form: str | None,
    records: "list[tuple[int | None, Mapping[str, Any]]]",
) -> None:
    """Record the same act on many records in one statement: imports, bulk changes."""
    rows = [
        {
            "at": act.now,
            "user_id": act.actor.user_id,
            "user_name": act.actor.name,
            "source": act.actor.source,
            "request_id": act.request_id,
            "action": action,
            "form": form,
            "record_id": record_id,
            "changes": dict(changes),
        }
        for record_id, changes in records
    ]
    insert_rows(act.connection, audit_table, rows)


def entries(
    connection: Connection, form: str, record_id: int, *, limit: int = 200
) -> tuple[AuditEntry, ...]:
    """Return what happened to a record, the latest first."""
    statement = (
        select(audit_table)
        .where(audit_table.c.form == form, audit_table.c.record_id == record_id)
        .order_by(audit_table.c.id.desc())
        .limit(limit)
    )
    return tuple(entry_of(row) for row in connection.execute(statement).mappings())


def entry_of(row: RowMapping) -> AuditEntry:
    """Read one row."""
    return AuditEntry(**{name: row[name] for name in AuditEntry.__dataclass_fields__})


def people(connection: Connection, form: str, record_id: int, action: str) -> tuple[int, ...]:
    """Return the ids of the people who did this to a record."""
    columns = audit_table.c
    own = (columns.form == form, columns.record_id == record_id, columns.action == action)
    query = select(columns.user_id).where(*own, columns.user_id.is_not(None)).distinct()
    return tuple(sorted(connection.execute(query).scalars()))
