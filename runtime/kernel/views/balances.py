"""Quantity and value of item, warehouse and owner: now, at the end of a day, or as known then.

The past is read from the nearest end: from what the last closed month before it held, or from
what there is now, and from the moves in between.
"""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from runtime.kernel.amounts import Rounding, round_ratio
from runtime.kernel.periods import closings, next_month, start_of_month
from runtime.kernel.sql import Params, marks, run

FOREVER = 2**62
_HEAD = "e.n = (SELECT max(n) FROM k_pool_entry WHERE pool = p.id)"
_POSITION_HEAD = "e.n = (SELECT max(n) FROM k_position_entry WHERE position = q.id)"
# The position of a whole warehouse, which only goods costed by company have.
_WHOLE_PLACE = "q.lot = '' AND q.serial = '' AND q.bin = ''"

# Item, warehouse and owner.
Place = tuple[int, int, str]
# Quantity and value in atoms and minor units.
Held = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a company is asked for."""

    company: int
    items: tuple[str, ...] | None = None
    warehouse: str | None = None

    @property
    def condition(self) -> tuple[str, list[int | str]]:
        """The condition on pools `p`, their items `i` and warehouses `w`."""
        text, params = "p.company = ?", list[int | str]([self.company])
        if self.items is not None:
            text += f" AND i.key IN ({marks(self.items)})"
            params += self.items
        if self.warehouse is not None:
            text += " AND w.key IN (?, '*')"
            params.append(self.warehouse)
        return text, params

    @property
    def pools(self) -> str:
        """The pools `p`, joined with what the condition speaks of."""
        text = "k_pool p"
        if self.items is not None:
            text += " JOIN k_item i ON i.id = p.item"
        if self.warehouse is not None:
            text += " JOIN k_warehouse w ON w.id = p.warehouse"
        return text


@dataclass(frozen=True, slots=True)
class _From:
    """Where a reading of the past starts: a closing's snapshot, nothing, or what there is now."""

    posting: int | None
    first: int
    last: int
    sign: int
    is_head: bool = False


@dataclass(slots=True)
class Standing:
    """What places held; items with their keys and atoms per base unit, warehouses with theirs."""

    scale: int
    items: dict[int, tuple[str, int]] = field(default_factory=dict)
    warehouses: dict[int, str] = field(default_factory=dict)
    held: dict[Place, Held] = field(default_factory=dict)


# A pool, its item, warehouse and owner; the item's key and atoms; what it held at the start.
_PoolRow = tuple[int, int, int, str, str, int, int, int]
# A pool with its place and what it held at the start of a reading.
_Pool = tuple[int, Place, Held]


@dataclass(slots=True)
class _Reading:
    """Pools at the start of a reading, and what they gained in it: by warehouse, and by filling."""

    wanted: Wanted
    base: _From
    flows: dict[int, dict[int, Held]]
    late: dict[int, int]
    # Pools that stand for all warehouses of the company.
    shared: list[_Pool] = field(default_factory=list)

    def total(self, pool: int, held: Held) -> Held:
        """What a pool held at the end of the reading."""
        qty, value = held
        for dq, dv in self.flows.get(pool, {}).values():
            qty += dq
            value += dv
        return qty, value + self.late.get(pool, 0)


def standing(
    connection: Connection, wanted: Wanted, end: int = FOREVER, known_at: int | None = None
) -> Standing:
    """What every place held just before a business moment, by what was known at a sequence number.

    Goods costed by company have one value for all warehouses; each is shown its share of it.
    """
    base = _nearest(connection, wanted.company, end, known_at)
    pools = _pools(connection, wanted, base)
    was_short = base.posting is not None and any(row[6] < 0 for row in pools)
    reading = _Reading(
        wanted,
        base,
        _flows(connection, wanted, base, known_at),
        _filled_later(connection, wanted, base, known_at) if was_short else {},
    )
    scale = run(connection, "SELECT value_scale FROM k_company WHERE id = ?", (wanted.company,))
    warehouses = run(
        connection, "SELECT id, key FROM k_warehouse WHERE company = ?", (wanted.company,)
    )
    found = Standing(scale[0][0], warehouses=dict(warehouses))
    _add_up(pools, reading, found)
    if reading.shared:
        _share(connection, reading, found)
    if wanted.warehouse is not None:
        own = {number for number, key in found.warehouses.items() if key == wanted.warehouse}
        found.held = {place: held for place, held in found.held.items() if place[1] in own}
    return found


