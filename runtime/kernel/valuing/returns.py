"""Goods that go back: to the supplier, and from the customer."""

from runtime.kernel.amounts import share
from runtime.kernel.moves import Move
from runtime.kernel.valuing.goods import enter
from runtime.kernel.valuing.pool import Pool
from runtime.kernel.valuing.walk import Walk


def credit_of(walk: Walk, move: Move) -> int:
    """The share of the receipt's worth, so that all partial returns add up to it."""
    origin, _ = walk.origin_of(move)
    before = walk.ahead.before[move.id]
    return share(walk.worth_of(origin.id), before, -move.dq, origin.dq, walk.book.rounding)


def restored(walk: Walk, move: Move) -> int:
    """The share of the issue's cost as it is known by now."""
    origin, _ = walk.origin_of(move)
    before = walk.ahead.before[move.id]
    return share(-walk.worth_of(origin.id), before, move.dq, -origin.dq, walk.book.rounding)


def purchase_return(walk: Walk, move: Move, pool: Pool) -> None:
    """Back to the supplier; what the pool is relieved of beyond the credit is a variance."""
    qty = -move.dq
    if move.mode == "current":
        walk.values[move.id] = {"purchase_return": -pool.take(qty, move.id)}
        return
    assert move.origin is not None, "a return has its receipt"
    credit = credit_of(walk, move)
    goes_short = qty > pool.qty
    relieved = pool.give_back(qty, credit, move.id, move.origin)
    walk.values[move.id] = returned(relieved, relieved if goes_short else credit)


def returned(relieved: int, credit: int) -> dict[str, int]:
    """The values of a return to the supplier."""
    values = {"purchase_return": -credit}
    if relieved != credit:
        values["return_variance"] = credit - relieved
    return values


def sales_return(walk: Walk, move: Move, pool: Pool) -> None:
    """Back from the customer, at what it had cost or at the present cost of the pool."""
    worth = pool.worth_now(move.dq) if move.mode == "current" else restored(walk, move)
    enter(walk, move, pool, "sales_return", worth)
