"""Numbers: signs, rounding, remainders; all exact."""

from decimal import Decimal
from typing import Final

from runtime.formula.cell_errors import (
    DIVISION_BY_ZERO,
    OUT_OF_RANGE,
    CellFaultError,
)
from runtime.formula.numbers import (
    ONE,
    ZERO,
    add,
    modulo,
    round_to,
    round_to_multiple,
    whole_quotient,
)
from runtime.formula.types import same
from runtime.kinds.function import Function, gives, takes

TWO: Final = Decimal(2)


def abs_(number: Decimal) -> Decimal:
    """The number without its sign.

    绝对值。

    也叫：正数、取绝对值

    >>> ABS(-2.5)
    2.5
    """
    # The built-in abs would round to the digits of whoever set the context.
    return number.copy_abs()


def sign(number: Decimal) -> Decimal:
    """1, 0 or -1.

    符号：正数 1，零 0，负数 -1。

    也叫：正负

    >>> SIGN(-3)
    -1
    """
    return ONE if number > 0 else -ONE if number < 0 else ZERO


def round_(number: Decimal, digits: Decimal = ZERO) -> Decimal:
    """Round to so many decimals, a half away from zero.

    四舍五入到指定的小数位数；恰好一半时远离零。

    也叫：取整、保留小数、精确到分

    >>> ROUND(2.675, 2)
    2.68
    >>> ROUND(-2.5, 0)
    -3
    >>> ROUND(1250, -2)
    1300
    """
    return round_to(number, digits)


def roundup(number: Decimal, digits: Decimal = ZERO) -> Decimal:
    """Round away from zero.

    向远离零的方向进位到指定的小数位数。

    也叫：进一、向上

    >>> ROUNDUP(2.001, 2)
    2.01
    """
    return round_to(number, digits, "up")


def rounddown(number: Decimal, digits: Decimal = ZERO) -> Decimal:
    """Round towards zero.

    舍去指定小数位数以后的部分。

    也叫：舍去、向下、去尾

    >>> ROUNDDOWN(-2.999, 2)
    -2.99
    """
    return round_to(number, digits, "down")


def trunc(number: Decimal, digits: Decimal = ZERO) -> Decimal:
    """Cut decimals off.

    截去小数。

    也叫：取整、去尾

    >>> TRUNC(-8.9)
    -8
    """
    return round_to(number, digits, "down")


def int_(number: Decimal) -> Decimal:
    """The next whole number below.

    向下取整。

    也叫：取整、整数

    >>> INT(-8.1)
    -9
    """
    return round_to(number, ZERO, "floor")


def ceiling(number: Decimal, significance: Decimal = ONE) -> Decimal:
    """Round up to a multiple.

    向上舍入到某数的倍数。

    也叫：进位、向上取整、倍数

    >>> CEILING(2.1, 0.5)
    2.5
    >>> CEILING(-2.5, 2)
    -2
    >>> CEILING(-2.5, -2)
    -4
    """
    if not number or not significance:
        return ZERO
    if number > 0 > significance:
        raise CellFaultError(OUT_OF_RANGE)
    return round_to_multiple(number, significance, "up" if significance < 0 else "ceiling")


def floor(number: Decimal, significance: Decimal = ONE) -> Decimal:
    """Round down to a multiple.

    向下舍入到某数的倍数。

    也叫：舍去、向下取整、倍数

    >>> FLOOR(2.9, 0.5)
    2.5
    >>> FLOOR(-2.5, 2)
    -4
    """
    if not number:
        return ZERO
    if not significance:
        raise CellFaultError(DIVISION_BY_ZERO)
    if number > 0 > significance:
        raise CellFaultError(OUT_OF_RANGE)
    return round_to_multiple(number, significance, "down" if significance < 0 else "floor")


