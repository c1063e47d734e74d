"""The auditor: value every effective document again from nothing and compare with the books."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from runtime.kernel.costing import Book, Walker
from runtime.kernel.moves import Move, stream_effective
from runtime.kernel.periods import Closing, closings, day_at, month_of, next_month, start_of_month
from runtime.kernel.pools import Head, heads
from runtime.kernel.positions import PlaceKey, places_of
from runtime.kernel.registration import (
    COMPANY_COLUMNS,
    Company,
    Item,
    as_company,
    items_by_id,
)
from runtime.kernel.sql import in_chunks, run

# All that is wrong could be as long as the ledger; the first few tell where to look.
_SHOWN = 5
# Only these may take what is not there, and only where a policy of the item lets them.
_MAY_GO_SHORT = frozenset({"issue", "purchase_return"})
_COUNTS = frozenset({"count_gain", "count_loss"})
# What facts that contradict each other make of a valuation.
_CONTRADICTIONS = (AssertionError, LookupError, ArithmeticError, ValueError, TypeError)

State = tuple[int, int, str]


@dataclass(slots=True)
class Replayed:
    """What the replay found: figures that are something else, shortages, serials in two places."""

    moves: int = 0
    pools: int = 0
    snapshots: int = 0
    serials: int = 0
    wrong_values: list[str] = field(default_factory=list)
    wrong_balances: list[str] = field(default_factory=list)
    wrong_states: list[str] = field(default_factory=list)
    shortages: list[str] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)


def replay(connection: Connection) -> Replayed:
    """Replay the books of every company; memory is bounded by pools and one month's moves."""
    found = Replayed()
    for row in run(connection, f"SELECT {COMPANY_COLUMNS} FROM k_company c ORDER BY c.id"):
        _Audit(connection, as_company(row), found).run()
    return found


class _Audit:
    """The books of one company, a month at a time."""

    def __init__(self, connection: Connection, company: Company, found: Replayed) -> None:
        self._connection, self._company, self._found = connection, company, found
        pools = _ids(connection, "SELECT id FROM k_pool WHERE company = ?", company.id)
        self._heads: dict[int, Head] = heads(connection, pools)
        self._items: dict[int, Item] = _items(connection, company.id)
        self._walker = Walker(
            Book(
                openings={},
                policies={number: item.policies for number, item in self._items.items()},
                pool_items={number: head.item for number, head in self._heads.items()},
                rounding=company.rounding,
            ),
            frozenset(_ids(connection, _CONTINUED_LATER, company.id)),
        )
        self._states: dict[int, State] = {}
        self._held = _Held(self._heads, self._items, found)
        # What issues that went short were corrected by: it may come months later.
        self._trued_live: dict[int, int] = {}
        self._trued_again: dict[int, int] = {}
        self._closings: list[Closing] = closings(connection, company.id)

    def run(self) -> None:
        """Every month in order, then what the books say now."""
        stream = stream_effective(self._connection, self._company.id)
        try:
            for ym, moves in _months(stream):
                self._snapshots_before(ym)
                self._month(moves)
            self._snapshots_before("9999-13")
        except _CONTRADICTIONS as contradiction:
            reason = type(contradiction).__name__
            _note(self._found.wrong_values, f"company {self._company.code}: {reason}")
            # Read to the end, so that the database lets go of what it streams.
            deque(stream, maxlen=0)
            return
        self._held.finish()
        self._true_ups()
        self._balances()
        self._positions()

    def _month(self, moves: list[Move]) -> None:
        for move in moves:
            self._held.count(move)
        valued = self._walker.feed(moves)
        self._states = valued.states
        for code, move in valued.problems:
            _note(self._found.wrong_values, f"move {move.id}: {code}")
        for move in moves:
            self._found.moves += 1
            self._compare(move, valued.values.get(move.id, {}))
        for number, values in valued.values.items():
            if "true_up" in values:
                self._trued_again[number] = values["true_up"]

    def _compare(self, move: Move, again: dict[str, int]) -> None:
        live = {role: value for role, value in move.values.items() if value}
        replayed = {role: value for role, value in again.items() if value and role != "true_up"}
        if "true_up" in live:
            self._trued_live[move.id] = live.pop("true_up")
        if live != replayed:
            _note(self._found.wrong_values, f"move {move.id}: {live} but replayed {replayed}")

    def _true_ups(self) -> None:
        for number in sorted(self._trued_live.keys() | self._trued_again.keys()):
            live, again = self._trued_live.get(number, 0), self._trued_again.get(number, 0)
            if live != again:
                text = f"move {number}: true-up {live} but replayed {again}"
                _note(self._found.wrong_values, text)

    def _balances(self) -> None:
        for pool, head in sorted(self._heads.items()):
            self._found.pools += 1
            qty, value, state = self._states.get(pool, (0, 0, ""))
            if (head.qty, head.value) != (qty, value):
                text = f"pool {pool}: {(head.qty, head.value)} but replayed {(qty, value)}"
                _note(self._found.wrong_balances, text)
            elif head.state != state:
                text = f"pool {pool}: state {head.state!r} but replayed {state!r}"
                _note(self._found.wrong_states, text)

    def _positions(self) -> None:
        for place, number, qty in _positions_now(self._connection, self._company.id):
            if qty != self._held.places.get(place, 0):
                text = f"position {number}: {qty} but replayed {self._held.places.get(place, 0)}"
                _note(self._found.wrong_balances, text)

    def _snapshots_before(self, ym: str) -> None:
        """Compare the snapshots of closed months that end before a month begins."""
        while self._closings and self._closings[0].ym < ym:
            closing = self._closings.pop(0)
            self._found.snapshots += 1
            self._snapshot(closing)

    def _snapshot(self, closing: Closing) -> None:
        kept = {
            pool: (qty, value, state)
            for pool, qty, value, state in run(
                self._connection,
                "SELECT pool, q, v, state FROM k_snapshot WHERE posting = ?",
                (closing.posting,),
            )
        }
        for pool in sorted(kept.keys() | self._states.keys()):
            again = self._states.get(pool, (0, 0, ""))
            if kept.get(pool, (0, 0, "")) != again:
                text = f"{closing.ym}, pool {pool}: {kept.get(pool)} but replayed {again}"
                _note(self._found.wrong_states, text)
        rows = run(
            self._connection,
            "SELECT p.item, p.warehouse, p.owner, p.lot, p.serial, p.bin, s.q"
            " FROM k_snapshot_position s JOIN k_position p ON p.id = s.position"
            " WHERE s.posting = ?",
            (closing.posting,),
        )
        places: dict[PlaceKey, int] = {tuple(row[:6]): row[6] for row in rows}
        held = {place: qty for place, qty in self._held.places.items() if qty}
        if places != held:
            wrong = min(set(places.items()) ^ set(held.items()))
            _note(self._found.wrong_states, f"{closing.ym}, position {wrong[0]}")


