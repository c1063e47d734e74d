"""Goods that go back where they came from: to the supplier, from the customer."""

from collections.abc import Sequence
from dataclasses import dataclass

from runtime.kernel.amounts import as_text, as_typed, from_atoms
from runtime.kernel.commands import PurchaseReturn, SalesReturn
from runtime.kernel.lines import ReturnLine
from runtime.kernel.moves import Move
from runtime.kernel.planning.draft import Draft, Names, find_names
from runtime.kernel.planning.goods import Part, atoms_of
from runtime.kernel.planning.sources import allocate, find_source, is_later
from runtime.kernel.pools import PoolKey
from runtime.kernel.refusals import Refusal
from runtime.kernel.registration import Item, items_by_id


@dataclass(frozen=True, slots=True)
class _Back:
    """A line of goods that go back, part by part with what they were."""

    line: int
    given: ReturnLine
    item: Item
    parts: list[tuple[Part, Move]]


def plan_purchase_return(draft: Draft, command: PurchaseReturn) -> None:
    """Out of the pool that the goods came into, at what they cost or at what they cost now."""
    names, found = _resolve(draft, command.lines, "receive")
    if draft.refused() is None:
        mode = draft.company.rules.purchase_return_cost
        _lay(draft, names, found, "purchase_return", mode)


def plan_sales_return(draft: Draft, command: SalesReturn) -> None:
    """Into the pool that the goods came out of, or where the customer brings them."""
    names, found = _resolve(draft, command.lines, "issue")
    if draft.refused() is None:
        _lay(draft, names, found, "sales_return", draft.company.rules.sales_return_cost)


def _resolve(draft: Draft, lines: Sequence[ReturnLine], kind: str) -> tuple[Names, list[_Back]]:
    origins = [
        find_source(draft, number, line, line.source, {kind}) for number, line in enumerate(lines)
    ]
    for number, origin in enumerate(origins):
        if origin and not is_later(draft, origin):
            draft.wrong(Refusal.UNKNOWN_REF, number, "source", lines[number])
    items = items_by_id(draft.connection, {move.item for origin in origins for move in origin})
    names = find_names(
        draft, (item.key for item in items.values()),
        {line.warehouse for line in lines if line.warehouse},
        with_uoms=any(line.uom for line in lines),
    )  # fmt: skip
    found: list[_Back] = []
    if draft.refused() is not None:
        return names, found
    for number, (line, origin) in enumerate(zip(lines, origins, strict=True)):
        item = names.items[items[origin[0].item].key]
        if line.warehouse and line.warehouse not in names.warehouses:
            draft.wrong(Refusal.UNKNOWN_WAREHOUSE, number, "warehouse", line)
            continue
        atoms = atoms_of(draft, number, line, item, line.qty)
        if atoms is not None and _serials_fit(draft, number, line, item, origin, atoms):
            parts = allocate(draft, number, line, origin, atoms, line.serials)
            found.append(_Back(number, line, item, parts))
    return names, found


def _serials_fit(
    draft: Draft, number: int, line: ReturnLine, item: Item, origin: Sequence[Move], atoms: int
) -> bool:
    """Serial numbers are as many as base units; who returns everything need not name them."""
    if not line.serials and (
        item.tracking != "serial" or atoms >= sum(abs(move.dq) for move in origin)
    ):
        return True
    if len(line.serials) * item.atoms_per_base == atoms:
        return True
    draft.wrong(Refusal.SERIAL_COUNT, number, "serials", line)
    return False


def _lay(draft: Draft, names: Names, found: Sequence[_Back], kind: str, mode: str) -> None:
    keys: dict[tuple[int, int, str], PoolKey] = {}
    for back in found:
        for part, origin in back.parts:
            place = names.warehouses.get(back.given.warehouse, origin.warehouse)
            key = names.pool_key(
                back.item, place, owner=draft.owner_of(origin.pool), lot=part.lot,
                serial=part.serial,
            )  # fmt: skip
            keys[back.line, origin.id, part.serial] = key
    pools = draft.find_pools(keys.values())
    for back in found:
        for part, origin in back.parts:
            key = keys[back.line, origin.id, part.serial]
            place = names.warehouses.get(back.given.warehouse, origin.warehouse)
            _add(draft, back, part, origin, (kind, mode, pools[key].id, place))


def _add(
    draft: Draft, back: _Back, part: Part, origin: Move, goes: tuple[str, str, int, int]
) -> None:
    kind, mode, pool, place = goes
    given, whole = back.given, len(back.parts) == 1
    base = as_text(from_atoms(part.atoms, back.item.atoms_per_base))
    draft.new_move(
        back.line, kind, back.item.id, pool, place,
        part.atoms if kind == "sales_return" else -part.atoms,
        mode=mode, origin=origin.id, lot=part.lot, serial=part.serial,
        bin=given.bin or (origin.bin if place == origin.warehouse else ""),
        uom=given.uom if whole else "", uom_qty=as_typed(given.qty) if whole else base,
    )  # fmt: skip
