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


Position = tuple[int, str]


def shortages(
    moves: Iterable[Move], before: Mapping[Position, int], new: Iterable[Move]
) -> Shortages:
    """Walk the moves in business order and note every one that goes below nothing.

    A position is a pool, or a lot in it: of a lot no more may go than has come, either.
    """
    held = dict(before)
    fresh = {move.id for move in new}
    own: list[Short] = []
    later: list[Short] = []
    for move in moves:
        for position in positions_of(move):
            was = held.get(position, 0)
            held[position] = was + move.dq
            if move.dq < 0 and held[position] < 0:
                (own if move.id in fresh else later).append(Short(move, max(was, 0)))
                break
    return Shortages(tuple(own), tuple(later))


def positions_of(move: Move) -> tuple[Position, ...]:
    """Where a move counts."""
    return ((move.pool, ""), (move.pool, move.lot)) if move.lot else ((move.pool, ""),)
