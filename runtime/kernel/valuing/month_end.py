"""The end of a pool's month: shortages filled, what rounding left, what is carried on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.kernel.valuing.assembly import part_of
from runtime.kernel.valuing.goods import arriving
from runtime.kernel.valuing.month_out import book
from runtime.kernel.valuing.month_pool import Incoming, MonthPool, Outgoing
from runtime.kernel.valuing.returns import restored, returned
from runtime.kernel.valuing.state import Short
from runtime.kernel.valuing.walk import Walk


@dataclass(slots=True)
class Fixed:
    """The moves of pools of a group that are closed: nothing that feeds them may change."""

    node_of: Mapping[int, int]
    pools: set[int] = field(default_factory=set)

    def __contains__(self, move: int) -> bool:
        """Whether the move belongs to such a pool."""
        return self.node_of.get(move) in self.pools


def close(walk: Walk, pool: MonthPool, fixed: Fixed) -> None:
    """What the pool holds after the month."""
    held = pool.pool
    # Where a return takes all there is, the month still had goods and they had a cost.
    had_goods = held.qty > 0 or any(one.qty for one in pool.ins)
    qty, value = _come_in(walk, pool)
    for one in pool.sent_back:
        qty -= one.qty
        value -= one.relieved
    for out in pool.outs:
        if out.qty > 0:
            qty -= out.covered
            value -= out.cost
    value = _settle(walk, pool, fixed, qty, value)
    for one in pool.sent_back:
        walk.values[one.move.id] = returned(one.relieved, one.credit)
    _go_short(pool)
    held.qty += qty
    held.value += value
    if had_goods:
        held.last = pool.average.numerator, pool.average.denominator


def _come_in(walk: Walk, pool: MonthPool) -> tuple[int, int]:
    """What the month has in whole minor units, after what had gone short before it is filled."""
    held = pool.pool
    qty = value = 0
    if held.qty > 0:
        qty, value = held.qty, held.value
        held.qty = held.value = 0
    came = [(one.qty, _worth(walk, one)) for one in pool.ins]
    came += [(-out.qty, -out.cost) for out in pool.outs if out.qty < 0]
    for part, worth in came:
        rest, left = held.fill(part, worth) if part and held.short else (part, worth)
        qty += rest
        value += left
    return qty, value


def _go_short(pool: MonthPool) -> None:
    for out in pool.outs:
        missing = out.qty - out.covered
        if missing:
            pool.pool.short.append(Short(out.move.id, missing, out.estimate))
            pool.pool.qty -= missing
            pool.pool.value -= out.estimate


def _worth(walk: Walk, one: Incoming) -> int:
    """What came in, in whole minor units; what came from a pool of the same group is known now."""
    move = one.move
    if move.id not in walk.values:
        if move.kind == "transfer_in":
            value = sum(worth for _, worth in arriving(walk, move))
            walk.values[move.id] = {"transfer": value}
        elif move.kind == "produce":
            walk.values[move.id] = {"assembly": part_of(walk, move)}
        else:
            walk.values[move.id] = {"sales_return": restored(walk, move)}
    return sum(walk.values[move.id].values())


def _settle(
    walk: Walk, pool: MonthPool, fixed: Fixed, qty: int, value: int
) -> int:  # fmt: skip
    """Goods of nothing have no value and no goods have less than none: the last out bears it."""
    if not value or (qty > 0 and value > 0):
        return value
    over = value if not qty else min(value, 0)
    for out in reversed(pool.outs):
        if out.covered <= 0 or _feeds(walk, pool, out, fixed):
            continue
        borne = max(over, -out.cost)
        out.cost += borne
        over -= borne
        value -= borne
        book(walk, pool, out)
        if not over:
            return value
    if pool.sent_back and not qty:
        pool.sent_back[-1].relieved += over
    else:
        last = next((out.move for out in reversed(pool.outs) if out.covered > 0), pool.moves[-1])
        values = walk.values[last.id]
        values["residual"] = values.get("residual", 0) - over
    return value - over


def _feeds(walk: Walk, pool: MonthPool, out: Outgoing, fixed: Fixed) -> bool:
    """Whether a pool that is closed already reckoned with what this one gives out."""
    move = out.move
    if move.kind == "transfer_out":
        return any(other in fixed for other in walk.ahead.legs.get(move.id, ()))
    if move.kind == "consume":
        return any(found.id in fixed for found in walk.ahead.assemblies[move.id].outputs)
    own = {one.id for one in pool.moves}
    continued = walk.ahead.continuing.get(move.id, ())
    return any(other in fixed and other not in own for other in continued)
