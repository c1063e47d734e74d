"""Columns as lists: which values, in which order; texts into lists and back."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import (
    BAD_ARGUMENT,
    LIMIT_TEXT,
    NOTHING_MATCHED,
    CellError,
    CellFaultError,
    LimitReachedError,
)
from runtime.formula.numbers import ONE, small
from runtime.formula.types import LIST, item, joined
from runtime.formula.values import (
    MAX_TEXT,
    Array,
    in_order,
    midnight,
    to_boolean,
    to_text,
)
from runtime.kinds.function import Function, gives, list_of, takes

Column = Sequence[Any]


def unique(column: Column) -> Array:
    """Each value of a column once, in the order of their first coming.

    一列里不重复的值，按第一次出现的顺序。

    也叫：去重、不重复、唯一值

    >>> UNIQUE(lines.price)
    ['30', '20']
    >>> COUNTA(UNIQUE(lines.price))
    2
    """
    return Array(tuple(_distinct(_whole(column))))


def union(values: Column) -> Array:
    """Each value of several lists once, without empty ones.

    把几个列表合在一起，去掉重复的和空的值。

    也叫：并集、去重、合并

    >>> UNION(lines.price, 50, 20)
    ['30', '20', '50']
    """
    return Array(tuple(_distinct([each for each in values if each is not None and each != ""])))


def _distinct(values: Sequence[Any]) -> Iterator[Any]:
    seen = set()
    for each in values:
        key = _key(each)
        if key not in seen:
            seen.add(key)
            yield each


def _key(value: Any) -> tuple[str, Any]:
    """What equal values have in common: the case of letters and a time of 00:00 do not matter."""
    if isinstance(value, str):
        return ("text", value.lower())
    if isinstance(value, date):
        return ("date", midnight(value))
    return (type(value).__name__, value)


def sort(column: Column, side: Decimal = ONE, order: Decimal = ONE) -> Array:
    """A column in rising order, or with an order of -1 in falling order; what is empty comes last.

    把一列排序：默认升序，第三个参数为 -1 时降序；空的排在最后。

    也叫：排序、升序、降序

    >>> SORT(lines.price)
    ['20', '30', '30']
    >>> SORT(lines.qty, 1, -1)
    ['3', '2', '1']
    """
    if small(side) != 1:
        raise CellFaultError(BAD_ARGUMENT)
    return Array(tuple(_turned(in_order(_whole(column)), order)))


def _turned(ordered: list[Any], order: Decimal) -> list[Any]:
    if small(order) not in (1, -1):
        raise CellFaultError(BAD_ARGUMENT)
    full = [each for each in ordered if each is not None]
    return ordered if order > 0 else full[::-1] + [None] * (len(ordered) - len(full))


def sortby(column: Column, keys: Column, order: Decimal = ONE) -> Array:
    """A column in the order of another one.

    按另一列的大小给一列排序：默认升序，第三个参数为 -1 时降序。

    也叫：排序、按条件排序

    >>> SORTBY(lines.qty, lines.price)
    ['2', '1', '3']
    """
    _same_length(column, keys)
    _whole(column)
    ordered = _distinct(_turned(in_order(_whole(keys)), order))
    ranks = {_key(key): rank for rank, key in enumerate(ordered)}
    places = sorted(range(len(column)), key=lambda place: ranks[_key(keys[place])])
    return Array(tuple(column[place] for place in places))


def filter_(column: Column, conditions: Column, missing: Callable[[], Any] | None = None) -> Any:
    """The rows of a column for which a condition holds.

    一列里满足条件的那些行；一行都没有时取第三个参数，否则是 #N/A。

    也叫：筛选、过滤、条件

    >>> FILTER(lines.price, lines.qty>1)
    ['20', '30']
    >>> SUM(FILTER(lines.qty, lines.price=30))
    4
    >>> FILTER(lines.qty, lines.qty>9, "无")
    无
    """
    _same_length(column, conditions)
    holds = [to_boolean(each) for each in _whole(conditions)]
    rows = [each for each, hold in zip(column, holds, strict=True) if hold]
    if rows:
        return Array(tuple(rows))
    found = None if missing is None else missing()
    return NOTHING_MATCHED if found is None else found


def take(column: Column, count: Decimal) -> Array:
    """The first rows of a column, or with a negative count the last ones.

    一列的前几行；个数为负时取最后几行。

    也叫：前几个、最后几个

    >>> TAKE(lines.qty, 2)
    ['1', '2']
    >>> TAKE(lines.qty, -1)
    ['3']
    """
    number = small(count)
    if not number:
        raise CellFaultError(BAD_ARGUMENT)
    return Array(tuple(column[:number] if number > 0 else column[number:]))


def drop(column: Column, count: Decimal) -> Array:
    """A column without its first rows, or with a negative count without the last ones.

    一列去掉前几行；个数为负时去掉最后几行。

    也叫：去掉前几个

    >>> DROP(lines.qty, 1)
    ['2', '3']
    """
    number = small(count)
    return Array(tuple(column[number:] if number >= 0 else column[:number]))


def countarray(values: Column) -> Decimal:
    """How many values a list has, empty ones included.

    列表里有多少个值，空的也算。

    也叫：行数、个数、数组长度

    >>> COUNTARRAY(lines.qty)
    3
    """
    return Decimal(len(values))


def join(column: Column, separator: str = ",") -> str:
    """Put the values of a list together into one text.

    用分隔符把列表连成一段文字，默认用逗号。

    也叫：合并、连接、数组转文字

    >>> JOIN(lines.qty, "、")
    1、2、3
    """
    texts = [to_text(each) for each in _whole(column)]
    if sum(map(len, texts)) + len(separator) * max(len(texts) - 1, 0) > MAX_TEXT:
        raise LimitReachedError(LIMIT_TEXT)
    return separator.join(texts)


def split(text: str, separator: str) -> Array:
    """Cut a text into a list at a separator, or with an empty one into characters.

    按分隔符把文字拆成列表；分隔符为空时拆成一个个字符。

    也叫：拆分、分割、分列

    >>> SPLIT("红-黄-蓝", "-")
    ['红', '黄', '蓝']
    >>> INDEX(SPLIT("红-黄-蓝", "-"), 2)
    黄
    """
    return Array(tuple(text.split(separator) if separator else text))


def finda(text: str, before: str, after: str) -> Array:
    """Everything that stands between two marks in a text.

    文字里两个标记之间的所有内容，得到列表；只要第一个时写 INDEX(FINDA(…), 1)。

    也叫：提取、截取中间、查找

    >>> FINDA("从[上海]到[北京]", "[", "]")
    ['上海', '北京']
    """
    if not before or not after:
        raise CellFaultError(BAD_ARGUMENT)
    found, place = [], 0
    while (begin := text.find(before, place)) >= 0:
        end = text.find(after, begin + len(before))
        if end < 0:
            break
        found.append(text[begin + len(before) : end])
        place = end + len(after)
    return Array(tuple(found))


def _whole(column: Column) -> list[Any]:
    """The values, unless one of them is an error."""
    for each in column:
        if isinstance(each, CellError):
            raise CellFaultError(each)
    return list(column)


def _same_length(column: Column, other: Column) -> None:
    if len(column) != len(other):
        raise CellFaultError(BAD_ARGUMENT)


def _union_type(kinds: Sequence[str]) -> str:
    found = joined([item(each) for each in kinds])
    return LIST + ("any" if found == "empty" else found)


TEXTS: Final = gives(LIST + "text")
_COLUMN: Final = "column: array"
LISTS: Final = (
    Function("UNIQUE", takes(_COLUMN), list_of(), unique),
    Function("UNION", takes("value: values*"), _union_type, union),
    Function("SORT", takes(_COLUMN, "side: number?", "order: number?"), list_of(), sort),
    Function("SORTBY", takes(_COLUMN, "keys: array", "order: number?"), list_of(), sortby),
    Function("FILTER", takes(_COLUMN, "condition: array", "missing: lazy?"), list_of(), filter_),
    Function("TAKE", takes(_COLUMN, "count: number"), list_of(), take),
    Function("DROP", takes(_COLUMN, "count: number"), list_of(), drop),
    Function(
        "COUNTARRAY", takes("value: anything*"), gives("number"), countarray, aliases=("ROWS",)
    ),
    Function("JOIN", takes(_COLUMN, "separator: text?"), gives("text"), join),
    Function(
        "SPLIT",
        takes("text: text", "separator: text"),
        TEXTS,
        split,
        aliases=("TEXTSPLIT",),
    ),
    Function("FINDA", takes("text: text", "before: text", "after: text"), TEXTS, finda),
)