def _add_up(pools: Iterable[_PoolRow], reading: _Reading, into: Standing) -> None:
    """Pools by place: the lots of an item in a warehouse together."""
    held, items, flows, late = into.held, into.items, reading.flows, reading.late
    whole = {number for number, key in into.warehouses.items() if key == "*"}
    for number, item, warehouse, owner, key, per_base, qty, value in pools:
        items[item] = (key, per_base)
        place, total = (item, warehouse, owner), (qty, value)
        if warehouse in whole:
            reading.shared.append((number, place, total))
            continue
        if number in flows or number in late:
            total = reading.total(number, total)
        if place in held:
            before = held[place]
            total = (total[0] + before[0], total[1] + before[1])
        held[place] = total


def _nearest(connection: Connection, company: int, end: int, known_at: int | None) -> _From:
    if known_at is None and end >= FOREVER:
        return _From(None, FOREVER, FOREVER, 1, is_head=True)
    base = _From(None, -FOREVER, end, 1)
    for closing in closings(connection, company, known_at):
        month_end = start_of_month(next_month(closing.ym))
        if month_end <= end:
            base = _From(closing.posting, month_end, end, 1)
    # At a month's end the snapshot says it all.
    if known_at is None and base.first < base.last and _is_nearer_to_now(connection, company, base):
        return _From(None, end, FOREVER, -1, is_head=True)
    return base


# Looked back so far to tell on which side of a moment fewer movements lie.
_LOOKED_AT = 1000


def _is_nearer_to_now(connection: Connection, company: int, base: _From) -> bool:
    """Whether fewer movements lie after the end of a reading than between its start and its end."""
    rows = run(
        connection,
        "SELECT at, n_moves FROM k_posting WHERE company = ? AND n_moves > 0"
        f" ORDER BY seq DESC LIMIT {_LOOKED_AT}",
        (company,),
    )
    if len(rows) == _LOOKED_AT:
        # What lies further back is not counted but guessed by the time it takes up.
        last = int(rows[0][0])
        return max(last - base.last, 0) < base.last - base.first
    between = sum(int(moves) for at, moves in rows if base.first <= at < base.last)
    return sum(int(moves) for at, moves in rows if at >= base.last) < between


def _pools(connection: Connection, wanted: Wanted, base: _From) -> list[_PoolRow]:
    """Every pool in the order of places."""
    condition, params = wanted.condition
    first: Params = ()
    if base.is_head:
        figures = "e.q_after, e.v_after"
        source = f"JOIN k_pool_entry e ON e.pool = p.id AND {_HEAD}"
    elif base.posting is not None:
        figures = "coalesce(s.q, 0), coalesce(s.v, 0)"
        source = "LEFT JOIN k_snapshot s ON s.posting = ? AND s.pool = p.id"
        first = (base.posting,)
    else:
        figures, source = "0, 0", ""
    place = "" if wanted.warehouse is None else "JOIN k_warehouse w ON w.id = p.warehouse"
    return run(
        connection,
        f"SELECT p.id, p.item, p.warehouse, p.owner, i.key, i.atoms_per_base, {figures}"
        f" FROM k_pool p JOIN k_item i ON i.id = p.item {place} {source}"
        f" WHERE {condition} ORDER BY p.item, p.warehouse, p.owner, p.lot",
        (*first, *params),
    )


def _flows(
    connection: Connection, wanted: Wanted, base: _From, known_at: int | None
) -> dict[int, dict[int, Held]]:
    """What pools gained between start and end of the reading, by warehouse."""
    if base.first >= base.last:
        return {}
    condition, params = wanted.condition
    known, value_known, first, late = "", "", list[int](), list[int]()
    if known_at is not None:
        known = " JOIN k_posting h ON h.id = m.posting AND h.seq <= ?"
        value_known = " AND v.posting IN (SELECT id FROM k_posting WHERE company = ? AND seq <= ?)"
        first, late = [wanted.company, known_at], [known_at]
    rows = run(
        connection,
        "SELECT m.pool, m.warehouse, CAST(sum(m.dq) AS BIGINT), CAST(sum(coalesce("
        f"(SELECT sum(v.dv) FROM k_value_entry v WHERE v.move = m.id{value_known}), 0)) AS BIGINT)"
        f" FROM {wanted.pools} JOIN k_move m ON m.pool = p.id AND m.at >= ? AND m.at < ?{known}"
        f" WHERE {condition} GROUP BY m.pool, m.warehouse",
        (*first, base.first, base.last, *late, *params),
    )
    found: dict[int, dict[int, Held]] = {}
    for pool, warehouse, dq, dv in rows:
        found.setdefault(pool, {})[warehouse] = (base.sign * dq, base.sign * dv)
    return found


