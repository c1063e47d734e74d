"""Counts: what was found too much or too little.

An absolute count stays right when earlier moves arrive late: further count moves with the count
as `origin` are appended at its moment. Such a group is valued as one, at the place of the count:
its net quantity is the gain or loss, the count carries the whole value, the corrections none.
"""

from runtime.kernel.amounts import round_ratio
from runtime.kernel.moves import Move
from runtime.kernel.valuing.pool import Pool
from runtime.kernel.valuing.walk import Walk


def count(walk: Walk, move: Move, pool: Pool) -> None:
    """A gain at its price or at the present cost, a loss at the cost of the pool."""
    net = net_of(walk, move)
    if net < 0:
        walk.values[move.id] = {"stocktake_loss": -pool.take(-net, move.id)}
        return
    if not net:
        walk.values[move.id] = {}
        return
    price = gain_price(walk, move, net)
    value = pool.worth_now(net) if price is None else price
    values = {"stocktake_gain": value}
    if pool.at_standard:
        worth = pool.standard_worth(net)
        if worth != value:
            values["price_variance"] = worth - value
        value = worth
    pool.put(net, value, move.id)
    walk.values[move.id] = values


def net_of(walk: Walk, move: Move) -> int:
    """What a count comes to; a correction is part of its count."""
    return 0 if move.origin is not None else walk.ahead.nets.get(move.id, move.dq)


def gain_price(walk: Walk, move: Move, net: int) -> int | None:
    """The given worth of a gain: `amount` for `weight` atoms, without weight for its own."""
    if move.amount is None:
        return None
    per = move.weight or move.dq
    if per == net or per <= 0:
        return move.amount
    return round_ratio(move.amount * net, per, walk.book.rounding)
