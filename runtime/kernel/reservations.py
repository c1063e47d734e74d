"""Goods held for somebody: reserved, used up by issues that name them, released or expired."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from runtime.kernel.amounts import LIMIT, from_atoms, is_finite, to_atoms
from runtime.kernel.commands import Header, Release, Reserve
from runtime.kernel.moves import Move
from runtime.kernel.planned import Planned, Row, day_of, moment
from runtime.kernel.pools import Head, lock_pools
from runtime.kernel.refusals import Problem, Refusal, Refused
from runtime.kernel.registration import Company, Item, find_items, find_warehouses
from runtime.kernel.sql import in_chunks, marks, run
from runtime.kernel.standing import Spot, on_hand_at, pools_at_spot

Extra = tuple[str, Row]

_LAST_EVENT = "e.n = (SELECT max(n) FROM k_reservation_event WHERE reservation = e.reservation)"


@dataclass(frozen=True, slots=True)
class Take:
    """An issue line that names a reservation: what it takes, in atoms, and where."""

    line: int
    reservation: str
    item: int
    warehouse: int
    owner: str
    lot: str
    qty: int


@dataclass(frozen=True, slots=True)
class _Held:
    """A reservation with its last event."""

    id: int
    spot: Spot
    expires: str
    n: int
    pending: int

    def event(self, kind: str, dq: int) -> Extra:
        """The next event of the reservation, for the posting to write."""
        row: Row = (self.id, self.n + 1, None, kind, dq, self.pending + dq)
        return "k_reservation_event", row

    def after(self, event: Row) -> "_Held":
        """The reservation with an event that is about to be written."""
        n, pending = event[1], event[5]
        assert isinstance(n, int), "an event has a number"
        assert isinstance(pending, int), "an event says what is left"
        return replace(self, n=n, pending=pending)


def plan_reserve(connection: Connection, company: Company, command: Reserve) -> Planned | Refused:
    """Hold goods that are there and that nobody else holds."""
    items = find_items(connection, company.id, {command.item}, with_uoms=bool(command.uom))
    places = find_warehouses(connection, company.id, {command.warehouse})
    problem = Problem(None, "", command.item, command.warehouse)
    if command.item not in items:
        return Refused(Refusal.UNKNOWN_ITEM, (problem,))
    if command.warehouse not in places:
        return Refused(Refusal.UNKNOWN_WAREHOUSE, (problem,))
    item = items[command.item]
    asked = _asked(item, command)
    if isinstance(asked, Refused):
        return asked
    spot = Spot(item.id, places[command.warehouse], command.owner, command.lot)
    # Who takes goods from here holds one of these pools, so nobody takes any meanwhile.
    lock_pools(connection, pools_at_spot(connection, spot.anywhere))
    free = _free(connection, spot)
    if asked > free:
        there = from_atoms(max(free, 0), item.atoms_per_base)
        over = Problem(
            None,
            "qty",
            command.item,
            command.warehouse,
            from_atoms(asked, item.atoms_per_base),
            there,
        )
        return Refused(Refusal.RESERVE_EXCEEDS, (over,))
    number = _register(connection, company.id, command, spot)
    made: Row = (number, 1, None, "reserve", asked, asked)
    return _planned(command.header, "reserve", [("k_reservation_event", made)])


def plan_release(connection: Connection, company: Company, command: Release) -> Planned | Refused:
    """Let go of what is still held; nothing held any more is a refusal."""
    held = _find(connection, company.id, {command.reservation}).get(command.reservation)
    if held is None:
        return Refused(Refusal.UNKNOWN_REF, (Problem(field="reservation"),))
    if not held.pending:
        return Refused(Refusal.ALREADY_CANCELLED, (Problem(field="reservation"),))
    if command.expired and not (held.expires and held.expires < day_of(command.header.date)):
        return Refused(Refusal.CANNOT_REVERSE, (Problem(field="reservation", date=held.expires),))
    kind = "expire" if command.expired else "release"
    return _planned(command.header, "release", [held.event(kind, -held.pending)])


def consume(
    connection: Connection, company: int, takes: Sequence[Take], written: Sequence[Extra] = ()
) -> tuple[list[Extra], list[int]]:
    """What issue lines take of the reservations they name, and the lines that name none of theirs.

    A line may take more than is held; the rest comes from what nobody holds. `written` are events
    that the posting writes already. Two postings that take of one reservation at once write the
    same event number; the second is tried again.
    """
    found = _find(connection, company, {take.reservation for take in takes})
    for name, row in written:
        for key, known in list(found.items()):
            if name == "k_reservation_event" and known.id == row[0]:
                found[key] = known.after(row)
    events: list[Extra] = []
    unknown: list[int] = []
    for take in takes:
        held = found.get(take.reservation)
        if held is None or not held.spot.holds(take.item, take.warehouse, take.owner, take.lot):
            unknown.append(take.line)
            continue
        qty = min(held.pending, take.qty)
        if qty:
            events.append(held.event("consume", -qty))
            found[take.reservation] = held.after(events[-1][1])
    return events, unknown


def restore(connection: Connection, posting: int) -> list[Extra]:
    """Hold again what a posting that is undone had used up, unless the rest was let go since."""
    rows = run(
        connection,
        "SELECT r.id, r.item, r.warehouse, r.owner, r.lot, r.expires, e.n, e.pending_after,"
        " (SELECT CAST(sum(c.dq) AS BIGINT) FROM k_reservation_event c"
        " WHERE c.reservation = r.id AND c.posting = ? AND c.kind = 'consume')"
        " FROM k_reservation r JOIN k_reservation_event e ON e.reservation = r.id"
        f" AND {_LAST_EVENT} WHERE r.id IN (SELECT reservation FROM k_reservation_event"
        " WHERE posting = ? AND kind = 'consume') AND NOT EXISTS"
        " (SELECT 1 FROM k_reservation_event o WHERE o.reservation = r.id"
        " AND o.kind IN ('release', 'expire')) ORDER BY r.id",
        (posting, posting),
    )
    return [
        _Held(row[0], Spot(*row[1:5]), row[5], row[6], row[7]).event("restore", -row[8])
        for row in rows
    ]


def refuse_reserved(
    connection: Connection,
    company: Company,
    planned: Planned,
    moves: Iterable[Move],
    heads: Mapping[int, Head],
) -> Refused | None:
    """Refuse to leave less of anything than is held there for somebody; asked under pool locks."""
    changes: dict[Spot, int] = {}
    lines: dict[Spot, Move] = {}
    for move in moves:
        here = Spot(move.item, move.warehouse, heads[move.pool].owner, "")
        for spot in {here, here.of_lot(move.lot)}:
            changes[spot] = changes.get(spot, 0) + move.dq
            lines.setdefault(spot, move)
    held = _held_at(
        connection, company.id, {spot.item for spot, change in changes.items() if change < 0}
    )
    problems: list[Problem] = []
    for spot in held & changes.keys():
        if changes[spot] < 0:
            # Goods costed by lot lie in several pools; reservations bind them together.
            lock_pools(connection, pools_at_spot(connection, spot.anywhere))
            left = on_hand_at(connection, spot) + changes[spot]
            pending = _pending(connection, spot) + _change_of(connection, spot, planned.extras)
            if left < pending:
                problems.append(_uncovered(connection, spot, lines[spot], (left, pending)))
    problems.sort(key=lambda problem: problem.line or 0)
    return Refused(Refusal.RESERVED, tuple(problems)) if problems else None


def _asked(item: Item, command: Reserve) -> int | Refused:
    """How many atoms are asked for, or why they cannot be held."""
    problem = Problem(None, "uom", command.item, command.warehouse)
    factor = item.factor(command.uom)
    if factor is None:
        return Refused(Refusal.UNKNOWN_UOM, (problem,))
    if item.allows_negative:
        # What may be taken without being there cannot be promised.
        return Refused(Refusal.BAD_POLICY, (Problem(None, "item", command.item),))
    atoms = None
    if is_finite(command.qty):
        atoms = to_atoms(command.qty, item.atoms_per_base, factor)
    if atoms is None or not 0 < atoms < LIMIT:
        return Refused(Refusal.BAD_QTY, (Problem(None, "qty", command.item, command.warehouse),))
    return atoms


def _held_at(connection: Connection, company: int, items: Iterable[int]) -> set[Spot]:
    """Where something of the items is held: the places, and the lots that are named."""
    spots: set[Spot] = set()
    for chunk in in_chunks(sorted(items)):
        for row in run(
            connection,
            "SELECT r.item, r.warehouse, r.owner, r.lot FROM k_reservation r"
            f" JOIN k_reservation_event e ON e.reservation = r.id AND {_LAST_EVENT}"
            f" WHERE r.company = ? AND r.item IN ({marks(chunk)}) AND e.pending_after > 0",
            (company, *chunk),
        ):
            spot = Spot(*row)
            spots |= {spot, spot.anywhere}
    return spots


def _free(connection: Connection, spot: Spot) -> int:
    """What is there and not held; of a lot also not more than is free of all lots together."""
    spots = {spot, spot.anywhere}
    return min(on_hand_at(connection, each) - _pending(connection, each) for each in spots)


def _pending(connection: Connection, spot: Spot) -> int:
    """What is held at a spot: of a lot what names it, of the whole place all of it."""
    condition = "r.item = ? AND r.warehouse = ? AND r.owner = ?"
    params: tuple[int | str, ...] = spot.place
    if spot.lot:
        condition, params = f"{condition} AND r.lot = ?", (*params, spot.lot)
    rows = run(
        connection,
        "SELECT CAST(coalesce(sum(e.pending_after), 0) AS BIGINT) FROM k_reservation r"
        f" JOIN k_reservation_event e ON e.reservation = r.id AND {_LAST_EVENT}"
        f" WHERE {condition}",
        params,
    )
    return int(rows[0][0])


def _change_of(connection: Connection, spot: Spot, extras: Sequence[Extra]) -> int:
    """What the posting's own events change of what is held at a spot."""
    changed = 0
    for name, row in extras:
        if name == "k_reservation_event":
            number, dq = row[0], row[4]
            assert isinstance(dq, int), "an event changes a whole number of atoms"
            found = run(
                connection,
                "SELECT item, warehouse, owner, lot FROM k_reservation WHERE id = ?",
                (number,),
            )
            changed += dq if spot.covers(Spot(*found[0])) else 0
    return changed


