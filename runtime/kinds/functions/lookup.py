"""Looking things up in columns: of this form's lines or, by the form's name, of another form."""

import operator
from collections.abc import Callable, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import (
    BAD_ARGUMENT,
    NO_SUCH_PLACE,
    NOTHING_MATCHED,
    CellError,
    CellFaultError,
)
from runtime.formula.criteria import Pattern, has_wildcard
from runtime.formula.numbers import ONE, ZERO, small
from runtime.formula.totals import extreme, mean, total
from runtime.formula.types import DATES, NUMERIC, item, joined
from runtime.formula.values import KEYS, kind_of, midnight
from runtime.kinds.function import Function, takes

Column = Sequence[Any]
Test = Callable[[Any], bool]
WILDCARD: Final = 2


def xlookup(
    wanted: Any,
    keys: Column,
    results: Column,
    missing: Callable[[], Any] | None = None,
    match: Decimal = ZERO,
    direction: Decimal = ONE,
) -> Any:
    """Find a value in one column and give what stands in the same row of another.

    在一列里查找，返回同一行另一列的值。没有找到时取第四个参数，否则是 #N/A；匹配方式 0 精确、
    -1 找不到取下一个较小的、1 取下一个较大的、2 可用通配符；方向 -1 从后往前找。

    也叫：查找、引用、匹配、跨表取数、查询

    >>> XLOOKUP(2, lines.qty, lines.price)
    20
    >>> XLOOKUP(9, lines.qty, lines.price, "没有")
    没有
    >>> XLOOKUP(2.5, lines.qty, lines.qty, 0, -1)
    2
    """
    _same_length(keys, results)
    place = _found(wanted, keys, match, direction)
    if place is not None:
        return _given(results[place])
    found = None if missing is None else missing()
    return NOTHING_MATCHED if found is None else found


def vlookup(
    wanted: Any,
    keys: Column,
    results: Column,
    approximate: bool = False,  # noqa: FBT001, FBT002 - a formula's own argument
) -> Any:
    """Find a value in one column and give what stands in the same row of another.

    在一列里查找，返回同一行另一列的值。与 Excel 不同：直接写查找列和结果列，不写区域和列号；
    默认精确匹配（文字可用通配符），第四个参数为 TRUE 时取不大于它的最大值（按升序排列的表）。

    也叫：查找、引用、匹配、跨表取数

    >>> VLOOKUP(3, lines.qty, lines.price)
    30
    >>> VLOOKUP(2.9, lines.qty, lines.price, TRUE)
    20
    """
    _same_length(keys, results)
    wanted = ZERO if wanted is None else wanted
    place = _nearest(wanted, keys, -1, last=True) if approximate else _first(_like(wanted), keys)
    return NOTHING_MATCHED if place is None else _given(results[place])


def lookup(wanted: Any, keys: Column, results: Column | None = None) -> Any:
    """Find the greatest value that is not above the wanted one, in a column in rising order.

    在升序排列的一列里找不大于查找值的最大值，返回同一行结果列的值（不写结果列就返回找到的值）。

    也叫：查找、分段、阶梯、区间、提成

    >>> LOOKUP(2.5, lines.qty, lines.price)
    20
    >>> LOOKUP(0, lines.qty)
    #N/A
    """
    results = keys if results is None else results
    _same_length(keys, results)
    place = _nearest(ZERO if wanted is None else wanted, keys, -1, last=True)
    return NOTHING_MATCHED if place is None else _given(results[place])


def match_(wanted: Any, keys: Column, kind: Decimal = ONE) -> Any:
    """Where a value stands in a column, counted from 1.

    一个值在一列里的位置，从 1 数起；类型 0 精确匹配（文字可用通配符），
    默认 1 取不大于它的最大值（升序），-1 取不小于它的最小值（降序）。

    也叫：位置、查找、匹配

    >>> MATCH(3, lines.qty, 0)
    3
    >>> MATCH(2.5, lines.qty)
    2
    """
    wanted = ZERO if wanted is None else wanted
    if not kind:
        place = _first(_like(wanted), keys)
    elif kind < 0:
        place = _nearest(wanted, _falling_to(wanted, keys), 1, last=True)
    else:
        place = _nearest(wanted, keys, -1, last=True)
    return NOTHING_MATCHED if place is None else Decimal(place + 1)


