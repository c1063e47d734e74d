"""The kernel's exact numbers as the decimals that people read."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

_QTY_PLACES = 6
_UNIT_COST_PLACES = 4


def quantity(number: Fraction) -> Decimal:
    """An exact quantity as a decimal with at most six places."""
    return _rounded(number, _QTY_PLACES).normalize() + Decimal(0)


def unit_cost(value: Decimal, qty: Fraction) -> Decimal | None:
    """What one base unit is worth, for reading; nothing where there is no quantity."""
    return _rounded(Fraction(value) / qty, _UNIT_COST_PLACES) if qty else None


def _rounded(number: Fraction, places: int) -> Decimal:
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
