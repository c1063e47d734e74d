"""Pools of one month that feed each other: their averages, then what every move is worth.

First everything that comes in is gathered, known or as so many times the average of another
pool; then the averages are solved; then what goes out is rounded once each, and what rounding
leaves stays on hand or, in a pool that is emptied, goes with what went out last.
"""

from collections.abc import Sequence
from fractions import Fraction

from runtime.kernel.moves import Move
from runtime.kernel.refusals import Refusal
from runtime.kernel.valuing.linear import ZERO, solve
from runtime.kernel.valuing.month_end import Fixed, close
from runtime.kernel.valuing.month_in import gather
from runtime.kernel.valuing.month_out import give_out
from runtime.kernel.valuing.month_pool import MonthPool
from runtime.kernel.valuing.walk import Walk


def value(walk: Walk, groups: Sequence[Sequence[Move]]) -> bool:
    """Value the moves of pools that need each other; false where no averages satisfy them all."""
    node_of = {move.id: number for number, moves in enumerate(groups) for move in moves}
    pools = [MonthPool(walk, moves, number) for number, moves in enumerate(groups)]
    for pool in pools:
        gather(walk, pool, node_of)
    if not _average(walk, pools):
        return False
    for pool in pools:
        give_out(walk, pool)
    fixed = Fixed(node_of)
    # Emptied pools first: what leaves them last may still take what rounding left.
    for pool in sorted(pools, key=lambda pool: (pool.end != 0, pool.number)):
        fixed.pools.add(pool.number)
        close(walk, pool, fixed)
    return True


def _average(walk: Walk, pools: Sequence[MonthPool]) -> bool:
    """Solve the averages; a return dearer than all there is takes no more than that."""
    for _ in range(len(pools) + 1):
        solution = solve(*_equations(pools))
        if solution is None:
            return False
        for pool, average in zip(pools, solution, strict=True):
            pool.average = average
        below = [pool for pool in pools if pool.average < 0]
        if not [pool for pool in below if pool.bear_less()]:
            for pool in below:
                walk.refuse(Refusal.NEGATIVE_VALUE, pool.lowering())
            return True
    return True


def _equations(
    pools: Sequence[MonthPool],
) -> tuple[list[dict[int, Fraction]], list[Fraction | int]]:
    rows: list[dict[int, Fraction]] = []
    known: list[Fraction | int] = []
    for pool in pools:
        form, qty = pool.equation()
        row = {number: -factor for number, factor in form.parts.items()}
        row[pool.number] = row.get(pool.number, ZERO) + qty
        rows.append(row)
        known.append(form.known)
    return rows, known
