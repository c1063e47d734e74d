"""Decimals moved and shortened without losing a digit.

The decimal module rounds to the 28 digits of the thread's context whenever it makes a new number,
also where it only moves the point or drops zeros: what is asked here is exact for any number that
may be typed, sent or written in a formula.
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

# More digits than any text of a number may have; an exponent is kept, never written out.
_ROOM: Final = Context(prec=1_000, rounding=ROUND_HALF_UP, Emin=-999_999_999, Emax=999_999_999)


def moved(number: Decimal, places: int) -> Decimal:
    """Return the number times ten to the power of `places`."""
    return number.scaleb(places, _ROOM)


def shortest(number: Decimal) -> Decimal:
    """Return the same number without trailing zeros."""
    return _ROOM.normalize(number)
