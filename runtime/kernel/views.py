"""What others may read: stock on hand, the stock ledger, costs. Never the tables themselves."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection

from runtime.kernel.amounts import from_atoms, from_minor
from runtime.kernel.commands import DocumentRef
from runtime.kernel.sql import in_chunks, marks, run
from runtime.kernel.tables import ROWS_PER_POSTING


@dataclass(frozen=True, slots=True)
class OnHand:
    """What there is of an item in a warehouse."""

    item: str
    warehouse: str
    qty: Fraction
    value: Decimal


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


@dataclass(frozen=True, slots=True)
class LineCost:
    """What a line of a posting is worth now: in is positive, out is negative."""

    line: int
    kind: str
    value: Decimal


_HEAD = "e.n = (SELECT max(n) FROM k_pool_entry WHERE pool = p.id)"
_POLICY = (
    "JOIN k_item_policy c ON c.item = i.id"
    " AND c.n = (SELECT max(n) FROM k_item_policy WHERE item = i.id)"
)


def on_hand(
    connection: Connection,
    company: int,
    *,
    items: Iterable[str] | None = None,
    warehouse: str | None = None,
) -> list[OnHand]:
    """Every pool of the company, or of these items, or of this warehouse, by item and warehouse."""
    condition, params = "p.company = ?", [company]
    if warehouse is not None:
        condition += " AND w.key = ?"
        params.append(warehouse)  # type: ignore[arg-type]
    if items is not None:
        wanted = sorted(set(items))
        condition += f" AND i.key IN ({marks(wanted)})"
        params += wanted  # type: ignore[arg-type]
    rows = run(
        connection,
        "SELECT i.key, w.key, e.q_after, e.v_after, c.atoms_per_base, k.value_scale"
        " FROM k_pool p JOIN k_company k ON k.id = p.company JOIN k_item i ON i.id = p.item"
        f" JOIN k_warehouse w ON w.id = p.warehouse {_POLICY}"
        f" JOIN k_pool_entry e ON e.pool = p.id AND {_HEAD}"
        f" WHERE {condition} ORDER BY i.id, w.id",
        params,
    )
    return [
        OnHand(item, place, from_atoms(qty, per_base), from_minor(value, scale))
        for item, place, qty, value, per_base, scale in rows
    ]


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
    condition, params = "i.company = ? AND i.key = ?", [company, item]
    if warehouse is not None:
        condition += " AND w.key = ?"
        params.append(warehouse)
    if after is not None:
        condition += " AND (m.at, m.ord, m.id) > (?, ?, ?)"
        params += [after.at, after.order, after.move]
    rows = run(
        connection,
        "SELECT m.at, m.ord, m.id, h.seq, m.business_date, m.kind, h.doc_type, h.doc_id, m.line,"
        " w.key, m.dq, (SELECT coalesce(sum(dv), 0) FROM k_value_entry WHERE move = m.id),"
        " m.voids IS NOT NULL OR EXISTS (SELECT 1 FROM k_move o WHERE o.voids = m.id),"
        " c.atoms_per_base, k.value_scale"
        " FROM k_item i JOIN k_move m ON m.item = i.id JOIN k_pool p ON p.id = m.pool"
        f" JOIN k_warehouse w ON w.id = p.warehouse {_POLICY}"
        " JOIN k_posting h ON h.id = m.posting JOIN k_company k ON k.id = i.company"
        f" WHERE {condition} ORDER BY m.at, m.ord, m.id LIMIT {int(limit)}",
        params,  # type: ignore[arg-type]
    )
    qty, value = (after.qty, after.value) if after else (0, 0)
    found: list[LedgerRow] = []
    for row in rows:
        at, order, move, seq, day, kind, doc_type, doc_id, line, place, dq, dv = row[:12]
        undone, per_base, scale = row[12:]
        qty, value = qty + dq, value + int(dv)
        found.append(
            LedgerRow(
                seq, day, kind, DocumentRef(doc_type, doc_id), line, place,
                from_atoms(dq, per_base), from_minor(int(dv), scale),
                from_atoms(qty, per_base), from_minor(value, scale),
                bool(undone), Place(at, order, move, qty, value),
            )
        )  # fmt: skip
    return found


def posting_of(connection: Connection, company: int, document: DocumentRef) -> int | None:
    """The posting that stands for a document now, if there is one that was not undone."""
    rows = run(
        connection,
        "SELECT p.id FROM k_posting p WHERE p.company = ? AND p.doc_type = ? AND p.doc_id = ?"
        " AND p.kind <> 'void' AND NOT EXISTS (SELECT 1 FROM k_posting v WHERE v.voids = p.id)"
        " ORDER BY p.seq DESC LIMIT 1",
        (company, document.type, document.id),
    )
    return int(rows[0][0]) if rows else None


def costs(connection: Connection, postings: Iterable[int]) -> dict[int, tuple[LineCost, ...]]:
    """What the lines of postings are worth now, every later revaluation included."""
    found: dict[int, list[LineCost]] = {number: [] for number in postings}
    for chunk in in_chunks(sorted(found)):
        rows = run(
            connection,
            "SELECT m.posting, m.line, m.kind, k.value_scale,"
            " (SELECT coalesce(sum(dv), 0) FROM k_value_entry"
            " WHERE move = m.id AND account <> 'residual')"
            " FROM k_posting h JOIN k_company k ON k.id = h.company"
            f" JOIN k_move m ON m.id > h.id * {ROWS_PER_POSTING}"
            f" AND m.id < (h.id + 1) * {ROWS_PER_POSTING}"
            f" WHERE h.id IN ({marks(chunk)}) ORDER BY m.id",
            chunk,
        )
        for number, line, kind, scale, value in rows:
            found[number].append(LineCost(line, kind, from_minor(int(value), scale)))
    return {number: tuple(lines) for number, lines in found.items()}


def variances(connection: Connection, company: int) -> dict[str, Decimal]:
    """What the journal holds on accounts that are neither stock nor where goods come and go."""
    rows = run(
        connection,
        "SELECT j.account, k.value_scale, sum(j.amount) FROM k_journal_line j"
        " JOIN k_posting h ON h.id = j.posting JOIN k_company k ON k.id = h.company"
        " WHERE h.company = ? AND j.account NOT IN ('stock', 'receipt', 'issue')"
        " GROUP BY j.account, k.value_scale ORDER BY j.account",
        (company,),
    )
    return {account: from_minor(int(amount), scale) for account, scale, amount in rows}
