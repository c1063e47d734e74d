"""Months with pools that are costed by the month: who is valued after whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from runtime.kernel.moves import Move
from runtime.kernel.refusals import Refusal
from runtime.kernel.valuing.graph import in_order
from runtime.kernel.valuing.month import value
from runtime.kernel.valuing.pool import Pool
from runtime.kernel.valuing.walk import Handlers, Walk

_EPOCH = date(1970, 1, 1).toordinal()
_MOMENTS_PER_DAY = 8 * 86400


@dataclass(slots=True)
class Stretch:
    """The moves of one pool in a month, or as far as one method and no set value reaches in it."""

    pool: int
    method: type[Pool]
    is_monthly: bool
    moves: list[Move] = field(default_factory=list)


def month_of(at: int) -> tuple[int, int]:
    """The year and month of a business moment."""
    day = date.fromordinal(_EPOCH + at // _MOMENTS_PER_DAY)
    return day.year, day.month


def by_month(moves: Sequence[Move]) -> Iterator[list[Move]]:
    """Moves in key order, a month at a time."""
    current: tuple[int, int] | None = None
    day, of_day = None, (0, 0)
    found: list[Move] = []
    for move in moves:
        if move.at // _MOMENTS_PER_DAY != day:
            day, of_day = move.at // _MOMENTS_PER_DAY, month_of(move.at)
        if of_day != current:
            if found:
                yield found
            current, found = of_day, []
        found.append(move)
    if found:
        yield found


def run(walk: Walk, moves: Sequence[Move], handlers: Handlers) -> None:
    """Value a stretch of months one after the other."""
    for found in by_month(moves):
        stretches = _stretches(walk, found)
        if not any(stretch.is_monthly for stretch in stretches):
            walk.run(found, handlers)
            continue
        _run_month(walk, stretches, handlers)
        walk.exact.clear()


def _stretches(walk: Walk, moves: Sequence[Move]) -> list[Stretch]:
    """The moves of a month by pool; a value that is set ends what is averaged together."""
    stretches: list[Stretch] = []
    latest: dict[int, Stretch] = {}
    for move in moves:
        method = walk.method_at(move.pool, (move.at, move.ord))
        sets_value = method.monthly and move.kind == "count_value"
        is_monthly = method.monthly and not sets_value
        stretch = latest.get(move.pool)
        if stretch is None or stretch.method is not method or stretch.is_monthly != is_monthly:
            stretch = latest[move.pool] = Stretch(move.pool, method, is_monthly)
            stretches.append(stretch)
        stretch.moves.append(move)
    return stretches


def _run_month(walk: Walk, stretches: Sequence[Stretch], handlers: Handlers) -> None:
    place = {move.id: n for n, stretch in enumerate(stretches) for move in stretch.moves}
    for group in in_order(_needs(walk, stretches, place)):
        found = [stretches[number] for number in group]
        monthly = [stretch.is_monthly for stretch in found]
        moves = sorted((move for stretch in found for move in stretch.moves), key=_key)
        if all(monthly) and value(walk, [stretch.moves for stretch in found]):
            continue
        if any(monthly):
            walk.refuse(Refusal.COST_CYCLE, max(moves, key=lambda move: move.id))
        walk.run(moves, handlers)


def _key(move: Move) -> tuple[int, int, int]:
    return move.at, move.ord, move.id


def _needs(walk: Walk, stretches: Sequence[Stretch], place: dict[int, int]) -> list[set[int]]:
    """Which stretches have to be valued before which."""
    needs: list[set[int]] = []
    latest: dict[int, int] = {}
    for number, stretch in enumerate(stretches):
        found: set[int] = set()
        if stretch.pool in latest:
            found.add(latest[stretch.pool])
        latest[stretch.pool] = number
        for move in stretch.moves:
            found |= {place[needed] for needed in _needed(walk, move) if needed in place}
        found.discard(number)
        needs.append(found)
    return needs


def _needed(walk: Walk, move: Move) -> Iterator[int]:
    if move.origin is not None:
        yield move.origin
    if move.peer is not None:
        yield move.peer
    if move.kind == "produce":
        for found in walk.ahead.assemblies[move.id].inputs:
            yield found.id
