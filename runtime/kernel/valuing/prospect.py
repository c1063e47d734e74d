"""What has to be known before the walk: what continues what, late costs, counts and assemblies."""

from collections.abc import Iterable, Mapping, MutableMapping
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

    def look(self, moves: Iterable[Move], taken: MutableMapping[tuple[int, str], int]) -> None:
        """Gather it all; what is continued is added to `taken`."""
        wanted: set[int] = set()
        legs: list[Move] = []
        latest: dict[int, Assembly] = {}
        special = [
            move for move in moves
            if move.origin is not None or move.peer is not None or move.kind in _ASSEMBLING
        ]  # fmt: skip
        for move in special:
            if move.origin is not None:
                wanted.add(move.origin)
                self._continues(move, move.origin, taken)
            if move.peer is not None:
                wanted.add(move.peer)
            if move.kind == "transfer_in":
                legs.append(move)
            if move.kind in _ASSEMBLING:
                self._assembles(move, latest)
        if wanted:
            self._finds(moves, wanted, legs)

    def _finds(self, moves: Iterable[Move], wanted: set[int], legs: Iterable[Move]) -> None:
        self.moves = {move.id: move for move in moves if move.id in wanted}
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
        key, qty = (origin, "goods"), abs(move.dq)
        if move.kind == "late":
            key, qty = (origin, "invoice"), move.weight or 0
            if move.mode.startswith("replay"):
                self._grows(self.late.setdefault(origin, LateCosts()), move)
        before = taken.get(key, 0)
        self.before[move.id] = before
        taken[key] = before + qty

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


_ASSEMBLING = frozenset({"consume", "produce"})
