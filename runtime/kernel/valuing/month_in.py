"""What comes into a pool in a month, and what goes out of it, gathered in business order."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from runtime.kernel.amounts import round_ratio
from runtime.kernel.moves import Move
from runtime.kernel.refusals import Refusal
from runtime.kernel.valuing.assembly import exact_part, part_of
from runtime.kernel.valuing.counts import gain_price, net_of
from runtime.kernel.valuing.goods import arriving, receipt_values
from runtime.kernel.valuing.linear import Linear
from runtime.kernel.valuing.month_pool import Incoming, MonthPool, Outgoing, SentBack
from runtime.kernel.valuing.returns import credit_of, restored
from runtime.kernel.valuing.value_only import late_difference
from runtime.kernel.valuing.walk import Walk

NodeOf = Mapping[int, int]


def gather(walk: Walk, pool: MonthPool, node_of: NodeOf) -> None:
    """Every move of the pool's month in its place among ins and outs."""
    gatherers: dict[str, Callable[[Walk, MonthPool, Move, NodeOf], None]] = {
        "receive": _receive,
        "transfer_in": _arrive,
        "produce": _produce,
        "sales_return": _sales_return,
        "count_gain": _count,
        "count_loss": _count,
        "purchase_return": _purchase_return,
        "adjust": _adjust,
        "late": _late,
    }
    for move in pool.moves:
        gatherer = gatherers.get(move.kind)
        if gatherer is not None:
            gatherer(walk, pool, move, node_of)
        elif move.id in walk.ahead.inside:
            walk.values[move.id] = {"transfer": 0}
        elif move.dq < 0:
            pool.outs.append(Outgoing(move, -move.dq))
        else:
            walk.values[move.id] = {}


def _enter(walk: Walk, pool: MonthPool, move: Move, account: str, value: int) -> None:
    walk.values[move.id] = {account: value}
    pool.ins.append(Incoming(move, move.dq, Linear(value)))


def _receive(walk: Walk, pool: MonthPool, move: Move, _: NodeOf) -> None:
    values = receipt_values(walk, move)
    walk.values[move.id] = values
    pool.ins.append(Incoming(move, move.dq, Linear(sum(values.values()))))


def _arrive(walk: Walk, pool: MonthPool, move: Move, node_of: NodeOf) -> None:
    if move.id in walk.ahead.inside:
        walk.values[move.id] = {"transfer": 0}
    elif move.peer is not None and move.peer in node_of:
        linear = Linear(parts={node_of[move.peer]: Fraction(move.dq)})
        pool.ins.append(Incoming(move, move.dq, linear))
    else:
        exact = walk.exact.get(move.peer or 0)
        parts = arriving(walk, move)
        _enter(walk, pool, move, "transfer", sum(value for _, value in parts))
        if exact is not None:
            pool.ins[-1].exact = Linear(exact)


def _produce(walk: Walk, pool: MonthPool, move: Move, node_of: NodeOf) -> None:
    inputs = walk.ahead.assemblies[move.id].inputs
    linear = exact_part(walk, move, node_of)
    if any(found.id in node_of for found in inputs):
        pool.ins.append(Incoming(move, move.dq, linear))
    else:
        _enter(walk, pool, move, "assembly", part_of(walk, move))
        pool.ins[-1].exact = linear


def _sales_return(walk: Walk, pool: MonthPool, move: Move, node_of: NodeOf) -> None:
    source = node_of.get(move.origin or 0)
    if move.mode == "current" or source == pool.number:
        pool.outs.append(Outgoing(move, -move.dq))
    elif source is None:
        _enter(walk, pool, move, "sales_return", restored(walk, move))
    else:
        linear = Linear(parts={source: Fraction(move.dq)})
        pool.ins.append(Incoming(move, move.dq, linear))


def _count(walk: Walk, pool: MonthPool, move: Move, _: NodeOf) -> None:
    net = net_of(walk, move)
    price = gain_price(walk, move, net) if net > 0 else None
    if price is not None:
        walk.values[move.id] = {"stocktake_gain": price}
        pool.ins.append(Incoming(move, net, Linear(price)))
    elif net:
        pool.outs.append(Outgoing(move, -net))
    else:
        walk.values[move.id] = {}


def _purchase_return(walk: Walk, pool: MonthPool, move: Move, _: NodeOf) -> None:
    if move.mode == "current" or pool.ends_short:
        pool.outs.append(Outgoing(move, -move.dq))
        return
    credit = credit_of(walk, move)
    pool.sent_back.append(SentBack(move, -move.dq, credit, credit))


def _held(pool: MonthPool, move: Move) -> int:
    """What the pool held when a move came."""
    before = sum(other.dq for other in pool.moves if _key(other) < _key(move))
    return pool.pool.qty + before


def _key(move: Move) -> tuple[int, int, int]:
    return move.at, move.ord, move.id


def _adjust(walk: Walk, pool: MonthPool, move: Move, _: NodeOf) -> None:
    assert move.amount is not None, "an adjustment has its amount"
    walk.values[move.id] = {}
    if _held(pool, move) <= 0:
        walk.refuse(Refusal.ADJUST_WITHOUT_STOCK, move)
        return
    _enter(walk, pool, move, "cost_adjust", move.amount)


def _late(walk: Walk, pool: MonthPool, move: Move, _: NodeOf) -> None:
    """What is split goes to stock as far as it lies there, and never below nothing."""
    walk.values[move.id] = {}
    if move.mode.startswith("replay"):
        return
    account = move.mode.split()[1]
    origin, difference = late_difference(walk, move, account)
    on_hand = min(max(_held(pool, move), 0), origin.dq)
    to_stock = round_ratio(difference * on_hand, origin.dq, walk.book.rounding)
    known = sum((one.exact.known for one in pool.ins), Fraction(max(pool.pool.value, 0)))
    to_stock = max(to_stock, -max(int(known), 0))
    _enter(walk, pool, move, account, to_stock)
    walk.values[move.id] = {account: difference}
    if to_stock != difference:
        walk.values[move.id]["cogs_adjust"] = to_stock - difference
