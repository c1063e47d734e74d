"""What an import did, record by record: enough to put right what failed and to take all back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Text,
    delete,
    func,
    select,
    update,
)

from runtime.infra.bulk import insert_rows
from runtime.infra.columns import JsonText, Key
from runtime.infra.db import system_table

Json = Mapping[str, Any]

import_row_table: Final = system_table(
    "s_import_row",
    Column("id", Key(), primary_key=True),
    Column("import_id", Key(), ForeignKey("s_import.id"), nullable=False),
    # Where the record begins in the sheet; 0 for one that was made because a row refers to it.
    Column("row", Integer, nullable=False),
    Column("form", Text, nullable=False),
    Column("record_id", Key()),
    # created, updated, failed, undone, kept (it could not be undone)
    Column("state", Text, nullable=False),
    # The version the import left; undoing leaves alone what has gone on since.
    Column("version", Integer),
    # What stood in the fields of a record that was updated.
    Column("before", JsonText(), nullable=False),
    # The cells of rows that failed: [[row, {col: [kind, text]}]].
    Column("cells", JsonText(), nullable=False),
    Column("problems", JsonText(), nullable=False),
    Index("ix_s_import_row_state", "import_id", "state", "id"),
    Index("ix_s_import_row_record", "import_id", "form", "record_id"),
)


@dataclass(frozen=True)
class ImportedRow:
    """One record of an import and what became of it."""

    id: int
    import_id: int
    row: int
    form: str
    record_id: int | None
    state: str
    version: int | None
    before: Json
    cells: Sequence[Any]
    problems: Sequence[Json]


def keep(connection: Connection, batch_id: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write down what became of some entries, in the transaction that did it."""
    empty: dict[str, Any] = {
        "import_id": batch_id,
        "record_id": None,
        "version": None,
        "before": {},
        "cells": [],
        "problems": [],
    }
    written = [{**empty, **row} for row in rows]
    insert_rows(connection, import_row_table, written)


def touched(connection: Connection, batch_id: int, form: str, ids: Sequence[int]) -> set[int]:
    """Return which of these records an import has written already."""
    columns = import_row_table.c
    mine = (columns.import_id == batch_id, columns.form == form)
    query = select(columns.record_id).where(*mine, columns.record_id.in_(ids))
    return {int(key) for key in connection.execute(query).scalars()} if ids else set()


def rows(
    connection: Connection, batch_id: int, states: Sequence[str], *, limit: int, after: int = 0
) -> tuple[ImportedRow, ...]:
    """Return rows of an import in some states, in the order of the sheet."""
    columns = import_row_table.c
    query = select(import_row_table).where(columns.import_id == batch_id, columns.id > after)
    query = query.where(columns.state.in_(states)).order_by(columns.id).limit(limit)
    return tuple(_row(row) for row in connection.execute(query).mappings())


def last_written(connection: Connection, batch_id: int, *, limit: int) -> tuple[ImportedRow, ...]:
    """Return what is still to be undone, the last first."""
    columns = import_row_table.c
    query = select(import_row_table).where(columns.import_id == batch_id)
    query = query.where(columns.state.in_(("created", "updated"))).order_by(columns.id.desc())
    return tuple(_row(row) for row in connection.execute(query.limit(limit)).mappings())


def failed(connection: Connection, batch_id: int, row: int) -> ImportedRow | None:
    """Return a row that failed, by its number in the sheet."""
    columns = import_row_table.c
    here = (columns.import_id == batch_id, columns.state == "failed", columns.row == row)
    found = connection.execute(select(import_row_table).where(*here)).mappings().first()
    return None if found is None else _row(found)


def count(connection: Connection, batch_id: int) -> Mapping[str, int]:
    """Count the rows of an import by state."""
    columns = import_row_table.c
    query = select(columns.state, func.count()).where(columns.import_id == batch_id)
    return {str(key): int(n) for key, n in connection.execute(query.group_by(columns.state))}


def change(connection: Connection, row_id: int, **values: Any) -> None:
    """Write down what became of a row."""
    statement = update(import_row_table).where(import_row_table.c.id == row_id)
    connection.execute(statement.values(values))


def drop(connection: Connection, row_id: int) -> None:
    """Forget a row that failed and has been put right."""
    connection.execute(delete(import_row_table).where(import_row_table.c.id == row_id))


def _row(row: RowMapping) -> ImportedRow:
    return ImportedRow(**row)
