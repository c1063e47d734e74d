"""Values that may stand only once: asked before writing, so that the answer names who has them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Index, select, true

from runtime import access
from runtime.compile.field import Field
from runtime.compile.model import Form, LineTable
from runtime.infra.act import Act
from runtime.infra.errors import Problem
from runtime.query import Record


class Claims(Protocol):
    """What is known of the values of many records before any of them is written."""

    def is_claimed(self, fields: Sequence[Field], wanted: Sequence[Any]) -> bool:
        """Whether an earlier one of them has these values."""

    def may_be_held(self, fields: Sequence[Field], wanted: Sequence[Any]) -> bool:
        """Whether a record that is there may have these values."""


def taken(
    act: Act,
    form: Form,
    values: Mapping[str, Any],
    before: Record | None,
    crowd: Claims | None = None,
) -> Iterator[Problem]:
    """Yield a Problem for each value, or values together, that stand in another record or line.

    What is asked is what the database would refuse: the unique indexes of the form's tables.
    Something empty is nobody's.
    """
    for fields in unique_fields(form):
        wanted = [values.get(field.code) for field in fields]
        if any(value is None for value in wanted):
            continue
        if crowd is not None and crowd.is_claimed(fields, wanted):
            yield from _named(fields, wanted)
        elif crowd is None or crowd.may_be_held(fields, wanted):
            yield from _held(act, form, fields, wanted, before)
    for table in form.lines:
        for index in _unique(table.table.indexes):
            yield from _twice(table, _fields(table.by_code, index), values.get(table.code) or ())


@lru_cache(maxsize=1024)
def unique_fields(form: Form) -> tuple[tuple[Field, ...], ...]:
    """The fields of each unique index of a form's records, those alone that people fill."""
    found = (_fields(form.by_code, index) for index in _unique(form.table.indexes))
    return tuple(tuple(fields) for fields in found if fields)


def _named(fields: Sequence[Field], wanted: Sequence[Any]) -> Iterator[Problem]:
    params: dict[str, Any] = {"label": "、".join(field.label.zh for field in fields)}
    code = "values_taken" if len(fields) > 1 else "value_taken"
    if len(fields) == 1:
        params["value"] = fields[0].format(wanted[0])
    for field in fields:
        yield Problem(f"/{field.code}", code, params)


def _unique(indexes: set[Index]) -> list[Index]:
    return sorted((each for each in indexes if each.unique), key=lambda each: str(each.name))


def _fields(by_code: Mapping[str, Field], index: Index) -> list[Field]:
    names = [column.name for column in index.columns]
    codes = [name.removeprefix("f_") for name in names if name.startswith("f_")]
    fields = [by_code[code] for code in codes]
    # A number is given on submit, and by nobody from outside.
    return [] if any(field.is_computed for field in fields) else fields


def _held(
    act: Act, form: Form, fields: Sequence[Field], wanted: Sequence[Any], before: Record | None
) -> Iterator[Problem]:
    title = form.by_code[form.title]
    condition = access.row_condition(act.actor, form)
    visible = (true() if condition is None else condition).label("is_visible")
    name = form.table.c.id if title.column is None else title.column
    query = select(form.table.c.id, name.label("title"), visible)
    for field, value in zip(fields, wanted, strict=True):
        assert field.column is not None, "what is unique is kept"
        query = query.where(field.column == value)
    if before is not None:
        query = query.where(form.table.c.id != before.id)
    found = act.connection.execute(query.limit(1)).first()
    if found is None:
        return
    params: dict[str, Any] = {"label": "、".join(field.label.zh for field in fields)}
    code = "values_taken" if len(fields) > 1 else "value_taken"
    if len(fields) == 1:
        params["value"] = fields[0].format(wanted[0])
    if found.is_visible and _may_read(act, form, title):
        params |= {"title": title.format(found.title) or f"#{found.id}", "id": found.id}
        code += "_by"
    for field in fields:
        yield Problem(f"/{field.code}", code, params)


def _may_read(act: Act, form: Form, title: Field) -> bool:
    seen = access.visible_fields(act.actor, form)
    return access.may(act.actor, "view", form) and title.target is None and title in seen


def _twice(
    table: LineTable, fields: Sequence[Field], rows: Sequence[Mapping[str, Any]]
) -> Iterator[Problem]:
    seen: dict[tuple[Any, ...], int] = {}
    for number, row in enumerate(rows, start=1):
        wanted = tuple(row.get(field.code) for field in fields)
        if not fields or any(value is None for value in wanted):
            continue
        first = seen.setdefault(wanted, number)
        if first != number:
            field = fields[0]
            params = {"label": field.label.zh, "row": first}
            yield Problem(f"/{table.code}/{number - 1}/{field.code}", "value_twice", params)
