"""The distribution of numbers: order, means and spreads; exact until one division."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import (
    NO_VALUES,
    NOTHING_MATCHED,
    OUT_OF_RANGE,
    CellError,
    CellFaultError,
)
from runtime.formula.normal import normal_density, normal_distribution
from runtime.formula.numbers import (
    ONE,
    WIDE,
    ZERO,
    add,
    divide,
    exact_sum,
    multiply,
    round_to,
    small,
    spread,
    square_root,
    subtract,
)
from runtime.formula.types import date_like
from runtime.formula.values import in_order
from runtime.kinds.function import Function, costs, gives, takes, total_type

Column = Sequence[Any]
Numbers = Sequence[Decimal]
FOUR: Final = Decimal(4)


def large(values: Column, place: Decimal) -> Any:
    """The value at a place counted from the greatest.

    第几大的值。

    也叫：第几名、排名、最大

    >>> LARGE(lines.qty, 2)
    2
    """
    return _at(in_order(values)[::-1], place)


def small_(values: Column, place: Decimal) -> Any:
    """The value at a place counted from the least.

    第几小的值。

    也叫：第几名、排名、最小

    >>> SMALL(lines.qty, 1)
    1
    """
    return _at(in_order(values), place)


def _at(ordered: list[Any], place: Decimal) -> Any:
    index = small(place)
    if not 1 <= index <= len(ordered):
        raise CellFaultError(OUT_OF_RANGE)
    return ordered[index - 1]


def median(numbers: Numbers) -> Decimal:
    """The number in the middle.

    中位数。

    也叫：中间值、中值

    >>> MEDIAN(1, 9, 3, 4)
    3.5
    """
    if not numbers:
        raise CellFaultError(OUT_OF_RANGE)
    ordered = sorted(numbers)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return divide(add(ordered[half - 1], ordered[half]), Decimal(2))


def mode(numbers: Numbers) -> Decimal:
    """The number that is there most often, the first of several; #N/A when none repeats.

    出现次数最多的数字，有几个时取最先出现的；都只出现一次时是 #N/A。

    也叫：众数

    >>> MODE(5, 2, 3, 2, 3)
    2
    """
    counts: dict[Decimal, int] = {}
    for each in numbers:
        counts[each] = counts.get(each, 0) + 1
    most = max(counts.values(), default=0)
    if most < 2:
        raise CellFaultError(NOTHING_MATCHED)
    return next(each for each, count in counts.items() if count == most)


def rank(number: Decimal, column: Column, order: Decimal = ZERO) -> Decimal:
    """The rank of a number in a column: the greatest is 1, or with an order of 1 the least.

    数字在一列中的名次：默认最大的是第 1 名，顺序为 1 时最小的是第 1 名。

    也叫：排名、名次、排序

    >>> RANK(2, lines.qty)
    2
    >>> RANK(30, lines.price)
    1
    """
    return _ranked(number, column, order)[0]


def rank_average(number: Decimal, column: Column, order: Decimal = ZERO) -> Decimal:
    """The rank of a number; equal numbers share the mean of their ranks.

    数字在一列中的名次；相同的数字取平均名次。

    也叫：排名、平均名次

    >>> RANK.AVG(30, lines.price)
    1.5
    """
    first, ties = _ranked(number, column, order)
    return add(first, divide(subtract(ties, ONE), Decimal(2)))


def _ranked(number: Decimal, column: Column, order: Decimal) -> tuple[Decimal, Decimal]:
    """How many stand before it and one, and how many there are of it."""
    for each in column:
        if isinstance(each, CellError):
            raise CellFaultError(each)
    numbers = [each for each in column if isinstance(each, Decimal)]
    ties = sum(each == number for each in numbers)
    if not ties:
        raise CellFaultError(NOTHING_MATCHED)
    before = sum(each < number if order else each > number for each in numbers)
    return Decimal(before + 1), Decimal(ties)


def percentile(numbers: Numbers, part: Decimal) -> Decimal:
    """The number below which a part (0 to 1) of the numbers lies, both ends included.

    百分位数：比例从 0 到 1，包括两端，位置在两个数之间时按比例取。

    也叫：百分位、分位数

    >>> PERCENTILE(lines.qty, 0.25)
    1.5
    """
    if not numbers or not ZERO <= part <= ONE:
        raise CellFaultError(OUT_OF_RANGE)
    return _between(sorted(numbers), multiply(part, Decimal(len(numbers) - 1)))


def percentile_exclusive(numbers: Numbers, part: Decimal) -> Decimal:
    """The same without the ends, as PERCENTILE.EXC has it.

    百分位数，不包括两端（PERCENTILE.EXC）。

    也叫：百分位、分位数

    >>> PERCENTILE.EXC(lines.qty, 0.5)
    2
    """
    place = multiply(part, Decimal(len(numbers) + 1))
    if not ONE <= place <= len(numbers):
        raise CellFaultError(OUT_OF_RANGE)
    return _between(sorted(numbers), subtract(place, ONE))


def quartile(numbers: Numbers, quarter: Decimal) -> Decimal:
    """The quartile: 0 is the least, 2 the median, 4 the greatest.

    四分位数：0 是最小值，1、2、3 是各四分位，4 是最大值。

    也叫：四分位、分位数

    >>> QUARTILE(lines.qty, 1)
    1.5
    """
    if not 0 <= small(quarter) <= 4:
        raise CellFaultError(OUT_OF_RANGE)
    return percentile(numbers, divide(Decimal(small(quarter)), FOUR))


def quartile_exclusive(numbers: Numbers, quarter: Decimal) -> Decimal:
    """The quartile 1, 2 or 3 without the ends, as QUARTILE.EXC has it.

    四分位数，不包括两端（QUARTILE.EXC）。

    也叫：四分位、分位数

    >>> QUARTILE.EXC(lines.qty, 1)
    1
    """
    if not 1 <= small(quarter) <= 3:
        raise CellFaultError(OUT_OF_RANGE)
    return percentile_exclusive(numbers, divide(Decimal(small(quarter)), FOUR))


def _between(ordered: Numbers, place: Decimal) -> Decimal:
    """The number at a place counted from 0 that may lie between two."""
    below = small(place)
    if below + 1 >= len(ordered):
        return ordered[-1]
    share = subtract(place, Decimal(below))
    gap = subtract(ordered[below + 1], ordered[below])
    return add(ordered[below], multiply(share, gap))


def variance(numbers: Numbers) -> Decimal:
    """The variance of a sample.

    样本方差。

    也叫：方差、离散

    >>> VAR(1, 2, 3, 4)
    1.666666666666666666666666667
    """
    return _variance(numbers, len(numbers) - 1)


def variance_of_all(numbers: Numbers) -> Decimal:
    """The variance of the whole population.

    总体方差。

    也叫：方差、离散

    >>> VARP(1, 2, 3, 4)
    1.25
    """
    return _variance(numbers, len(numbers))


def deviation(numbers: Numbers) -> Decimal:
    """The standard deviation of a sample.

    样本标准差。

    也叫：标准偏差、离散

    >>> STDEV(1, 2, 3, 4)
    1.290994448735805628393088467
    """
    return square_root(variance(numbers))


def deviation_of_all(numbers: Numbers) -> Decimal:
    """The standard deviation of the whole population.

    总体标准差。

    也叫：标准偏差、离散

    >>> STDEVP(2, 4, 4, 4, 5, 5, 7, 9)
    2
    """
    return square_root(variance_of_all(numbers))


def _variance(numbers: Numbers, weight: int) -> Decimal:
    if weight < 1:
        raise CellFaultError(NO_VALUES)
    return divide(spread(numbers), Decimal(len(numbers) * weight))


def devsq(numbers: Numbers) -> Decimal:
    """The sum of the squares of the distances from the mean.

    各数与平均值之差的平方和。

    也叫：偏差平方和

    >>> DEVSQ(1, 2, 3, 4)
    5
    """
    if not numbers:
        raise CellFaultError(OUT_OF_RANGE)
    return divide(spread(numbers), Decimal(len(numbers)))


def avedev(numbers: Numbers) -> Decimal:
    """The mean distance from the mean.

    各数与平均值之差的绝对值的平均。

    也叫：平均绝对偏差

    >>> AVEDEV(4, 5, 6, 7, 5, 4, 3)
    1.020408163265306122448979592
    """
    if not numbers:
        raise CellFaultError(OUT_OF_RANGE)
    # n·|x − Σx/n| is |n·x − Σx|: nothing is divided until the end.
    count, total = Decimal(len(numbers)), exact_sum(numbers)
    gaps = (WIDE.subtract(WIDE.multiply(count, each), total).copy_abs() for each in numbers)
    return divide(exact_sum(gaps), Decimal(len(numbers) ** 2))


def harmean(numbers: Numbers) -> Decimal:
    """The harmonic mean of positive numbers.

    调和平均数，数字都要大于零。

    也叫：调和平均

    >>> HARMEAN(1, 2, 4)
    1.714285714285714285714285714
    """
    if not numbers or any(each <= 0 for each in numbers):
        raise CellFaultError(OUT_OF_RANGE)
    total = ZERO
    for each in numbers:
        total = add(total, divide(ONE, each))
    return divide(Decimal(len(numbers)), total)


def trimmean(numbers: Numbers, part: Decimal) -> Decimal:
    """The mean without a part of the numbers at both ends.

    去掉两头一定比例的数据以后的平均值。

    也叫：去极值平均、去掉最高分最低分

    >>> TRIMMEAN(lines.qty, 0.7)
    2
    """
    if not numbers or not ZERO <= part < ONE:
        raise CellFaultError(OUT_OF_RANGE)
    away = small(multiply(part, Decimal(len(numbers)))) // 2
    kept = sorted(numbers)[away : len(numbers) - away]
    return divide(exact_sum(kept), Decimal(len(kept)))


@costs(4000)
def norm_s_dist(number: Decimal, cumulative: bool = True) -> Decimal:  # noqa: FBT001, FBT002 - a formula's own argument
    """The standard normal distribution: up to a number, or with FALSE its density there.

    标准正态分布：默认是到该数为止的累积概率，第二个参数为 FALSE 时是该数处的密度。

    也叫：正态分布

    >>> NORM_S_DIST(0)
    0.5
    >>> ROUND(NORM.S.DIST(1.96, TRUE), 6)
    0.975002
    """
    found = normal_distribution(number) if cumulative else normal_density(number)
    return round_to(found, Decimal(99))


NUMBER: Final = gives("number")
_NUMBERS: Final = takes("number: numbers*")
_PLACE: Final = takes("values: ordered", "place: number")
_RANKED: Final = takes("number: number", "column: array", "order: number?")
_PART: Final = takes("values: numbers", "part: number")
_QUARTER: Final = takes("values: numbers", "quarter: number")
STATISTICS: Final = (
    Function("LARGE", _PLACE, lambda kinds: date_like(kinds[:1]), large),
    Function("SMALL", _PLACE, lambda kinds: date_like(kinds[:1]), small_),
    Function("MEDIAN", _NUMBERS, total_type(), median),
    Function("MODE", _NUMBERS, total_type(), mode, aliases=("MODE.SNGL",)),
    Function("RANK", _RANKED, NUMBER, rank, aliases=("RANK.EQ",)),
    Function("RANK.AVG", _RANKED, NUMBER, rank_average),
    Function("PERCENTILE", _PART, total_type(0), percentile, aliases=("PERCENTILE.INC",)),
    Function("PERCENTILE.EXC", _PART, total_type(0), percentile_exclusive),
    Function("QUARTILE", _QUARTER, total_type(0), quartile, aliases=("QUARTILE.INC",)),
    Function("QUARTILE.EXC", _QUARTER, total_type(0), quartile_exclusive),
    Function("VAR", _NUMBERS, NUMBER, variance, aliases=("VAR.S",)),
    Function("VARP", _NUMBERS, NUMBER, variance_of_all, aliases=("VAR.P",)),
    Function("STDEV", _NUMBERS, total_type(), deviation, aliases=("STDEV.S",)),
    Function("STDEVP", _NUMBERS, total_type(), deviation_of_all, aliases=("STDEV.P",)),
    Function("DEVSQ", _NUMBERS, NUMBER, devsq),
    Function("AVEDEV", _NUMBERS, total_type(), avedev),
    Function("HARMEAN", _NUMBERS, total_type(), harmean),
    Function("TRIMMEAN", _PART, total_type(0), trimmean),
    Function(
        "NORM_S_DIST",
        takes("number: number", "cumulative: boolean?"),
        NUMBER,
        norm_s_dist,
        aliases=("NORM.S.DIST", "NORMSDIST"),
        server_only=True,
    ),
)
