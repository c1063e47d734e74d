"""Goods that come in and go out: receipts, issues and transfers."""

from runtime.kernel.amounts import share
from runtime.kernel.moves import Move
from runtime.kernel.refusals import Refusal
from runtime.kernel.valuing.pool import Parts, Pool
from runtime.kernel.valuing.walk import Walk


def enter(walk: Walk, move: Move, pool: Pool, account: str, value: int) -> None:
    """Goods of a worth come in; a standard costed pool takes them at standard."""
    values = {account: value}
    if pool.at_standard:
        worth = pool.standard_worth(move.dq)
        if worth != value:
            values["price_variance"] = worth - value
        value = worth
    pool.put(move.dq, value, move.id)
    walk.values[move.id] = values


def receive(walk: Walk, move: Move, pool: Pool) -> None:
    """A receipt, with the late costs that are replayed into it."""
    assert move.amount is not None, "a receipt has its amount"
    late = walk.ahead.late
    if not pool.at_standard and move.id not in late:
        pool.put(move.dq, move.amount, move.id)
        walk.values[move.id] = {"receipt": move.amount}
        return
    values = receipt_values(walk, move)
    worth = paid = sum(values.values())
    if pool.at_standard:
        worth = pool.standard_worth(move.dq)
        if worth != paid:
            values["price_variance"] = worth - paid
    pool.put(move.dq, worth, move.id)
    walk.values[move.id] = values


def receipt_values(walk: Walk, move: Move) -> dict[str, int]:
    """What was paid for a receipt, by account; less than nothing is refused."""
    assert move.amount is not None, "a receipt has its amount"
    values = {"receipt": move.amount}
    late = walk.ahead.late.get(move.id)
    if late is None:
        return values
    if late.landed:
        values["landed_cost"] = late.landed
    replaced = share(move.amount, 0, late.invoiced_qty, move.dq, walk.book.rounding)
    if late.invoiced != replaced:
        values["invoice"] = late.invoiced - replaced
    if sum(values.values()) < 0:
        walk.refuse(Refusal.NEGATIVE_VALUE, late.last or move)
    return values


def issue(walk: Walk, move: Move, pool: Pool) -> None:
    """Goods go out at the cost of their pool."""
    walk.values[move.id] = {"issue": -pool.take(-move.dq, move.id)}


def transfer_out(walk: Walk, move: Move, pool: Pool) -> None:
    """The leg that goes out; inside one pool nothing happens."""
    if move.id in walk.ahead.inside:
        walk.values[move.id] = {"transfer": 0}
    elif move.origin is None:
        _send(walk, move, pool.take_parts(-move.dq, move.id))
    elif pool.carries_leg:
        _carry(walk, move, pool)
    else:
        _send(walk, move, pool.take_back(-move.dq, move.id, move.origin))


def _send(walk: Walk, move: Move, parts: Parts) -> None:
    walk.sent[move.id] = parts
    walk.values[move.id] = {"transfer": -sum(value for _, value in parts)}


def _carry(walk: Walk, move: Move, pool: Pool) -> None:
    """The second leg carries the cost of the first; what cannot be balanced is the residual."""
    origin, _ = walk.origin_of(move)
    qty = -move.dq
    worth = walk.worth_of(origin.id)
    cost = share(worth, walk.ahead.before[move.id], qty, origin.dq, walk.book.rounding)
    if qty > pool.qty:
        _send(walk, move, pool.take_parts(qty, move.id))
        return
    left = pool.value - cost
    _send(walk, move, [(qty, cost)])
    pool.take(qty, move.id)
    pool.value = left
    if left and (not pool.qty or left < 0):
        walk.values[move.id]["residual"] = -left
        pool.value = 0


def transfer_in(walk: Walk, move: Move, pool: Pool) -> None:
    """What left the other pool comes in, in its layers and at its value."""
    if move.id in walk.ahead.inside:
        walk.values[move.id] = {"transfer": 0}
        return
    parts = arriving(walk, move)
    for qty, value in parts:
        pool.put(qty, value, move.id)
    if pool.keeps_layers and len(parts) > 1:
        walk.layers[move.id] = ";".join(f"{qty},{value}" for qty, value in parts)
    walk.values[move.id] = {"transfer": sum(value for _, value in parts)}


def arriving(walk: Walk, move: Move) -> Parts:
    """What was sent; what was sent outside of the walk has not changed."""
    assert move.peer is not None, "what comes in by transfer has gone out"
    parts = walk.sent.pop(move.peer, None)
    if parts is not None:
        return parts
    if move.layers:
        spelled = (part.split(",") for part in move.layers.split(";"))
        return [(int(qty), int(value)) for qty, value in spelled]
    value = move.values.get("transfer")
    if value is None:
        value = -walk.found(move.peer)[1].get("transfer", 0)
    return [(move.dq, value)]
