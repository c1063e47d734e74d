"""What moved: the stock ledger page by page, in and out of a span of days, the trace of a lot."""

import re
from datetime import date
from typing import Literal

from sqlalchemy import Connection

from runtime import kernel
from runtime.posting.datasets.keys import LARGEST_WHOLE, books_of, id_of, key_of
from runtime.posting.datasets.numbers import quantity
from runtime.posting.datasets.records import InOut, StockLedgerRow, TraceRow

_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def stock_ledger(
    connection: Connection,
    company: str,
    item: int,
    warehouse: int | None = None,
    after: str | None = None,
    limit: int = 100,
) -> list[StockLedgerRow]:
    """A page of an item's movements, in one warehouse or in all of them together."""
    books = books_of(connection, company)
    if books is None:
        return []
    rows = kernel.ledger(
        connection,
        books,
        str(item),
        warehouse=key_of(warehouse),
        after=_place(after),
        limit=limit,
    )
    return [_ledger_row(row) for row in rows]


def _ledger_row(row: kernel.LedgerRow) -> StockLedgerRow:
    place = row.place
    return StockLedgerRow(
        seq=row.seq,
        date=row.date,
        kind=row.kind,
        form=row.document.type,
        document=id_of(row.document.id),
        line=row.line,
        warehouse=id_of(row.warehouse),
        qty=quantity(row.qty),
        value=row.value,
        qty_after=quantity(row.qty_after),
        value_after=row.value_after,
        is_undone=row.is_undone,
        after=".".join(
            str(part) for part in (place.at, place.order, place.move, place.qty, place.value)
        ),
        lot=row.lot,
        serial=row.serial,
        bin=row.bin,
        party=row.party,
    )


def _place(after: str | None) -> kernel.Place | None:
    """Where the last page ended; what does not read as a place begins at the beginning."""
    parts = (after or "").split(".")
    if len(parts) != 5 or not all(map(_WHOLE.fullmatch, parts)):
        return None
    at, order, move, qty, value = map(int, parts)
    if max(map(abs, (at, order, move, qty, value))) > LARGEST_WHOLE:
        return None
    return kernel.Place(at, order, move, qty, value)


def in_out_summary(
    connection: Connection,
    company: str,
    first: date,
    last: date,
    *,
    item: int | None = None,
    warehouse: int | None = None,
) -> list[InOut]:
    """What came in and went out from the first to the last business day, both included."""
    books = books_of(connection, company)
    if books is None:
        return []
    rows = kernel.in_out(
        connection, books, first, last, item=key_of(item), warehouse=key_of(warehouse)
    )
    return [
        InOut(
            id_of(row.item), id_of(row.warehouse),
            quantity(row.opening.qty), row.opening.value, quantity(row.came.qty), row.came.value,
            quantity(row.went.qty), row.went.value, quantity(row.closing.qty), row.closing.value,
        )
        for row in rows
    ]  # fmt: skip


def trace(
    connection: Connection,
    company: str,
    item: int,
    key: str,
    direction: Literal["both", "up", "down"] = "both",
) -> list[TraceRow]:
    """Where a lot or serial number was, what it was made of (up) and what was made of it (down)."""
    books = books_of(connection, company)
    if books is None:
        return []
    return [
        TraceRow(
            row.date, row.kind, row.document.type, id_of(row.document.id), row.party,
            id_of(row.item), row.lot, row.serial, id_of(row.warehouse), quantity(row.qty),
            row.is_undone, row.level, row.line,
        )
        for row in kernel.trace(connection, books, str(item), key, direction)
    ]  # fmt: skip


def items_of_lot(connection: Connection, company: str, key: str) -> list[int]:
    """The items that have or had a lot or serial number of this name."""
    books = books_of(connection, company)
    return (
        []
        if books is None
        else [id_of(item) for item in kernel.items_of_lot(connection, books, key)]
    )
