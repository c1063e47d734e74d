"""What there is: on hand, by lot, serial or bin, reserved, in transit, available."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection

from runtime import kernel
from runtime.posting.datasets.keys import books_of, document_of, id_of, key_of, keys_of
from runtime.posting.datasets.numbers import quantity, unit_cost
from runtime.posting.datasets.records import (
    AvailableOn,
    ReservationRow,
    StockOnHand,
    StockPlace,
    StockStatus,
)

By = Literal["lot", "serial", "bin"]


def stock_on_hand(
    connection: Connection,
    company: str,
    *,
    item: int | None = None,
    warehouse: int | None = None,
    as_of: date | None = None,
    known_at: int | None = None,
) -> list[StockOnHand]:
    """Stock of an app's books by item, warehouse and owner, empty places left out.

    `as_of` gives the stock at the end of that business day, `known_at` what the books said when
    they ended with that sequence number.
    """
    books = books_of(connection, company)
    if books is None:
        return []
    rows = kernel.on_hand(
        connection,
        books,
        items=None if item is None else [str(item)],
        warehouse=key_of(warehouse),
        as_of=as_of,
        known_at=known_at,
    )
    return [_on_hand(row) for row in rows if row.qty or row.value]


def _on_hand(row: kernel.OnHand) -> StockOnHand:
    return StockOnHand(
        id_of(row.item), id_of(row.warehouse), quantity(row.qty), row.value,
        unit_cost(row.value, row.qty), row.owner,
    )  # fmt: skip


def stock_places(
    connection: Connection,
    company: str,
    *,
    item: int | None = None,
    warehouse: int | None = None,
    by: By = "lot",
) -> list[StockPlace]:
    """Stock by lot (and its expiry), serial number or bin, empty places left out."""
    books = books_of(connection, company)
    if books is None:
        return []
    rows = kernel.places(connection, books, by=by, item=key_of(item), warehouse=key_of(warehouse))
    return [
        StockPlace(
            id_of(row.item), id_of(row.warehouse), row.lot, row.serial, row.bin,
            quantity(row.qty), row.expiry, row.owner,
        )
        for row in rows
    ]  # fmt: skip


def stock_status(
    connection: Connection,
    company: str,
    items: Iterable[int],
    warehouse: int | None = None,
    *,
    transit: Iterable[int] = (),
    on_order: Mapping[int, Decimal] | None = None,
) -> dict[int, StockStatus]:
    """How items stand, in one warehouse or in all that are not in `transit`.

    What is in transit is counted for the whole company: where it goes is not in the books.
    """
    wanted = list(dict.fromkeys(items))
    none = Decimal(0)
    ordered = on_order or {}
    books = books_of(connection, company)
    found = {}
    if books is not None and wanted:
        found = kernel.status(
            connection,
            books,
            keys_of(wanted),
            warehouse=key_of(warehouse),
            transit=keys_of(transit),
        )
    status: dict[int, StockStatus] = {}
    for item in wanted:
        row, order = found.get(str(item)), ordered.get(item, none)
        if row is None:
            status[item] = StockStatus(none, none, none, order, none)
            continue
        status[item] = StockStatus(
            quantity(row.on_hand), quantity(row.reserved), quantity(row.in_transit), order,
            quantity(row.on_hand - row.reserved),
        )  # fmt: skip
    return status


def available(
    connection: Connection, company: str, items: Iterable[int], warehouse: int
) -> dict[int, Decimal]:
    """How much of each item can still leave a warehouse: on hand less reserved, else zero."""
    return {
        item: row.available
        for item, row in stock_status(connection, company, items, warehouse).items()
    }


def available_by_date(
    connection: Connection, company: str, item: int, warehouse: int
) -> list[AvailableOn]:
    """From today's stock on: how much can leave on each date so that nothing later goes short.

    A row for every business date that has movements after the last closed month.
    """
    books = books_of(connection, company)
    if books is None:
        return []
    rows = kernel.available_by_date(connection, books, str(item), str(warehouse))
    return [AvailableOn(day, quantity(qty)) for day, qty in rows]


def reservations(
    connection: Connection,
    company: str,
    *,
    item: int | None = None,
    warehouse: int | None = None,
    with_settled: bool = False,
) -> list[ReservationRow]:
    """What is held for somebody; what was used up or released only where it is asked for."""
    books = books_of(connection, company)
    if books is None:
        return []
    rows = kernel.reservations(
        connection, books, item=key_of(item), warehouse=key_of(warehouse), with_settled=with_settled
    )
    found: list[ReservationRow] = []
    for row in rows:
        form, document = document_of(row.document)
        found.append(
            ReservationRow(
                row.key, id_of(row.item), id_of(row.warehouse), row.owner, row.lot,
                quantity(row.qty), quantity(row.pending), row.expires, form, document,
                row.posted_at, row.user,
            )
        )  # fmt: skip
    return found


def expired_reservations(connection: Connection, company: str, today: date) -> list[str]:
    """The keys of reservations whose time ran out before today and that still hold something."""
    day = today.isoformat()
    held = reservations(connection, company)
    return [row.key for row in held if row.expires and row.expires < day]
