"""Costs that come after the goods: freight and duty spread over receipts, and invoices."""

from collections.abc import Sequence
from dataclasses import dataclass

from runtime.kernel.amounts import Exact, as_typed, is_finite, to_minor
from runtime.kernel.commands import Invoice, LandedCost
from runtime.kernel.lines import InvoiceLine
from runtime.kernel.moves import Move, continued_by
from runtime.kernel.planning.draft import Draft
from runtime.kernel.planning.goods import atoms_of
from runtime.kernel.planning.shares import split
from runtime.kernel.planning.sources import find_source, is_later
from runtime.kernel.planning.values import amount_of, value_of
from runtime.kernel.refusals import Refusal
from runtime.kernel.registration import Item, find_items, items_by_id


def plan_landed_cost(draft: Draft, command: LandedCost) -> None:
    """A late move for every receipt move, its part of the amount by the basis."""
    origins = [
        find_source(draft, number, line, line.source, {"receive"})
        for number, line in enumerate(command.lines)
    ]
    _refuse_earlier(draft, command.lines, origins)
    total = amount_of(draft, 0, command)
    if draft.refused() is not None or total is None:
        return
    parts = _parts(draft, command, origins, total)
    if parts is None:
        return
    _find_pools(draft, origins)
    for number, origin in enumerate(origins):
        weights = _worths(origin)
        for move, amount in zip(origin, split(parts[number], weights), strict=True):
            late_move(draft, number, move, "landed_cost", amount)


def _parts(
    draft: Draft, command: LandedCost, origins: Sequence[Sequence[Move]], total: int
) -> list[int] | None:
    """What each line bears; together they are the total."""
    if command.basis == "manual":
        return _manual(draft, command, total)
    if command.basis == "equal":
        return split(total, [(1, 1)] * len(origins))
    quantities = _base_quantities(draft, origins)
    if command.basis == "qty":
        return split(total, quantities)
    worths = [(sum(move.amount or 0 for move in origin), 1) for origin in origins]
    # What was free cannot bear by amount; goods then bear by quantity.
    return split(total, worths if any(worth for worth, _ in worths) else quantities)


def _manual(draft: Draft, command: LandedCost, total: int) -> list[int] | None:
    parts: list[int] = []
    for number, line in enumerate(command.lines):
        given: Exact | None = line.part
        ok = given is not None and is_finite(given)
        value = to_minor(given, draft.company.value_scale) if ok and given is not None else None
        if value is None:
            draft.wrong(Refusal.BAD_VALUE, number, "part", line)
        else:
            parts.append(value)
    if draft.refused() is None and sum(parts) != total:
        draft.wrong(Refusal.BAD_VALUE, 0, "amount", command)
    return parts if draft.refused() is None else None


def _base_quantities(draft: Draft, origins: Sequence[Sequence[Move]]) -> list[tuple[int, int]]:
    items = items_by_id(draft.connection, {move.item for origin in origins for move in origin})
    return [
        (sum(move.dq for move in origin), items[origin[0].item].atoms_per_base)
        for origin in origins
    ]


def _worths(origin: Sequence[Move]) -> list[tuple[int, int]]:
    worths = [(move.amount or 0, 1) for move in origin]
    return worths if any(worth for worth, _ in worths) else [(move.dq, 1) for move in origin]


@dataclass(frozen=True, slots=True)
class _Billed:
    """A line of an invoice: what it bills and how much of it."""

    line: int
    origin: tuple[Move, ...]
    atoms: int
    value: int


def plan_invoice(draft: Draft, command: Invoice) -> None:
    """A late move for every receipt move that is billed, with the quantity and the amount."""
    origins = [
        find_source(draft, number, line, line.source, {"receive"})
        for number, line in enumerate(command.lines)
    ]
    _refuse_earlier(draft, command.lines, origins)
    if draft.refused() is not None:
        return
    items = _items(draft, command.lines, origins)
    billed: list[_Billed] = []
    for number, (line, origin) in enumerate(zip(command.lines, origins, strict=True)):
        atoms = atoms_of(draft, number, line, items[origin[0].item], line.qty)
        if atoms is None:
            continue
        value = value_of(draft, number, line)
        if value is not None:
            billed.append(_Billed(number, origin, atoms, value))
    _find_pools(draft, origins)
    for one in billed:
        _lay_invoice(draft, command.lines[one.line], one)


def _items(
    draft: Draft, lines: Sequence[InvoiceLine], origins: Sequence[Sequence[Move]]
) -> dict[int, Item]:
    items = items_by_id(draft.connection, {move.item for origin in origins for move in origin})
    if any(line.uom for line in lines):
        keys = [item.key for item in items.values()]
        found = find_items(draft.connection, draft.company.id, keys, with_uoms=True)
        items = {item.id: item for item in found.values()}
    return items


def _lay_invoice(draft: Draft, line: InvoiceLine, billed: _Billed) -> None:
    left, chosen = billed.atoms, []
    for move in billed.origin:
        already = invoiced_of(draft, move)
        part = min(move.dq - already, left)
        if part > 0:
            draft.invoiced[move.id] = already + part
            chosen.append((move, part))
            left -= part
    if left:
        draft.wrong(Refusal.OVER_INVOICE, billed.line, "qty", line)
        return
    amounts = split(billed.value, [(part, 1) for _, part in chosen])
    for (move, part), amount in zip(chosen, amounts, strict=True):
        late = late_move(draft, billed.line, move, "invoice", amount)
        late.weight = part
        late.uom, late.uom_qty = line.uom, as_typed(line.qty)
        late.unit_cost = as_typed(line.unit_cost)


def invoiced_of(draft: Draft, move: Move) -> int:
    """How much of a receipt move was billed before, by this posting included."""
    if move.id not in draft.invoiced:
        draft.lock({move.pool})
        draft.invoiced[move.id] = sum(
            late.weight or 0
            for late in continued_by(draft.connection, [move.id])
            if late.kind == "late" and late.mode.endswith("invoice")
        )
    return draft.invoiced[move.id]


def late_move(draft: Draft, line: int, origin: Move, what: str, amount: int) -> Move:
    """A late cost of a receipt: at its own place while its month is open, else at the document's.

    Whether it goes back is decided now: a month that closes afterwards changes nothing.
    """
    late = draft.new_move(
        line, "late", origin.item, origin.pool, origin.warehouse, 0, amount=amount,
        mode=f"split {what}", origin=origin.id, lot=origin.lot, serial=origin.serial,
    )  # fmt: skip
    if goes_back(draft, origin):
        late.mode = f"replay {what}"
        late.at, late.ord, late.business_date = origin.at, origin.ord, origin.business_date
        draft.is_late = True
    return late


def goes_back(draft: Draft, origin: Move) -> bool:
    """Whether a late cost changes what its receipt is worth from the beginning."""
    return draft.company.rules.late_cost == "replay" and not draft.is_closed(origin.business_date)


def _refuse_earlier(
    draft: Draft, lines: Sequence[object], origins: Sequence[Sequence[Move]]
) -> None:
    """A cost that is split at its own place must stand after the goods."""
    for number, origin in enumerate(origins):
        if origin and not goes_back(draft, origin[0]) and not is_later(draft, origin):
            draft.wrong(Refusal.UNKNOWN_REF, number, "source", lines[number])


def _find_pools(draft: Draft, origins: Sequence[Sequence[Move]]) -> None:
    """Late costs may stand before what is in the pools already."""
    draft.is_late = True
    draft.lock({move.pool for origin in origins for move in origin})
