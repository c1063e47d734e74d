"""Quantity and value of item, warehouse and owner: now, at the end of a day, or as known then.

The past is read from the nearest end: from what the last closed month before it held, or from
what there is now, and from the moves in between.
"""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

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
        """The condition on pools `p` or positions, items `i` and warehouses `w`."""
        text, params = "i.company = ?", list[int | str]([self.company])
        if self.items is not None:
            text += f" AND i.key IN ({marks(self.items)})"
            params += self.items
        if self.warehouse is not None:
            text += " AND w.key IN (?, '*')"
            params.append(self.warehouse)
        return text, params


@dataclass(frozen=True, slots=True)
class Names:
    """What a place is called, and how its figures are spelled."""

    item: str
    warehouse: str
    owner: str
    per_base: int
    scale: int


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
    """What places held, in the order of items and warehouses, with their names."""

    names: dict[Place, Names]
    held: dict[Place, Held]


def standing(
    connection: Connection, wanted: Wanted, end: int = FOREVER, known_at: int | None = None
) -> Standing:
    """What every place held just before a business moment, by what was known at a sequence number.

    Goods costed by company have one value for all warehouses; each is shown its share of it.
    """
    base = _nearest(connection, wanted.company, end, known_at)
    reading = _Reading(_pools(connection, wanted, base), _flows(connection, wanted, base, known_at))
    for pool, dv in _filled_later(connection, wanted, base, known_at).items():
        reading.late[pool] = dv
    found = Standing({}, {})
    _add_up(reading, found)
    if any(pool.names.warehouse == "*" for pool in reading.pools.values()):
        _share(connection, wanted, base, (reading, found))
    if wanted.warehouse is not None:
        for place in [one for one in found.held if found.names[one].warehouse != wanted.warehouse]:
            del found.held[place]
    return found


def _add_up(reading: "_Reading", into: Standing) -> None:
    """Pools by place: the lots of an item in a warehouse together."""
    held, names = into.held, into.names
    flows, late = reading.flows, reading.late
    for number, pool in reading.pools.items():
        if pool.names.warehouse == "*":
            continue
        total = pool.held
        if number in flows or number in late:
            total = reading.total(number)
        place = pool.place
        if place in held:
            before = held[place]
            total = (total[0] + before[0], total[1] + before[1])
        held[place] = total
        names[place] = pool.names


def _nearest(connection: Connection, company: int, end: int, known_at: int | None) -> _From:
    if known_at is None and end >= FOREVER:
        return _From(None, FOREVER, FOREVER, 1, is_head=True)
    base = _From(None, -FOREVER, end, 1)
    for closing in closings(connection, company, known_at):
        month_end = start_of_month(next_month(closing.ym))
        if month_end <= end:
            base = _From(closing.posting, month_end, end, 1)
    if known_at is None:
        last = run(
            connection, "SELECT at FROM k_posting WHERE company = ? ORDER BY seq DESC LIMIT 1",
            (company,),
        )  # fmt: skip
        if last and last[0][0] - end < end - base.first:
            return _From(None, end, FOREVER, -1, is_head=True)
    return base


@dataclass(frozen=True, slots=True)
class _Pool:
    """A pool with what it held at the start of a reading."""

    place: Place
    names: Names
    held: Held


@dataclass(slots=True)
class _Reading:
    """Pools at the start of a reading, and what they gained in it: by warehouse, and by filling."""

    pools: dict[int, _Pool]
    flows: dict[int, dict[int, Held]]
    late: dict[int, int] = field(default_factory=dict)

    def total(self, pool: int) -> Held:
        """What a pool held at the end of the reading."""
        qty, value = self.pools[pool].held
        moved = self.flows.get(pool, {}).values()
        return (
            qty + sum(dq for dq, _ in moved),
            value + sum(dv for _, dv in moved) + self.late.get(pool, 0),
        )


