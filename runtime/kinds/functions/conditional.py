"""Sums, counts and means of the rows that meet criteria, as SUMIFS has them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import BAD_ARGUMENT, CellError, CellFaultError
from runtime.formula.criteria import criterion
from runtime.formula.numbers import ZERO
from runtime.formula.totals import mean, total
from runtime.kinds.function import Function, gives, takes, total_type

Column = Sequence[Any]


def sumif(column: Column, wanted: Any, summed: Column | None = None) -> Decimal:
    """Add the rows that meet a criterion such as ">10", "苹果" or "苹*".

    对满足条件的行求和，条件如 ">10"、"苹果"、"苹*"。

    也叫：条件求和、按条件合计

    >>> SUMIF(lines.qty, ">1", lines.price)
    50
    >>> SUMIF(lines.qty, ">1")
    5
    """
    return total(_chosen(column if summed is None else summed, [column, wanted]))


def sumifs(summed: Column, pairs: Sequence[Any]) -> Decimal:
    """Add the rows that meet all criteria.

    对同时满足几个条件的行求和。

    也叫：多条件求和、按条件合计

    >>> SUMIFS(lines.price, lines.qty, ">1", lines.qty, "<3")
    20
    """
    return total(_chosen(summed, pairs))


def averageif(column: Column, wanted: Any, averaged: Column | None = None) -> Decimal:
    """The mean of the rows that meet a criterion.

    对满足条件的行求平均。

    也叫：条件平均

    >>> AVERAGEIF(lines.qty, ">1", lines.price)
    25
    """
    return mean(_chosen(column if averaged is None else averaged, [column, wanted]))


def averageifs(averaged: Column, pairs: Sequence[Any]) -> Decimal:
    """The mean of the rows that meet all criteria.

    对同时满足几个条件的行求平均。

    也叫：多条件平均

    >>> AVERAGEIFS(lines.price, lines.qty, ">=2")
    25
    """
    return mean(_chosen(averaged, pairs))


def maxifs(column: Column, pairs: Sequence[Any]) -> Decimal:
    """The greatest number in the rows that meet all criteria.

    满足条件的行里最大的数字。

    也叫：条件最大

    >>> MAXIFS(lines.price, lines.qty, "<3")
    30
    """
    return max(_chosen(column, pairs), default=ZERO)


def minifs(column: Column, pairs: Sequence[Any]) -> Decimal:
    """The least number in the rows that meet all criteria.

    满足条件的行里最小的数字。

    也叫：条件最小

    >>> MINIFS(lines.price, lines.qty, "<3")
    20
    """
    return min(_chosen(column, pairs), default=ZERO)


def countif(column: Column, wanted: Any) -> Decimal:
    """How many rows meet a criterion.

    满足条件的行数。

    也叫：条件计数、按条件统计

    >>> COUNTIF(lines.qty, ">=2")
    2
    """
    return countifs([column, wanted])


def countifs(pairs: Sequence[Any]) -> Decimal:
    """How many rows meet all criteria.

    同时满足几个条件的行数。

    也叫：多条件计数、按条件统计

    >>> COUNTIFS(lines.qty, ">=2", lines.price, 20)
    1
    """
    return Decimal(len(_meeting(pairs)))


def _meeting(pairs: Sequence[Any]) -> Sequence[int]:
    """The rows that meet all criteria; the columns must be equally long."""
    columns, tests = pairs[::2], [criterion(each) for each in pairs[1::2]]
    if len({len(column) for column in columns}) != 1:
        raise CellFaultError(BAD_ARGUMENT)
    places: Sequence[int] = range(len(columns[0]))
    for column, test in zip(columns, tests, strict=True):
        places = [place for place in places if test(column[place])]
    return places


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


NUMBER: Final = gives("number")
_PAIRS: Final = ("range: array*", "criterion: any*")
_IF: Final = takes("range: array", "criterion: any", "column: array?")
_IFS: Final = takes("column: array", *_PAIRS)
_FIRST: Final = ((0, 1),)
_SECOND: Final = ((1, 2),)
CONDITIONAL: Final = (
    Function("SUMIF", _IF, total_type(2), sumif, narrows=_FIRST),
    Function("SUMIFS", _IFS, total_type(0), sumifs, narrows=_SECOND),
    Function("COUNTIF", takes("range: array", "criterion: any"), NUMBER, countif, narrows=_FIRST),
    Function("COUNTIFS", takes(*_PAIRS), NUMBER, countifs, narrows=_FIRST),
    Function("AVERAGEIF", _IF, total_type(2), averageif, narrows=_FIRST),
    Function("AVERAGEIFS", _IFS, total_type(0), averageifs, narrows=_SECOND),
    Function("MAXIFS", _IFS, total_type(0), maxifs, narrows=_SECOND),
    Function("MINIFS", _IFS, total_type(0), minifs, narrows=_SECOND),
)
