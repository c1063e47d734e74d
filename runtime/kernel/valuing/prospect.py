"""What has to be known before the walk: what continues what, late costs, counts and assemblies."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field

from runtime.kernel.moves import Move


@dataclass(slots=True)
class LateCosts:
    """What made a receipt dearer in replay, and the last move that did."""

    landed: int = 0
    invoiced: int = 0
    invoiced_qty: int = 0
    last: Move | None = None


@dataclass(slots=True)
class Assembly:
    """What one assembly uses up and brings out, and what each output is worth once that is known.

    `outside` are inputs whose pools are not walked.
    """

    inputs: list[Move] = field(default_factory=list)
    outputs: list[Move] = field(default_factory=list)
    outside: list[Move] = field(default_factory=list)
    parts: dict[int, int] = field(default_factory=dict)
    is_first: bool = True


class Prospect:
    """One look over the moves to come."""

    def __init__(self) -> None:
        # The moves of this stretch that others continue or are the peer of.
        self.moves: dict[int, Move] = {}
        # What continues a move, by the move.
        self.continuing: dict[int, list[int]] = {}
        # How much of its origin was continued before a move, in business order.
        self.before: dict[int, int] = {}
        self.late: dict[int, LateCosts] = {}
        # What an absolute count comes to with its corrections, by the count.
        self.nets: dict[int, int] = {}
        self.assemblies: dict[int, Assembly] = {}
        # Where what went out by transfer came in.
        self.legs: dict[int, list[int]] = {}
        # Both legs of transfers that stay inside one pool.
        self.inside: set[int] = set()

    def look(
        self,
        moves: Iterable[Move],
        taken: MutableMapping[tuple[int, str], int],
        beside: Sequence[Move] = (),
    ) -> None:
        """Gather it all; what is continued, here or beside, is added to `taken`."""
        special = [
            move for move in moves
            if move.origin is not None or move.peer is not None or move.kind in _ASSEMBLING
        ]  # fmt: skip
        outside = {move.id for move in beside}
        if outside:
            special = sorted([*special, *beside], key=lambda move: move.key)
        latest: dict[int, Assembly] = {}
        for move in special:
            if move.id in outside:
                _takes(move, taken)
                continue
            if move.origin is not None:
                self._continues(move, move.origin, taken)
            if move.kind in _ASSEMBLING:
                self._assembles(move, latest)
        own = [move for move in special if move.id not in outside]
        wanted = {move.origin for move in own} | {move.peer for move in own}
        if wanted:
            self.moves = {move.id: move for move in moves if move.id in wanted}
            self._finds(move for move in own if move.kind == "transfer_in")

    def _finds(self, legs: Iterable[Move]) -> None:
        for number in self.nets:
            self.nets[number] += self.moves[number].dq
        for leg in legs:
            assert leg.peer is not None, "what comes in by transfer has gone out"
            self.legs.setdefault(leg.peer, []).append(leg.id)
            out = self.moves.get(leg.peer)
            if out is not None and out.pool == leg.pool:
                self.inside |= {leg.id, out.id}

    def _continues(
        self, move: Move, origin: int, taken: MutableMapping[tuple[int, str], int]
    ) -> None:
        if move.kind in ("count_gain", "count_loss"):
            self.nets[origin] = self.nets.get(origin, 0) + move.dq
            return
        self.continuing.setdefault(origin, []).append(move.id)
        if move.mode.startswith("replay"):
            self._grows(self.late.setdefault(origin, LateCosts()), move)
        self.before[move.id] = _takes(move, taken)

    @staticmethod
    def _grows(late: LateCosts, move: Move) -> None:
        assert move.amount is not None, "a late cost has its amount"
        late.last = move
        if move.mode.endswith("invoice"):
            late.invoiced += move.amount
            late.invoiced_qty += move.weight or 0
        else:
            late.landed += move.amount

    def _assembles(self, move: Move, latest: dict[int, Assembly]) -> None:
        """Inputs stand before outputs, so an input after an output begins another assembly."""
        found = latest.get(move.posting)
        if found is None or (move.kind == "consume" and found.outputs):
            is_first = found is None
            found = latest[move.posting] = Assembly(is_first=is_first)
        (found.inputs if move.kind == "consume" else found.outputs).append(move)
        self.assemblies[move.id] = found

    def join_outside(self, origins: Mapping[int, Move]) -> None:
        """Add the inputs of walked assemblies that lie in pools that are not walked."""
        by_posting = {found.outputs[0].posting: found for found in self.assemblies.values()
                      if found.outputs}  # fmt: skip
        if not by_posting:
            return
        for move in origins.values():
            if move.kind == "consume" and move.id not in self.assemblies:
                found = by_posting.get(move.posting)
                if found is not None:
                    found.outside.append(move)


def _takes(move: Move, taken: MutableMapping[tuple[int, str], int]) -> int:
    """Add what a move takes of its origin; what was taken before it."""
    assert move.origin is not None, "it continues something"
    key, qty = (move.origin, "goods"), abs(move.dq)
    if move.kind == "late":
        key, qty = (move.origin, "invoice"), move.weight or 0
    before = taken.get(key, 0)
    taken[key] = before + qty
    return before


def split_before(moves: Iterable[Move]) -> dict[int, int]:
    """What split late costs among these added to the worth of receipts, by the receipt."""
    found: dict[int, int] = {}
    for move in moves:
        if move.origin is not None and move.mode.startswith("split"):
            worth = move.values.get("invoice", 0) + move.values.get("landed_cost", 0)
            found[move.origin] = found.get(move.origin, 0) + worth
    return found


_ASSEMBLING = frozenset({"consume", "produce"})
