"""Exact numbers: quantities in atoms, money in minor units, and the one home of rounding."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from math import lcm

Exact = int | Decimal | Fraction

LIMIT = 2**62
QTY_SCALE = 6


class Rounding(StrEnum):
    """How half a minor unit is rounded."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


def ratio(value: Exact) -> tuple[int, int]:
    """The numerator and the positive denominator of an exact number."""
    assert isinstance(value, int | Decimal | Fraction), f"{value!r} is not an exact number"
    assert not isinstance(value, bool), "a truth value is not a number"
    return value.as_integer_ratio()


def is_finite(value: Exact) -> bool:
    """Whether the number is neither infinite nor undefined."""
    return not isinstance(value, Decimal) or value.is_finite()


def round_ratio(numerator: int, denominator: int, rounding: Rounding = Rounding.HALF_UP) -> int:
    """The whole number nearest to the ratio; a half goes away from zero or to the even one."""
    whole, rest = divmod(abs(numerator), denominator)
    twice = rest * 2
    if twice > denominator or (
        twice == denominator and (rounding is Rounding.HALF_UP or whole % 2 == 1)
    ):
        whole += 1
    return whole if numerator >= 0 else -whole


def share(total: int, before: int, qty: int, whole: int, rounding: Rounding) -> int:
    """The part of `total` for `qty` of `whole` when `before` was taken already.

    Differences of rounded running totals, so that all parts together are the total.
    """
    upto = round_ratio(total * (before + qty), whole, rounding)
    return upto - round_ratio(total * before, whole, rounding)


def atoms_per_base(factors: tuple[Fraction, ...]) -> int:
    """How many atoms one base unit has, so that every unit of measure is a whole number of them."""
    return int(10**QTY_SCALE) * lcm(*(factor.denominator for factor in factors))


def to_atoms(qty: Exact, per_base: int, factor: tuple[int, int] = (1, 1)) -> int | None:
    """The quantity in atoms, or nothing when it is not a whole number of them."""
    numerator, denominator = ratio(qty)
    atoms, rest = divmod(numerator * factor[0] * per_base, denominator * factor[1])
    return None if rest else atoms


def from_atoms(atoms: int, per_base: int) -> Fraction:
    """The exact quantity in base units."""
    return Fraction(atoms, per_base)


def to_minor(value: Exact, scale: int) -> int | None:
    """Money in minor units, or nothing when it is finer than the currency."""
    numerator, denominator = ratio(value)
    minor, rest = divmod(numerator * 10**scale, denominator)
    return None if rest else minor


@cache
def minor_unit(scale: int) -> Decimal:
    """The smallest amount of a currency; a whole number times it is exact, with its decimals."""
    return Decimal(1).scaleb(-scale)


def from_minor(minor: int, scale: int) -> Decimal:
    """Minor units as a decimal amount."""
    return Decimal(minor) * minor_unit(scale)


def extend(qty: Exact, unit_cost: Exact, scale: int, rounding: Rounding) -> int:
    """Quantity times unit cost in minor units, rounded once."""
    qty_n, qty_d = ratio(qty)
    cost_n, cost_d = ratio(unit_cost)
    return round_ratio(qty_n * cost_n * 10**scale, qty_d * cost_d, rounding)


def as_text(value: Exact | None) -> str:
    """A number in its one canonical spelling, equal for equal numbers."""
    if value is None:
        return ""
    if not is_finite(value):
        return str(value)
    numerator, denominator = ratio(value)
    return str(numerator) if denominator == 1 else f"{numerator}/{denominator}"


def as_typed(value: Exact | None) -> str:
    """A number as a person typed it, without an exponent."""
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else str(value)
