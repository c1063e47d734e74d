"""What a posting says of values: its own moves' worth, and what others are worth now."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from runtime.kernel.append import Change
from runtime.kernel.commands import PostedLine
from runtime.kernel.costing import Valued
from runtime.kernel.moves import Move

# Roles that say what a line was worth beside the goods themselves.
VARIANCES: Final = frozenset({"residual", "return_variance", "price_variance", "cogs_adjust"})


def changes_of(
    new: Sequence[Move],
    moves: Iterable[Move],
    undone: Mapping[int, Move],
    valued: Valued,
) -> list[Change]:
    """Every value entry of the posting, its own lines first."""
    fresh = {move.id for move in new}
    made_dearer = {move.origin for move in new if move.kind == "late"}
    changes: list[Change] = []
    for move in new:
        if move.voids is not None:
            values = undone[move.voids].values if move.voids in undone else {}
            changes += [Change(move, "void", name, -dv) for name, dv in values.items() if dv]
        else:
            layers = valued.layers.get(move.id, "")
            changes += [
                Change(move, "original", name, dv, layers if name == "transfer" else "")
                for name, dv in valued.values.get(move.id, {}).items()
            ]
    for move in moves:
        if move.id in fresh:
            continue
        now = valued.values[move.id]
        layers = valued.layers.get(move.id, "")
        if now != move.values or layers != move.layers:
            changes += _revaluations(move, now, layers, "late" if move.id in made_dearer else "")
    return changes


def settled(outside: Iterable[Move], valued: Valued) -> list[Change]:
    """What issues before the walk cost more or less because their shortage was filled in it."""
    changes: list[Change] = []
    for move in outside:
        dv = valued.values[move.id].get("true_up", 0) - move.values.get("true_up", 0)
        if dv:
            changes.append(Change(move, "true_up", "true_up", dv))
    return changes


def _revaluations(move: Move, now: Mapping[str, int], layers: str, cause: str) -> list[Change]:
    before = move.values
    if len(now) == 1 and not layers and not move.layers and now.keys() == before.keys():
        # Nearly all of the many thousands of a late document are like this.
        ((name, value),) = now.items()
        kind = "true_up" if name == "true_up" else cause or "revalue"
        return [Change(move, kind, name, value - before[name])]
    if move.layers and not layers:
        # What came in one layer needs no text; only one that was there before is overruled.
        layers = f"{move.dq},{now.get('transfer', 0)}"
    changes: list[Change] = []
    for name in dict.fromkeys((*now, *before)):
        dv = now.get(name, 0) - before.get(name, 0)
        own_layers = layers if name == "transfer" and layers != move.layers else ""
        if dv or own_layers:
            kind = "true_up" if name == "true_up" else cause or "revalue"
            changes.append(Change(move, kind, name, dv, own_layers))
    return changes


def posted_lines(changes: Iterable[Change]) -> tuple[PostedLine, ...]:
    """What each line was worth; of the two legs of a transfer the one that went out."""
    lines: dict[int, int] = {}
    for change in changes:
        move = change.move
        own = change.kind in {"original", "void"}
        if own and move.kind != "transfer_in" and change.account not in VARIANCES:
            lines[move.line] = lines.get(move.line, 0) + change.dv
    return tuple(PostedLine(line, value) for line, value in sorted(lines.items()))
