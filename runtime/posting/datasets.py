"""What screens and reports may read of the books: stock on hand, availability, the stock ledger."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from sqlalchemy import Connection

from runtime import kernel

_QTY_PLACES = 6
_UNIT_COST_PLACES = 4
_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)
LARGEST_WHOLE = 2**63 - 1


@dataclass(frozen=True)
class StockOnHand:
    """What there is of an item in a warehouse; the unit cost is for reading, not for adding up."""

    item: int
    warehouse: int
    qty: Decimal
    value: Decimal
    unit_cost: Decimal | None


@dataclass(frozen=True)
class StockLedgerRow:
    """A movement of an item, and quantity and value after it, in business order.

    `after` continues the page behind this row.
    """

    seq: int
    date: str
    kind: str
    form: str
    document: int
    line: int
    warehouse: int
    qty: Decimal
    value: Decimal
    qty_after: Decimal
    value_after: Decimal
    is_undone: bool
    after: str


def stock_on_hand(
    connection: Connection, company: str, *, item: int | None = None, warehouse: int | None = None
) -> list[StockOnHand]:
    """Stock of an app's books by item and warehouse, empty places left out."""
    books = kernel.find_company(connection, company)
    if books is None:
        return []
    items = None if item is None else [str(item)]
    place = None if warehouse is None else str(warehouse)
    rows = kernel.on_hand(connection, books.id, items=items, warehouse=place)
    return [_on_hand(row) for row in rows if row.qty or row.value]


def available(
    connection: Connection, company: str, items: Iterable[int], warehouse: int
) -> dict[int, Decimal]:
    """How much of each item can still leave a warehouse; what never was there is zero."""
    found = dict.fromkeys(items, Decimal(0))
    books = kernel.find_company(connection, company)
    if books is None or not found:
        return found
    keys = [str(item) for item in found]
    for row in kernel.on_hand(connection, books.id, items=keys, warehouse=str(warehouse)):
        found[int(row.item)] = quantity(row.qty)
    return found


def stock_ledger(
    connection: Connection,
    company: str,
    item: int,
    warehouse: int | None = None,
    after: str | None = None,
    limit: int = 100,
) -> list[StockLedgerRow]:
    """A page of an item's movements, in one warehouse or in all of them together."""
    books = kernel.find_company(connection, company)
    if books is None:
        return []
    rows = kernel.ledger(
        connection,
        books.id,
        str(item),
        warehouse=None if warehouse is None else str(warehouse),
        after=_place(after),
        limit=limit,
    )
    return [_ledger_row(row) for row in rows]


def quantity(number: Fraction) -> Decimal:
    """An exact quantity as a decimal with at most six places."""
    return _rounded(number, _QTY_PLACES).normalize() + Decimal(0)


def _rounded(number: Fraction, places: int) -> Decimal:
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _on_hand(row: kernel.OnHand) -> StockOnHand:
    unit_cost = _rounded(Fraction(row.value) / row.qty, _UNIT_COST_PLACES) if row.qty else None
    return StockOnHand(int(row.item), int(row.warehouse), quantity(row.qty), row.value, unit_cost)


def _ledger_row(row: kernel.LedgerRow) -> StockLedgerRow:
    place = row.place
    return StockLedgerRow(
        seq=row.seq,
        date=row.date,
        kind=row.kind,
        form=row.document.type,
        document=int(row.document.id),
        line=row.line,
        warehouse=int(row.warehouse),
        qty=quantity(row.qty),
        value=row.value,
        qty_after=quantity(row.qty_after),
        value_after=row.value_after,
        is_undone=row.is_undone,
        after=".".join(
            str(part) for part in (place.at, place.order, place.move, place.qty, place.value)
        ),
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