def ceiling_math(number: Decimal, significance: Decimal = ONE, away: Decimal = ZERO) -> Decimal:
    """Round up to a multiple whose sign does not matter; negative ones away from zero if told.

    向上舍入到某数的倍数，倍数的正负无关；第三个参数不为 0 时负数向远离零的方向舍入。

    也叫：进位、向上取整、倍数

    >>> CEILING.MATH(24.3, 5)
    25
    >>> CEILING.MATH(-8.1, 2)
    -8
    >>> CEILING.MATH(-5.5, 2, 1)
    -6
    """
    if not number or not significance:
        return ZERO
    return round_to_multiple(number, significance, "up" if away and number < 0 else "ceiling")


def floor_math(number: Decimal, significance: Decimal = ONE, towards: Decimal = ZERO) -> Decimal:
    """Round down to a multiple whose sign does not matter; negative ones towards zero if told.

    向下舍入到某数的倍数，倍数的正负无关；第三个参数不为 0 时负数向零的方向舍入。

    也叫：舍去、向下取整、倍数

    >>> FLOOR.MATH(24.3, 5)
    20
    >>> FLOOR.MATH(-8.1, 2)
    -10
    >>> FLOOR.MATH(-5.5, 2, 1)
    -4
    """
    if not number or not significance:
        return ZERO
    return round_to_multiple(number, significance, "down" if towards and number < 0 else "floor")


def mround(number: Decimal, multiple: Decimal) -> Decimal:
    """Round to the nearest multiple, a half away from zero.

    舍入到最接近的倍数。

    也叫：倍数、取整

    >>> MROUND(10, 4)
    12
    """
    if not number or not multiple:
        return ZERO
    if (number < 0) != (multiple < 0):
        raise CellFaultError(OUT_OF_RANGE)
    return round_to_multiple(number, multiple, "half")


def even(number: Decimal) -> Decimal:
    """Round away from zero to an even number.

    向远离零的方向舍入到偶数。

    也叫：偶数

    >>> EVEN(1.5)
    2
    """
    return round_to_multiple(number, TWO, "up")


def odd(number: Decimal) -> Decimal:
    """Round away from zero to an odd number.

    向远离零的方向舍入到奇数。

    也叫：奇数

    >>> ODD(2)
    3
    """
    if not number:
        return ONE
    step = ONE.copy_sign(number)
    return add(round_to_multiple(add(number, step), TWO, "up"), step.copy_negate())


def mod(number: Decimal, divisor: Decimal) -> Decimal:
    """The remainder of a division, with the sign of the divisor.

    求余数，符号与除数相同。

    也叫：取余、求模、余数

    >>> MOD(-3, 2)
    1
    >>> MOD(5.5, 2)
    1.5
    """
    return modulo(number, divisor)


def quotient(number: Decimal, divisor: Decimal) -> Decimal:
    """The whole part of a division.

    商的整数部分。

    也叫：整除、商

    >>> QUOTIENT(-10, 3)
    -3
    """
    return whole_quotient(number, divisor)


NUMBER: Final = gives("number")
_MATH: Final = ("number: number", "significance: number?", "mode: number?")
_DIGITS: Final = takes("number: number", "digits: number?")
MATH: Final = (
    Function("ABS", takes("number: number"), same, abs_),
    Function("SIGN", takes("number: number"), NUMBER, sign),
    Function("ROUND", _DIGITS, same, round_),
    Function("ROUNDUP", _DIGITS, same, roundup),
    Function("ROUNDDOWN", _DIGITS, same, rounddown),
    Function("TRUNC", _DIGITS, same, trunc),
    Function("INT", takes("number: number"), same, int_),
    Function("CEILING", takes("number: number", "significance: number?"), same, ceiling),
    Function("FLOOR", takes("number: number", "significance: number?"), same, floor),
    Function("CEILING.MATH", takes(*_MATH), same, ceiling_math),
    Function("FLOOR.MATH", takes(*_MATH), same, floor_math),
    Function("MROUND", takes("number: number", "multiple: number"), same, mround),
    Function("EVEN", takes("number: number"), NUMBER, even),
    Function("ODD", takes("number: number"), NUMBER, odd),
    Function("MOD", takes("number: number", "divisor: number"), same, mod),
    Function("QUOTIENT", takes("number: number", "divisor: number"), NUMBER, quotient),
)