def _uncovered(connection: Connection, spot: Spot, move: Move, left: tuple[int, int]) -> Problem:
    key, per_base, place = run(
        connection,
        "SELECT i.key, i.atoms_per_base, w.key FROM k_item i, k_warehouse w"
        " WHERE i.id = ? AND w.id = ?",
        (spot.item, spot.warehouse),
    )[0]
    there, pending = left
    return Problem(
        move.line, "qty", key, place, from_atoms(pending, per_base), from_atoms(there, per_base)
    )


def _find(connection: Connection, company: int, keys: Iterable[str]) -> dict[str, _Held]:
    wanted = sorted(set(keys))
    rows = run(
        connection,
        "SELECT r.key, r.id, r.item, r.warehouse, r.owner, r.lot, r.expires, e.n, e.pending_after"
        " FROM k_reservation r JOIN k_reservation_event e ON e.reservation = r.id"
        f" AND {_LAST_EVENT} WHERE r.company = ? AND r.key IN ({marks(wanted)})",
        (company, *wanted),
    )
    return {row[0]: _Held(row[1], Spot(*row[2:6]), *row[6:]) for row in rows}


def _register(connection: Connection, company: int, command: Reserve, spot: Spot) -> int:
    expires = "" if command.expires is None else day_of(command.expires)
    rows = run(
        connection,
        "INSERT INTO k_reservation (company, key, item, warehouse, owner, lot, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (company, command.header.key, *spot.place, spot.lot, expires),
    )
    return int(rows[0][0])


def _planned(header: Header, kind: str, extras: Sequence[Extra]) -> Planned:
    at = moment(header.date, 0, in_sequence=True)
    return Planned(kind, day_of(header.date), at, (), extras=tuple(extras))
