"""View filters -> SQL conditions, by the operators of each field type."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from marshmallow import ValidationError
from sqlalchemy import Column, ColumnElement, Text, and_, cast, false, not_, or_, true

from runtime.compile import Field, Form
from runtime.infra.errors import Problem, ValidationFailed
from runtime.kinds.families import SEVERAL, STEPPED
from runtime.kinds.field_type import Unreadable
from runtime.kinds.reading import read_date
from runtime.kinds.word_field import WORDS

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
# What is compared letter by letter, so that a part of it can be asked for.
_FREE: Final = WORDS | {"long_text", "lookup", "formula", "rmb"}


@dataclass(frozen=True)
class Filter:
    """One condition: a field's code (or `status`), an operator, texts to compare with."""

    field: str
    operator: str
    values: tuple[str, ...] = ()


Condition = ColumnElement[bool]


def conditions(
    form: Form, visible: Mapping[str, Field], filters: Sequence[Filter], now: datetime
) -> list[Condition]:
    """Return the SQL conditions of the filters.

    Raises ValidationFailed for a field the actor does not see, an operator the kind does not
    have, or a value that cannot be read.
    """
    return [_condition(form, visible, item, index, now) for index, item in enumerate(filters)]


def _condition(
    form: Form, visible: Mapping[str, Field], item: Filter, index: int, now: datetime
) -> Condition:
    if item.field == "status":
        return form.table.c.status.in_([v for v in item.values if v in STATUSES])
    field = visible.get(item.field)
    if field is None or field.column is None:
        raise _bad(index, "field_unknown", name=item.field)
    if item.operator not in field.stored.operators:
        raise _bad(index, "filter_operator_unknown", operator=item.operator)
    column = field.column
    if item.operator == "empty":
        return column.is_(None)
    if item.operator == "not_empty":
        return column.is_not(None)
    if field.stored.kind in {"date", "datetime"}:
        return _dated(field, column, item, index, ZoneInfo(form.zone), now)
    values = [_read(field, text, index) for text in item.values]
    if not values and item.operator not in {"is_true", "is_false"}:
        raise _bad(index, "filter_value_missing")
    return _OPERATORS[item.operator](column, values)


def _read(field: Field, text: str, index: int) -> Any:
    if field.stored.kind in _FREE:
        return text[:200]
    value = field.stored.parse(text, field.stored_as)
    if isinstance(value, Unreadable) or value is None:
        raise _bad(index, getattr(value, "code", "filter_value_missing"), text=text[:60])
    if field.stored.kind in SEVERAL:
        return value[0]
    if field.stored.kind in STEPPED:
        # A filter may stop at any level.
        return value
    try:
        # Bounds of the field are for what is saved; here only the form of the value counts.
        unbounded = field.stored.schema(field.stored_as)
        for name in ("low", "high"):
            if hasattr(unbounded, name):
                setattr(unbounded, name, None)
        return unbounded.deserialize(value)
    except ValidationError:
        raise _bad(index, "filter_value_unreadable", text=text[:60]) from None


def _dated(
    field: Field, column: Column[Any], item: Filter, index: int, zone: ZoneInfo, now: datetime
) -> Condition:
    if item.operator == "relative":
        span = relative_span(item.values[0] if item.values else "", now.astimezone(zone).date())
        if span is None:
            raise _bad(index, "filter_value_unreadable", text=",".join(item.values)[:60])
        first, last = span
    else:
        days = [_day(text, index) for text in item.values]
        if not days or (item.operator == "between" and len(days) < 2):
            raise _bad(index, "filter_value_missing")
        first, last = days[0], days[-1]
    start, end = _edges(field, first, last, zone)
    if item.operator == "before":
        earlier: Condition = column < start
        return earlier
    if item.operator == "after":
        later: Condition = column >= end
        return later
    return and_(column >= start, column < end)


def _day(text: str, index: int) -> date:
    found = read_date(text)
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise _bad(index, "date_expected", text=text[:60])
    return found


def _edges(field: Field, first: date, last: date, zone: ZoneInfo) -> tuple[Any, Any]:
    after = last + timedelta(days=1)
    if field.stored.kind == "date":
        return first, after
    return (
        datetime.combine(first, time(), zone).astimezone(UTC),
        datetime.combine(after, time(), zone).astimezone(UTC),
    )


def relative_span(word: str, today: date) -> tuple[date, date] | None:
    """Return the first and last day a word like `this_month` means."""
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    last_month_end = first - timedelta(days=1)
    spans = {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "this_week": (monday, monday + timedelta(days=6)),
        "last_7_days": (today - timedelta(days=6), today),
        "last_30_days": (today - timedelta(days=29), today),
        "this_month": (first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)),
        "last_month": (last_month_end.replace(day=1), last_month_end),
        "this_year": (today.replace(month=1, day=1), today.replace(month=12, day=31)),
    }
    return spans.get(word)


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


def _bad(index: int, code: str, **params: Any) -> ValidationFailed:
    return ValidationFailed("filter_invalid", problems=[Problem(f"/filters/{index}", code, params)])
