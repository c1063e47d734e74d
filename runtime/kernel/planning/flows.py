"""Goods that come in, go out and move: receipts, issues, transfers."""

from collections.abc import Sequence

from runtime.kernel.amounts import as_typed
from runtime.kernel.commands import Issue, Receive, Transfer
from runtime.kernel.lines import IssueLine, TransferLine
from runtime.kernel.moves import Move
from runtime.kernel.planning.draft import Draft, Names, find_names
from runtime.kernel.planning.goods import (
    Goods,
    Part,
    check_goods,
    need_lot,
    note_dates,
    pick_lots,
    refuse_expired,
)
from runtime.kernel.planning.reserved import take_reserved
from runtime.kernel.planning.shares import split
from runtime.kernel.planning.sources import continue_goods, second_leg_of
from runtime.kernel.planning.values import value_of
from runtime.kernel.refusals import Refusal

SCRAP = "scrap"


def names_of(draft: Draft, lines: Sequence[IssueLine | TransferLine]) -> Names:
    """The items and warehouses of lines."""
    places = {line.warehouse for line in lines}
    places |= {line.to_warehouse for line in lines if isinstance(line, TransferLine)}
    return find_names(
        draft, (line.item for line in lines), places, with_uoms=any(line.uom for line in lines)
    )


def plan_receive(draft: Draft, command: Receive) -> None:
    """A move into its pool for every part of a line."""
    names = names_of(draft, command.lines)  # type: ignore[arg-type]
    coming: list[tuple[Goods, int]] = []
    for number, line in enumerate(command.lines):
        goods = check_goods(draft, names, number, line)
        if goods is None:
            continue
        need_lot(draft, goods)
        note_dates(draft, goods, line.produced, line.expiry)
        value = value_of(draft, number, line)
        if value is not None:
            coming.append((goods, value))
    if draft.refused() is not None:
        return
    pools = draft.find_pools(key for goods, _ in coming for key in goods.keys(names))
    for goods, value in coming:
        worths = split(value, [(part.atoms, 1) for part in goods.parts])
        for part, worth in zip(goods.parts, worths, strict=True):
            received = goods.add(draft, pools[goods.key_of(names, part)], part, "receive", 1)
            received.amount = worth
            received.unit_cost = as_typed(goods.given.unit_cost)


def plan_issue(draft: Draft, command: Issue) -> None:
    """A move out of its pool for every part of a line."""
    names = names_of(draft, command.lines)
    going: list[Goods] = []
    for number, line in enumerate(command.lines):
        goods = check_goods(draft, names, number, line)
        if goods is not None:
            going.append(goods)
    take_reserved(draft, going)
    pick_lots(draft, going)
    if command.header.purpose != SCRAP:
        refuse_expired(draft, going)
    if draft.refused() is not None:
        return
    pools = draft.find_pools(key for goods in going for key in goods.keys(names))
    for goods in going:
        for part in goods.parts:
            goods.add(draft, pools[goods.key_of(names, part)], part, "issue", -1)


def plan_transfer(draft: Draft, command: Transfer) -> None:
    """Two moves for every part of a line: out of one pool and into another (or the same one)."""
    names = names_of(draft, command.lines)
    going: list[Goods] = []
    origins: dict[int, list[tuple[Part, Move | None]]] = {}
    for number, line in enumerate(command.lines):
        origin = second_leg_of(draft, number, line) if line.source is not None else ()
        goods = check_goods(draft, names, number, line)
        if goods is None:
            continue
        if line.warehouse == line.to_warehouse and line.bin == line.to_bin:
            draft.wrong(Refusal.SAME_WAREHOUSE, number, "to_warehouse", line)
        if origin:
            origins[number] = continue_goods(draft, goods, origin)
        going.append(goods)
    pick_lots(draft, [goods for goods in going if goods.line not in origins])
    if draft.refused() is not None:
        return
    _lay_transfer(draft, names, going, origins)


def _lay_transfer(
    draft: Draft,
    names: Names,
    going: Sequence[Goods],
    origins: dict[int, list[tuple[Part, Move | None]]],
) -> None:
    targets = {goods.line: names.warehouses[goods.given.to_warehouse] for goods in going}
    for goods in going:
        if goods.line in origins:
            goods.parts = [part for part, _ in origins[goods.line]]
    pools = draft.find_pools(
        key
        for goods in going
        for part in goods.parts
        for key in (
            goods.key_of(names, part), goods.key_of(names, part, targets[goods.line])
        )
    )  # fmt: skip
    for goods in going:
        target = targets[goods.line]
        pairs = origins.get(goods.line) or [(part, None) for part in goods.parts]
        for part, origin in pairs:
            pool = pools[goods.key_of(names, part)]
            out = goods.add(draft, pool, part, "transfer_out", -1)
            out.origin = None if origin is None else origin.id
            goods.add(
                draft, pools[goods.key_of(names, part, target)], part, "transfer_in", 1,
                warehouse=target, bin_=goods.given.to_bin, peer=out.id,
            )  # fmt: skip
