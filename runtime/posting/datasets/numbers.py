"""The kernel's exact numbers as the decimals that people read."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

_QTY_PLACES = Decimal("0.000001")
_UNIT_COST_PLACES = Decimal("0.0001")
_ZERO = Decimal(0)


def quantity(number: Fraction) -> Decimal:
    """An exact quantity as a decimal with at most six places."""
    if number.denominator == 1:
        return Decimal(number.numerator)
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return exact.quantize(_QTY_PLACES, ROUND_HALF_UP).normalize() + _ZERO


def unit_cost(value: Decimal, qty: Fraction) -> Decimal | None:
    """What one base unit is worth, for reading; nothing where there is no quantity."""
    if not qty:
        return None
    exact = value * qty.denominator / qty.numerator
    return exact.quantize(_UNIT_COST_PLACES, ROUND_HALF_UP)
