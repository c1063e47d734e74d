"""Lines of goods: checked against the books, and split by lot and serial number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from runtime.kernel.amounts import LIMIT, Exact, as_text, as_typed, from_atoms, is_finite, to_atoms
from runtime.kernel.moves import Move
from runtime.kernel.planned import day_of
from runtime.kernel.planning.draft import Draft, Names
from runtime.kernel.planning.lots import free_lots, known_dates
from runtime.kernel.planning.standing import Spot
from runtime.kernel.pools import Pool, PoolKey
from runtime.kernel.refusals import Problem, Refusal
from runtime.kernel.registration import Item


@dataclass(frozen=True, slots=True)
class Part:
    """Goods of one line that are of one lot and one serial number."""

    lot: str
    serial: str
    atoms: int


@dataclass(slots=True)
class Goods:
    """A line whose names and quantity are known to be right."""

    line: int
    given: Any
    item: Item
    warehouse: int
    atoms: int
    qty: Exact
    uom: str = ""
    lot: str = ""
    bin: str = ""
    owner: str = ""
    parts: list[Part] = field(default_factory=list)

    def keys(self, names: Names) -> list[PoolKey]:
        """The pools of its parts."""
        return [self.key_of(names, part) for part in self.parts]

    def key_of(self, names: Names, part: Part, warehouse: int | None = None) -> PoolKey:
        """The pool of a part, here or in another warehouse."""
        place = self.warehouse if warehouse is None else warehouse
        return names.pool_key(self.item, place, owner=self.owner, lot=part.lot, serial=part.serial)

    def add(  # noqa: PLR0913 - where the part goes and by what kind of move
        self, draft: Draft, pool: Pool, part: Part, kind: str, sign: int,
        *, warehouse: int | None = None, bin_: str | None = None, **more: Any,
    ) -> Move:  # fmt: skip
        """The move of a part."""
        whole = len(self.parts) == 1
        base = from_atoms(part.atoms, self.item.atoms_per_base)
        return draft.new_move(
            self.line, kind, self.item.id, pool.id,
            self.warehouse if warehouse is None else warehouse, sign * part.atoms,
            lot=part.lot, serial=part.serial, bin=self.bin if bin_ is None else bin_,
            uom=self.uom if whole else "", uom_qty=as_typed(self.qty) if whole else as_text(base),
            **more,
        )  # fmt: skip


def check_goods(
    draft: Draft, names: Names, number: int, line: Any, *, qty: str = "qty"
) -> Goods | None:
    """The goods of a line, or nothing where its item, place, unit or quantity is wrong."""
    if line.item not in names.items:
        draft.wrong(Refusal.UNKNOWN_ITEM, number, "item", line)
        return None
    unknown = [
        name
        for name in ("warehouse", "to_warehouse")
        if getattr(line, name, line.warehouse) not in names.warehouses
    ]
    if unknown:
        draft.wrong(Refusal.UNKNOWN_WAREHOUSE, number, unknown[0], line)
        return None
    item = names.items[line.item]
    given = getattr(line, qty)
    atoms = atoms_of(draft, number, line, item, given, may_be_nothing=qty == "counted")
    if atoms is None:
        return None
    goods = Goods(
        number, line, item, names.warehouses[line.warehouse], atoms, given, line.uom,
        getattr(line, "lot", ""), getattr(line, "bin", ""), getattr(line, "owner", ""),
    )  # fmt: skip
    serials = getattr(line, "serials", ())
    if (item.tracking == "serial" or serials) and atoms != len(serials) * item.atoms_per_base:
        draft.wrong(Refusal.SERIAL_COUNT, number, "serials", line)
        return None
    if serials:
        goods.parts = [Part(goods.lot, serial, item.atoms_per_base) for serial in serials]
    else:
        goods.parts = [Part(goods.lot, "", atoms)]
    return goods


def atoms_of(
    draft: Draft, number: int, line: Any, item: Item, qty: Exact, *, may_be_nothing: bool = False
) -> int | None:
    """A quantity in atoms; what does not fit the unit or the item is a finding."""
    factor = item.factor(line.uom)
    if factor is None:
        draft.wrong(Refusal.UNKNOWN_UOM, number, "uom", line)
        return None
    atoms = to_atoms(qty, item.atoms_per_base, factor) if is_finite(qty) else None
    least = 0 if may_be_nothing else 1
    if atoms is None or not least <= atoms < LIMIT:
        name = "counted" if may_be_nothing else "qty"
        draft.wrong(Refusal.BAD_QTY, number, name, line)
        return None
    draft.weigh(number, line, qty=atoms)
    return atoms


def need_lot(draft: Draft, goods: Goods) -> None:
    """Goods tracked by lot name theirs."""
    if goods.item.tracking == "batch" and not goods.lot:
        draft.wrong(Refusal.LOT_REQUIRED, goods.line, "lot", goods.given)


def pick_lots(draft: Draft, going: Sequence[Goods]) -> None:
    """Choose the lots of goods that go out without naming one: the first to expire goes first."""
    by_hand = draft.company.rules.pick != "FEFO"
    for goods in going:
        if goods.item.tracking != "batch" or goods.lot:
            continue
        if by_hand:
            need_lot(draft, goods)
            continue
        already = [
            part
            for other in going
            if other is not goods and _same_place(other, goods)
            for part in other.parts
            if part.lot
        ]
        _pick(draft, goods, already)


def _same_place(one: Goods, other: Goods) -> bool:
    return (one.item.id, one.warehouse, one.owner) == (other.item.id, other.warehouse, other.owner)


def _pick(draft: Draft, goods: Goods, already: Sequence[Part]) -> None:
    free = free_lots(draft, Spot(goods.item.id, goods.warehouse, goods.owner, bin=goods.bin))
    for part in already:
        free[part.lot] = free.get(part.lot, 0) - part.atoms
    left, picked = goods.atoms, []
    for lot, atoms in free.items():
        taken = min(max(atoms, 0), left)
        if taken:
            picked.append(Part(lot, "", taken))
            left -= taken
    if left:
        per_base = goods.item.atoms_per_base
        draft.findings.add(
            Refusal.NEGATIVE_STOCK,
            Problem(
                draft.stand.first_line + goods.line, "qty", goods.item.key,
                goods.given.warehouse, from_atoms(goods.atoms, per_base),
                from_atoms(goods.atoms - left, per_base), draft.stand.business_date,
            ),
        )  # fmt: skip
        return
    goods.parts = picked


def refuse_expired(draft: Draft, going: Iterable[Goods]) -> None:
    """Goods past their date do not go to a customer or into a product, unless the rules say so."""
    if draft.company.rules.expired == "allow":
        return
    for goods in going:
        known = known_dates(draft.connection, goods.item.id, lots_of(goods.parts))
        if any(expiry and expiry < draft.stand.business_date for _, expiry in known.values()):
            name = "serials" if goods.parts[0].serial else "lot"
            draft.wrong(Refusal.BATCH_EXPIRED, goods.line, name, goods.given)


def lots_of(parts: Iterable[Part]) -> list[tuple[str, str]]:
    """The lots and serial numbers of goods, each with its kind."""
    lots = {("lot", part.lot) for part in parts if part.lot}
    return sorted(lots | {("serial", part.serial) for part in parts if part.serial})


def note_dates(draft: Draft, goods: Goods, produced: date | None, expiry: date | None) -> None:
    """Remember the dates of lots and serial numbers that come in; of each they are known once."""
    if produced is None and expiry is None:
        return
    dates = ("" if produced is None else day_of(produced), "" if expiry is None else day_of(expiry))
    lots = lots_of(goods.parts)
    known = known_dates(draft.connection, goods.item.id, lots)
    for kind, key in lots:
        place = (goods.item.id, kind, key)
        was = draft.lots.get(place, known.get((kind, key)))
        if was is None:
            draft.lots[place] = dates
        elif expiry is not None and was[1] != dates[1]:
            draft.wrong(Refusal.BAD_VALUE, goods.line, "expiry", goods.given)
