"""Exact decimals: 34 digits while computing, half away from zero, 28 digits in a result.

Every operation is defined digit by digit, so that static/js/formula/decimal.js does the same.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Final

from runtime.formula.cell_errors import (
    DIVISION_BY_ZERO,
    NOT_A_NUMBER,
    NUMBER_TOO_LARGE,
    OUT_OF_RANGE,
    CellFaultError,
)

# The whole part of a number has at most 34 digits, so integers are exact or refused; 99 decimals
# at most, so nothing lingers near zero.
MAX_EXPONENT: Final = 33
_TRAPS: Final = (Overflow, InvalidOperation, DivisionByZero)


def _context(digits: int, emax: int, emin: int) -> Context:
    return Context(
        prec=digits, rounding=ROUND_HALF_UP, Emin=emin, Emax=emax, clamp=0, traps=list(_TRAPS)
    )


CONTEXT: Final = _context(34, MAX_EXPONENT, -66)
RESULT: Final = _context(28, MAX_EXPONENT, -72)
# Room for a step that must not round before its own rounding: MOD, ROUND, powers.
WIDE: Final = _context(600, 999_999_999, -999_999_999)
# Guard digits for powers and what is made of them; LONG is rounded once more at the end.
LONG: Final = _context(50, 999_999_999_999, -999_999_999_999)
MAX_POWER: Final = 10**6

ZERO: Final = Decimal(0)
# π as PI() gives it.
PI: Final = Decimal("3.141592653589793238462643383279503")
ONE: Final = Decimal(1)
HUNDRED: Final = Decimal(100)

_FULL_WIDTH: Final = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    0xFFE5: "¥",
    0x3000: " ",
    0x00A0: " ",
}
_TYPED: Final = re.compile(
    r"([+-]?)[¥$]?((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]*)?)([eE][+-]?[0-9]{1,3})?(%?)"
)
_BRACKETED: Final = re.compile(r"^\(([^+-].*)\)$")
MAX_NUMBER_TEXT: Final = 128


def fit(value: Decimal) -> Decimal:
    """Bring an exact value into the 34 digits one computes with."""
    try:
        return CONTEXT.plus(value)
    except (Overflow, InvalidOperation):
        raise CellFaultError(NUMBER_TOO_LARGE) from None


def settled(value: Decimal) -> Decimal:
    """A number without its guard digits, before anything is decided by it.

    One third times three is one for people and for Excel: what rounds, compares, counts or takes a
    remainder looks at 28 digits, though one goes on computing with 34. What would round up beyond
    the largest number has none.
    """
    try:
        return RESULT.plus(value)
    except Overflow:
        return value


def finish(value: Decimal) -> Decimal:
    """Round a result to 28 digits, without trailing zeros and without a negative zero."""
    try:
        short = RESULT.normalize(value)
    except Overflow:
        raise CellFaultError(NUMBER_TOO_LARGE) from None
    if not short:
        return ZERO
    return short if int(short.as_tuple().exponent) <= 0 else CONTEXT.quantize(short, ONE)


def plain(value: Decimal) -> str:
    """The digits of a number, no exponent and no trailing zeros: 12, -0.5."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def add(left: Decimal, right: Decimal) -> Decimal:
    """Add."""
    try:
        return CONTEXT.add(left, right)
    except Overflow:
        raise CellFaultError(NUMBER_TOO_LARGE) from None


def subtract(left: Decimal, right: Decimal) -> Decimal:
    """Subtract."""
    try:
        return CONTEXT.subtract(left, right)
    except Overflow:
        raise CellFaultError(NUMBER_TOO_LARGE) from None


def multiply(left: Decimal, right: Decimal) -> Decimal:
    """Multiply; nothing times a negative number is nothing, not a negative nothing."""
    try:
        return CONTEXT.multiply(left, right) or ZERO
    except Overflow:
        raise CellFaultError(NUMBER_TOO_LARGE) from None


def exact_sum(numbers: Iterable[Decimal]) -> Decimal:
    """The sum without any rounding, so that the order of the rows does not matter."""
    total = ZERO
    for each in numbers:
        total = WIDE.add(total, each)
    return total


def divide(left: Decimal, right: Decimal) -> Decimal:
    """Divide; by zero is #DIV/0!."""
    if not right:
        raise CellFaultError(DIVISION_BY_ZERO)
    try:
        return CONTEXT.divide(left, right)
    except Overflow:
        raise CellFaultError(NUMBER_TOO_LARGE) from None


def modulo(left: Decimal, right: Decimal) -> Decimal:
    """The remainder with the sign of the divisor, as in Excel."""
    if not right:
        raise CellFaultError(DIVISION_BY_ZERO)
    left, right = settled(left), settled(right)
    rest = WIDE.remainder(left, right)
    if rest and (rest < 0) != (right < 0):
        rest = WIDE.add(rest, right)
    return fit(rest)


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """Raise to a power."""
    return fit(long_power(base, exponent))


def long_power(base: Decimal, exponent: Decimal) -> Decimal:
    """A power of 50 digits; whole exponents by squaring, so that every back end agrees."""
    if not base:
        return _power_of_zero(exponent)
    whole = exponent.to_integral_value(ROUND_DOWN)
    if whole != exponent:
        return _broken_power(base, exponent)
    if base == ONE:
        return ONE
    count = abs(int(whole))
    if count > MAX_POWER:
        raise CellFaultError(NUMBER_TOO_LARGE)
    result, square = ONE, base
    while count:
        if count & 1:
            result = LONG.multiply(result, square)
        count >>= 1
        if count:
            square = LONG.multiply(square, square)
    return LONG.divide(ONE, result) if whole < 0 else result