def xmatch(wanted: Any, keys: Column, match: Decimal = ZERO, direction: Decimal = ONE) -> Any:
    """Where a value stands in a column, counted from 1; matches as XLOOKUP does.

    一个值在一列里的位置，从 1 数起；匹配方式和方向同 XLOOKUP。

    也叫：位置、查找、匹配

    >>> XMATCH(30, lines.price)
    1
    >>> XMATCH(30, lines.price, 0, -1)
    3
    """
    place = _found(wanted, keys, match, direction)
    return NOTHING_MATCHED if place is None else Decimal(place + 1)


def index(column: Column, row: Decimal, side: Decimal = ONE) -> Any:
    """What stands in a row of a column, counted from 1.

    一列里第几行的值，从 1 数起；超出范围是 #REF!。

    也叫：第几个、取值、引用

    >>> INDEX(lines.price, 2)
    20
    >>> INDEX(lines.price, MATCH(3, lines.qty, 0))
    30
    >>> INDEX(lines.price, 9)
    #REF!
    """
    place = small(row)
    if place < 1:
        raise CellFaultError(BAD_ARGUMENT)
    if place > len(column) or not 0 <= small(side) <= 1:
        raise CellFaultError(NO_SUCH_PLACE)
    return column[place - 1]


def mapx(operation: str, wanted: Any, keys: Column, results: Column) -> Any:
    """Sum up, or take one, of the rows of another form whose key is a value.

    在另一张表里找关键字相等的行，对结果列取 "first" 第一个、"last" 最后一个、"max" 最大、
    "min" 最小、"avg" 平均、"sum" 求和或 "count" 个数；没有找到时求和和个数是 0，其余为空。

    也叫：跨表、跨表单、关联取数、聚合

    >>> MAPX("sum", 30, lines.price, lines.qty)
    4
    >>> MAPX("last", 30, lines.price, lines.qty)
    3
    """
    _same_length(keys, results)
    if operation.lower() not in _SUMMARIES:
        raise CellFaultError(BAD_ARGUMENT)
    test = _equal_to(wanted)
    rows = [] if wanted is None or wanted == "" else _rows(test, keys, results)
    return _SUMMARIES[operation.lower()](rows)


def _rows(test: Test, keys: Column, results: Column) -> list[Any]:
    return [_given(each) for key, each in zip(keys, results, strict=True) if test(key)]


def _ordered(rows: list[Any]) -> list[Any]:
    return [each for each in rows if isinstance(each, Decimal | date | time)]


def _numbers(rows: list[Any]) -> list[Decimal]:
    return [each for each in rows if isinstance(each, Decimal)]


_SUMMARIES: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "first": lambda rows: rows[0] if rows else None,
    "last": lambda rows: rows[-1] if rows else None,
    "max": lambda rows: extreme(_ordered(rows), 1) if _ordered(rows) else None,
    "min": lambda rows: extreme(_ordered(rows), -1) if _ordered(rows) else None,
    "avg": lambda rows: mean(_numbers(rows)) if _numbers(rows) else None,
    "sum": lambda rows: total(_numbers(rows)),
    "count": lambda rows: Decimal(len(rows)),
}


def _found(wanted: Any, keys: Column, match: Decimal, direction: Decimal) -> int | None:
    """The place XLOOKUP means; 2 and -2 search a sorted column, which makes no difference here."""
    how, way = small(match), small(direction)
    if how not in (0, -1, 1, WILDCARD) or way not in (1, -1, 2, -2):
        raise CellFaultError(BAD_ARGUMENT)
    test = _like(wanted) if how == WILDCARD else _equal_to(wanted)
    place = _last(test, keys) if way < 0 else _first(test, keys)
    if place is None and how in (-1, 1) and wanted is not None:
        return _nearest(wanted, keys, how, last=way < 0)
    return place


