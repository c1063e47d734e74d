"""Further units of an item that is in the books already."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Mapping
from fractions import Fraction

from sqlalchemy import Connection

from runtime.kernel.registration import Item, unless_there
from runtime.kernel.sql import run


def fits(item: Item, factor: Fraction) -> bool:
    """Whether so many base units are a whole number of what the books count the item in."""
    return factor > 0 and (item.atoms_per_base * factor).denominator == 1


def register_uoms(connection: Connection, item: Item, uoms: Mapping[str, Fraction]) -> None:
    """Let an item be counted in more units; those it has stay as they are."""
    for uom, factor in sorted(uoms.items()):
        assert uom not in item.uoms, "a unit keeps its factor"
        assert fits(item, factor), "the books cannot count it in such a unit"
        run(
            connection,
            "INSERT INTO k_uom_factor (item, uom, num, den) VALUES (?, ?, ?, ?)"
            f"{unless_there(connection)}",
            (item.id, uom, factor.numerator, factor.denominator),
        )
