"""Bounds that are computed for each record: what a value may be at least, and at most."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from runtime.compile.field import Field
from runtime.compile.model import Form
from runtime.compile.programs import RECORD_STEPS, Far
from runtime.formula import CellError, Context, Work, evaluate_in
from runtime.infra.errors import Problem
from runtime.infra.messages import message

Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Place:
    pointer: str
    field: Field
    row: Row


def outside(
    form: Form, values: Row, now: datetime, far: Far, *, complete: bool
) -> Iterator[Problem]:
    """Yield a Problem for each value beyond a bound that was computed for its record.

    A bound that comes to nothing bounds nothing; one that ends in an error keeps a record from
    being complete, because what is allowed is not known.
    """
    bounded = [
        (lines, [field for field in fields if field.limits])
        for lines, fields in ((None, form.fields), *((t.code, t.fields) for t in form.lines))
    ]
    if not any(fields for _, fields in bounded):
        return
    work, zone = Work(RECORD_STEPS), ZoneInfo(form.zone)
    tables = {table.code: values.get(table.code) or () for table in form.lines}
    columns = far.tables(work)
    for lines, fields in bounded:
        for index, row in enumerate([values] if lines is None else tables[lines]):
            own, start = (None, "") if lines is None else (row, f"/{lines}/{index}")
            context = Context(values, tables, now, zone, own, work, far.related, columns)
            for field in fields:
                yield from _judged(_Place(f"{start}/{field.code}", field, row), context, complete)


def _judged(place: _Place, context: Context, complete: bool) -> Iterator[Problem]:  # noqa: FBT001
    field, value = place.field, place.row.get(place.field.code)
    if value is None:
        return
    for side, formula in field.limits.items():
        limit = evaluate_in(formula, context)
        if isinstance(limit, CellError):
            if complete:
                reason = f"{limit.kind} {message(limit.reason)}"
                params = {"label": field.label.zh, "reason": reason}
                yield Problem(place.pointer, "bound_not_computed", params)
            continue
        known = _comparable(limit, value, context.zone)
        if known is not None:
            yield from _beyond(place, side, value, known)


def _beyond(place: _Place, side: str, value: Any, limit: Any) -> Iterator[Problem]:
    shown = {"limit": _shown(place.field, limit)}
    is_number = isinstance(value, Decimal)
    if side == "max" and value > limit:
        yield Problem(place.pointer, "number_above" if is_number else "moment_after", shown)
    elif side == "min" and value < limit:
        yield Problem(place.pointer, "number_below" if is_number else "moment_before", shown)
    elif side == "min" and value == limit and place.field.options.get("min_exclusive"):
        yield Problem(place.pointer, "number_not_above", shown)


def _comparable(limit: Any, value: Any, zone: Any) -> Any:
    """The limit as what it limits is: a day bounds a moment at its midnight."""
    if isinstance(value, Decimal):
        is_number = isinstance(limit, (int, Decimal)) and not isinstance(limit, bool)
        return Decimal(limit) if is_number else None
    if isinstance(value, datetime):
        if isinstance(limit, datetime):
            return limit
        return datetime.combine(limit, time(), zone) if isinstance(limit, date) else None
    if isinstance(value, date):
        if isinstance(limit, datetime):
            return limit.date()
        return limit if isinstance(limit, date) else None
    return limit if isinstance(value, time) and isinstance(limit, time) else None


def _shown(field: Field, limit: Any) -> str:
    if isinstance(limit, Decimal) and field.stored.kind != "duration":
        # A limit may have more places than the field keeps, and is told with all of them.
        return field.stored.format(limit.normalize(), field.stored_as)
    return field.format(limit)
