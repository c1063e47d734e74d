"""View filters -> SQL conditions, by the operators of each field type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from marshmallow import ValidationError
from sqlalchemy import Column, ColumnElement, Text, and_, cast, false, not_, or_, true

from runtime.compile import Field
from runtime.infra.errors import Problem, ValidationFailed
from runtime.kinds.families import PEOPLE, SEVERAL, STEPPED
from runtime.kinds.field_type import Unreadable
from runtime.kinds.reading import read_date
from runtime.kinds.word_field import WORDS
from runtime.query.spans import COUNTED, relative_span

STATUSES: Final = (
    "draft",
    "submitted",
    "approved",
    "posted",
    "rejected",
    "cancelled",
    "active",
)


# The years a date field takes; beyond them lies no record, and no day before or after either.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999
# Whoever asks, in a filter on people.
ME: Final = "me"
# What is compared letter by letter, so that a part of it can be asked for.
_FREE: Final = WORDS | {"long_text", "lookup", "formula", "rmb"}


@dataclass(frozen=True)
class Filter:
    """One condition: a field's code (or `status`), an operator, texts to compare with."""

    field: str
    operator: str
    values: tuple[str, ...] = ()


Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Now:
    """What texts in a filter may mean: the moment, the zone its days are of, who `me` is."""

    at: datetime
    zone: ZoneInfo
    user_id: int | None = None

    @property
    def today(self) -> date:
        """The day it is where the app is used."""
        return self.at.astimezone(self.zone).date()


def in_status(column: Column[Any], item: Filter) -> Condition:
    """Return the condition that a record is in one of the states, or in none of them."""
    states = [value for value in item.values if value in STATUSES]
    return column.not_in(states) if item.operator == "none_of" else column.in_(states)


def condition(field: Field, item: Filter, now: Now, pointer: str) -> Condition:
    """Return the SQL condition of one filter on one field.

    Raises ValidationFailed for an operator the kind does not have, or a value that cannot be read.
    """
    column = field.column
    assert column is not None, "what is filtered by is stored"
    if item.operator not in field.stored.operators:
        raise bad(pointer, "filter_operator_unknown", operator=item.operator)
    if item.operator == "empty":
        return column.is_(None)
    if item.operator == "not_empty":
        return column.is_not(None)
    if field.stored.kind in {"date", "datetime"}:
        return _dated(field, column, item, now, pointer)
    values = [_read(field, text, now, pointer) for text in item.values]
    if not values and item.operator not in {"is_true", "is_false"}:
        raise bad(pointer, "filter_value_missing")
    return _OPERATORS[item.operator](column, values)


def _read(field: Field, text: str, now: Now, pointer: str) -> Any:
    if field.stored.kind in _FREE:
        return text[:200]
    if text == ME and field.stored.kind in PEOPLE:
        # Nobody in particular, the system for one, is no id.
        return now.user_id or 0
    value = field.stored.parse(text, field.stored_as)
    if isinstance(value, Unreadable) or value is None:
        raise bad(pointer, getattr(value, "code", "filter_value_missing"), text=text[:60])
    if field.stored.kind in SEVERAL:
        return value[0]
    if field.stored.kind in STEPPED:
        # A filter may stop at any level.
        return value
    return _unbounded(field, value, pointer)


def _unbounded(field: Field, value: Any, pointer: str) -> Any:
    """Read a value whatever the bounds of the field: they are for what is saved."""
    schema = field.stored.schema(field.stored_as)
    for name in ("low", "high"):
        if hasattr(schema, name):
            setattr(schema, name, None)
    try:
        return schema.deserialize(value)
    except ValidationError:
        raise bad(pointer, "filter_value_unreadable", text=str(value)[:60]) from None


def _dated(field: Field, column: Column[Any], item: Filter, now: Now, pointer: str) -> Condition:
    first, last = _days(item, now, pointer)
    start, end = _edges(field, first, last, now.zone)
    if item.operator == "before":
        earlier: Condition = column < start
        return earlier
    if item.operator == "after":
        later: Condition = column >= end
        return later
    return and_(column >= start, column < end)


def _days(item: Filter, now: Now, pointer: str) -> tuple[date, date]:
    if item.operator == "relative":
        word, *rest = item.values or ("",)
        number = rest[0] if rest and word in COUNTED else "1"
        days = int(number) if number.isascii() and number.isdecimal() and len(number) < 5 else 0
        span = relative_span(word, now.today, days)
        if span is None:
            raise bad(pointer, "filter_value_unreadable", text=",".join(item.values)[:60])
        return span
    days_given = [_day(text, pointer) for text in item.values]
    if not days_given or (item.operator == "between" and len(days_given) < 2):
        raise bad(pointer, "filter_value_missing")
    return days_given[0], days_given[-1]


def _day(text: str, pointer: str) -> date:
    found = read_date(text)
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise bad(pointer, "date_expected", text=text[:60])
    return found


def _edges(field: Field, first: date, last: date, zone: ZoneInfo) -> tuple[Any, Any]:
    after = last + timedelta(days=1)
    if field.stored.kind == "date":
        return first, after
    return (
        datetime.combine(first, time(), zone).astimezone(UTC),
        datetime.combine(after, time(), zone).astimezone(UTC),
    )


def _like(pattern: str) -> Callable[[Column[Any], list[Any]], Condition]:
    def build(column: Column[Any], values: list[Any]) -> Condition:
        text = values[0].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return column.like(pattern.replace("?", text), escape="\\")

    return build


def _has_any(column: Column[Any], values: list[Any]) -> Condition:
    kept = cast(column, Text)  # JSON text: codes each in quotes, ids between commas and brackets
    return or_(false(), *(kept.like(pattern) for value in values for pattern in _held(value)))


def _held(value: Any) -> tuple[str, ...]:
    if isinstance(value, int):
        return f"[{value}]", f"[{value},%", f"%,{value},%", f"%,{value}]"
    return (f'%"{value}"%',)


_OPERATORS: Final[Mapping[str, Callable[[Column[Any], list[Any]], Condition]]] = {
    "contains": _like("%?%"),
    "starts": _like("?%"),
    # The code of what lies inside begins with the code of what it lies in.
    "within": _like("?%"),
    "equals": lambda column, values: column == values[0],
    "eq": lambda column, values: column == values[0],
    "ne": lambda column, values: or_(column != values[0], column.is_(None)),
    "lt": lambda column, values: column < values[0],
    "le": lambda column, values: column <= values[0],
    "gt": lambda column, values: column > values[0],
    "ge": lambda column, values: column >= values[0],
    "between": lambda column, values: and_(column >= values[0], column <= values[-1]),
    "any_of": lambda column, values: column.in_(values),
    "none_of": lambda column, values: or_(not_(column.in_(values)), column.is_(None)),
    "is_true": lambda column, _values: column == true(),
    "is_false": lambda column, _values: or_(column == false(), column.is_(None)),
    "has_any": _has_any,
}


def bad(pointer: str, code: str, **params: Any) -> ValidationFailed:
    """Make the refusal of a filter, with its place."""
    return ValidationFailed("filter_invalid", problems=[Problem(pointer, code, params)])
