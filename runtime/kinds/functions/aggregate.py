"""Many values at once: over arguments and over the columns of a line table."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Final

from runtime.formula.cell_errors import (
    BAD_ARGUMENT,
    NO_VALUES,
    OUT_OF_RANGE,
    CellError,
    CellFaultError,
)
from runtime.formula.criteria import criterion
from runtime.formula.numbers import ONE, ZERO, add, divide, multiply, small
from runtime.formula.types import NUMERIC, date_like, item, joined
from runtime.formula.values import compare
from runtime.kinds.function import Function, gives, takes

Column = Sequence[Any]


def sum_(numbers: Sequence[Decimal]) -> Decimal:
    """Add everything numeric; empty and text fields are skipped.

    求和；空的和文字的字段不算。

    >>> SUM(1, 2.5, "3")
    6.5
    >>> SUM(lines.qty)
    6
    """
    total = ZERO
    for each in numbers:
        total = add(total, each)
    return total


def product(numbers: Sequence[Decimal]) -> Decimal:
    """Multiply everything numeric.

    求乘积。

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

    >>> SUMSQ(3, 4)
    25
    """
    return sum_([multiply(each, each) for each in numbers])


def average(numbers: Sequence[Decimal]) -> Decimal:
    """The mean of everything numeric; of nothing it is #DIV/0!.

    平均值；一个数字都没有时是 #DIV/0!。

    >>> AVERAGE(1, 2, 6)
    3
    """
    if not numbers:
        raise CellFaultError(NO_VALUES)
    return divide(sum_(numbers), Decimal(len(numbers)))


def count(values: Column) -> Decimal:
    """How many numbers and dates there are; unlike 简道云, texts do not count.

    数字和日期的个数；与简道云不同，文字不算（按 Excel）。

    >>> COUNT(1, "a", 2)
    2
    """
    return Decimal(sum(isinstance(each, Decimal | date) for each in values))


def counta(values: Column) -> Decimal:
    """How many values there are that are not empty.

    不为空的值的个数。

    >>> COUNTA(1, "a", TRUE)
    3
    """
    return Decimal(sum(each is not None for each in values))


def countblank(values: Column) -> Decimal:
    """How many values are empty.

    为空的值的个数。

    >>> COUNTBLANK("", 1)
    1
    """
    return Decimal(sum(each is None or each == "" for each in values))


def max_(values: Column) -> Any:
    """The greatest number or the latest date.

    最大的数字或最晚的日期。

    >>> MAX(3, 9, 4)
    9
    >>> MAX(lines.qty)
    3
    """
    return _extreme(values, 1)


def min_(values: Column) -> Any:
    """The least number or the earliest date.

    最小的数字或最早的日期。

    >>> MIN(3, 9, 4)
    3
    """
    return _extreme(values, -1)


def _extreme(values: Column, wanted: int) -> Any:
    if not values:
        return ZERO
    found = values[0]
    for each in values[1:]:
        if compare(each, found) == wanted:
            found = each
    return found


def large(values: Column, place: Decimal) -> Any:
    """The value at a place counted from the greatest.

    第几大的值。

    >>> LARGE(lines.qty, 2)
    2
    """
    return _at(_sorted(values)[::-1], place)


def small_(values: Column, place: Decimal) -> Any:
    """The value at a place counted from the least.

    第几小的值。

    >>> SMALL(lines.qty, 1)
    1
    """
    return _at(_sorted(values), place)


def _sorted(values: Column) -> list[Any]:
    return sorted(values, key=cmp_to_key(compare))


def _at(ordered: list[Any], place: Decimal) -> Any:
    index = small(place)
    if not 1 <= index <= len(ordered):
        raise CellFaultError(OUT_OF_RANGE)
    return ordered[index - 1]


def median(numbers: Sequence[Decimal]) -> Decimal:
    """The number in the middle.

    中位数。

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


def sumproduct(columns: Sequence[Column]) -> Decimal:
    """Multiply row by row and add; what is no number counts as 0.

    各列逐行相乘再求和；不是数字的按 0 算。

    >>> SUMPRODUCT(lines.qty, lines.price)
    160
    """
    if len({len(column) for column in columns}) != 1:
        raise CellFaultError(BAD_ARGUMENT)
    products = []
    for row in zip(*columns, strict=True):
        for each in row:
            if isinstance(each, CellError):
                raise CellFaultError(each)
        products.append(product([each if isinstance(each, Decimal) else ZERO for each in row]))
    return sum_(products)


def sumif(column: Column, wanted: Any, summed: Column | None = None) -> Decimal:
    """Add the rows that meet a criterion such as ">10", "苹果" or "苹*".

    对满足条件的行求和，条件如 ">10"、"苹果"、"苹*"。

    >>> SUMIF(lines.qty, ">1", lines.price)
    50
    >>> SUMIF(lines.qty, ">1")
    5
    """
    return sum_(_chosen(column if summed is None else summed, [column, wanted]))


def sumifs(summed: Column, pairs: Sequence[Any]) -> Decimal:
    """Add the rows that meet all criteria.

    对同时满足几个条件的行求和。

    >>> SUMIFS(lines.price, lines.qty, ">1", lines.qty, "<3")
    20
    """
    return sum_(_chosen(summed, pairs))


