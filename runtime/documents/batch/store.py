"""Batches as rows: begun, found, counted. Whoever began one sees it, and administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, RowMapping, Select, func, insert, literal, select, update

from runtime.compile.model import Form
from runtime.documents.batch.tables import batch_rows, batches
from runtime.infra import audit
from runtime.infra.act import Act
from runtime.infra.columns import JsonText
from runtime.infra.errors import NotFound
from runtime.infra.upsert import insert_row

Json = Mapping[str, Any]
Action = Literal["update", "submit", "delete", "undo"]
OUTCOMES: Final = ("waiting", "done", "same", "refused")


@dataclass(frozen=True)
class Batch:
    """What is done to many records. `given` is what each of them gets."""

    id: int
    app: str
    form: str
    action: Action
    given: Json
    state: str
    total: int
    undoes: int | None
    job_id: int | None
    created_by: int | None
    created_at: datetime


@dataclass(frozen=True)
class BatchRow:
    """What became of one record."""

    batch_id: int
    record_id: int
    state: str
    title: str
    given: Json
    before: Json
    version: int | None
    problems: tuple[Json, ...]


@dataclass(frozen=True)
class Own:
    """What one record alone is given, and the version it was read as."""

    record_id: int
    values: Json
    version: int


def begin(act: Act, form: Form, action: Action, given: Json, ids: Select[Any]) -> Batch:
    """Write down what is to be done to which records; nothing has happened to them yet."""
    batch_id = insert_batch(act, form, action, given, None)
    chosen = ids.subquery()
    empty = literal({}, JsonText())
    waiting = select(
        literal(batch_id), chosen.c[0], literal("waiting"), literal(""), empty, empty,
        literal([], JsonText()),
    )  # fmt: skip
    columns = ["batch_id", "record_id", "state", "title", "given", "before", "problems"]
    act.connection.execute(insert(batch_rows).from_select(columns, waiting))
    return counted(act, batch_id)


def begin_own(act: Act, form: Form, owns: "list[Own]") -> Batch:
    """The same for records of which each is given something of its own."""
    batch_id = insert_batch(act, form, "update", {}, None)
    rows = [
        {
            "batch_id": batch_id,
            "record_id": own.record_id,
            "state": "waiting",
            "title": "",
            "given": {"values": own.values, "version": own.version},
            "before": {},
            "problems": [],
        }
        for own in owns
    ]
    act.connection.execute(insert(batch_rows), rows)
    return counted(act, batch_id)


def find(connection: Connection, batch_id: int) -> Batch:
    """Return a batch, or say there is none."""
    row = connection.execute(select(batches).where(batches.c.id == batch_id)).mappings().first()
    if row is None:
        raise NotFound
    return Batch(**row)


def own(act: Act, form: Form, batch_id: int) -> Batch:
    """Return the actor's own batch of a form; another's is not there."""
    batch = find(act.connection, batch_id)
    is_theirs = act.actor.is_admin or batch.created_by == act.actor.user_id
    if (batch.app, batch.form) != (form.app_code, form.code) or not is_theirs:
        raise NotFound
    return batch


def change(connection: Connection, batch_id: int, **values: Any) -> None:
    """Write down how far it is."""
    connection.execute(update(batches).where(batches.c.id == batch_id).values(values))


def counts(connection: Connection, batch_id: int) -> dict[str, int]:
    """Count the outcomes."""
    query = select(batch_rows.c.state, func.count()).where(batch_rows.c.batch_id == batch_id)
    found = {
        str(state): int(n) for state, n in connection.execute(query.group_by(batch_rows.c.state))
    }
    return {state: found.get(state, 0) for state in OUTCOMES}


def rows(
    connection: Connection, batch_id: int, state: str, *, limit: int, after: int = 0
) -> tuple[BatchRow, ...]:
    """Return the first records with an outcome, behind the record `after`."""
    query = (
        select(batch_rows)
        .where(batch_rows.c.batch_id == batch_id, batch_rows.c.state == state)
        .where(batch_rows.c.record_id > after)
        .order_by(batch_rows.c.record_id)
        .limit(limit)
    )
    return tuple(_row(each) for each in connection.execute(query).mappings())


def undone_by(connection: Connection, batch_id: int) -> int | None:
    """Return the batch that undid this one."""
    query = select(batches.c.id).where(batches.c.undoes == batch_id)
    return connection.execute(query.limit(1)).scalar()


def insert_batch(act: Act, form: Form, action: Action, given: Json, undoes: int | None) -> int:
    """Write down a batch that has no records yet."""
    values = {
        "app": form.app_code,
        "form": form.code,
        "action": action,
        "given": dict(given),
        "state": "running",
        "total": 0,
        "undoes": undoes,
        "created_by": act.actor.user_id,
        "created_at": act.now,
    }
    return insert_row(act.connection, batches, values)


def counted(act: Act, batch_id: int) -> Batch:
    """Count the records of a batch that begins, and note it in the audit."""
    query = select(func.count()).where(batch_rows.c.batch_id == batch_id)
    total = act.connection.execute(query).scalar_one()
    change(act.connection, batch_id, total=total)
    batch = find(act.connection, batch_id)
    told = {"action": batch.action, "given": dict(batch.given), "total": total}
    audit.write(act, "batch", f"{batch.app}.{batch.form}", None, told)
    return batch


def _row(row: RowMapping) -> BatchRow:
    return BatchRow(**{**row, "problems": tuple(row["problems"])})
