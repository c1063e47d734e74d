"""Lines that continue earlier ones: found, of the right goods, and not more than there is."""

from collections.abc import Collection, Sequence
from typing import Any

from runtime.kernel.lines import LineRef, TransferLine
from runtime.kernel.moves import Move, continued_by
from runtime.kernel.planning.draft import Draft
from runtime.kernel.planning.goods import Goods, Part
from runtime.kernel.refusals import Refusal

# What takes goods back from, or carries on, what an earlier move moved.
_GOODS = frozenset({"purchase_return", "sales_return", "transfer_out"})


def find_source(
    draft: Draft, number: int, line: Any, ref: LineRef, kinds: Collection[str]
) -> tuple[Move, ...]:
    """The moves of the line that is continued, or none and a finding."""
    found = tuple(
        move for move in draft.moves_of(ref.posting) if move.line == ref.line and move.kind in kinds
    )
    if not found:
        draft.wrong(Refusal.UNKNOWN_REF, number, "source", line)
    return found


def is_later(draft: Draft, origin: Sequence[Move]) -> bool:
    """Whether the document at hand stands after what it continues."""
    return all((move.at, move.ord) <= draft.stand.key for move in origin)


def second_leg_of(draft: Draft, number: int, line: TransferLine) -> tuple[Move, ...]:
    """The first leg that a transfer carries on."""
    assert line.source is not None, "asked of second legs only"
    origin = find_source(draft, number, line, line.source, {"transfer_in"})
    if origin and not is_later(draft, origin):
        draft.wrong(Refusal.UNKNOWN_REF, number, "source", line)
        return ()
    return origin


def continue_goods(
    draft: Draft, goods: Goods, origin: Sequence[Move]
) -> list[tuple[Part, Move | None]]:
    """Which part of a second leg carries on which first leg; it must be of the same goods."""
    fits = [
        move
        for move in origin
        if (move.item, move.warehouse) == (goods.item.id, goods.warehouse)
        and goods.lot in {"", move.lot}
    ]
    if not fits:
        draft.wrong(Refusal.UNKNOWN_REF, goods.line, "source", goods.given)
        return []
    owners = {draft.owner_of(move.pool) for move in fits}
    if owners != {goods.owner}:
        if goods.owner or len(owners) > 1:
            draft.wrong(Refusal.UNKNOWN_REF, goods.line, "source", goods.given)
            return []
        goods.owner = owners.pop()
    serials = tuple(part.serial for part in goods.parts if part.serial)
    return list(allocate(draft, goods.line, goods.given, fits, goods.atoms, serials))


def taken_of(draft: Draft, origin: Sequence[Move]) -> dict[int, int]:
    """How much of moves was returned or carried on before."""
    taken = {move.id: 0 for move in origin}
    if not taken:
        return taken
    draft.lock({move.pool for move in origin})
    for move in continued_by(draft.connection, sorted(taken)):
        if move.origin in taken and move.kind in _GOODS:
            taken[move.origin] += abs(move.dq)
    return taken


def allocate(
    draft: Draft, number: int, line: Any, origin: Sequence[Move], atoms: int,
    serials: Sequence[str] = (),
) -> list[tuple[Part, Move]]:  # fmt: skip
    """Spread a quantity over the moves of its source, in their order or by serial number."""
    taken = draft.taken
    taken |= taken_of(draft, [move for move in origin if move.id not in taken])
    if atoms > sum(abs(move.dq) - taken[move.id] for move in origin):
        draft.wrong(Refusal.OVER_RETURN, number, "qty", line)
        return []
    if serials:
        by_serial = {move.serial: move for move in origin}
        origin = [by_serial[serial] for serial in serials if serial in by_serial]
    found: list[tuple[Part, Move]] = []
    left = atoms
    for move in origin:
        part = min(abs(move.dq) - taken[move.id], left)
        if part > 0:
            taken[move.id] += part
            found.append((Part(move.lot, move.serial, part), move))
            left -= part
    if left:
        # There is more to go back, but not by these serial numbers.
        draft.wrong(Refusal.SERIAL_NOT_IN_STOCK, number, "serials", line)
        return []
    return found