def _pools(connection: Connection, wanted: Wanted, base: _From) -> dict[int, _Pool]:
    """Every pool with what it held at the start of the reading."""
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
    rows = run(
        connection,
        "SELECT p.id, i.id, w.id, p.owner, i.key, w.key, i.atoms_per_base, k.value_scale,"
        f" {figures} FROM k_item i JOIN k_company k ON k.id = i.company"
        f" JOIN k_pool p ON p.item = i.id JOIN k_warehouse w ON w.id = p.warehouse {source}"
        f" WHERE {condition} ORDER BY i.id, w.id, p.owner, p.id",
        (*first, *params),
    )
    return {
        number: _Pool((item, place, owner), Names(key, title, owner, per_base, scale), (qty, value))
        for number, item, place, owner, key, title, per_base, scale, qty, value in rows
    }


def _flows(
    connection: Connection, wanted: Wanted, base: _From, known_at: int | None
) -> dict[int, dict[int, Held]]:
    """What pools gained between start and end of the reading, by warehouse."""
    if base.first >= base.last:
        return {}
    condition, params = wanted.condition
    known, value_known, bounds = "", "", list[int]([base.first, base.last])
    if known_at is not None:
        known = " JOIN k_posting h ON h.id = m.posting AND h.seq <= ?"
        value_known = " AND v.posting IN (SELECT id FROM k_posting WHERE company = ? AND seq <= ?)"
    value = f"(SELECT sum(v.dv) FROM k_value_entry v WHERE v.move = m.id{value_known})"
    joined = (
        "FROM k_item i JOIN k_pool p ON p.item = i.id JOIN k_warehouse w ON w.id = p.warehouse"
        f" JOIN k_move m ON m.pool = p.id AND m.at >= ? AND m.at < ?{known}"
    )
    first: Params = () if known_at is None else (wanted.company, known_at)
    late: Params = () if known_at is None else (known_at,)
    rows = run(
        connection,
        "SELECT m.pool, m.warehouse, CAST(sum(m.dq) AS BIGINT),"
        f" CAST(sum(coalesce({value}, 0)) AS BIGINT)"
        f" {joined} WHERE {condition} GROUP BY m.pool, m.warehouse",
        (*first, *bounds, *late, *params),
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
        "SELECT s.pool, CAST(sum(v.dv) AS BIGINT) FROM k_snapshot s JOIN k_pool p ON p.id = s.pool"
        " JOIN k_item i ON i.id = p.item JOIN k_warehouse w ON w.id = p.warehouse"
        " JOIN k_move m ON m.pool = p.id AND m.at < ? JOIN k_value_entry v ON v.move = m.id"
        " JOIN k_posting h ON h.id = v.posting AND h.at < ? AND h.seq <= ? AND h.seq >"
        " (SELECT seq FROM k_posting WHERE id = s.posting)"
        f" WHERE s.posting = ? AND s.q < 0 AND {condition} GROUP BY s.pool",
        (base.first, base.last, known, base.posting, *params),
    )
    return dict(rows)


def _share(
    connection: Connection, wanted: Wanted, base: _From, known: tuple[_Reading, Standing]
) -> None:
    """Quantities by warehouse of goods costed by company, and each warehouse's share of value."""
    reading, into = known
    places = _positions(connection, wanted, base)
    worth: dict[tuple[int, str], int] = {}
    called: dict[tuple[int, str], Names] = {}
    for number, pool in reading.pools.items():
        if pool.names.warehouse != "*":
            continue
        item, _, owner = pool.place
        called[item, owner] = pool.names
        worth[item, owner] = worth.get((item, owner), 0) + reading.total(number)[1]
        for warehouse, (dq, _dv) in reading.flows.get(number, {}).items():
            place = (item, warehouse, owner)
            places[place] = places.get(place, 0) + dq
    titles = dict(
        run(connection, "SELECT id, key FROM k_warehouse WHERE company = ?", (wanted.company,))
    )
    for (item, owner), value in worth.items():
        here = [place for place in sorted(places) if (place[0], place[2]) == (item, owner)]
        into.held.update(_shares(here, [places[place] for place in here], value))
        for place in here:
            into.names[place] = replace(called[item, owner], warehouse=titles[place[1]])


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


def _positions(connection: Connection, wanted: Wanted, base: _From) -> dict[Place, int]:
    """What was in whole warehouses at the start of the reading, of goods costed by company."""
    if base.posting is None and not base.is_head:
        return {}
    condition, params = Wanted(wanted.company, wanted.items).condition
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
        (*first, *params),
    )
    return {(item, warehouse, owner): held for item, warehouse, owner, held in rows}
