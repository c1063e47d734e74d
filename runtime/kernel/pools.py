"""Cost pools: found or made, locked in the order of their ids, read at their heads."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from runtime.kernel.accounts import account_of, rules_of_accounts
from runtime.kernel.sql import in_chunks, marks, run

# Item, warehouse, owner, lot.
PoolKey = tuple[int, int, str, str]
Moment = tuple[int, int]

BEFORE_ALL: Moment = (-(2**62), -(2**62))
AFTER_ALL: Moment = (2**62, 2**62)


@dataclass(frozen=True, slots=True)
class Head:
    """What a pool holds now: its last entry, the latest business moment of its moves, itself."""

    n: int
    qty: int
    value: int
    latest: Moment
    state: str
    item: int
    warehouse: int
    owner: str
    lot: str
    account: str


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
        _make_pools(connection, company, missing)
        found = _select_pools(connection, company, wanted)
    return {key: found[key] for key in wanted}


def pools_of_item(connection: Connection, item: int) -> list[tuple[int, int]]:
    """Every pool of an item with its warehouse."""
    rows = run(connection, "SELECT id, warehouse FROM k_pool WHERE item = ? ORDER BY id", (item,))
    return [(number, warehouse) for number, warehouse in rows]


def _make_pools(connection: Connection, company: int, missing: Sequence[PoolKey]) -> None:
    # Always in the same order, so that two sessions that make the same pools do not deadlock.
    either = "" if connection.dialect.name == "sqlite" else " ON CONFLICT DO NOTHING"
    rules = rules_of_accounts(connection, company)
    items = sorted({key[0] for key in missing})
    places = sorted({key[1] for key in missing})
    groups = dict(
        run(connection, f"SELECT id, item_group FROM k_item WHERE id IN ({marks(items)})", items)
    )
    names = dict(
        run(connection, f"SELECT id, key FROM k_warehouse WHERE id IN ({marks(places)})", places)
    )
    for item, warehouse, owner, lot in missing:
        account = account_of(rules, "*", "stock", groups[item], names[warehouse])
        run(
            connection,
            "INSERT INTO k_pool (company, item, warehouse, owner, lot, account)"
            f" VALUES (?, ?, ?, ?, ?, ?){either}",
            (company, item, warehouse, owner, lot, account),
        )


def _select_pools(
    connection: Connection, company: int, keys: Sequence[PoolKey]
) -> dict[PoolKey, Pool]:
    if not keys:
        return {}
    columns = [sorted({key[place] for key in keys}, key=str) for place in range(4)]
    rows = run(
        connection,
        "SELECT item, warehouse, owner, lot, id,"
        " (SELECT at FROM k_pool_entry WHERE pool = k_pool.id ORDER BY n DESC LIMIT 1)"
        " FROM k_pool WHERE company = ?"
        f" AND item IN ({marks(columns[0])}) AND warehouse IN ({marks(columns[1])})"
        f" AND owner IN ({marks(columns[2])}) AND lot IN ({marks(columns[3])})",
        (company, *(value for column in columns for value in column)),
    )
    return {
        (item, warehouse, owner, lot): Pool(number, BEFORE_ALL[0] if at is None else at)
        for item, warehouse, owner, lot, number, at in rows
    }


class OutOfOrderError(Exception):
    """Locks were asked for in an order in which two postings could wait for each other."""

    def __init__(self, pools: set[int]) -> None:
        super().__init__(pools)
        self.pools = pools


@dataclass(slots=True)
class _Locks:
    """Which pools this posting holds, and whether it can go back to before it held any."""

    held: set[int]
    is_saved: bool


_LOCKS = "k_locks"


def begin_locks(connection: Connection, pools: Iterable[int] = ()) -> None:
    """Forget what an earlier posting held; hold at once what an earlier try found it needs."""
    wanted = set(pools)
    if wanted:
        run(connection, f"ROLLBACK TO SAVEPOINT {_LOCKS}")
    connection.info[_LOCKS] = _Locks(set(), is_saved=bool(wanted))
    lock_pools(connection, wanted)


def lock_pools(connection: Connection, pools: Iterable[int]) -> None:
    """Lock the pools in ascending order; SQLite's one writer has locked everything already.

    A pool that comes before one that is held is not waited for: everything is let go, and taken
    again in one order (`begin_locks`). Whoever waited out of order would meet the same others at
    every try.
    """
    if connection.dialect.name == "sqlite":
        return
    locks = connection.info.setdefault(_LOCKS, _Locks(set(), is_saved=False))
    wanted = sorted(set(pools) - locks.held)
    if not wanted:
        return
    if locks.held and wanted[0] < max(locks.held):
        raise OutOfOrderError(locks.held | set(wanted))
    if not locks.is_saved:
        run(connection, f"SAVEPOINT {_LOCKS}")
        locks.is_saved = True
    run(
        connection,
        "SELECT id FROM k_pool WHERE id = ANY(CAST(? AS BIGINT[])) ORDER BY id FOR NO KEY UPDATE",
        (wanted,),  # type: ignore[arg-type]
    )
    locks.held |= set(wanted)


def heads(connection: Connection, pools: Iterable[int]) -> dict[int, Head]:
    """The heads of the pools."""
    found: dict[int, Head] = {}
    for chunk in in_chunks(sorted(pools)):
        rows = run(
            connection,
            "SELECT p.id, e.n, e.q_after, e.v_after, e.at, e.ord, e.state, p.item, p.warehouse,"
            " p.owner, p.lot, p.account FROM k_pool p LEFT JOIN k_pool_entry e ON e.pool = p.id"
            " AND e.n = (SELECT max(n) FROM k_pool_entry WHERE pool = p.id)"
            f" WHERE p.id IN ({marks(chunk)})",
            chunk,
        )
        for number, n, qty, value, at, order, state, *itself in rows:
            if n is None:
                found[number] = Head(0, 0, 0, BEFORE_ALL, "", *itself)
            else:
                found[number] = Head(n, qty, value, (at, order), state, *itself)
    return found


@dataclass(frozen=True, slots=True)
class Footing:
    """What a pool held when its latest business moment was `latest`; nothing before is unread."""

    qty: int
    value: int
    state: str
    latest: Moment


_ENTRIES_AT_ONCE = 256


def base_before(connection: Connection, pool: int, start: Moment) -> Footing:
    """The latest state of a pool that holds whatever came to it from the moment on.

    Entries stand in the order in which they were made. One is a state of business time as long as
    no later entry changed anything at or before its own latest moment; so we go back from the head
    until one lies before the moment and before all that later entries touched.
    """
    found = run(
        connection,
        "SELECT n, at, ord FROM k_pool_entry WHERE pool = ? AND (at, ord) < (?, ?)"
        " ORDER BY n DESC LIMIT 1",
        (pool, *start),
    )
    if not found:
        return Footing(0, 0, "", BEFORE_ALL)
    n, at, order = found[0]
    disturbed = run(
        connection,
        "SELECT 1 FROM k_pool_entry WHERE pool = ? AND n > ? AND (from_at, from_ord) <= (?, ?)"
        " LIMIT 1",
        (pool, n, at, order),
    )
    return _go_back(connection, pool, start) if disturbed else _footing(connection, pool, n)


def _footing(connection: Connection, pool: int, n: int) -> Footing:
    rows = run(
        connection,
        "SELECT q_after, v_after, state, at, ord FROM k_pool_entry WHERE pool = ? AND n = ?",
        (pool, n),
    )
    qty, value, state, at, order = rows[0]
    return Footing(qty, value, state, (at, order))


def _go_back(connection: Connection, pool: int, start: Moment) -> Footing:
    """The same entry by entry, where late documents came before."""
    earliest, n = start, 2**62
    while True:
        rows = run(
            connection,
            "SELECT n, at, ord, from_at, from_ord FROM k_pool_entry"
            f" WHERE pool = ? AND n < ? ORDER BY n DESC LIMIT {_ENTRIES_AT_ONCE}",
            (pool, n),
        )
        for n, at, order, from_at, from_order in rows:
            if (at, order) < earliest:
                return _footing(connection, pool, n)
            earliest = min(earliest, (from_at, from_order))
        if len(rows) < _ENTRIES_AT_ONCE:
            return Footing(0, 0, "", BEFORE_ALL)
