"""Two columns together: straight lines and correlations; exact until one division."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import (
    LENGTHS_DIFFER,
    NO_VALUES,
    CellError,
    CellFaultError,
)
from runtime.formula.numbers import (
    WIDE,
    common_spread,
    divide,
    exact_sum,
    spread,
    square_root,
)
from runtime.kinds.function import Function, gives, takes

Column = Sequence[Any]
Numbers = Sequence[Decimal]


def correl(first: Column, second: Column) -> Decimal:
    """The correlation of two columns, from -1 to 1.

    两列数字的相关系数，从 -1 到 1。

    也叫：相关系数、相关性

    >>> ROUND(CORREL(lines.qty, lines.qty), 10)
    1
    >>> CORREL(lines.qty, lines.price)
    0
    """
    xs, ys = _pairs(first, second)
    common = common_spread(xs, ys)
    root = square_root(_squared(common, xs, ys))
    return root.copy_negate() if common < 0 else root


def rsq(known_y: Column, known_x: Column) -> Decimal:
    """The square of the correlation of two columns.

    两列数字相关系数的平方。

    也叫：决定系数、拟合优度

    >>> RSQ(lines.qty, lines.qty)
    1
    """
    ys, xs = _pairs(known_y, known_x)
    return _squared(common_spread(xs, ys), xs, ys)


def _squared(common: Decimal, xs: Numbers, ys: Numbers) -> Decimal:
    spreads = WIDE.multiply(spread(xs), spread(ys)) if xs else Decimal(0)
    if not spreads:
        raise CellFaultError(NO_VALUES)
    return divide(WIDE.multiply(common, common), spreads)


def covariance(first: Column, second: Column) -> Decimal:
    """The covariance of two columns as whole populations.

    两列数字的总体协方差。

    也叫：协方差

    >>> COVAR(lines.qty, lines.qty)
    0.6666666666666666666666666667
    """
    xs, ys = _pairs(first, second)
    if not xs:
        raise CellFaultError(NO_VALUES)
    return divide(common_spread(xs, ys), Decimal(len(xs) ** 2))


def slope(known_y: Column, known_x: Column) -> Decimal:
    """How steep the straight line is that comes nearest to the points.

    回归直线的斜率。

    也叫：斜率、线性回归、趋势

    >>> SLOPE(lines.price, lines.qty)
    0
    """
    ys, xs = _pairs(known_y, known_x)
    return divide(common_spread(xs, ys), _steepness(xs))


def intercept(known_y: Column, known_x: Column) -> Decimal:
    """Where that straight line begins at x = 0.

    回归直线在 x = 0 处的值（截距）。

    也叫：截距、线性回归

    >>> ROUND(INTERCEPT(lines.price, lines.qty), 4)
    26.6667
    """
    return forecast(Decimal(0), known_y, known_x)


def forecast(number: Decimal, known_y: Column, known_x: Column) -> Decimal:
    """What the straight line through known points gives for a number.

    按已知数据的线性趋势预测一个值。

    也叫：预测、趋势、线性回归

    >>> FORECAST(4, lines.qty, lines.qty)
    4
    """
    ys, xs = _pairs(known_y, known_x)
    below = _steepness(xs)
    count, common = Decimal(len(xs)), common_spread(xs, ys)
    # (Σy·D − N·Σx + n·x·N) / (n·D), with the slope as N/D: one division only.
    level = WIDE.subtract(WIDE.multiply(exact_sum(ys), below), WIDE.multiply(common, exact_sum(xs)))
    risen = WIDE.multiply(WIDE.multiply(count, number), common)
    return divide(WIDE.add(level, risen), WIDE.multiply(count, below))


def _steepness(xs: Numbers) -> Decimal:
    found = spread(xs) if xs else Decimal(0)
    if not found:
        raise CellFaultError(NO_VALUES)
    return found


def _pairs(first: Column, second: Column) -> tuple[list[Decimal], list[Decimal]]:
    """The rows in which both columns have a number."""
    if len(first) != len(second):
        raise CellFaultError(LENGTHS_DIFFER)
    found = []
    for pair in zip(first, second, strict=True):
        for each in pair:
            if isinstance(each, CellError):
                raise CellFaultError(each)
        if isinstance(pair[0], Decimal) and isinstance(pair[1], Decimal):
            found.append(pair)
    return [x for x, _ in found], [y for _, y in found]


def sumx2my2(first: Column, second: Column) -> Decimal:
    """The sum of the differences of squares of two columns.

    两列对应数字平方差的和。

    也叫：平方差

    >>> SUMX2MY2(lines.qty, lines.qty)
    0
    """
    xs, ys = _pairs(first, second)
    return exact_sum([*_squares(xs), *(each.copy_negate() for each in _squares(ys))])


def sumx2py2(first: Column, second: Column) -> Decimal:
    """The sum of the squares of two columns.

    两列对应数字平方和的和。

    也叫：平方和

    >>> SUMX2PY2(lines.qty, lines.qty) = 2 * SUMSQ(lines.qty)
    TRUE
    """
    xs, ys = _pairs(first, second)
    return exact_sum([*_squares(xs), *_squares(ys)])


def sumxmy2(first: Column, second: Column) -> Decimal:
    """The sum of the squares of the differences of two columns.

    两列对应数字之差的平方和。

    也叫：差的平方和、误差平方和

    >>> SUMXMY2(lines.qty, lines.qty)
    0
    """
    xs, ys = _pairs(first, second)
    return exact_sum(_squares([WIDE.subtract(x, y) for x, y in zip(xs, ys, strict=True)]))


def _squares(numbers: Numbers) -> list[Decimal]:
    return [WIDE.multiply(each, each) for each in numbers]


NUMBER: Final = gives("number")
_TWO: Final = takes("first: array", "second: array")
_KNOWN: Final = takes("known_y: array", "known_x: array")
REGRESSION: Final = (
    Function("CORREL", _TWO, NUMBER, correl, aliases=("PEARSON",)),
    Function("SUMX2MY2", _TWO, NUMBER, sumx2my2, server_only=True),
    Function("SUMX2PY2", _TWO, NUMBER, sumx2py2, server_only=True),
    Function("SUMXMY2", _TWO, NUMBER, sumxmy2, server_only=True),
    Function("RSQ", _KNOWN, NUMBER, rsq),
    Function("COVAR", _TWO, NUMBER, covariance, aliases=("COVARIANCE.P",)),
    Function("SLOPE", _KNOWN, NUMBER, slope),
    Function("INTERCEPT", _KNOWN, NUMBER, intercept),
    Function(
        "FORECAST",
        takes("number: number", "known_y: array", "known_x: array"),
        NUMBER,
        forecast,
        aliases=("FORECAST.LINEAR",),
    ),
)
