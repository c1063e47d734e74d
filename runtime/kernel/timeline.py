"""The timeline check: at no business moment may a pool hold less than nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runtime.kernel.moves import Move


@dataclass(frozen=True, slots=True)
class Short:
    """A move that would take more than its pool holds at that moment."""

    move: Move
    on_hand: int


@dataclass(frozen=True, slots=True)
class Shortages:
    """What goes short: moves of the new posting, and moves that are in the books already."""

    own: tuple[Short, ...]
    later: tuple[Short, ...]


def shortages(moves: Iterable[Move], before: Mapping[int, int], new: Iterable[Move]) -> Shortages:
    """Walk the moves in business order and note every one that goes below nothing."""
    held = dict(before)
    fresh = {move.id for move in new}
    own: list[Short] = []
    later: list[Short] = []
    for move in moves:
        was = held[move.pool]
        held[move.pool] = was + move.dq
        if move.dq < 0 and held[move.pool] < 0:
            (own if move.id in fresh else later).append(Short(move, max(was, 0)))
    return Shortages(tuple(own), tuple(later))
