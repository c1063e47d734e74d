"""Counts: the difference between what was counted and what the books hold at that moment."""

from collections.abc import Sequence
from fractions import Fraction

from runtime.kernel.amounts import Exact, as_typed, extend, from_atoms, ratio
from runtime.kernel.commands import Count
from runtime.kernel.lines import CountLine
from runtime.kernel.planning.draft import Draft, Names, find_names
from runtime.kernel.planning.goods import Goods, Part, check_goods, need_lot
from runtime.kernel.planning.shares import split
from runtime.kernel.planning.standing import Spot, held_at, serials_at
from runtime.kernel.planning.values import check_price
from runtime.kernel.pools import Pool, PoolKey


def plan_count(draft: Draft, command: Count) -> None:
    """A gain or loss of every difference, and a new unit cost where one is set."""
    names = find_names(
        draft, (line.item for line in command.lines), (line.warehouse for line in command.lines),
        with_uoms=any(line.uom for line in command.lines),
    )  # fmt: skip
    counted: list[Goods] = []
    for number, line in enumerate(command.lines):
        goods = check_goods(draft, names, number, line, qty="counted")
        if goods is None:
            continue
        need_lot(draft, goods)
        for name in ("unit_cost", "set_unit_cost"):
            if getattr(line, name) is not None:
                check_price(draft, number, line, getattr(line, name), name)
        counted.append(goods)
    if draft.refused() is not None:
        return
    for goods in counted:
        if goods.item.tracking == "serial":
            _count_serials(draft, names, goods)
        else:
            _count_quantity(draft, names, goods)


def _count_quantity(draft: Draft, names: Names, goods: Goods) -> None:
    spot = Spot(goods.item.id, goods.warehouse, goods.owner, goods.lot, goods.bin)
    pool = _hold(draft, [goods.key_of(names, goods.parts[0])])[0]
    difference = goods.atoms - held_at(draft, spot, draft.stand.key)
    rule = draft.company.rules.stocktake
    # An absolute count is written even where nothing differs: it must go on holding.
    if difference or rule == "absolute":
        part = Part(goods.lot, "", abs(difference))
        kind, sign = ("count_loss", -1) if difference < 0 else ("count_gain", 1)
        move = goods.add(draft, pool, part, kind, sign, mode=rule)
        move.unit_cost = as_typed(goods.given.unit_cost)
        if goods.given.unit_cost is not None:
            if rule == "absolute":
                move.amount, move.weight = _price(draft, goods, goods.given.unit_cost)
            elif difference > 0:
                move.amount = _worth(draft, goods, difference)
    _set_unit_cost(draft, goods, pool, Part(goods.lot, "", 0))


def _count_serials(draft: Draft, names: Names, goods: Goods) -> None:
    """Serial numbers that are there and not in the books come in; the missing ones go out."""
    found = {part.serial for part in goods.parts if part.serial}
    spot = Spot(goods.item.id, goods.warehouse, goods.owner, goods.lot, goods.bin)
    draft.lock(
        pool.id for pool in _hold(draft, [goods.key_of(names, part) for part in goods.parts])
    )
    booked = serials_at(draft, spot, draft.stand.key)
    one = goods.item.atoms_per_base
    gained = sorted(found - booked)
    worths: list[int | None] = [None] * (len(gained) + len(booked))
    if gained and goods.given.unit_cost is not None:
        worths[: len(gained)] = split(
            _worth(draft, goods, one * len(gained)), [(1, 1)] * len(gained)
        )
    parts = [(Part(goods.lot, serial, one), "count_gain", 1) for serial in gained]
    parts += [(Part(goods.lot, serial, one), "count_loss", -1) for serial in sorted(booked - found)]
    keys = [goods.key_of(names, part) for part, _, _ in parts]
    for (part, kind, sign), pool, worth in zip(parts, _hold(draft, keys), worths, strict=False):
        move = goods.add(draft, pool, part, kind, sign, mode="delta", amount=worth)
        if worth is not None:
            move.unit_cost = as_typed(goods.given.unit_cost)
    shown = goods.parts if goods.item.policy.method == "specific" else goods.parts[:1]
    for part in shown:
        pool = _hold(draft, [goods.key_of(names, part)])[0]
        _set_unit_cost(draft, goods, pool, Part(part.lot, part.serial, 0))


def _hold(draft: Draft, keys: Sequence[PoolKey]) -> list[Pool]:
    """The pools of places, held before they are looked at."""
    pools = draft.find_pools(keys)
    draft.lock(pool.id for pool in pools.values())
    return [pools[key] for key in keys]


def _set_unit_cost(draft: Draft, goods: Goods, pool: Pool, part: Part) -> None:
    given: CountLine = goods.given
    if given.set_unit_cost is None:
        return
    move = goods.add(draft, pool, part, "count_value", 1)
    move.unit_cost = as_typed(given.set_unit_cost)
    move.amount, move.weight = _price(draft, goods, given.set_unit_cost)


def _factor(goods: Goods) -> Fraction:
    """How many base units the named unit is."""
    factor = goods.item.factor(goods.uom)
    assert factor is not None, "an unknown unit was found before"
    return Fraction(*factor)


def _price(draft: Draft, goods: Goods, unit_cost: Exact) -> tuple[int, int]:
    """A cost per named unit as minor units for a number of atoms, exactly."""
    per_base = Fraction(*ratio(unit_cost)) / _factor(goods)
    price = per_base * 10**draft.company.value_scale / goods.item.atoms_per_base
    return price.numerator, price.denominator


def _worth(draft: Draft, goods: Goods, atoms: int) -> int:
    """What a gain is worth at the given cost, rounded once."""
    units = from_atoms(atoms, goods.item.atoms_per_base) / _factor(goods)
    company = draft.company
    return extend(units, goods.given.unit_cost, company.value_scale, company.rounding)