def _first(test: Test, keys: Column) -> int | None:
    return next((place for place, each in enumerate(keys) if test(each)), None)


def _last(test: Test, keys: Column) -> int | None:
    return next((place for place in range(len(keys) - 1, -1, -1) if test(keys[place])), None)


def _falling_to(wanted: Any, keys: Column) -> Column:
    """The keys before the first that is less: of keys in falling order, all that are not."""
    kind = kind_of(wanted)
    key = KEYS[kind]
    bound = key(wanted)
    for place, each in enumerate(keys):
        if kind_of(each) is kind and key(each) < bound:
            return keys[:place]
    return keys


def _nearest(wanted: Any, keys: Column, side: int, *, last: bool) -> int | None:
    """The key next to the wanted one on a side: -1 is not above, 1 is not below."""
    kind = kind_of(wanted)
    key = KEYS[kind]
    bound, found = key(wanted), None
    best: Any = None
    over = operator.gt if side < 0 else operator.lt
    for place, each in enumerate(keys):
        if kind_of(each) is not kind:
            continue
        own = key(each)
        if over(own, bound):
            continue
        if found is None or over(own, best) or (last and own == best):
            found, best = place, own
    return found


def _equal_to(wanted: Any) -> Test:
    """Whether a key is the wanted value: of the same kind and equal; texts ignore capitals."""
    match wanted:
        case str():
            text = wanted.lower()
            return lambda key: isinstance(key, str) and key.lower() == text
        case Decimal():
            return lambda key: isinstance(key, Decimal) and key == wanted
        case date():
            return lambda key: isinstance(key, date) and midnight(key) == midnight(wanted)
    kind = type(wanted)
    return lambda key: type(key) is kind and key == wanted


def _like(wanted: Any) -> Test:
    """The same, where * and ? in a text stand for anything."""
    if not isinstance(wanted, str) or not has_wildcard(wanted):
        return _equal_to(wanted)
    pattern = Pattern(wanted)
    return lambda key: isinstance(key, str) and pattern.matches(key)


def _same_length(keys: Column, results: Column) -> None:
    if len(keys) != len(results):
        raise CellFaultError(BAD_ARGUMENT)


def _given(value: Any) -> Any:
    if isinstance(value, CellError):
        raise CellFaultError(value)
    return value


def _result(place: int) -> Callable[[Sequence[str]], str]:
    """What the column at a place has, or the one before it where it is left out."""
    return lambda kinds: item(kinds[place if place < len(kinds) else place - 1])


def _xlookup_type(kinds: Sequence[str]) -> str:
    return joined([item(kinds[2]), *(item(each) for each in kinds[3:4])])


def _mapx_type(kinds: Sequence[str]) -> str:
    found = item(kinds[3])
    return found if found in NUMERIC | DATES else "any"


_KEYS: Final = ("wanted: any", "keys: array")
_HOW: Final = ("match: number?", "direction: number?")
_FIRST: Final = ((1, 0),)
LOOKUP: Final = (
    Function(
        "XLOOKUP",
        takes(*_KEYS, "results: array", "missing: lazy?", *_HOW),
        _xlookup_type,
        xlookup,
        narrows=_FIRST,
        exact_at=4,
    ),
    Function(
        "VLOOKUP",
        takes(*_KEYS, "results: array", "approximate: boolean?"),
        _result(2),
        vlookup,
        narrows=_FIRST,
        exact_at=3,
    ),
    Function("LOOKUP", takes(*_KEYS, "results: array?"), _result(2), lookup),
    Function("MATCH", takes(*_KEYS, "kind: number?"), lambda _: "number", match_),
    Function("XMATCH", takes(*_KEYS, *_HOW), lambda _: "number", xmatch),
    Function("INDEX", takes("column: array", "row: number", "side: number?"), _result(0), index),
    Function(
        "MAPX",
        takes("operation: text", "wanted: any", "keys: array", "results: array"),
        _mapx_type,
        mapx,
        narrows=((2, 1),),
    ),
)
