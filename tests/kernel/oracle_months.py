"""The reference calculator's month-end average: one exact average per pool and month.

All pools of a month stand in one linear system, because transfers and assemblies carry value from
one to the other; it is solved with fractions. What leaves is rounded once, in order; what a month
cannot cover is guessed and settled by what comes first in the next.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from .oracle_pool import Line, PoolKey, Refuse

if TYPE_CHECKING:
    from .oracle_values import Walk

ZERO = Fraction(0)


@dataclass
class Carried:
    """What a pool takes from one month into the next."""

    q: Fraction = ZERO
    v: int = 0
    owed: list[tuple[Line, Fraction, int]] = field(default_factory=list)
    last: Fraction | None = None


@dataclass
class Month:
    """One pool in one month: exact supply, what flows in from other pools, and what leaves."""

    pool: PoolKey
    carried: Carried
    lines: list[Line]
    q: Fraction = ZERO
    v: Fraction = ZERO
    entered: int = 0
    flows: dict[PoolKey, Fraction] = field(default_factory=dict)
    average: Fraction | None = None


def solve(walk: "Walk") -> tuple[dict[Line, int], list[tuple[Line, int, PoolKey]]]:
    """What every line valued by a month's average is worth, as the change of its pool."""
    given: dict[Line, int] = {}
    true_ups: list[tuple[Line, int, PoolKey]] = []
    carried: dict[PoolKey, Carried] = {}
    for ym in sorted({line.month for _, line in walk.monthly}):
        months = {}
        for key in {pool for pool, line in walk.monthly if line.month == ym}:
            lines = [line for pool, line in walk.monthly if pool == key and line.month == ym]
            months[key] = Month(key, carried.setdefault(key, Carried()), lines)
        for month in months.values():
            _supply(walk, month, months, true_ups)
            if month.q > 0:
                month.carried.last = month.v / month.q
            _sent_back(month, given)
        _averages(months)
        for month in months.values():
            _leave(walk, month, given)
    return given, true_ups


def at_average(line: Line) -> bool:
    """Whether the month's average says what the line is worth; gains are losses turned round."""
    if line.kind in {"issue", "transfer_out", "consume"}:
        return True
    if line.kind == "count":
        return line.q < 0 or (line.q > 0 and line.unit is None)
    if line.kind == "purchase_return":
        return line.mode == "current"
    if line.kind == "sales_return":
        assert line.origin is not None
        return line.mode == "current" or line.origin.month == line.month
    return False


def _supply(
    walk: "Walk",
    month: Month,
    months: dict[PoolKey, Month],
    true_ups: list[tuple[Line, int, PoolKey]],
) -> None:
    """Add up what is there from the start and what comes in; owed goods are settled first."""
    owes = bool(month.carried.owed)
    month.q, month.v = month.carried.q, Fraction(month.carried.v)
    for line in month.lines:
        if at_average(line) or line.kind == "purchase_return":
            continue
        if owes and line.q > 0:
            q, v = _settle(walk, month, line, true_ups)
            month.q, month.v, month.entered = month.q + q, month.v + v, month.entered + v
            continue
        month.q += line.q
        month.entered += line.value
        flow = None if owes else _flow(walk, line, months)
        if flow is None:
            month.v += line.value
        else:
            month.v += flow[1]
            for pool, q in flow[0].items():
                month.flows[pool] = month.flows.get(pool, ZERO) + q

    if month.v < 0 and any(line.kind == "adjust" for line in month.lines):
        raise Refuse("NEGATIVE_VALUE")


def _sent_back(month: Month, given: dict[Line, int]) -> None:
    """Goods returned to the supplier come off what came in, at their own price while it lasts."""
    for line in month.lines:
        if line.kind == "purchase_return" and line.mode != "current":
            month.q += line.q
            relieved = min(-line.v["purchase_return"], int(month.v))
            if not month.q and not month.flows:
                relieved = int(month.v)
            given[line] = -relieved
            month.v -= relieved
            month.entered -= relieved


def _flow(
    walk: "Walk", line: Line, months: dict[PoolKey, Month]
) -> tuple[dict[PoolKey, Fraction], Fraction] | None:
    """What of a line's value is another pool's average times a quantity, and what is fixed."""
    if line.kind == "transfer_in":
        assert line.peer is not None
        source = walk.rules.pool_of(line.peer)
        return ({source: line.q}, ZERO) if source in months else None
    if line.kind != "produce" or line.mode == "fixed":
        return None
    lines = walk.by_doc[line.doc]
    inputs = [one for one in lines if one.kind == "consume"]
    if not any(walk.pool(one).monthly for one in inputs):
        return None
    if line.mode == "input":
        return {_same(walk, inputs, line): line.q}, ZERO
    return _shared(walk, line, inputs, [one for one in lines if one.kind == "produce"])


