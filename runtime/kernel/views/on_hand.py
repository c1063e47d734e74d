"""What there is of items in warehouses: quantity and value, now or at any time before."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Connection

from runtime.kernel.amounts import minor_unit
from runtime.kernel.periods import start_of_day
from runtime.kernel.views.balances import FOREVER, Wanted, standing

_ONE_DAY = timedelta(days=1)


# A tuple, for there may be tens of thousands of them and each is made in a third of the time.
class OnHand(NamedTuple):
    """What there is of an item in a warehouse; `owner` is empty for the company's own goods."""

    item: str
    warehouse: str
    qty: Fraction
    value: Decimal
    owner: str = ""


def end_of(day: date | None) -> int:
    """The moment after the last of a day; without a day after all that was posted."""
    if day is None or day == date.max:
        return FOREVER
    return start_of_day(day + _ONE_DAY)


def on_hand(
    connection: Connection,
    company: int,
    *,
    items: Iterable[str] | None = None,
    warehouse: str | None = None,
    as_of: date | None = None,
    known_at: int | None = None,
) -> list[OnHand]:
    """Every place of the company, or of these items, or of this warehouse, by item and warehouse.

    `as_of` is the end of that business day; `known_at` counts only what the books held when they
    ended with that sequence number, and so says the same for ever.
    """
    chosen = None if items is None else tuple(sorted(set(items)))
    wanted = Wanted(company, chosen, warehouse)
    found = standing(connection, wanted, end_of(as_of), known_at)
    facts, warehouses, unit = found.items, found.warehouses, minor_unit(found.scale)
    exact = _Exact()
    rows: list[OnHand] = []
    for (item, place, owner), (qty, value) in found.held.items():
        key, per_base = facts[item]
        rows.append(
            OnHand(key, warehouses[place], exact[qty, per_base], Decimal(value) * unit, owner)
        )
    return rows


class _Exact(dict[tuple[int, int], Fraction]):
    """Quantities by atoms and atoms per base unit: fractions are dear to make, many are equal."""

    def __missing__(self, key: tuple[int, int]) -> Fraction:
        made = self[key] = in_base_units(*key)
        return made


def in_base_units(atoms: int, per_base: int) -> Fraction:
    """The exact quantity; a whole number needs no common divisor looked for, and most are whole."""
    whole, rest = divmod(atoms, per_base)
    return Fraction(atoms, per_base) if rest else Fraction(whole)