def _filled_later(
    connection: Connection, wanted: Wanted, base: _From, known_at: int | None
) -> dict[int, int]:
    """What filling a shortage that was there at a closing changed of what had gone short.

    It is booked on the move that went short, which lies before the closing.
    """
    if base.posting is None:
        return {}
    condition, params = wanted.condition
    known = FOREVER if known_at is None else known_at
    rows = run(
        connection,
        f"SELECT s.pool, CAST(sum(v.dv) AS BIGINT) FROM {wanted.pools}"
        " JOIN k_snapshot s ON s.pool = p.id JOIN k_move m ON m.pool = p.id AND m.at < ?"
        " JOIN k_value_entry v ON v.move = m.id"
        " JOIN k_posting h ON h.id = v.posting AND h.at < ? AND h.seq <= ? AND h.seq >"
        " (SELECT seq FROM k_posting WHERE id = s.posting)"
        f" WHERE s.posting = ? AND s.q < 0 AND {condition} GROUP BY s.pool",
        (base.first, base.last, known, base.posting, *params),
    )
    return dict(rows)


def _share(connection: Connection, reading: _Reading, into: Standing) -> None:
    """Quantities by warehouse of goods costed by company, and each warehouse's share of value."""
    places = _positions(connection, reading)
    worth: dict[tuple[int, str], int] = {}
    for number, (item, _, owner), held in reading.shared:
        worth[item, owner] = worth.get((item, owner), 0) + reading.total(number, held)[1]
        for warehouse, (dq, _dv) in reading.flows.get(number, {}).items():
            place = (item, warehouse, owner)
            places[place] = places.get(place, 0) + dq
    own: dict[tuple[int, str], list[Place]] = {}
    for place in sorted(places):
        own.setdefault((place[0], place[2]), []).append(place)
    for key, value in worth.items():
        here = own.get(key, [])
        into.held.update(_shares(here, [places[place] for place in here], value))
    into.held = dict(sorted(into.held.items()))


def _shares(
    places: Sequence[Place], qtys: Sequence[int], value: int
) -> Iterable[tuple[Place, Held]]:
    """The value by quantity; differences of rounded running totals, so that parts add up."""
    whole = sum(qtys)
    upto = given = 0
    for place, qty in zip(places, qtys, strict=True):
        upto += qty
        share = round_ratio(value * upto, whole, Rounding.HALF_UP) if whole > 0 else value
        yield place, (qty, share - given)
        given = share


def _positions(connection: Connection, reading: _Reading) -> dict[Place, int]:
    """What was in whole warehouses at the start of the reading, of goods costed by company."""
    base = reading.base
    if base.posting is None and not base.is_head:
        return {}
    condition, params = "i.company = ? AND i.scope = 'company'", list[int | str]()
    if reading.wanted.items is not None:
        condition += f" AND i.key IN ({marks(reading.wanted.items)})"
        params += reading.wanted.items
    first: Params = ()
    if base.is_head:
        qty = "e.q_after"
        source = f"k_position_entry e ON e.position = q.id AND {_POSITION_HEAD}"
    else:
        qty = "s.q"
        source = "k_snapshot_position s ON s.posting = ? AND s.position = q.id"
        first = (base.posting,)
    rows = run(
        connection,
        f"SELECT q.item, q.warehouse, q.owner, {qty} FROM k_item i JOIN k_position q"
        f" ON q.item = i.id AND {_WHOLE_PLACE} JOIN {source} WHERE {condition}",
        (*first, reading.wanted.company, *params),
    )
    return {(item, warehouse, owner): held for item, warehouse, owner, held in rows}
