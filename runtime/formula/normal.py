"""The normal distribution, by a series whose terms are all positive; Python's alone."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from runtime.formula.angles import PI
from runtime.formula.numbers import ONE, ZERO, fit

# Beyond this a tail is below the smallest number there is.
FURTHEST: Final = Decimal(22)
HALF: Final = Decimal("0.5")


def normal_density(number: Decimal) -> Decimal:
    """How dense the standard normal distribution is at a number."""
    return ZERO if number.copy_abs() > FURTHEST else fit(_density(number, _context(number)))


def _context(number: Decimal) -> Context:
    """Room for 50 digits of a tail: it is one minus almost one, so most digits are lost."""
    digits = 60 + int(number) ** 2 // 3
    return Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999)


def _density(number: Decimal, work: Context) -> Decimal:
    exponent = work.multiply(work.multiply(number, number), HALF.copy_negate())
    return work.divide(work.exp(exponent), work.sqrt(work.multiply(Decimal(2), PI)))


def normal_distribution(number: Decimal) -> Decimal:
    """The share of the standard normal distribution up to a number."""
    if number.copy_abs() > FURTHEST:
        return ONE if number > 0 else ZERO
    work = _context(number)
    smallest = Decimal(1).scaleb(-work.prec)
    term = total = number.copy_abs()
    square = work.multiply(number, number)
    odd = 1
    while term > smallest:
        odd += 2
        term = work.divide(work.multiply(term, square), Decimal(odd))
        total = work.add(total, term)
    share = work.multiply(_density(number, work), total)
    return fit(work.add(HALF, share.copy_negate() if number < 0 else share))
