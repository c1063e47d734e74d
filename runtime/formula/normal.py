"""The normal distribution, by a series whose terms are all positive; Python's alone."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from runtime.formula.angles import PI
from runtime.formula.numbers import ONE, ZERO, fit

# Beyond this a tail is below the smallest number there is.
FURTHEST: Final = Decimal(22)
HALF: Final = Decimal("0.5")
# A tail of 1e-99 is one minus almost one: so many digits are lost, and 40 are wanted.
_WORK: Final = Context(prec=240, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999)
_SMALLEST: Final = Decimal("1e-200")


def normal_density(number: Decimal) -> Decimal:
    """How dense the standard normal distribution is at a number."""
    return ZERO if number.copy_abs() > FURTHEST else fit(_density(number))


def _density(number: Decimal) -> Decimal:
    exponent = _WORK.multiply(_WORK.multiply(number, number), -HALF)
    return _WORK.divide(_WORK.exp(exponent), _WORK.sqrt(_WORK.multiply(Decimal(2), PI)))


def normal_distribution(number: Decimal) -> Decimal:
    """The share of the standard normal distribution up to a number."""
    if number.copy_abs() > FURTHEST:
        return ONE if number > 0 else ZERO
    term = total = number.copy_abs()
    square = _WORK.multiply(number, number)
    odd = 1
    while term > _SMALLEST:
        odd += 2
        term = _WORK.divide(_WORK.multiply(term, square), Decimal(odd))
        total = _WORK.add(total, term)
    share = _WORK.multiply(_density(number), total)
    return fit(_WORK.add(HALF, share.copy_negate() if number < 0 else share))
