"""The stock ledger of an item, page by page, in business order."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection

from runtime.kernel.amounts import from_atoms, from_minor
from runtime.kernel.lines import DocumentRef
from runtime.kernel.sql import run
from runtime.kernel.views.documents import DOCUMENT, PART, PARTY, UNDONE


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the ledger ended, with the balances there."""

    at: int
    order: int
    move: int
    qty: int
    value: int


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One movement with what it is worth now and the balance after it, in business order."""

    seq: int
    date: str
    kind: str
    document: DocumentRef
    line: int
    warehouse: str
    qty: Fraction
    value: Decimal
    qty_after: Fraction
    value_after: Decimal
    is_undone: bool
    place: Place
    lot: str
    serial: str
    bin: str
    party: str


def ledger(
    connection: Connection,
    company: int,
    item: str,
    *,
    warehouse: str | None = None,
    after: Place | None = None,
    limit: int = 100,
) -> list[LedgerRow]:
    """A page of an item's movements in business order, over all warehouses or in one.

    The balances run on from page to page, so a page costs what it shows.
    """
    condition, params = "i.company = ? AND i.key = ?", list[int | str]([company, item])
    if warehouse is not None:
        condition += " AND w.key = ?"
        params.append(warehouse)
    if after is not None:
        condition += " AND (m.at, m.ord, m.id) > (?, ?, ?)"
        params += [after.at, after.order, after.move]
    rows = run(
        connection,
        f"SELECT m.at, m.ord, m.id, m.dq, (SELECT coalesce(sum(dv), 0) FROM k_value_entry"
        f" WHERE move = m.id), i.atoms_per_base, k.value_scale, h.seq, m.business_date, m.kind,"
        f" m.line, w.key, {UNDONE}, {DOCUMENT}, m.lot, m.serial, m.bin, {PARTY}"
        " FROM k_item i JOIN k_move m ON m.item = i.id JOIN k_warehouse w ON w.id = m.warehouse"
        f" JOIN k_posting h ON h.id = m.posting JOIN k_company k ON k.id = i.company{PART}"
        f" WHERE {condition} ORDER BY m.at, m.ord, m.id LIMIT {int(limit)}",
        params,
    )
    qty, value = (after.qty, after.value) if after else (0, 0)
    found: list[LedgerRow] = []
    for at, order, move, dq, total, per_base, scale, *shown in rows:
        seq, day, kind, line, place, undone, doc_type, doc_id, lot, serial, bin_, party = shown
        dv = int(total)
        qty, value = qty + dq, value + dv
        found.append(
            LedgerRow(
                seq, day, kind, DocumentRef(doc_type, doc_id), line, place,
                from_atoms(dq, per_base), from_minor(dv, scale), from_atoms(qty, per_base),
                from_minor(value, scale), bool(undone), Place(at, order, move, qty, value),
                lot, serial, bin_, party,
            )
        )  # fmt: skip
    return found
