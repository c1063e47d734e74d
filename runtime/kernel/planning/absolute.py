"""Counts that hold whatever arrives before them: corrected by the posting that disturbs them."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from runtime.kernel.moves import Move, moves_by_id
from runtime.kernel.planning.draft import Draft
from runtime.kernel.planning.standing import Spot
from runtime.kernel.sql import marks, run


def correct_counts(draft: Draft) -> None:
    """Append, at every count that this posting would falsify, what makes it hold again.

    The correction has the count as its origin and is valued with it as one. Counts that this
    posting undoes no longer hold; their corrections are undone with them.
    """
    moving = [move for move in draft.moves if move.dq]
    if not moving:
        return
    for count in _counts_after(draft, moving):
        key = (count.at, count.ord)
        spot = Spot(count.item, count.warehouse, draft.owner_of(count.pool), count.lot, count.bin)
        before = [
            move
            for move in draft.moves
            if move.dq
            and (_key(draft, move) < key or draft.corrected.get(move.voids or 0) == count.id)
            and spot.holds(draft, move)
        ]
        change = sum(move.dq for move in before)
        if change:
            _correct(draft, count, -change, before[-1].line)


def _correct(draft: Draft, count: Move, dq: int, line: int) -> None:
    kind = "count_gain" if dq > 0 else "count_loss"
    draft.add(
        Move(
            0, 0, line, kind, count.item, count.pool, count.warehouse, dq, count.at, count.ord,
            count.business_date, mode="absolute", origin=count.id, lot=count.lot, bin=count.bin,
        )
    )  # fmt: skip
    draft.is_late = True


def _key(draft: Draft, move: Move) -> tuple[int, int]:
    """Where a move will stand; one without an order of its own comes after what is there."""
    return move.at, move.ord or draft.stand.key[1]


def _counts_after(draft: Draft, moving: list[Move]) -> list[Move]:
    """The absolute counts of these items that stand after the earliest of the moves and hold."""
    earliest = min(_key(draft, move) for move in moving)
    items = sorted({move.item for move in moving})
    rows = run(
        draft.connection,
        f"SELECT m.id FROM k_move m WHERE m.item IN ({marks(items)}) AND m.mode = 'absolute'"
        " AND m.origin IS NULL AND (m.at, m.ord) > (?, ?)"
        " AND NOT EXISTS (SELECT 1 FROM k_move o WHERE o.voids = m.id)",
        (*items, *earliest),
    )
    undone = {move.voids for move in draft.moves if move.voids is not None}
    found = moves_by_id(draft.connection, sorted({row[0] for row in rows} - undone))
    return sorted(found.values(), key=lambda move: move.key)
