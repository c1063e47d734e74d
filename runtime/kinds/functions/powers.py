"""Powers, roots and whole numbers; logarithms are the server's alone."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from runtime.formula.cell_errors import NUMBER_TOO_LARGE, OUT_OF_RANGE, CellFaultError
from runtime.formula.numbers import (
    PI,
    ZERO,
    divide,
    exact_sum,
    exponential,
    fit,
    logarithm,
    power,
    small,
    square_root,
    whole,
)
from runtime.kinds.function import Function, costs, gives, takes, total_type

TEN: Final = Decimal(10)
# Longer than any number that is kept: what passes it is refused before it grows.
HUGE: Final = 10**40


@costs(50)
def power_(number: Decimal, exponent: Decimal) -> Decimal:
    """Raise to a power, as ^ does.

    乘方，同 ^。

    也叫：次方、幂、平方、立方

    >>> POWER(1.1, 3)
    1.331
    """
    return power(number, exponent)


def sqrt(number: Decimal) -> Decimal:
    """The square root.

    平方根。

    也叫：开方、开平方

    >>> SQRT(2)
    1.414213562373095048801688724
    >>> SQRT(-1)
    #NUM!
    """
    return square_root(number)


def fact(number: Decimal) -> Decimal:
    """The product of the whole numbers up to it.

    阶乘。

    也叫：连乘

    >>> FACT(5)
    120
    """
    count = small(number)
    if count < 0:
        raise CellFaultError(OUT_OF_RANGE)
    result = 1
    for factor in range(2, min(count, 40) + 1):
        result *= factor
    return fit(Decimal(result))


def combin(number: Decimal, chosen: Decimal) -> Decimal:
    """In how many ways so many can be chosen.

    组合数。

    也叫：组合、排列

    >>> COMBIN(5, 2)
    10
    """
    total, count = small(number), small(chosen)
    if total < 0 or count < 0 or count > total:
        raise CellFaultError(OUT_OF_RANGE)
    result = 1
    for step in range(1, min(count, total - count) + 1):
        result = result * (total - step + 1) // step
        if result > HUGE:
            raise CellFaultError(NUMBER_TOO_LARGE)
    return fit(Decimal(result))


def permut(number: Decimal, chosen: Decimal) -> Decimal:
    """In how many orders so many can be chosen.

    排列数。

    也叫：排列、组合

    >>> PERMUT(5, 2)
    20
    """
    total, count = small(number), small(chosen)
    if total < 0 or count < 0 or count > total:
        raise CellFaultError(OUT_OF_RANGE)
    result = 1
    for step in range(count):
        result *= total - step
        if result > HUGE:
            raise CellFaultError(NUMBER_TOO_LARGE)
    return fit(Decimal(result))


def factdouble(number: Decimal) -> Decimal:
    """The product of every second whole number up to it.

    双阶乘：隔一个数相乘。

    也叫：双阶乘

    >>> FACTDOUBLE(7)
    105
    """
    count = small(number)
    if count < -1:
        raise CellFaultError(OUT_OF_RANGE)
    result = 1
    for factor in range(count, 1, -2):
        result *= factor
        if result > HUGE:
            raise CellFaultError(NUMBER_TOO_LARGE)
    return fit(Decimal(result))


def combina(number: Decimal, chosen: Decimal) -> Decimal:
    """In how many ways so many can be chosen, each as often as wanted.

    可重复的组合数。

    也叫：重复组合

    >>> COMBINA(4, 3)
    20
    """
    total, count = small(number), small(chosen)
    if total < 0 or count < 0 or (not total and count):
        raise CellFaultError(OUT_OF_RANGE)
    return combin(Decimal(max(total + count - 1, 0)), Decimal(count))


def multinomial(numbers: Sequence[Decimal]) -> Decimal:
    """In how many ways a whole can be parted into groups of these sizes.

    多项式系数：总数的阶乘除以各数阶乘的积。

    也叫：多项式、分组数

    >>> MULTINOMIAL(2, 3, 4)
    1260
    """
    total, result = 0, 1
    for count in (small(each) for each in numbers):
        if count < 0:
            raise CellFaultError(OUT_OF_RANGE)
        total += count
        result *= int(combin(Decimal(total), Decimal(count)))
        if result > HUGE:
            raise CellFaultError(NUMBER_TOO_LARGE)
    return fit(Decimal(result))


@costs(300)
def geomean(numbers: Sequence[Decimal]) -> Decimal:
    """The geometric mean of positive numbers: the root of their product.

    几何平均数，数字都要大于零。

    也叫：几何平均、平均增长率

    >>> GEOMEAN(2, 8)
    4
    """
    if not numbers or any(each <= 0 for each in numbers):
        raise CellFaultError(OUT_OF_RANGE)
    logarithms = exact_sum([logarithm(each) for each in numbers])
    return exponential(divide(logarithms, Decimal(len(numbers))))


def gcd(numbers: tuple[Decimal, ...]) -> Decimal:
    """The greatest common divisor of whole numbers.

    最大公约数。

    也叫：约数、公约数

    >>> GCD(12, 18)
    6
    """
    result = 0
    for each in _wholes(numbers):
        result = _gcd(result, each)
    return Decimal(result)


def lcm(numbers: tuple[Decimal, ...]) -> Decimal:
    """The least common multiple of whole numbers.

    最小公倍数。

    也叫：倍数、公倍数

    >>> LCM(4, 6)
    12
    """
    result = 1
    for each in _wholes(numbers):
        result = 0 if not each else result * each // _gcd(result, each)
        if result > HUGE:
            raise CellFaultError(NUMBER_TOO_LARGE)
        if not result:
            return ZERO
    return fit(Decimal(result))


def _gcd(left: int, right: int) -> int:
    while right:
        left, right = right, left % right
    return left


def _wholes(numbers: tuple[Decimal, ...]) -> list[int]:
    if any(each < 0 for each in numbers):
        raise CellFaultError(OUT_OF_RANGE)
    return [whole(each) for each in numbers]


def pi() -> Decimal:
    """The number π to 28 digits.

    圆周率。

    也叫：π、圆

    >>> ROUND(PI(), 4)
    3.1416
    """
    return PI


@costs(100)
def ln(number: Decimal) -> Decimal:
    """The natural logarithm.

    自然对数。

    也叫：自然对数

    >>> LN(1)
    0
    """
    return logarithm(number)


@costs(200)
def log(number: Decimal, base: Decimal = TEN) -> Decimal:
    """The logarithm to a base, 10 unless told.

    对数，底数默认是 10。

    也叫：取对数

    >>> LOG(1000)
    3
    >>> LOG(8, 2)
    3
    """
    return logarithm(number, base)


@costs(100)
def log10(number: Decimal) -> Decimal:
    """The logarithm to the base 10.

    以 10 为底的对数。

    也叫：常用对数

    >>> LOG10(0.01)
    -2
    """
    return logarithm(number, TEN)


@costs(100)
def exp(number: Decimal) -> Decimal:
    """The number e raised to a power.

    e 的乘方。

    也叫：指数、e 的次方

    >>> EXP(1)
    2.718281828459045235360287471
    """
    return exponential(number)


NUMBER: Final = gives("number")
POWERS: Final = (
    Function("POWER", takes("number: number", "exponent: number"), NUMBER, power_),
    Function("SQRT", takes("number: number"), NUMBER, sqrt),
    Function("FACT", takes("number: number"), NUMBER, fact),
    Function("COMBIN", takes("number: number", "chosen: number"), NUMBER, combin),
    Function("GEOMEAN", takes("number: numbers*"), total_type(), geomean, server_only=True),
    Function("FACTDOUBLE", takes("number: number"), NUMBER, factdouble, server_only=True),
    Function(
        "COMBINA", takes("number: number", "chosen: number"), NUMBER, combina, server_only=True
    ),
    Function("MULTINOMIAL", takes("number: numbers*"), NUMBER, multinomial, server_only=True),
    Function("PERMUT", takes("number: number", "chosen: number"), NUMBER, permut),
    Function("GCD", takes("number: numbers*"), NUMBER, gcd),
    Function("LCM", takes("number: numbers*"), NUMBER, lcm),
    Function("PI", (), NUMBER, pi),
    Function("LN", takes("number: number"), NUMBER, ln, server_only=True),
    Function("LOG", takes("number: number", "base: number?"), NUMBER, log, server_only=True),
    Function("LOG10", takes("number: number"), NUMBER, log10, server_only=True),
    Function("EXP", takes("number: number"), NUMBER, exp, server_only=True),
)