class _Held:
    """The running quantities of pools, positions and serial numbers."""

    def __init__(self, known: dict[int, Head], items: dict[int, Item], found: Replayed) -> None:
        self._heads, self._items, self._found = known, items, found
        self._pools: dict[int, int] = {}
        self._serials: dict[tuple[int, str], int] = {}
        self.places: dict[PlaceKey, int] = {}
        # A count with its corrections is one thing: what it leaves is judged after all of them.
        self._counted: dict[int, Move] = {}

    def count(self, move: Move) -> None:
        """Count a move wherever it counts, and note what is below nothing then."""
        if self._counted:
            self._judge_counts(move.at, move.ord)
        if self._add(move) and move.dq < 0 and not self._may_go_short(move):
            if move.kind in _COUNTS:
                self._counted[move.pool] = move
            else:
                self._note_short(move)
        if move.serial:
            self._count_serial(move)

    def finish(self) -> None:
        """Judge what is still open."""
        self._judge_counts(None, None)

    def _add(self, move: Move) -> bool:
        """Add the move up; whether some place holds less than nothing now."""
        pool = self._pools[move.pool] = self._pools.get(move.pool, 0) + move.dq
        is_short = pool < 0
        for place in places_of(move, self._heads[move.pool]):
            self.places[place] = self.places.get(place, 0) + move.dq
            is_short = is_short or self.places[place] < 0
        return is_short

    def _judge_counts(self, at: int | None, order: int | None) -> None:
        for pool, move in list(self._counted.items()):
            if (move.at, move.ord) != (at, order):
                places = places_of(move, self._heads[pool])
                if self._pools[pool] < 0 or any(self.places[place] < 0 for place in places):
                    self._note_short(move)
                del self._counted[pool]

    def _note_short(self, move: Move) -> None:
        _note(self._found.shortages, f"move {move.id} takes what is not there")

    def _may_go_short(self, move: Move) -> bool:
        policies = self._items[move.item].policies
        return move.kind in _MAY_GO_SHORT and any(policy.negative for policy in policies)

    def _count_serial(self, move: Move) -> None:
        key = (move.item, move.serial)
        if key not in self._serials:
            self._found.serials += 1
        there = self._serials[key] = self._serials.get(key, 0) + move.dq
        if not 0 <= there <= self._items[move.item].atoms_per_base:
            _note(self._found.doubles, f"serial {move.serial} at move {move.id}")


# Origins that are continued in another month; within one month the walker finds them itself.
_CONTINUED_LATER = (
    "SELECT DISTINCT w.id FROM k_pool p JOIN k_move m ON m.pool = p.id"
    " JOIN k_move w ON w.id = m.origin WHERE p.company = ? AND m.kind <> 'void'"
    " AND substr(m.business_date, 1, 7) <> substr(w.business_date, 1, 7)"
)


def _ids(connection: Connection, statement: str, company: int) -> list[int]:
    return [row[0] for row in run(connection, statement, (company,))]


def _items(connection: Connection, company: int) -> dict[int, Item]:
    found: dict[int, Item] = {}
    for chunk in in_chunks(_ids(connection, "SELECT id FROM k_item WHERE company = ?", company)):
        found |= items_by_id(connection, chunk)
    return found


def _months(moves: Iterator[Move]) -> Iterator[tuple[str, list[Move]]]:
    """The moves of each month that has any."""
    ym, end, month = "", 0, list[Move]()
    for move in moves:
        if month and move.at >= end:
            yield ym, month
            month = []
        if not month:
            ym = month_of(day_at(move.at))
            end = start_of_month(next_month(ym))
        month.append(move)
    if month:
        yield ym, month


def _positions_now(connection: Connection, company: int) -> Iterator[tuple[PlaceKey, int, int]]:
    for *place, number, qty in run(
        connection,
        "SELECT p.item, p.warehouse, p.owner, p.lot, p.serial, p.bin, p.id, e.q_after"
        " FROM k_item i JOIN k_position p ON p.item = i.id"
        " JOIN k_position_entry e ON e.position = p.id"
        " AND e.n = (SELECT max(n) FROM k_position_entry WHERE position = p.id)"
        " WHERE i.company = ? ORDER BY p.id",
        (company,),
    ):
        yield tuple(place), number, qty


def _note(problems: list[str], text: str) -> None:
    if len(problems) < _SHOWN:
        problems.append(text)