def _same(walk: "Walk", inputs: list[Line], line: Line) -> PoolKey:
    """The pool that the same item among the inputs came from."""
    return walk.rules.pool_of(next(one for one in inputs if one.item == line.item))


def _shared(
    walk: "Walk", line: Line, inputs: list[Line], made: list[Line]
) -> tuple[dict[PoolKey, Fraction], Fraction]:
    """An output's part of all that went in, less what other outputs take as given."""
    weight = (line.weight or ZERO) / sum((one.weight or ZERO for one in made), ZERO)
    fixed = Fraction(inputs[0].amount or 0)
    flows: dict[PoolKey, Fraction] = {}
    for one in inputs:
        if walk.pool(one).monthly:
            pool = walk.rules.pool_of(one)
            flows[pool] = flows.get(pool, ZERO) - one.q * weight
        else:
            fixed -= one.value
    for one in made:
        if one.mode == "fixed":
            fixed -= one.amount or 0
        elif one.mode == "input":
            pool = _same(walk, inputs, one)
            flows[pool] = flows.get(pool, ZERO) - one.q * weight
    return flows, fixed * weight


def _settle(
    walk: "Walk",
    month: Month,
    line: Line,
    true_ups: list[tuple[Line, int, PoolKey]],
) -> tuple[Fraction, int]:
    """Fill what was owed, oldest first; what is left of the line goes into the average."""
    q, v = line.q, line.value
    while month.carried.owed and q:
        debtor, short, guess = month.carried.owed.pop(0)
        filled = min(q, short)
        piece = v if filled == q else walk.rules.round(v * filled / q)
        settled = guess if filled == short else walk.rules.round(guess * filled / short)
        true_ups.append((debtor, settled - piece, month.pool))
        q, v = q - filled, v - piece
        if filled != short:
            month.carried.owed.insert(0, (debtor, short - filled, guess - settled))
    return q, v


def _averages(months: dict[PoolKey, Month]) -> None:
    """Gauss with fractions over all pools that have anything to give."""
    keys = [key for key, month in months.items() if month.q > 0]
    rows = []
    for key in keys:
        month = months[key]
        row = {other: -month.flows.get(other, ZERO) for other in keys}
        row[key] += month.q
        rows.append([row[other] for other in keys] + [month.v])
    for column in range(len(keys)):
        pivot = next((i for i in range(column, len(keys)) if rows[i][column]), None)
        if pivot is None:
            raise Refuse("COST_CYCLE")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [cell / rows[column][column] for cell in rows[column]]
        for i in range(len(keys)):
            if i != column and rows[i][column]:
                factor = rows[i][column]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[column], strict=True)]
    for key, row in zip(keys, rows, strict=True):
        months[key].average = row[-1]


def _leave(walk: "Walk", month: Month, given: dict[Line, int]) -> None:
    """Round what leaves, in order; the last one of an emptied pool takes what is left."""
    state = month.carried
    outs = [line for line in month.lines if at_average(line)]
    supply = month.q + sum((line.q for line in outs if line.q > 0), ZERO)
    left = state.v + month.entered
    short = -(month.q + sum((line.q for line in outs), ZERO))
    known = month.average if month.average is not None else state.last
    if known is None:
        known = walk.rules.estimates.get(month.pool[0], ZERO)
    for line in outs:
        if line.q > 0:
            given[line] = walk.rules.round(known * line.q)
            left += given[line]
    outs = [line for line in outs if line.q <= 0]
    last_covered = _last_covered(outs, supply)
    for line in outs:
        covered = min(-line.q, supply)
        supply -= covered
        cost = walk.rules.round(known * covered)
        if left - cost < 0 or (short >= 0 and line is last_covered):
            cost = left
        left -= cost
        missing = -line.q - covered
        if missing:
            guess = walk.rules.round(known * missing)
            state.owed.append((line, missing, guess))
            cost += guess
        given[line] = -cost
    state.q, state.v = max(-short, ZERO), left if short < 0 else 0
    if month.average is not None:
        state.last = month.average


def _last_covered(outs: list[Line], supply: Fraction) -> Line | None:
    """The last line that takes something that is there."""
    found = None
    for line in outs:
        if line.q < 0 and supply > 0:
            supply -= min(-line.q, supply)
            found = line
    return found
