"""Figures over a whole list: sums, means, extremes, counts. Exact, and dear only when asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from runtime import access
from runtime.compile import Field, Form
from runtime.definitions.view import ViewTotal
from runtime.infra.act import Act
from runtime.infra.errors import Problem, ValidationFailed
from runtime.query.page import PageRequest, narrowed, visible_by_code

# What can be added up; anything that is kept can be counted, whatever has an order has extremes.
SUMMED: Final = frozenset({"number", "money", "quantity", "percent", "duration"})
ORDERED: Final = SUMMED | {"date", "datetime", "rating", "time"}
# So many records are added up without being asked again whether it is worth the wait.
AT_ONCE: Final = 200_000


@dataclass(frozen=True)
class Total:
    """One figure; `value` None where nothing is filled in."""

    field: Field
    fn: str
    value: Any

    @property
    def text(self) -> str:
        """The figure the way people read it."""
        if self.fn == "count":
            return f"{self.value:,}"
        return self.field.format(self.value)


def fits(field: Field, fn: str) -> bool:
    """Say whether a field has such a figure."""
    if field.column is None:
        return False
    kind = field.stored.kind
    if fn in {"sum", "avg"}:
        return kind in SUMMED and (fn == "sum" or kind != "duration")
    return fn == "count" or kind in ORDERED


def totals(
    act: Act, form: Form, request: PageRequest, wanted: Sequence[ViewTotal]
) -> tuple[Total, ...]:
    """Return the figures over all records of a list, on every page of it.

    Raises as `page` does, and for a field that has no such figure.
    """
    access.require(act.actor, "view", form)
    told = told_totals(act, form, wanted)
    if not told:
        return ()
    columns = [each for field, fn in told for each in expressions(field, fn)]
    query = select(*columns).select_from(form.table).where(*narrowed(act, form, request))
    return figures(told, tuple(act.connection.execute(query).one()))


def told_totals(act: Act, form: Form, wanted: Sequence[ViewTotal]) -> tuple[tuple[Field, str], ...]:
    """Return the fields and figures that are asked for, refusing what is not there to see."""
    visible = visible_by_code(act, form)
    found = []
    for each in wanted:
        field = visible.get(each.field)
        if field is None or not fits(field, each.fn):
            problem = Problem("/totals", "field_unknown", {"name": each.field[:60]})
            raise ValidationFailed("filter_invalid", problems=[problem])
        found.append((field, each.fn))
    return tuple(found)


def expressions(field: Field, fn: str) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The two figures a database adds up for one of ours: a mean is a sum and a count.

    A database's own mean would be a float on SQLite.
    """
    column = field.column
    assert column is not None, "what is added up is kept"
    filled = func.count(column)
    if fn == "count":
        return filled, filled
    if fn in {"sum", "avg"}:
        return func.sum(column, type_=column.type), filled
    extreme = func.min(column) if fn == "min" else func.max(column)
    return extreme, filled


def figures(told: Sequence[tuple[Field, str]], row: Sequence[Any]) -> tuple[Total, ...]:
    """Turn what `expressions` found, one after the other, into figures."""
    pairs = zip(told, row[::2], row[1::2], strict=True)
    return tuple(Total(field, fn, _value(field, fn, first, n)) for (field, fn), first, n in pairs)


def _value(field: Field, fn: str, value: Any, filled: int) -> Any:
    if fn == "avg" and value is not None:
        places = Decimal(1).scaleb(-_places(field.stored_as.options))
        return (Decimal(value) / filled).quantize(places, ROUND_HALF_UP)
    return value


def _places(options: Mapping[str, Any]) -> int:
    found = options.get("places", 2)
    return found if isinstance(found, int) else 2


def counted_up_to(act: Act, form: Form, request: PageRequest, most: int | None) -> int:
    """Count the records of a list, no further than `most`."""
    access.require(act.actor, "view", form)
    inner = select(form.table.c.id).where(*narrowed(act, form, request))
    inner = inner if most is None else inner.limit(most)
    query = select(func.count()).select_from(inner.subquery())
    return int(act.connection.execute(query).scalar_one())
