"""The auditor: value every effective document again from nothing and compare with the books."""



from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from runtime.kernel.costing import Book, Opening, Policy, Walker
from runtime.kernel.moves import Move, read_layers, stream_effective
from runtime.kernel.pools import Head, heads
from runtime.kernel.registration import Company, Item, companies, items_by_id
from runtime.kernel.sql import run
from runtime.kernel.timeline import Ground, Position, shortages

# All that is wrong could be as long as the ledger; the first few tell where to look.
_SHOWN = 5


@dataclass(slots=True)
class Replayed:
    """What the replay found: moves worth something else, pools with another balance, shortages."""

    moves: int = 0
    pools: int = 0
    wrong_values: list[str] = field(default_factory=list)
    wrong_balances: list[str] = field(default_factory=list)
    wrong_states: list[str] = field(default_factory=list)
    shortages: list[str] = field(default_factory=list)


def replay(connection: Connection) -> Replayed:
    """Replay the books of every company; memory is bounded by pools and one month of moves."""
    found = Replayed()
    for company in companies(connection):
        _Replay(connection, company, found).run()
    return found


class _Replay:
    """One company's books, walked from the first move to the last."""

    def __init__(self, connection: Connection, company: Company, found: Replayed) -> None:
        self._connection = connection
        self._found = found
        self._live = _heads_of(connection, company.id)
        self._items = _items_of(connection, company.id)
        self._extra: dict[int, int] = {}
        continued = {row[0] for row in run(connection, _CONTINUED, (company.id,))}
        policies: dict[int, tuple[Policy, ...]] = {
            number: item.policies for number, item in self._items.items()
        }
        book = Book(
            openings={pool: Opening() for pool in self._live},
            policies=policies,
            pool_items={pool: head.item for pool, head in self._live.items()},
            rounding=company.rounding,
            extra=self._extra,
        )
        self._walker = Walker(book, continued)
        self._company = company
        self._held: dict[Position, int] = {}
        self._states: dict[int, tuple[int, int, str]] = {}
        # What issues that had gone short were trued up by, in the books and again.
        self._booked: dict[int, int] = {}
        self._trued: dict[int, int] = {}

    def run(self) -> None:
        """Feed month after month; facts that contradict each other end the replay."""
        for moves in _months(stream_effective(self._connection, self._company.id)):
            self._extra.update(
                (move.posting, move.amount)
                for move in moves
                if move.kind == "consume" and move.amount is not None
            )
            self._note_shortages(moves)
            if any(head.state for head in self._live.values()):
                read_layers(self._connection, moves)
            try:
                valued = self._walker.feed(moves)
            except (AssertionError, KeyError, ZeroDivisionError):
                first = f"nothing from move {moves[0].id} on can be valued"
                _note(self._found.wrong_values, first)
                return
            for code, move in valued.problems:
                _note(self._found.wrong_values, f"move {move.id}: {code}")
            self._compare(moves, valued.values)
            self._states = valued.states
        self._compare_pools()

    def _note_shortages(self, moves: list[Move]) -> None:
        def where(move: Move) -> list[Position]:
            found: list[Position] = [(move.pool,), (move.item, move.warehouse, move.pool)]
            if move.lot:
                found.append((move.item, move.warehouse, "lot", move.lot))
            if move.serial:
                found.append((move.item, move.warehouse, "serial", move.serial))
            return found

        ground = Ground(where, self._held, lambda move: self._items[move.item].allows_negative)
        for short in shortages(moves, ground, ()).later:
            _note(self._found.shortages, f"move {short.move.id} takes what is not there")
        for move in moves:
            for place in where(move):
                self._held[place] = self._held.get(place, 0) + move.dq

    def _compare(self, moves: list[Move], values: dict[int, dict[str, int]]) -> None:
        """Compare what is worth something else; true-ups may come months later and wait."""
        for move in moves:
            self._found.moves += 1
            _differ(self._found, move, values[move.id])
            if move.values.get("true_up"):
                self._booked[move.id] = move.values["true_up"]
        for number, again in values.items():
            if again.get("true_up"):
                self._trued[number] = again["true_up"]

    def _compare_pools(self) -> None:
        for number in sorted(self._booked.keys() | self._trued.keys()):
            booked, again = self._booked.get(number, 0), self._trued.get(number, 0)
            if booked != again:
                _note(
                    self._found.wrong_values,
                    f"move {number}: trued up by {booked} but replayed {again}",
                )
        for pool, head in self._live.items():
            self._found.pools += 1
            qty, value, state = self._states.get(pool, (0, 0, ""))
            if (qty, value) != (head.qty, head.value):
                _note(
                    self._found.wrong_balances,
                    f"pool {pool}: {(head.qty, head.value)} but replayed {(qty, value)}",
                )
            if state != head.state:
                _note(self._found.wrong_states, f"pool {pool}: {head.state} but {state}")


def _months(moves: Iterator[Move]) -> Iterator[list[Move]]:
    month: list[Move] = []
    for move in moves:
        if month and move.business_date[:7] != month[-1].business_date[:7]:
            yield month
            month = []
        month.append(move)
    if month:
        yield month


_CONTINUED = (
    "SELECT m.origin FROM k_move m JOIN k_pool p ON p.id = m.pool"
    " WHERE p.company = ? AND m.origin IS NOT NULL"
)


def _heads_of(connection: Connection, company: int) -> dict[int, Head]:
    rows = run(connection, "SELECT id FROM k_pool WHERE company = ?", (company,))
    return heads(connection, [row[0] for row in rows])


def _items_of(connection: Connection, company: int) -> dict[int, Item]:
    rows = run(connection, "SELECT id FROM k_item WHERE company = ?", (company,))
    return items_by_id(connection, [row[0] for row in rows])


def _differ(found: Replayed, move: Move, values: dict[str, int]) -> None:
    live = {name: value for name, value in move.values.items() if value and name != "true_up"}
    again = {name: value for name, value in values.items() if value and name != "true_up"}
    if live != again:
        _note(found.wrong_values, f"move {move.id}: {live} but replayed {again}")


def _note(problems: list[str], text: str) -> None:
    if len(problems) < _SHOWN:
        problems.append(text)
