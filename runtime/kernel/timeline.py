"""The timeline check: at no business moment may a place hold less than nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from runtime.kernel.moves import Move

# Only these may take what is not there, and only where the item's policy lets them.
_MAY_GO_SHORT = {"issue", "purchase_return"}
_COUNTS = {"count_gain", "count_loss"}


@dataclass(frozen=True, slots=True)
class Short:
    """A move that would take more than its pool or place holds at that moment."""

    move: Move
    on_hand: int


@dataclass(frozen=True, slots=True)
class Shortages:
    """What goes short: moves of the new posting, and moves that are in the books already."""

    own: tuple[Short, ...]
    later: tuple[Short, ...]


# A pool by its id, or a place inside or across pools by its key.
Position = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the check stands on: where a move counts, what was there before, what may go short."""

    places_of: Callable[[Move], Iterable[Position]]
    before: Mapping[Position, int]
    may_go_short: Callable[[Move], bool]


def net_counts(moves: Sequence[Move]) -> Sequence[Move]:
    """The moves, an absolute count and its corrections taken together where the count stands."""
    corrections: dict[int, int] = {}
    for move in moves:
        if move.origin is not None and move.kind in _COUNTS:
            corrections[move.origin] = corrections.get(move.origin, 0) + move.dq
    if not corrections:
        return moves
    return [
        replace(move, dq=move.dq + corrections[move.id]) if move.id in corrections else move
        for move in moves
        if move.origin is None or move.kind not in _COUNTS
    ]


def pool_shortages(
    moves: Iterable[Move],
    held: dict[int, int],
    may_go_short: Callable[[Move], bool],
    new: Iterable[Move],
) -> Shortages:
    """The same where goods count nowhere but in their pools; `held` is what these held before."""
    fresh = {move.id for move in new}
    own: list[Short] = []
    later: list[Short] = []
    for move in moves:
        was = held[move.pool]
        now = held[move.pool] = was + move.dq
        if now < 0 and move.dq < 0 and not (move.kind in _MAY_GO_SHORT and may_go_short(move)):
            (own if move.id in fresh else later).append(Short(move, max(was, 0)))
    return Shortages(tuple(own), tuple(later))


def shortages(moves: Iterable[Move], ground: Ground, new: Iterable[Move]) -> Shortages:
    """Walk the moves in business order and note every one that goes below nothing."""
    held = dict(ground.before)
    fresh = {move.id for move in new}
    own: list[Short] = []
    later: list[Short] = []
    for move in moves:
        if not move.dq:
            continue
        short: Short | None = None
        for place in ground.places_of(move):
            was = held.get(place, 0)
            held[place] = was + move.dq
            if short is None and move.dq < 0 and held[place] < 0:
                short = Short(move, max(was, 0))
        if short is not None and not (move.kind in _MAY_GO_SHORT and ground.may_go_short(move)):
            (own if move.id in fresh else later).append(short)
    return Shortages(tuple(own), tuple(later))
