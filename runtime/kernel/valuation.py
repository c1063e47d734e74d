"""Valuation: a pure function from moves in business order to what each of them is worth."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.kernel.amounts import Rounding, round_ratio, share
from runtime.kernel.costing_method import Parts
from runtime.kernel.moves import Move

Values = dict[str, int]
State = tuple[int, int]


class _MovingAverage:
    """Two integers, no stored unit cost, hence nothing that could drift."""

    name = "moving_average"

    def start(self, qty: int, value: int) -> State:
        """The state of a pool that holds this much."""
        return qty, value

    def receive(self, state: State, parts: Parts) -> State:
        """Quantity and value are added."""
        qty, value = state
        for part_qty, part_value in parts:
            qty += part_qty
            value += part_value
        return qty, value

    def issue(self, state: State, qty: int, rounding: Rounding) -> tuple[State, Parts]:
        """A share of the value; the last unit takes what is left of it."""
        held, value = state
        cost = value if qty == held else round_ratio(value * qty, held, rounding)
        return (held - qty, value - cost), ((qty, cost),)

    def issue_at(self, state: State, qty: int, value: int) -> tuple[State, Parts, int]:
        """Take a given value; what an emptied or overdrawn pool cannot balance is the residual."""
        held, worth = state
        left = worth - value
        residual = left if qty == held or left < 0 else 0
        return (held - qty, left - residual), ((qty, value),), residual


METHODS = {"moving_average": _MovingAverage()}


@dataclass(frozen=True, slots=True)
class Start:
    """Where a valuation begins: what the pools hold, and by which method each is costed."""

    held: Mapping[int, tuple[int, int]]
    methods: Mapping[int, str]
    rounding: Rounding


@dataclass(slots=True)
class Origins:
    """What the moves that are continued are worth, and how much of each was continued before."""

    moves: Mapping[int, Move]
    taken: dict[int, int]


class Valuation:
    """The walk: one state per pool, one answer per move."""

    def __init__(self, start: Start, origins: Origins) -> None:
        self._methods = {pool: METHODS[name] for pool, name in start.methods.items()}
        self._states: dict[int, Any] = {
            pool: self._methods[pool].start(*held) for pool, held in start.held.items()
        }
        self._rounding = start.rounding
        self._origins = origins
        self._parts: dict[int, Parts] = {}
        self.values: dict[int, Values] = {}

    def run(self, moves: Iterable[Move]) -> dict[int, Values]:
        """What each move changes in its pool, by account."""
        for move in moves:
            if move.kind == "receive":
                assert move.amount is not None, "a receipt has its amount"
                self._receive(move, ((move.dq, move.amount),), "receipt")
            elif move.kind == "transfer_in":
                self._receive(move, self._arriving(move), "transfer")
            elif move.origin is not None:
                self._continue(move)
            else:
                self._issue(move)
        return self.values

    def _receive(self, move: Move, parts: Parts, account: str) -> None:
        method = self._methods[move.pool]
        self._states[move.pool] = method.receive(self._states[move.pool], parts)
        self.values[move.id] = {account: sum(value for _, value in parts)}

    def _arriving(self, move: Move) -> Parts:
        """What left the other pool; a pool outside this walk has not changed what it sent."""
        assert move.peer is not None, "what comes in by transfer has gone out"
        parts = self._parts.pop(move.peer, None)
        return ((move.dq, move.value),) if parts is None else parts

    def _issue(self, move: Move) -> None:
        method = self._methods[move.pool]
        state, parts = method.issue(self._states[move.pool], -move.dq, self._rounding)
        self._states[move.pool] = state
        account = "issue"
        if move.kind == "transfer_out":
            account = "transfer"
            self._parts[move.id] = parts
        self.values[move.id] = {account: -sum(value for _, value in parts)}

    def _continue(self, move: Move) -> None:
        """The second leg of a transfer carries the cost of the first."""
        assert move.origin is not None, "only a move with an origin continues one"
        origin = self._origins.moves[move.origin]
        worth = sum(self.values.get(origin.id, origin.values).values())
        before = self._origins.taken.get(origin.id, 0)
        qty = -move.dq
        cost = share(worth, before, qty, origin.dq, self._rounding)
        self._origins.taken[origin.id] = before + qty
        method = self._methods[move.pool]
        state, parts, residual = method.issue_at(self._states[move.pool], qty, cost)
        self._states[move.pool] = state
        self._parts[move.id] = parts
        self.values[move.id] = {"transfer": -cost}
        if residual:
            self.values[move.id]["residual"] = -residual
