"""Moves that change values and no quantities: late costs, adjustments, new unit costs."""

from runtime.kernel.amounts import round_ratio, share
from runtime.kernel.moves import Move
from runtime.kernel.refusals import Refusal
from runtime.kernel.valuing.pool import Pool
from runtime.kernel.valuing.walk import Walk


def late(walk: Walk, move: Move, pool: Pool) -> None:
    """A late cost: replayed it is part of its receipt, split it goes to stock and to cost."""
    if move.mode.startswith("replay"):
        walk.values[move.id] = {}
        return
    _, account = move.mode.split()
    origin, difference = late_difference(walk, move, account)
    if pool.at_standard:
        walk.values[move.id] = {account: difference, "price_variance": -difference}
        return
    on_hand = min(max(pool.qty, 0), origin.dq)
    to_stock = round_ratio(difference * on_hand, origin.dq, walk.book.rounding)
    to_stock = max(to_stock, -max(pool.value, 0))
    if to_stock:
        pool.add_value(to_stock)
    walk.values[move.id] = {account: difference}
    if to_stock != difference:
        walk.values[move.id]["cogs_adjust"] = to_stock - difference


def late_difference(walk: Walk, move: Move, account: str) -> tuple[Move, int]:
    """The receipt, and by how much a late cost changes what it is worth."""
    assert move.amount is not None, "a late cost has its amount"
    origin, values = walk.origin_of(move)
    difference = move.amount
    if account == "invoice":
        before = walk.ahead.before[move.id]
        received = origin.amount if origin.amount is not None else values.get("receipt", 0)
        difference -= share(received, before, move.weight or 0, origin.dq, walk.book.rounding)
    walk.late[origin.id] = walk.late.get(origin.id, 0) + difference
    return origin, difference


def adjust(walk: Walk, move: Move, pool: Pool) -> None:
    """A given change of value; there must be something to value, and it stays above nothing."""
    assert move.amount is not None, "an adjustment has its amount"
    walk.values[move.id] = {"cost_adjust": move.amount}
    if pool.qty <= 0:
        walk.refuse(Refusal.ADJUST_WITHOUT_STOCK, move)
        walk.values[move.id] = {}
        return
    if pool.value + move.amount < 0:
        walk.refuse(Refusal.NEGATIVE_VALUE, move)
    pool.add_value(move.amount)


def count_value(walk: Walk, move: Move, pool: Pool) -> None:
    """All that is there gets a unit cost, `amount` minor units per `weight` atoms."""
    assert move.amount is not None, "a new unit cost is given"
    assert move.weight, "a new unit cost is given"
    worth = round_ratio(move.amount * pool.qty, move.weight, walk.book.rounding)
    revalue(walk, move, pool, worth)


def standard(walk: Walk, move: Move, pool: Pool) -> None:
    """A new standard cost; where actual costs are kept it changes no value."""
    if pool.at_standard:
        revalue(walk, move, pool, pool.standard_worth(pool.qty))
    else:
        walk.values[move.id] = {}


def revalue(walk: Walk, move: Move, pool: Pool, worth: int) -> None:
    """Bring what is there to a given worth; what went out too early keeps its estimate."""
    walk.values[move.id] = {}
    if pool.qty > 0 and worth != pool.value:
        walk.values[move.id] = {"revaluation": worth - pool.value}
        pool.set_value(worth)
