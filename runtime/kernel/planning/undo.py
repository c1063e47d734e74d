"""A red posting: goods go back at the date and at the cost of what is undone."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from runtime.kernel.moves import Move
from runtime.kernel.planning.draft import Draft
from runtime.kernel.planning.late import late_move
from runtime.kernel.planning.shares import split

# What a red posting cannot mean: goods that went back, and a price that was set.
UNDOABLE = frozenset(
    {
        "receive", "issue", "transfer_out", "transfer_in", "count_gain", "count_loss",
        "consume", "produce", "late", "adjust",
    }
)  # fmt: skip


def lay_red(draft: Draft, moves: Sequence[Move]) -> None:
    """The moves that take back what the moves of an earlier posting did."""
    _unassemble(draft, [move for move in moves if move.kind in {"consume", "produce"}])
    by_id = {move.id: move for move in moves}
    for move in moves:
        if move.kind == "transfer_in":
            assert move.peer is not None, "what comes in by transfer has gone out"
            back = _opposite(draft, move, "transfer_out", origin=move.id)
            _opposite(draft, by_id[move.peer], "transfer_in", peer=back.id)
        elif move.kind == "late":
            _take_back_cost(draft, move)
        elif move.kind in _RED and (move.dq or move.amount):
            _opposite(draft, move, **_RED[move.kind](move))


_RED: Final[dict[str, Callable[[Move], dict[str, Any]]]] = {
    "receive": lambda move: {"kind": "purchase_return", "mode": "original", "origin": move.id},
    "issue": lambda move: {"kind": "sales_return", "mode": "original", "origin": move.id},
    "count_gain": lambda _: {"kind": "count_loss", "mode": "delta"},
    "count_loss": lambda move: {"kind": "count_gain", "mode": "delta", "amount": -move.value},
    "adjust": lambda move: {"kind": "adjust", "amount": -(move.amount or 0)},
}


def _opposite(draft: Draft, move: Move, kind: str, **more: Any) -> Move:
    return draft.new_move(
        move.line, kind, move.item, move.pool, move.warehouse, -move.dq, lot=move.lot,
        serial=move.serial, bin=move.bin, uom=move.uom, uom_qty=move.uom_qty, **more,
    )  # fmt: skip


def _take_back_cost(draft: Draft, move: Move) -> None:
    """A late cost with the other sign; of an invoice the billed quantity is free again."""
    assert move.origin is not None, "a late cost has its receipt"
    origin = draft.known[move.origin]
    back = late_move(draft, move.line, origin, move.mode.split()[1], -(move.amount or 0))
    back.weight = None if move.weight is None else -move.weight


def _unassemble(draft: Draft, moves: Sequence[Move]) -> None:
    """The outputs are used up, the inputs come out, in proportion to what they had cost."""
    used = [move for move in moves if move.kind == "consume"]
    made = [move for move in moves if move.kind == "produce"]
    if not used:
        return
    extra = sum(move.amount or 0 for move in used)
    consumed = [_opposite(draft, move, "consume") for move in made]
    if extra:
        consumed[0].amount = -extra
    costs = [-move.value for move in used]
    weights = costs if any(costs) else split(10**9, [(-move.dq, 1) for move in used])
    for move, weight in zip(used, weights, strict=True):
        _opposite(draft, move, "produce", mode="share", weight=weight)
