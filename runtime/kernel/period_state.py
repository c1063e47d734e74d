"""What every pool and position held at the end of a month, whatever was posted after it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from runtime.kernel.costing import value_moves
from runtime.kernel.moves import Move
from runtime.kernel.pools import BEFORE_ALL, Head, heads
from runtime.kernel.positions import PlaceKey, places_of
from runtime.kernel.registration import Company, items_by_id
from runtime.kernel.sql import run
from runtime.kernel.walk import Held, book_of, walk


@dataclass(frozen=True, slots=True)
class PoolState:
    """What a pool held, and what its costing method remembered beside it."""

    id: int
    qty: int
    value: int
    state: str


@dataclass(frozen=True, slots=True)
class PositionState:
    """How much was at a position."""

    id: int
    qty: int


# The last entry whose business time ends before the moment, and the earliest that later ones
# touched. The business time of a pool's entries never goes back, so the search ends at once.
_STATES = (
    "SELECT s.id, e.q_after, e.v_after, e.state, (SELECT min(f.from_at) FROM k_pool_entry f"
    " WHERE f.pool = s.id AND f.n > coalesce(s.n, 0)) FROM (SELECT p.id AS id,"
    " (SELECT x.n FROM k_pool_entry x WHERE x.pool = p.id AND x.at < ? ORDER BY x.n DESC LIMIT 1)"
    " AS n FROM k_pool p WHERE p.company = ?) s"
    " LEFT JOIN k_pool_entry e ON e.pool = s.id AND e.n = s.n"
)


def pools_at(connection: Connection, company: Company, end: int) -> list[PoolState]:
    """Every pool of the company just before a business moment; those untouched by then left out."""
    found: list[PoolState] = []
    late: list[int] = []
    for pool, qty, value, state, earliest_since in run(connection, _STATES, (end, company.id)):
        if earliest_since is not None and earliest_since < end:
            late.append(pool)
        elif qty is not None:
            found.append(PoolState(pool, qty, value, state))
    found += _walked_to(connection, company, heads(connection, late), end)
    touched = [pool for pool in found if pool.qty or pool.value or pool.state]
    return sorted(touched, key=lambda pool: pool.id)


def _walked_to(
    connection: Connection, company: Company, late: dict[int, Head], end: int
) -> list[PoolState]:
    """Pools whose past came in after their future: valued again from their bases on."""
    if not late:
        return []
    items = items_by_id(connection, {head.item for head in late.values()})
    walked = walk(connection, Held(late, items, (end, BEFORE_ALL[1]), is_late=True))
    moves = [move for move in walked.moves if move.at < end]
    states = {pool: (base.qty, base.value, base.state) for pool, base in walked.bases.items()}
    if moves:
        book = book_of(connection, company, walked, moves, frozenset())
        states |= value_moves(moves, book).states
    return [PoolState(pool, *states[pool]) for pool in late]


def positions_at(connection: Connection, company: int, end: int) -> list[PositionState]:
    """Every position of the company just before a business moment; the empty ones left out."""
    since = _moved_since(connection, company, end)
    rows = run(
        connection,
        "SELECT p.item, p.warehouse, p.owner, p.lot, p.serial, p.bin, p.id, e.q_after"
        " FROM k_item i JOIN k_position p ON p.item = i.id"
        " JOIN k_position_entry e ON e.position = p.id"
        " AND e.n = (SELECT max(n) FROM k_position_entry WHERE position = p.id)"
        " WHERE i.company = ? ORDER BY p.id",
        (company,),
    )
    found: list[PositionState] = []
    for item, warehouse, owner, lot, serial, bin_, number, qty in rows:
        held = qty - since.get((item, warehouse, owner, lot, serial, bin_), 0)
        if held:
            found.append(PositionState(number, held))
    return found


def _moved_since(connection: Connection, company: int, end: int) -> dict[PlaceKey, int]:
    """What positions gained at or after the moment."""
    changes: dict[PlaceKey, int] = {}
    rows = run(
        connection,
        "SELECT p.item, m.warehouse, p.owner, m.lot, m.serial, m.bin, p.warehouse, p.lot,"
        " CAST(sum(m.dq) AS BIGINT) FROM k_pool p JOIN k_move m ON m.pool = p.id AND m.at >= ?"
        " WHERE p.company = ?"
        " AND (m.lot <> '' OR m.serial <> '' OR m.bin <> '' OR m.warehouse <> p.warehouse)"
        " GROUP BY p.item, m.warehouse, p.owner, m.lot, m.serial, m.bin, p.warehouse, p.lot",
        (end, company),
    )
    for item, warehouse, owner, lot, serial, bin_, pool_warehouse, pool_lot, qty in rows:
        moved = Move(
            0, 0, 0, "", item, 0, warehouse, qty, end, 0, "", lot=lot, serial=serial, bin=bin_
        )
        pool = Head(0, 0, 0, BEFORE_ALL, "", item, pool_warehouse, owner, pool_lot, "")
        for place in places_of(moved, pool):
            changes[place] = changes.get(place, 0) + qty
    return changes
