"""Many values at once: over arguments and over the columns of a line table."""

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import BAD_ARGUMENT, CellError, CellFaultError
from runtime.formula.numbers import ONE, ZERO, multiply
from runtime.formula.totals import extreme, mean, total
from runtime.formula.types import date_like
from runtime.formula.values import to_number
from runtime.kinds.function import Function, gives, takes, total_type

Column = Sequence[Any]


def sum_(numbers: Sequence[Decimal]) -> Decimal:
    """Add everything numeric; empty and text fields are skipped.

    求和；空的和文字的字段不算。

    也叫：合计、总和、总计、加总、累加

    >>> SUM(1, 2.5, "3")
    6.5
    >>> SUM(lines.qty)
    6
    """
    return total(numbers)


def product(numbers: Sequence[Decimal]) -> Decimal:
    """Multiply everything numeric.

    求乘积。

    也叫：相乘、乘积、连乘

    >>> PRODUCT(2, 3, 4)
    24
    """
    if not numbers:
        return ZERO
    total = ONE
    for each in numbers:
        total = multiply(total, each)
    return total


def sumsq(numbers: Sequence[Decimal]) -> Decimal:
    """Add the squares.

    平方和。

    也叫：平方和

    >>> SUMSQ(3, 4)
    25
    """
    return sum_([multiply(each, each) for each in numbers])


def _factor(value: Any) -> Decimal:
    if isinstance(value, CellError):
        raise CellFaultError(value)
    return value if isinstance(value, Decimal) else ZERO


def average(numbers: Sequence[Decimal]) -> Decimal:
    """The mean of everything numeric; of nothing it is #DIV/0!.

    平均值；一个数字都没有时是 #DIV/0!。

    也叫：均值、平均

    >>> AVERAGE(1, 2, 6)
    3
    """
    return mean(numbers)


def averagea(values: Column) -> Decimal:
    """The mean of everything filled in; a text counts as 0, TRUE as 1.

    平均值，文字按 0、是按 1 算；空的不算。

    也叫：均值、平均

    >>> AVERAGEA(1, "a", TRUE, 4)
    1.5
    """
    filled = [each for each in values if each is not None]
    return mean([ZERO if isinstance(each, str) else to_number(each) for each in filled])


def count(values: Column) -> Decimal:
    """How many numbers and dates there are; unlike 简道云, fields of text do not count.

    数字和日期的个数；与简道云不同，文字字段不算（按 Excel），公式里直接写的 "2" 和 TRUE 算。

    也叫：计数、数量、几个

    >>> COUNT(1, "a", 2)
    2
    >>> COUNT("2", TRUE)
    2
    """
    return Decimal(sum(isinstance(each, Decimal | date | time) for each in values))


def counta(values: Column) -> Decimal:
    """How many values there are that are not empty.

    不为空的值的个数。

    也叫：计数、非空个数

    >>> COUNTA(1, "a", TRUE)
    3
    """
    return Decimal(sum(each is not None for each in values))


def countblank(values: Column) -> Decimal:
    """How many values are empty.

    为空的值的个数。

    也叫：计数、空个数

    >>> COUNTBLANK("", 1)
    1
    """
    return Decimal(sum(each is None or each == "" for each in values))


def max_(values: Column) -> Any:
    """The greatest number or the latest date.

    最大的数字或最晚的日期。

    也叫：最大、最高、最晚

    >>> MAX(3, 9, 4)
    9
    >>> MAX(lines.qty)
    3
    """
    return extreme(values, 1)


def min_(values: Column) -> Any:
    """The least number or the earliest date.

    最小的数字或最早的日期。

    也叫：最小、最低、最早

    >>> MIN(3, 9, 4)
    3
    """
    return extreme(values, -1)


def sumproduct(columns: Sequence[Column]) -> Decimal:
    """Multiply row by row and add; what is no number counts as 0.

    各列逐行相乘再求和；不是数字的按 0 算。

    也叫：乘积之和、数量乘单价、加权

    >>> SUMPRODUCT(lines.qty, lines.price)
    160
    """
    if len({len(column) for column in columns}) != 1:
        raise CellFaultError(BAD_ARGUMENT)
    numbers = [[_factor(each) for each in column] for column in columns]
    products = numbers[0]
    for column in numbers[1:]:
        products = [multiply(left, right) for left, right in zip(products, column, strict=True)]
    return sum_(products)


NUMBER: Final = gives("number")
AGGREGATE: Final = (
    Function("SUM", takes("number: numbers*"), total_type(), sum_),
    Function("PRODUCT", takes("number: numbers*"), NUMBER, product),
    Function("SUMSQ", takes("number: numbers*"), NUMBER, sumsq),
    Function("SUMPRODUCT", takes("column: array*"), total_type(), sumproduct),
    Function("AVERAGE", takes("number: numbers*"), total_type(), average, aliases=("AVG",)),
    Function("AVERAGEA", takes("value: anything*"), NUMBER, averagea, server_only=True),
    Function("COUNT", takes("value: counted*"), NUMBER, count),
    Function("COUNTA", takes("value: anything*"), NUMBER, counta),
    Function("COUNTBLANK", takes("value: anything*"), NUMBER, countblank),
    Function("MAX", takes("value: ordered*"), date_like, max_),
    Function("MIN", takes("value: ordered*"), date_like, min_),
)
