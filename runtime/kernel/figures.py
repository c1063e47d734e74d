"""Figures of postings and pools, account by account: what worked examples are compared with."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection

from runtime.kernel.amounts import from_atoms, from_minor
from runtime.kernel.costing import layers
from runtime.kernel.sql import in_chunks, marks, run
from runtime.kernel.tables import ROWS_PER_POSTING


@dataclass(slots=True)
class MoveFigures:
    """What a move of a posting is worth now, by account: in is positive, out is negative."""

    posting: int
    line: int
    kind: str
    item: str
    qty: Fraction
    is_undone: bool
    values: dict[str, Decimal] = field(default_factory=dict)


def figures_of(connection: Connection, postings: Iterable[int]) -> list[MoveFigures]:
    """Every move of postings in its order, every later revaluation included."""
    found: list[MoveFigures] = []
    for chunk in in_chunks(sorted(set(postings))):
        rows = run(
            connection,
            "SELECT m.id, m.posting, m.line, m.kind, i.key, m.dq, i.atoms_per_base, k.value_scale,"
            " EXISTS (SELECT 1 FROM k_move o WHERE o.voids = m.id), v.account,"
            " CAST(sum(v.dv) AS BIGINT) FROM k_posting h JOIN k_company k ON k.id = h.company"
            f" JOIN k_move m ON m.id > h.id * {ROWS_PER_POSTING}"
            f" AND m.id < (h.id + 1) * {ROWS_PER_POSTING}"
            " JOIN k_item i ON i.id = m.item LEFT JOIN k_value_entry v ON v.move = m.id"
            f" WHERE h.id IN ({marks(chunk)}) GROUP BY m.id, m.posting, m.line, m.kind, i.key,"
            " m.dq, i.atoms_per_base, k.value_scale, v.account ORDER BY m.id",
            chunk,
        )
        last = None
        for number, posting, line, kind, item, dq, per_base, scale, undone, account, value in rows:
            if number != last:
                last = number
                qty = from_atoms(dq, per_base)
                found.append(MoveFigures(posting, line, kind, item, qty, bool(undone)))
            if account is not None:
                found[-1].values[account] = from_minor(int(value), scale)
    return found


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """What a pool holds now, and in which layers; `lot` is filled where lots are costed alone."""

    item: str
    warehouse: str
    owner: str
    lot: str
    qty: Fraction
    value: Decimal
    layers: tuple[tuple[Fraction, Decimal], ...]


def pool_figures(connection: Connection, company: int) -> list[PoolFigures]:
    """Every pool of the company in which something ever happened."""
    rows = run(
        connection,
        "SELECT i.key, w.key, p.owner, p.lot, e.q_after, e.v_after, e.state, i.atoms_per_base,"
        " k.value_scale FROM k_pool p JOIN k_company k ON k.id = p.company"
        " JOIN k_item i ON i.id = p.item JOIN k_warehouse w ON w.id = p.warehouse"
        " JOIN k_pool_entry e ON e.pool = p.id"
        " AND e.n = (SELECT max(n) FROM k_pool_entry WHERE pool = p.id)"
        " WHERE p.company = ? ORDER BY i.id, w.id, p.owner, p.lot",
        (company,),
    )
    return [
        PoolFigures(
            item, warehouse, owner, lot, from_atoms(qty, per_base), from_minor(value, scale),
            tuple(
                (from_atoms(part, per_base), from_minor(worth, scale))
                for part, worth in layers(state, qty, value)
            ),
        )
        for item, warehouse, owner, lot, qty, value, state, per_base, scale in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """How much is at a place that is no pool by itself."""

    item: str
    warehouse: str
    owner: str
    lot: str
    serial: str
    bin: str
    qty: Fraction


def place_figures(connection: Connection, company: int) -> list[PlaceFigures]:
    """Every position of the company: warehouses of one pool, lots, serial numbers, bins."""
    rows = run(
        connection,
        "SELECT i.key, w.key, p.owner, p.lot, p.serial, p.bin, e.q_after, i.atoms_per_base"
        " FROM k_item i JOIN k_position p ON p.item = i.id JOIN k_warehouse w ON w.id = p.warehouse"
        " JOIN k_position_entry e ON e.position = p.id"
        " AND e.n = (SELECT max(n) FROM k_position_entry WHERE position = p.id)"
        " WHERE i.company = ? ORDER BY i.id, w.id, p.owner, p.lot, p.serial, p.bin",
        (company,),
    )
    return [
        PlaceFigures(item, warehouse, owner, lot, serial, bin_, from_atoms(qty, per_base))
        for item, warehouse, owner, lot, serial, bin_, qty, per_base in rows
    ]


def account_figures(connection: Connection, company: int) -> dict[str, Decimal]:
    """What the journal holds by role; an expense is positive."""
    rows = run(
        connection,
        "SELECT j.role, k.value_scale, CAST(sum(j.amount) AS BIGINT) FROM k_journal_line j"
        " JOIN k_posting h ON h.id = j.posting JOIN k_company k ON k.id = h.company"
        " WHERE h.company = ? GROUP BY j.role, k.value_scale ORDER BY j.role",
        (company,),
    )
    return {role: from_minor(int(amount), scale) for role, scale, amount in rows}


def held_figures(connection: Connection, company: int) -> dict[tuple[str, str], Fraction]:
    """What reservations still hold, by item and warehouse."""
    rows = run(
        connection,
        "SELECT i.key, w.key, CAST(sum(e.pending_after) AS BIGINT), i.atoms_per_base"
        " FROM k_reservation r JOIN k_item i ON i.id = r.item"
        " JOIN k_warehouse w ON w.id = r.warehouse"
        " JOIN k_reservation_event e ON e.reservation = r.id"
        " AND e.n = (SELECT max(n) FROM k_reservation_event WHERE reservation = r.id)"
        " WHERE r.company = ? GROUP BY i.key, w.key, i.atoms_per_base",
        (company,),
    )
    return {(item, place): from_atoms(qty, per_base) for item, place, qty, per_base in rows}
