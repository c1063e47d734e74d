"""The sums behind loans and investments, in 50 digits; the caller rounds once."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from runtime.formula.cell_errors import (
    LIMIT_STEPS,
    OUT_OF_RANGE,
    CellFaultError,
    LimitReachedError,
)
from runtime.formula.numbers import LONG, ONE, ZERO, long_power

MAX_ROUNDS: Final = 20
BISECTIONS: Final = 120
MAX_AMOUNTS: Final = 400
# Two steps closer than this have found the root to all digits of a result.
CLOSE: Final = Decimal("1e-38")
# Rates between which a root is looked for when the guess leads nowhere.
NETS: Final = tuple(
    Decimal(rate)
    for rate in [
        "-0.99",
        "-0.9",
        "-0.5",
        "-0.2",
        "-0.05",
        "-0.001",
        "0.001",
        "0.05",
        "0.2",
        "0.5",
        "1",
        "3",
        "10",
        "100",
        "10000",
    ]
)
Worth = Callable[[Decimal], tuple[Decimal, Decimal]]
Span = tuple[Decimal, Decimal]


def growth(rate: Decimal, periods: Decimal) -> Decimal:
    """(1 + rate) ^ periods."""
    base = LONG.add(ONE, rate)
    return ONE if not periods else long_power(base, periods)


def _annuity(rate: Decimal, periods: Decimal, due: Decimal) -> Decimal:
    """What a payment of 1 in each period has grown to at the end."""
    if not rate:
        return periods
    grown = LONG.divide(LONG.subtract(growth(rate, periods), ONE), rate)
    return LONG.multiply(grown, LONG.add(ONE, rate)) if due else grown


def payment(rate: Decimal, periods: Decimal, now: Decimal, later: Decimal, due: Decimal) -> Decimal:
    """The payment of each period."""
    annuity = _annuity(rate, periods, due)
    if not annuity:
        raise CellFaultError(OUT_OF_RANGE)
    owed = LONG.add(LONG.multiply(now, growth(rate, periods)), later)
    return LONG.divide(owed, annuity).copy_negate()


def future(rate: Decimal, periods: Decimal, paid: Decimal, now: Decimal, due: Decimal) -> Decimal:
    """The value at the end."""
    grown = LONG.multiply(now, growth(rate, periods))
    return LONG.add(grown, LONG.multiply(paid, _annuity(rate, periods, due))).copy_negate()


def present(
    rate: Decimal, periods: Decimal, paid: Decimal, later: Decimal, due: Decimal
) -> Decimal:
    """The value today."""
    grown = growth(rate, periods)
    if not grown:
        raise CellFaultError(OUT_OF_RANGE)
    total = LONG.add(later, LONG.multiply(paid, _annuity(rate, periods, due)))
    return LONG.divide(total, grown).copy_negate()


def interest_part(
    rate: Decimal, period: Decimal, periods: Decimal, now: Decimal, later: Decimal, due: Decimal
) -> Decimal:
    """The interest in the payment of a period."""
    if not ONE <= period <= periods:
        raise CellFaultError(OUT_OF_RANGE)
    if due and period == ONE:
        return ZERO
    paid = payment(rate, periods, now, later, due)
    interest = LONG.multiply(future(rate, LONG.subtract(period, ONE), paid, now, due), rate)
    return LONG.divide(interest, LONG.add(ONE, rate)) if due else interest


def discounted(rate: Decimal, amounts: Sequence[Decimal]) -> Decimal:
    """What amounts at the ends of the coming periods are worth today."""
    factor, total = ONE, ZERO
    for each in amounts:
        factor = LONG.multiply(factor, LONG.add(ONE, rate))
        total = LONG.add(total, LONG.divide(each, factor))
    return total


def internal_rate(amounts: Sequence[Decimal], guess: Decimal) -> Decimal:
    """The rate at which the amounts are worth nothing."""
    if len(amounts) > MAX_AMOUNTS:
        raise LimitReachedError(LIMIT_STEPS)
    if not any(each > 0 for each in amounts) or not any(each < 0 for each in amounts):
        raise CellFaultError(OUT_OF_RANGE)

    def worth(rate: Decimal) -> tuple[Decimal, Decimal]:
        base, factor, value, slope = LONG.add(ONE, rate), ONE, ZERO, ZERO
        for place, each in enumerate(amounts):
            part = LONG.divide(each, factor)
            value = LONG.add(value, part)
            slope = LONG.subtract(slope, LONG.multiply(Decimal(place), part))
            factor = LONG.multiply(factor, base)
        return value, LONG.divide(slope, base)

    return _root(worth, guess)


def rate_of(
    periods: Decimal, paid: Decimal, now: Decimal, later: Decimal, due: Decimal, guess: Decimal
) -> Decimal:
    """The rate of a loan."""
    if periods <= 0:
        raise CellFaultError(OUT_OF_RANGE)
    if not LONG.add(LONG.add(now, LONG.multiply(paid, periods)), later):
        return ZERO

    def worth(rate: Decimal) -> tuple[Decimal, Decimal]:
        rate = rate or CLOSE
        base = LONG.add(ONE, rate)
        grown = growth(rate, periods)
        steep = LONG.divide(LONG.multiply(periods, grown), base)
        plain = LONG.divide(LONG.subtract(grown, ONE), rate)
        risen = LONG.divide(LONG.subtract(steep, plain), rate)
        if due:
            plain, risen = LONG.multiply(plain, base), LONG.add(LONG.multiply(risen, base), plain)
        value = LONG.add(LONG.multiply(now, grown), LONG.add(LONG.multiply(paid, plain), later))
        return value, LONG.add(LONG.multiply(now, steep), LONG.multiply(paid, risen))

    return _root(worth, guess)


def _root(worth: Worth, guess: Decimal) -> Decimal:
    """Where a value is nothing: by Newton's steps from a guess, else between two signs near it."""
    found = _newton(worth, guess, None)
    if found is not None:
        return found
    signs = [(rate, worth(rate)[0] > 0) for rate in NETS]
    spans = [
        (left, right) for (left, above), (right, beyond) in pairwise(signs) if above is not beyond
    ]
    if not spans:
        raise CellFaultError(OUT_OF_RANGE)
    nearest = min(spans, key=lambda span: LONG.subtract(span[0], guess).copy_abs())
    middle = LONG.divide(LONG.add(*nearest), Decimal(2))
    found = _newton(worth, middle, nearest)
    if found is None:
        raise CellFaultError(OUT_OF_RANGE)
    return found


def _newton(worth: Worth, rate: Decimal, span: Span | None) -> Decimal | None:
    """Newton's steps; within a span a step that leaves it goes to its middle instead."""
    rising = span is not None and worth(span[0])[0] < 0
    for _ in range(MAX_ROUNDS if span is None else BISECTIONS):
        if rate <= -1:
            return None
        value, slope = worth(rate)
        if not value:
            return rate
        if span is not None:
            span = (rate, span[1]) if (value < 0) is rising else (span[0], rate)
        if not slope:
            return None
        closer = LONG.subtract(rate, LONG.divide(value, slope))
        if span is not None and not span[0] < closer < span[1]:
            closer = LONG.divide(LONG.add(*span), Decimal(2))
        if LONG.subtract(closer, rate).copy_abs() <= CLOSE:
            return closer
        rate = closer
    return None