def averageif(column: Column, wanted: Any, averaged: Column | None = None) -> Decimal:
    """The mean of the rows that meet a criterion.

    对满足条件的行求平均。

    >>> AVERAGEIF(lines.qty, ">1", lines.price)
    25
    """
    return average(_chosen(column if averaged is None else averaged, [column, wanted]))


def averageifs(averaged: Column, pairs: Sequence[Any]) -> Decimal:
    """The mean of the rows that meet all criteria.

    对同时满足几个条件的行求平均。

    >>> AVERAGEIFS(lines.price, lines.qty, ">=2")
    25
    """
    return average(_chosen(averaged, pairs))


def maxifs(column: Column, pairs: Sequence[Any]) -> Decimal:
    """The greatest number in the rows that meet all criteria.

    满足条件的行里最大的数字。

    >>> MAXIFS(lines.price, lines.qty, "<3")
    30
    """
    return max(_chosen(column, pairs), default=ZERO)


def minifs(column: Column, pairs: Sequence[Any]) -> Decimal:
    """The least number in the rows that meet all criteria.

    满足条件的行里最小的数字。

    >>> MINIFS(lines.price, lines.qty, "<3")
    20
    """
    return min(_chosen(column, pairs), default=ZERO)


def countif(column: Column, wanted: Any) -> Decimal:
    """How many rows meet a criterion.

    满足条件的行数。

    >>> COUNTIF(lines.qty, ">=2")
    2
    """
    return countifs([column, wanted])


def countifs(pairs: Sequence[Any]) -> Decimal:
    """How many rows meet all criteria.

    同时满足几个条件的行数。

    >>> COUNTIFS(lines.qty, ">=2", lines.price, 20)
    1
    """
    return Decimal(sum(1 for _ in _meeting(pairs)))


def _meeting(pairs: Sequence[Any]) -> Iterator[int]:
    """The rows that meet all criteria; the columns must be equally long."""
    columns, tests = pairs[::2], [criterion(each) for each in pairs[1::2]]
    if len({len(column) for column in columns}) != 1:
        raise CellFaultError(BAD_ARGUMENT)
    for place, row in enumerate(zip(*columns, strict=True)):
        if all(test(each) for test, each in zip(tests, row, strict=True)):
            yield place


def _chosen(column: Column, pairs: Sequence[Any]) -> list[Decimal]:
    """The numbers of `column` in those rows."""
    if len(column) != len(pairs[0]):
        raise CellFaultError(BAD_ARGUMENT)
    chosen = []
    for place in _meeting(pairs):
        if isinstance(column[place], CellError):
            raise CellFaultError(column[place])
        if isinstance(column[place], Decimal):
            chosen.append(column[place])
    return chosen


def _total(place: int | None = None) -> Callable[[Sequence[str]], str]:
    """The numeric type of all arguments, or of the one at a place (else of the first)."""

    def result(kinds: Sequence[str]) -> str:
        chosen = kinds if place is None else [kinds[place if place < len(kinds) else 0]]
        found = joined([item(kind) for kind in chosen])
        return found if found in NUMERIC else "number"

    return result


NUMBER: Final = gives("number")
_PAIRS: Final = ("range: array*", "criterion: any*")
_IF: Final = takes("range: array", "criterion: any", "column: array?")
AGGREGATE: Final = (
    Function("SUM", takes("number: numbers*"), _total(), sum_),
    Function("PRODUCT", takes("number: numbers*"), NUMBER, product),
    Function("SUMSQ", takes("number: numbers*"), NUMBER, sumsq),
    Function("AVERAGE", takes("number: numbers*"), _total(), average, aliases=("AVG",)),
    Function("COUNT", takes("value: anything*"), NUMBER, count),
    Function("COUNTA", takes("value: anything*"), NUMBER, counta),
    Function("COUNTBLANK", takes("value: anything*"), NUMBER, countblank),
    Function("MAX", takes("value: ordered*"), date_like, max_),
    Function("MIN", takes("value: ordered*"), date_like, min_),
    Function("LARGE", takes("values: ordered", "place: number"), lambda k: date_like(k[:1]), large),
    Function(
        "SMALL", takes("values: ordered", "place: number"), lambda k: date_like(k[:1]), small_
    ),
    Function("MEDIAN", takes("number: numbers*"), _total(), median),
    Function("SUMPRODUCT", takes("column: array*"), _total(), sumproduct),
    Function("SUMIF", _IF, _total(2), sumif),
    Function("SUMIFS", takes("column: array", *_PAIRS), _total(0), sumifs),
    Function("AVERAGEIF", _IF, _total(2), averageif),
    Function("AVERAGEIFS", takes("column: array", *_PAIRS), _total(0), averageifs),
    Function("MAXIFS", takes("column: array", *_PAIRS), _total(0), maxifs),
    Function("MINIFS", takes("column: array", *_PAIRS), _total(0), minifs),
    Function("COUNTIF", takes("range: array", "criterion: any"), NUMBER, countif),
    Function("COUNTIFS", takes(*_PAIRS), NUMBER, countifs),
)
