"""Cost pools: found or made, locked in the order of their ids, read at their heads."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from runtime.kernel.sql import marks, run

PoolKey = tuple[int, int]
Moment = tuple[int, int]

BEFORE_ALL: Moment = (-(2**62), -(2**62))


@dataclass(frozen=True, slots=True)
class Head:
    """What a pool holds now: its last entry, and the latest business moment of its moves."""

    n: int
    qty: int
    value: int
    latest: Moment
    method: str


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool and the business time of its latest move as it stood before locking."""

    id: int
    latest_at: int


def find_pools(
    connection: Connection, company: int, keys: Iterable[PoolKey]
) -> dict[PoolKey, Pool]:
    """The pools of items in warehouses; pools that are missing are made."""
    wanted = sorted(set(keys))
    found = _select_pools(connection, company, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        # Always in the same order, so that two sessions that make the same pools do not deadlock.
        either = "" if connection.dialect.name == "sqlite" else " ON CONFLICT DO NOTHING"
        for item, warehouse in missing:
            run(
                connection,
                "INSERT INTO k_pool (company, item, warehouse, owner, lot)"
                f" VALUES (?, ?, ?, '', ''){either}",
                (company, item, warehouse),
            )
        found = _select_pools(connection, company, wanted)
    return {key: found[key] for key in wanted}


def _select_pools(
    connection: Connection, company: int, keys: Sequence[PoolKey]
) -> dict[PoolKey, Pool]:
    items = sorted({item for item, _ in keys})
    warehouses = sorted({warehouse for _, warehouse in keys})
    rows = run(
        connection,
        "SELECT item, warehouse, id,"
        " (SELECT max(at) FROM k_move WHERE pool = k_pool.id) FROM k_pool WHERE company = ?"
        f" AND item IN ({marks(items)}) AND warehouse IN ({marks(warehouses)})"
        " AND owner = '' AND lot = ''",
        (company, *items, *warehouses),
    )
    return {
        (item, warehouse): Pool(number, BEFORE_ALL[0] if at is None else at)
        for item, warehouse, number, at in rows
    }


def lock_pools(connection: Connection, pools: Iterable[int]) -> None:
    """Lock the pools in ascending order; SQLite's one writer has locked everything already."""
    wanted = sorted(pools)
    if wanted and connection.dialect.name != "sqlite":
        run(
            connection,
            f"SELECT id FROM k_pool WHERE id IN ({marks(wanted)}) ORDER BY id FOR NO KEY UPDATE",
            wanted,
        )


def heads(connection: Connection, pools: Iterable[int]) -> dict[int, Head]:
    """The heads of the pools, in one read."""
    wanted = sorted(pools)
    rows = run(
        connection,
        "SELECT p.id, coalesce(e.n, 0), coalesce(e.q_after, 0), coalesce(e.v_after, 0),"
        " (SELECT at FROM k_move WHERE pool = p.id ORDER BY at DESC, ord DESC LIMIT 1),"
        " (SELECT ord FROM k_move WHERE pool = p.id ORDER BY at DESC, ord DESC LIMIT 1),"
        " (SELECT method FROM k_item_policy WHERE item = p.item ORDER BY n DESC LIMIT 1)"
        " FROM k_pool p LEFT JOIN k_pool_entry e ON e.pool = p.id"
        " AND e.n = (SELECT max(n) FROM k_pool_entry WHERE pool = p.id)"
        f" WHERE p.id IN ({marks(wanted)})",
        wanted,
    )
    return {
        number: Head(n, qty, value, BEFORE_ALL if at is None else (at, order), method)
        for number, n, qty, value, at, order, method in rows
    }


def lot_quantities(connection: Connection, pools: Iterable[int]) -> dict[tuple[int, str], int]:
    """How much of each lot the pools hold now."""
    wanted = sorted(pools)
    rows = run(
        connection,
        "SELECT pool, lot, CAST(sum(dq) AS BIGINT) FROM k_move"
        f" WHERE pool IN ({marks(wanted)}) AND lot <> '' GROUP BY pool, lot",
        wanted,
    )
    return {(pool, lot): qty for pool, lot, qty in rows}
