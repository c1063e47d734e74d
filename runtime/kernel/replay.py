"""The auditor: value every effective document again from nothing and compare with the books."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from runtime.kernel.amounts import Rounding
from runtime.kernel.moves import Move, stream_effective
from runtime.kernel.sql import run
from runtime.kernel.timeline import Position, positions_of
from runtime.kernel.valuation import Origins, Start, Valuation

# All that is wrong could be as long as the ledger; the first few tell where to look.
_SHOWN = 5


@dataclass(slots=True)
class Replayed:
    """What the replay found: moves worth something else, pools with another balance, shortages."""

    moves: int = 0
    pools: int = 0
    wrong_values: list[str] = field(default_factory=list)
    wrong_balances: list[str] = field(default_factory=list)
    shortages: list[str] = field(default_factory=list)


def replay(connection: Connection) -> Replayed:
    """Replay the books of every company; memory is bounded by pools, not by entries."""
    found = Replayed()
    for company, rounding in run(connection, "SELECT id, rounding FROM k_company ORDER BY id"):
        _replay_company(connection, company, Rounding(rounding), found)
    return found


def _replay_company(
    connection: Connection, company: int, rounding: Rounding, found: Replayed
) -> None:
    live = {
        pool: (qty, value)
        for pool, qty, value in run(
            connection,
            "SELECT p.id, e.q_after, e.v_after FROM k_pool p JOIN k_pool_entry e ON e.pool = p.id"
            " AND e.n = (SELECT max(n) FROM k_pool_entry WHERE pool = p.id) WHERE p.company = ?",
            (company,),
        )
    }
    methods = dict(
        run(
            connection,
            "SELECT p.id, (SELECT method FROM k_item_policy WHERE item = p.item"
            " ORDER BY n DESC LIMIT 1) FROM k_pool p WHERE p.company = ?",
            (company,),
        )
    )
    balances: dict[int, tuple[int, int]] = dict.fromkeys(methods, (0, 0))
    held: dict[Position, int] = {}
    origins = _Kept({row[0] for row in run(connection, _ORIGINS, (company,))})
    valuation = Valuation(Start(balances, methods, rounding), Origins(origins.moves, {}))
    for move in origins.watch(stream_effective(connection, company)):
        if _goes_short(held, move):
            _note(found.shortages, f"move {move.id} takes what is not there")
            _note(found.wrong_values, f"nothing after move {move.id} can be valued")
            return
        try:
            values = valuation.run((move,))[move.id]
        except (AssertionError, KeyError):
            # Facts that contradict each other have no value; the auditor says so and goes on.
            _note(found.wrong_values, f"move {move.id} cannot be valued")
            return
        found.moves += 1
        _compare(found, move, values)
        qty, value = balances[move.pool]
        balances[move.pool] = (qty + move.dq, value + sum(values.values()))
        if not origins.keeps(move):
            del valuation.values[move.id]
    for pool, balance in balances.items():
        found.pools += 1
        if balance != live.get(pool, (0, 0)):
            _note(found.wrong_balances, f"pool {pool}: {live.get(pool)} but replayed {balance}")


_ORIGINS = (
    "SELECT DISTINCT m.origin FROM k_move m JOIN k_pool p ON p.id = m.pool"
    " WHERE p.company = ? AND m.origin IS NOT NULL"
)


class _Kept:
    """The moves that later ones continue; all others are forgotten once they are valued."""

    def __init__(self, ids: set[int]) -> None:
        self._ids = ids
        self.moves: dict[int, Move] = {}

    def keeps(self, move: Move) -> bool:
        """Whether a later move will ask for this one."""
        return move.id in self._ids

    def watch(self, moves: Iterator[Move]) -> Iterator[Move]:
        """Hand the moves on and keep those that are asked for later."""
        for move in moves:
            if self.keeps(move):
                self.moves[move.id] = move
            yield move


def _goes_short(held: dict[Position, int], move: Move) -> bool:
    """Count the move in its pool and lot, and say whether one of them is below nothing."""
    for position in positions_of(move):
        held[position] = held.get(position, 0) + move.dq
    return any(held[position] < 0 for position in positions_of(move))


def _compare(found: Replayed, move: Move, values: dict[str, int]) -> None:
    live = {account: value for account, value in move.values.items() if value}
    again = {account: value for account, value in values.items() if value}
    if live != again:
        _note(found.wrong_values, f"move {move.id}: {live} but replayed {again}")


def _note(problems: list[str], text: str) -> None:
    if len(problems) < _SHOWN:
        problems.append(text)
