"""An import from upload to result: one row that survives every closed tab."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, ForeignKey, Index, Text, insert, select, update

from runtime.infra import audit
from runtime.infra.act import Act
from runtime.infra.columns import Instant, JsonText, Key
from runtime.infra.db import system_table
from runtime.infra.errors import NotFound

Json = dict[str, Any]

import_table: Final = system_table(
    "s_import",
    Column("id", Key(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("file_id", Key(), ForeignKey("s_file.id"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    # What the cage saw of the file, and how its first rows look.
    Column("inspection", JsonText(), nullable=False),
    Column("preview", JsonText(), nullable=False),
    # What the person decided: sheet, header rows, target, columns.
    Column("choices", JsonText(), nullable=False),
    # How far the rows are; written in the same transaction as the rows themselves.
    Column("outcome", JsonText(), nullable=False),
    Column("job_id", Key(), ForeignKey("s_job.id")),
    Column("created_by", Key(), ForeignKey("s_user.id")),
    Column("created_at", Instant(), nullable=False),
    Index("ix_s_import_created_by", "created_by"),
    Index("ix_s_import_file_id", "file_id"),
    Index("ix_s_import_job_id", "job_id"),
)


@dataclass(frozen=True)
class Batch:
    """An import. `state` is open (being decided), running or done."""

    id: int
    app: str
    file_id: int
    file_name: str
    state: str
    inspection: Json
    preview: list[Json]
    choices: Json
    outcome: Json
    job_id: int | None
    created_by: int | None
    created_at: datetime


def create(act: Act, app: str, file_id: int, file_name: str, seen: Mapping[str, Any]) -> int:
    """Begin an import with what the cage saw; return its number."""
    values = {
        "app": app,
        "file_id": file_id,
        "file_name": file_name,
        "state": "open",
        "inspection": seen["inspection"],
        "preview": seen["preview"],
        "choices": {},
        "outcome": {},
        "created_by": act.actor.user_id,
        "created_at": act.now,
    }
    statement = insert(import_table).values(values).returning(import_table.c.id)
    batch_id = act.connection.execute(statement).scalar_one()
    audit.write(act, "create", "import", batch_id, {"file": file_name, "app": app})
    return int(batch_id)


def lock(connection: Connection, batch_id: int) -> Batch:
    """Return an import and keep others from going on with it until the transaction ends."""
    statement = select(import_table).where(import_table.c.id == batch_id).with_for_update()
    return Batch(**connection.execute(statement).mappings().one())


def find(connection: Connection, batch_id: int) -> Batch:
    """Return an import, or say there is none."""
    statement = select(import_table).where(import_table.c.id == batch_id)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound
    return Batch(**row)


def own(act: Act, app: str, batch_id: int) -> Batch:
    """Return the actor's own import in an app; another's is not there."""
    batch = find(act.connection, batch_id)
    if batch.app != app or batch.created_by != act.actor.user_id:
        raise NotFound
    return batch


def change(connection: Connection, batch_id: int, **values: Any) -> None:
    """Write down a decision or how far it is."""
    statement = update(import_table).where(import_table.c.id == batch_id).values(values)
    connection.execute(statement)


def remembered(act: Act, app: str, form: str) -> dict[str, str]:
    """Return what columns went into when the actor last imported into a form, by their names."""
    columns = import_table.c
    query = select(columns.choices).where(
        columns.app == app,
        columns.created_by == act.actor.user_id,
        columns.state.in_(("done", "undone")),
    )
    found: dict[str, str] = {}
    for choices in act.connection.execute(query.order_by(columns.id.desc()).limit(20)).scalars():
        if choices.get("form") != form:
            continue
        places = choices.get("fields", {})
        for column in choices.get("columns", ()):
            if column.get("head") and column["col"] in places:
                found.setdefault(column["head"], places[column["col"]])
    return found
