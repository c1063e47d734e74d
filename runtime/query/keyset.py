"""The order of a list and the places in it: any page costs what the first one costs.

A cursor is the values of a row's sort keys and its id. Empty values stand first going up and last
going down, on both databases.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    and_,
    case,
    false,
    literal,
    or_,
    tuple_,
)

from runtime.infra import strict_json
from runtime.infra.columns import ExactDecimal, is_key
from runtime.infra.errors import BadRequest

CURSOR_BYTES: Final = 2000


@dataclass(frozen=True)
class SortKey:
    """One column of the order."""

    column: Column[Any]
    descending: bool = False


@dataclass(frozen=True)
class Range:
    """A part of the list, read by one statement; `condition` None is all of it."""

    condition: ColumnElement[bool] | None
    order: tuple[ColumnElement[Any], ...]


Place = tuple[tuple[Any, ...], int]


def ranges(
    keys: Sequence[SortKey], key: Column[Any], start: Place | None, *, backwards: bool = False
) -> list[Range]:
    """What is read one after the other, from a place up to the end of the list.

    Values and empty ones of the first key are ranges of their own, each one plain range of an
    index: the databases do not agree where in an index the empty ones stand.
    """
    up = (keys[0].descending if keys else True) == backwards
    by_key = key.asc() if up else key.desc()
    if not keys:
        return [Range(None if start is None else _after(key, start[1], up=up), (by_key,))]
    first, rest = keys[0].column, [_turned(each, backwards=backwards) for each in keys[1:]]
    inner = tuple(each for sort in rest for each in _order(sort))
    empty = Range(first.is_(None), (*inner, by_key))
    filled = Range(first.is_not(None), (first.asc() if up else first.desc(), *inner, by_key))
    if start is None:
        return [empty, filled] if up else [filled, empty]
    (value, *others), last = start
    beyond = _beyond(rest, others, key, last, up=up)
    if value is None:
        return [Range(and_(first.is_(None), beyond), empty.order), *([filled] if up else [])]
    if not rest:
        here, there = tuple_(first, key), _row(first, value, key, last)
        found: ColumnElement[bool] = here > there if up else here < there
    else:
        found = and_(
            first >= value if up else first <= value,
            or_(_after(first, value, up=up), and_(first == value, beyond)),
        )
    return [Range(found, filled.order), *([] if up else [empty])]


def _row(first: Column[Any], value: Any, key: Column[Any], last: int) -> Any:
    return tuple_(literal(value, first.type), literal(last, key.type))


def _turned(sort: SortKey, *, backwards: bool) -> SortKey:
    return SortKey(sort.column, sort.descending != backwards)


def _order(sort: SortKey) -> Iterator[ColumnElement[Any]]:
    """Order by a key behind the first one: empty values first going up, last going down."""
    filled = case((sort.column.is_(None), 0), else_=1)
    yield filled.desc() if sort.descending else filled.asc()
    yield sort.column.desc() if sort.descending else sort.column.asc()


def _after(column: Column[Any], value: Any, *, up: bool) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column > value if up else column < value
    return found


def _beyond(
    keys: Sequence[SortKey], values: Sequence[Any], key: Column[Any], last: int, *, up: bool
) -> ColumnElement[bool]:
    """What stands behind a place among rows that are alike in the keys before these."""
    if not keys:
        return _after(key, last, up=up)
    column, value = keys[0].column, values[0]
    inner = _beyond(keys[1:], values[1:], key, last, up=up)
    farther = _farther(keys[0], value)
    here = column.is_(None) if value is None else column == value
    return or_(farther, and_(here, inner))


def _farther(sort: SortKey, value: Any) -> ColumnElement[bool]:
    """What stands behind a value of one key; empty values first going up, last going down."""
    if value is None:
        return false() if sort.descending else sort.column.is_not(None)
    found = _after(sort.column, value, up=not sort.descending)
    return or_(found, sort.column.is_(None)) if sort.descending else found


def cursor(row: Mapping[Any, Any], keys: Sequence[SortKey]) -> str:
    """The place of a row, as a text."""
    values = [_plain(row[each.column.name]) for each in keys] or [None]
    return strict_json.dumps([*values, row["id"]])


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, (date, datetime, time)) else value


def read_cursor(text: str, keys: Sequence[SortKey]) -> Place:
    """Read a place. Raises BadRequest for what is no place in this order."""
    source = strict_json.loads(text, max_bytes=CURSOR_BYTES, max_depth=2)
    if not isinstance(source, list) or len(source) != max(len(keys), 1) + 1:
        raise BadRequest("cursor_invalid")
    *values, key = source
    if not is_key(key):
        raise BadRequest("cursor_invalid")
    try:
        read = [
            None if value is None else _typed(value, each.column)
            for each, value in zip(keys, values, strict=False)
        ]
    except (ValueError, ArithmeticError, TypeError) as error:
        raise BadRequest("cursor_invalid") from error
    return tuple(read), key


def _typed(value: Any, order: Column[Any]) -> Any:
    kind = order.type.python_type
    if kind is Decimal:
        number = Decimal(value)
        if not isinstance(order.type, ExactDecimal) or not order.type.holds(number):
            raise ValueError
        return number
    if kind is date:
        return date.fromisoformat(value)
    if kind is time:
        return time.fromisoformat(value)
    if kind is datetime:
        return datetime.fromisoformat(value).astimezone(UTC)
    if type(value) is not kind or (kind is int and not is_key(value)):
        raise TypeError
    return value