def _power_of_zero(exponent: Decimal) -> Decimal:
    if exponent > 0:
        return ZERO
    raise CellFaultError(DIVISION_BY_ZERO if exponent < 0 else OUT_OF_RANGE)


def _broken_power(base: Decimal, exponent: Decimal) -> Decimal:
    """A power that is no whole number goes through the logarithm, which only Python computes."""
    if base < 0:
        raise CellFaultError(OUT_OF_RANGE)
    if exponent == Decimal("0.5"):
        return CONTEXT.sqrt(base)
    product = LONG.multiply(exponent, LONG.ln(base))
    if product > 100:
        raise CellFaultError(NUMBER_TOO_LARGE)
    return ZERO if product < -300 else LONG.exp(product)


def square_root(value: Decimal) -> Decimal:
    """The square root; of a negative number it is #NUM!."""
    if value < 0:
        raise CellFaultError(OUT_OF_RANGE)
    return CONTEXT.sqrt(value)


def whole(value: Decimal) -> int:
    """The number without its decimals, for counts and places."""
    cut = value.to_integral_value(ROUND_DOWN)
    return int(cut if cut == value else settled(value).to_integral_value(ROUND_DOWN))


def small(value: Decimal, limit: int = 10**9) -> int:
    """`whole`, kept within ±limit: enough for a count, and never a bomb."""
    return whole(min(max(value, Decimal(-limit)), Decimal(limit)))


_ROUNDINGS: Final = {
    "half": ROUND_HALF_UP,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
}


def round_to(value: Decimal, digits: Decimal, how: str = "half") -> Decimal:
    """Round to so many decimals; negative digits round to tens, hundreds …"""
    places = small(digits, 200)
    step = ONE.scaleb(-places, WIDE)
    return fit(settled(value).quantize(step, _ROUNDINGS[how], WIDE))


def round_to_multiple(value: Decimal, step: Decimal, how: str) -> Decimal:
    """Round to a multiple of `step` (not zero), exactly: no quotient is rounded on the way."""
    value, step = settled(value), settled(step)
    rest = WIDE.remainder(value, step)
    if not rest:
        return value
    down = WIDE.subtract(value, rest)
    away = step.copy_sign(value)
    up = WIDE.add(down, away)
    if how == "half":
        return fit(up if WIDE.multiply(rest.copy_abs(), Decimal(2)) >= step.copy_abs() else down)
    low, high = min(down, up), max(down, up)
    return fit({"up": up, "down": down, "floor": low, "ceiling": high}[how])


def read_number(text: str) -> Decimal:
    """Read a typed number: thousands commas, %, ¥, brackets and full-width digits; else #VALUE!."""
    if len(text) > MAX_NUMBER_TEXT:
        raise CellFaultError(NOT_A_NUMBER)
    typed = text.translate(_FULL_WIDTH).strip(" ")
    # Accountants write a loss in brackets.
    found = _TYPED.fullmatch(_BRACKETED.sub(r"-\1", typed))
    if found is None or not found[2].strip("."):
        raise CellFaultError(NOT_A_NUMBER)
    digits = found[2].replace(",", "")
    value = fit(Decimal(f"{found[1]}{digits}{found[3] or ''}"))
    return divide(value, HUNDRED) if found[4] else value


def whole_quotient(left: Decimal, right: Decimal) -> Decimal:
    """The whole part of a division, exactly."""
    if not right:
        raise CellFaultError(DIVISION_BY_ZERO)
    return fit(WIDE.divide_int(settled(left), settled(right)))


def logarithm(value: Decimal, base: Decimal | None = None) -> Decimal:
    """The logarithm, natural unless a base is given; exact for powers of ten."""
    if value <= 0 or (base is not None and base <= 0):
        raise CellFaultError(OUT_OF_RANGE)
    if base is None:
        return fit(LONG.ln(value))
    if base == ONE:
        raise CellFaultError(DIVISION_BY_ZERO)
    if base == Decimal(10):
        return fit(LONG.log10(value))
    return fit(LONG.divide(LONG.ln(value), LONG.ln(base)))


def exponential(value: Decimal) -> Decimal:
    """The number e raised to a power."""
    if value > 100:
        raise CellFaultError(NUMBER_TOO_LARGE)
    return ZERO if value < -300 else fit(LONG.exp(value))


def spread(numbers: Sequence[Decimal]) -> Decimal:
    """n·Σx² − (Σx)², exactly: what variances are made of."""
    total = exact_sum(numbers)
    squares = exact_sum(WIDE.multiply(each, each) for each in numbers)
    return WIDE.subtract(WIDE.multiply(Decimal(len(numbers)), squares), WIDE.multiply(total, total))


def common_spread(left: Sequence[Decimal], right: Sequence[Decimal]) -> Decimal:
    """n·Σxy − Σx·Σy, exactly: what slopes and correlations are made of."""
    products = exact_sum(WIDE.multiply(x, y) for x, y in zip(left, right, strict=True))
    count = Decimal(len(left))
    sums = WIDE.multiply(exact_sum(left), exact_sum(right))
    return WIDE.subtract(WIDE.multiply(count, products), sums)
