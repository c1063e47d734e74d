"""Goods by lot, serial number or bin, and what is held, on its way, and free to go."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from sqlalchemy import Connection

from runtime.kernel.amounts import from_atoms
from runtime.kernel.lines import DocumentRef
from runtime.kernel.sql import marks, run
from runtime.kernel.standing import Spot, on_hand_at
from runtime.kernel.views.balances import Wanted, standing
from runtime.kernel.views.documents import UNDONE

_POOL_HEAD = "e.n = (SELECT max(n) FROM k_pool_entry WHERE pool = p.id)"
_POSITION_HEAD = "e.n = (SELECT max(n) FROM k_position_entry WHERE position = p.id)"
_LAST_EVENT = "e.n = (SELECT max(n) FROM k_reservation_event WHERE reservation = r.id)"
# The purpose of a transfer whose goods are on their way until a second one takes them further.
DISPATCH = "dispatch"


@dataclass(frozen=True, slots=True)
class PlaceQty:
    """How much there is of one lot, one serial number or in one bin; `expiry` of lot or serial."""

    item: str
    warehouse: str
    owner: str
    lot: str
    serial: str
    bin: str
    qty: Fraction
    expiry: str


@dataclass(frozen=True, slots=True)
class Status:
    """How an item stands, in one warehouse or in all that goods are not on their way in."""

    on_hand: Fraction
    reserved: Fraction
    in_transit: Fraction


@dataclass(frozen=True, slots=True)
class ReservationLine:
    """A reservation with what was asked for and what is still held."""

    key: str
    item: str
    warehouse: str
    owner: str
    lot: str
    qty: Fraction
    pending: Fraction
    expires: str
    document: DocumentRef
    posted_at: str
    user: str


def places(
    connection: Connection,
    company: int,
    *,
    by: Literal["lot", "serial", "bin"],
    item: str | None = None,
    warehouse: str | None = None,
) -> list[PlaceQty]:
    """Every lot, serial number or bin that holds something, by item, warehouse and name."""
    condition, params = "i.company = ?", list[int | str]([company])
    for column, value in (("i.key", item), ("w.key", warehouse)):
        if value is not None:
            condition += f" AND {column} = ?"
            params.append(value)
    named = (
        "SELECT i.id AS item, i.key AS item_key, i.atoms_per_base AS per_base, w.id AS warehouse,"
        " w.key AS warehouse_key, p.owner AS owner, {name} AS name, e.q_after AS qty FROM k_item i"
        " JOIN {table} p ON {owned}p.item = i.id JOIN k_warehouse w ON w.id = p.warehouse"
        " JOIN {table}_entry e ON {joined} WHERE e.q_after <> 0 AND {name} <> '' AND " + condition
    )
    parts = [
        named.format(
            name=f"p.{by}",
            table="k_position",
            owned="",
            joined=f"e.position = p.id AND {_POSITION_HEAD}",
        )
    ]
    if by != "bin":
        # A lot or serial number that is costed by itself is a pool and no position.
        own = "AND i.tracking = 'serial'" if by == "serial" else "AND i.tracking <> 'serial'"
        parts.append(
            named.format(
                name="p.lot",
                table="k_pool",
                owned="p.company = i.company AND ",
                joined=f"e.pool = p.id AND {_POOL_HEAD}",
            )
            + f" AND w.key <> '*' {own}"
        )
    rows = run(
        connection,
        "SELECT h.item_key, h.warehouse_key, h.owner, h.name, h.qty, h.per_base,"
        f" coalesce(l.expiry, '') FROM ({' UNION ALL '.join(parts)}) h"
        " LEFT JOIN k_lot l ON l.item = h.item AND l.kind = ? AND l.key = h.name"
        " ORDER BY h.item, h.warehouse, h.owner, h.name",
        (*params * len(parts), by),
    )
    return [
        PlaceQty(
            key, place, owner, name if by == "lot" else "", name if by == "serial" else "",
            name if by == "bin" else "", from_atoms(qty, per_base), expiry,
        )
        for key, place, owner, name, qty, per_base, expiry in rows
    ]  # fmt: skip


def status(
    connection: Connection,
    company: int,
    items: Sequence[str],
    *,
    warehouse: str | None = None,
    transit: Iterable[str] = (),
) -> dict[str, Status]:
    """How items stand; goods in the warehouses `transit` are on their way and not on hand.

    On their way are also goods that a dispatch brought and no arrival took further; they are on
    hand as well where they lie in a warehouse that is not one of `transit`.
    """
    ways = set(transit) - {warehouse}
    found = standing(connection, Wanted(company, tuple(sorted(set(items)))))
    on_hand: dict[str, int] = {}
    moving = _on_the_way(connection, company, items, ways)
    per_base: dict[str, int] = {}
    for place, (qty, _value) in found.held.items():
        item, per_base[item] = found.items[place[0]]
        here = found.warehouses[place[1]]
        if here in ways:
            moving[item] = moving.get(item, 0) + qty
        elif warehouse in {None, here}:
            on_hand[item] = on_hand.get(item, 0) + qty
    held = _reserved(connection, company, items, warehouse)
    return {
        item: Status(
            *(from_atoms(counted.get(item, 0), atoms) for counted in (on_hand, held, moving))
        )
        for item, atoms in per_base.items()
    }


def _reserved(
    connection: Connection, company: int, items: Sequence[str], warehouse: str | None
) -> dict[str, int]:
    condition = "" if warehouse is None else " AND w.key = ?"
    rows = run(
        connection,
        "SELECT i.key, CAST(sum(e.pending_after) AS BIGINT) FROM k_reservation r"
        " JOIN k_item i ON i.id = r.item JOIN k_warehouse w ON w.id = r.warehouse"
        f" JOIN k_reservation_event e ON e.reservation = r.id AND {_LAST_EVENT}"
        f" WHERE r.company = ? AND i.key IN ({marks(items)}){condition} GROUP BY i.key",
        (company, *items, *(() if warehouse is None else (warehouse,))),
    )
    return dict(rows)


def _on_the_way(
    connection: Connection, company: int, items: Sequence[str], elsewhere: set[str]
) -> dict[str, int]:
    """What dispatches brought and no second leg took further."""
    skipped, no_name = sorted(elsewhere), "''"
    rows = run(
        connection,
        "SELECT i.key, CAST(sum(m.dq + coalesce((SELECT sum(c.dq) FROM k_move c"
        " WHERE c.origin = m.id AND c.kind = 'transfer_out'"
        " AND NOT EXISTS (SELECT 1 FROM k_move o WHERE o.voids = c.id)), 0)) AS BIGINT)"
        " FROM k_posting h JOIN k_move m ON m.posting = h.id AND m.kind = 'transfer_in'"
        " JOIN k_item i ON i.id = m.item JOIN k_warehouse w ON w.id = m.warehouse"
        f" WHERE h.company = ? AND h.kind = ? AND i.key IN ({marks(items)})"
        f" AND NOT {UNDONE} AND w.key NOT IN ({marks(skipped) if skipped else no_name})"
        " GROUP BY i.key",
        (company, DISPATCH, *items, *skipped),
    )
    return {item: qty for item, qty in rows if qty}


def available_by_date(
    connection: Connection, company: int, item: str, warehouse: str
) -> list[tuple[str, Fraction]]:
    """How much of a company's own goods may leave on each day so that nothing later goes short.

    A row for every day with movements since the last closed month; reservations hold on all.
    """
    found = run(
        connection,
        "SELECT i.id, w.id, i.atoms_per_base FROM k_item i, k_warehouse w"
        " WHERE i.company = ? AND i.key = ? AND w.company = ? AND w.key = ?",
        (company, item, company, warehouse),
    )
    if not found:
        return []
    item_id, warehouse_id, per_base = found[0]
    rows = run(
        connection,
        "SELECT m.business_date, CAST(sum(m.dq) AS BIGINT) FROM k_move m"
        " JOIN k_pool p ON p.id = m.pool AND p.owner = ''"
        " WHERE m.item = ? AND m.warehouse = ? AND substr(m.business_date, 1, 7) > coalesce(("
        "SELECT closed_through FROM k_period_event WHERE company = ? ORDER BY n DESC LIMIT 1), '')"
        " GROUP BY m.business_date ORDER BY m.business_date DESC",
        (item_id, warehouse_id, company),
    )
    running = on_hand_at(connection, Spot(item_id, warehouse_id, "", ""))
    held = _reserved(connection, company, [item], warehouse).get(item, 0)
    least = running
    answer: list[tuple[str, Fraction]] = []
    for day, dq in rows:
        least = min(least, running)
        answer.append((day, from_atoms(least - held, per_base)))
        running -= dq
    return answer[::-1]


def reservations(
    connection: Connection,
    company: int,
    *,
    item: str | None = None,
    warehouse: str | None = None,
    with_settled: bool = False,
) -> list[ReservationLine]:
    """Reservations in the order in which they were made; settled ones where they are asked for."""
    condition, params = "r.company = ?", list[int | str]([company])
    for column, value in (("i.key", item), ("w.key", warehouse)):
        if value is not None:
            condition += f" AND {column} = ?"
            params.append(value)
    if not with_settled:
        condition += " AND e.pending_after > 0"
    rows = run(
        connection,
        "SELECT r.key, i.key, w.key, r.owner, r.lot, f.dq, e.pending_after, i.atoms_per_base,"
        " r.expires, h.doc_type, h.doc_id, h.posted_at, h.user_name FROM k_reservation r"
        " JOIN k_item i ON i.id = r.item JOIN k_warehouse w ON w.id = r.warehouse"
        f" JOIN k_reservation_event e ON e.reservation = r.id AND {_LAST_EVENT}"
        " JOIN k_reservation_event f ON f.reservation = r.id AND f.n = 1"
        f" JOIN k_posting h ON h.id = f.posting WHERE {condition} ORDER BY r.id",
        params,
    )
    return [
        ReservationLine(
            key, item_key, place, owner, lot, from_atoms(qty, per_base),
            from_atoms(pending, per_base), expires, DocumentRef(doc_type, doc_id), posted_at, user,
        )
        for key, item_key, place, owner, lot, qty, pending, per_base, expires, doc_type, doc_id,
        posted_at, user in rows
    ]  # fmt: skip
