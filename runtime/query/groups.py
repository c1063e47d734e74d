"""A list in groups: what they are called, how many records each has, its subtotals.

The records of a group are a list like any other, with one condition more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, false, func, select

from runtime import access
from runtime.compile import Field, Form
from runtime.definitions.view import ViewTotal
from runtime.infra.act import Act
from runtime.infra.errors import Problem, ValidationFailed
from runtime.kinds.families import DEPARTMENTS, PEOPLE
from runtime.query.called import called
from runtime.query.filters import Filter
from runtime.query.labels import titles
from runtime.query.page import PageRequest, narrowed, visible_by_code
from runtime.query.totals import Total, expressions, figures, told_totals
from runtime.query.where import STATUS

MOST_GROUPS: Final = 200
# How the records of a group are asked for, by the kind of the field.
_SAME: Final[Mapping[str, str]] = {
    "text": "equals", "document_number": "equals", "email": "equals", "phone": "equals",
    "choice": "any_of", "reference": "any_of", "user": "any_of", "department": "any_of",
    "number": "eq", "money": "eq", "quantity": "eq", "rating": "eq",
    "date": "on",
}  # fmt: skip


@dataclass(frozen=True)
class Group:
    """One group; `filter` are the records that are in it."""

    value: Any
    text: str
    count: int
    totals: tuple[Total, ...]
    filter: Filter


@dataclass(frozen=True)
class Groups:
    """The groups of a list by one field, `field` None: by status."""

    field: Field | None
    groups: tuple[Group, ...]
    is_cut: bool = False


def groupable(field: Field) -> bool:
    """Say whether records can be put together by a field."""
    kind = field.stored.kind
    return field.column is not None and (kind in _SAME or kind == "boolean")


def grouped(
    act: Act, form: Form, request: PageRequest, code: str, wanted: Sequence[ViewTotal] = ()
) -> Groups:
    """Return the groups of a list by a field, in the order of its values, empty ones first.

    Raises as `page` does, and for a field that makes no groups.
    """
    access.require(act.actor, "view", form)
    field = None if code == STATUS else visible_by_code(act, form).get(code)
    if code != STATUS and (field is None or not groupable(field)):
        problem = Problem("/group", "field_unknown", {"name": code[:60]})
        raise ValidationFailed("filter_invalid", problems=[problem])
    column = _by(form, field)
    told = told_totals(act, form, wanted)
    added = [each for item, fn in told for each in expressions(item, fn)]
    query = select(column, func.count(), *added).select_from(form.table)
    query = query.where(*narrowed(act, form, request)).group_by(column)
    query = query.order_by(column.is_not(None), column).limit(MOST_GROUPS + 1)
    rows = act.connection.execute(query).all()
    names = _names(act, form, field, [row[0] for row in rows])
    found = tuple(
        Group(
            value=row[0],
            text=_text(field, row[0], names),
            count=row[1],
            totals=figures(told, tuple(row[2:])),
            filter=_same(field, row[0]),
        )
        for row in rows[:MOST_GROUPS]
    )
    return Groups(field, found, len(rows) > MOST_GROUPS)


def _by(form: Form, field: Field | None) -> ColumnElement[Any]:
    if field is None:
        return form.table.c.status
    assert field.column is not None, "what groups is kept"
    if field.stored.kind == "boolean":
        # What is not said counts as no, as it does in a filter.
        return func.coalesce(field.column, false(), type_=field.column.type)
    return field.column


def _names(act: Act, form: Form, field: Field | None, values: Sequence[Any]) -> Mapping[int, str]:
    filled = {value for value in values if value is not None}
    if field is None:
        return {}
    if field.target:
        return titles(act, form.target(field), filled)
    if field.stored.kind in PEOPLE | DEPARTMENTS:
        return called(act.connection, field.stored.kind, filled)
    return {}


def _text(field: Field | None, value: Any, names: Mapping[int, str]) -> str:
    if value is None:
        return ""
    if field is None:
        return str(value)
    if field.target or field.stored.kind in PEOPLE | DEPARTMENTS:
        return names.get(value, f"#{value}")
    return field.format(value)


def _same(field: Field | None, value: Any) -> Filter:
    if field is None:
        return Filter(STATUS, "any_of", (str(value),))
    if field.stored.kind == "boolean":
        return Filter(field.code, "is_true" if value else "is_false")
    if value is None:
        return Filter(field.code, "empty")
    return Filter(field.code, _SAME[field.stored.kind], (str(value),))
