"""Sines and their kin, by series of 60 digits rounded once to 32 decimals; Python's alone."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from runtime.formula.cell_errors import DIVISION_BY_ZERO, OUT_OF_RANGE, CellFaultError
from runtime.formula.numbers import ONE, ZERO, fit, round_to

# 250 digits, for NORM_S_DIST computes with 240.
PI: Final = Decimal(
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534"
    "211706798214808651328230664709384460955058223172535940812848111745028410270193852110555964462294"
    "8954930381964428810975665933446128475648233786783165271201909"
)
TWO: Final = Decimal(2)
# As in Excel: the sine of a number so large would be noise.
LARGEST: Final = Decimal(2**27)
# PI() has 33 decimals, what is made of it one less: SIN(PI()) is 0.
PLACES: Final = Decimal(32)
_WORK: Final = Context(prec=70, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999)
_SMALLEST: Final = Decimal("1e-68")


def sine(angle: Decimal) -> Decimal:
    """The sine."""
    return _rounded(_sine(angle))


def cosine(angle: Decimal) -> Decimal:
    """The cosine."""
    return _rounded(_cosine(angle))


def tangent(angle: Decimal) -> Decimal:
    """The tangent."""
    return _rounded(_WORK.divide(_sine(angle), _cosine(angle)))


def cotangent(angle: Decimal) -> Decimal:
    """The cotangent; at 0 it is #DIV/0!."""
    if not angle:
        raise CellFaultError(DIVISION_BY_ZERO)
    return _rounded(_WORK.divide(_cosine(angle), _sine(angle)))


def arc_sine(number: Decimal) -> Decimal:
    """The angle with a sine."""
    return _rounded(_arc_sine(number))


def arc_cosine(number: Decimal) -> Decimal:
    """The angle with a cosine."""
    return _rounded(_WORK.subtract(_WORK.divide(PI, TWO), _arc_sine(number)))


def arc_tangent(number: Decimal) -> Decimal:
    """The angle with a tangent."""
    return _rounded(_arc_tangent(number))


def arc_cotangent(number: Decimal) -> Decimal:
    """The angle with a cotangent, from 0 to π."""
    return _rounded(_WORK.subtract(_WORK.divide(PI, TWO), _arc_tangent(number)))


def direction(across: Decimal, up: Decimal) -> Decimal:
    """The angle from the x axis to a point, above -π and up to π."""
    if not across and not up:
        raise CellFaultError(DIVISION_BY_ZERO)
    if not across:
        return _rounded(_WORK.divide(PI, TWO).copy_sign(up))
    angle = _arc_tangent(_WORK.divide(up, across))
    if across < 0:
        angle = _WORK.subtract(angle, PI) if up < 0 else _WORK.add(angle, PI)
    return _rounded(angle)


def arc_length(first: tuple[Decimal, Decimal], second: tuple[Decimal, Decimal]) -> Decimal:
    """The angle between two points (latitude, longitude in degrees) from the earth's centre."""
    radian = _WORK.divide(PI, Decimal(180))
    latitudes = [_WORK.multiply(each[0], radian) for each in (first, second)]
    turned = _WORK.multiply(_WORK.subtract(first[1], second[1]), radian)
    rise = _half_sine_squared(_WORK.subtract(*latitudes))
    width = _WORK.multiply(*(_cosine(each) for each in latitudes))
    chord = _WORK.add(rise, _WORK.multiply(width, _half_sine_squared(turned)))
    return fit(_WORK.multiply(TWO, _arc_sine(min(_WORK.sqrt(chord), ONE))))


def _half_sine_squared(angle: Decimal) -> Decimal:
    half = _sine(_WORK.divide(angle, TWO))
    return _WORK.multiply(half, half)


def _rounded(value: Decimal) -> Decimal:
    return round_to(value, PLACES)


def _sine(angle: Decimal) -> Decimal:
    if angle.copy_abs() >= LARGEST:
        raise CellFaultError(OUT_OF_RANGE)
    turned = _WORK.remainder_near(angle, _WORK.multiply(TWO, PI))
    return _series(turned, turned, 1)


def _cosine(angle: Decimal) -> Decimal:
    if angle.copy_abs() >= LARGEST:
        raise CellFaultError(OUT_OF_RANGE)
    turned = _WORK.remainder_near(angle, _WORK.multiply(TWO, PI))
    return _series(ONE, turned, 0)


def _series(first: Decimal, angle: Decimal, power: int) -> Decimal:
    """x − x³/3! + x⁵/5! …, or the same of the even powers."""
    square = _WORK.multiply(angle, angle).copy_negate()
    term = total = first
    while term.copy_abs() > _SMALLEST:
        power += 2
        term = _WORK.divide(_WORK.multiply(term, square), Decimal(power * (power - 1)))
        total = _WORK.add(total, term)
    return total


def _arc_sine(number: Decimal) -> Decimal:
    if number.copy_abs() > ONE:
        raise CellFaultError(OUT_OF_RANGE)
    if number.copy_abs() == ONE:
        return _WORK.divide(PI, TWO).copy_sign(number)
    beside = _WORK.sqrt(_WORK.subtract(ONE, _WORK.multiply(number, number)))
    return _arc_tangent(_WORK.divide(number, beside))


def _arc_tangent(number: Decimal) -> Decimal:
    if number.copy_abs() > ONE:
        rest = _arc_tangent(_WORK.divide(ONE, number))
        return _WORK.subtract(_WORK.divide(PI, TWO).copy_sign(number), rest)
    halved = number
    for _ in range(4):  # an eighth of the angle's tangent is small enough for a short series
        root = _WORK.sqrt(_WORK.add(ONE, _WORK.multiply(halved, halved)))
        halved = _WORK.divide(halved, _WORK.add(ONE, root))
    square = _WORK.multiply(halved, halved).copy_negate()
    power, odd, total = halved, 1, ZERO
    while power.copy_abs() > _SMALLEST:
        total = _WORK.add(total, _WORK.divide(power, Decimal(odd)))
        power, odd = _WORK.multiply(power, square), odd + 2
    return _WORK.multiply(total, Decimal(16))
