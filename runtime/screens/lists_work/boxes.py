"""The boxes in which one field of many records, or of one, is typed."""

from collections.abc import Iterator
from typing import Any, Final

from runtime import access, query
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Problem
from runtime.kinds.families import FILES, PICKED, STEPPED
from runtime.kinds.field_type import Unreadable
from runtime.query import Record
from runtime.query.called import NAMED, called, ids_in, names_of, written
from runtime.screens.form_fields import Cell, cell_of
from runtime.screens.form_values import is_entered
from runtime.screens.i18n import locale, said_here
from runtime.screens.masks import brief

# What needs more room or more than one box stays with the record's own page.
_NOT_HERE: Final = FILES | {"rich_text", "location", "address", "button", "query"}
_NOT_IN_A_CELL: Final = _NOT_HERE | PICKED | STEPPED | {"long_text"}


def editable_fields(act: Act, form: Form, *, in_cell: bool) -> Iterator[Field]:
    """The fields of the header one may type into outside the record's own page."""
    if not access.may(act.actor, "update", form):
        return
    left_out = _NOT_IN_A_CELL if in_cell else _NOT_HERE
    fixed = access.fixed_fields(act.actor, form, "update")
    for item in access.visible_fields(act.actor, form):
        is_plain = item.column is not None and not item.is_lines
        is_open = is_entered(item) and item.code not in fixed
        if is_plain and is_open and item.kind.kind not in left_out:
            yield item


def box_of(act: Act, item: Field, record: Record | None) -> Cell:
    """The box of a field with what stands there now."""
    value = None if record is None else record.values.get(item.code)
    labels: dict[int, str] = {}
    if value is not None and record is not None and item.target:
        labels = dict(record.labels.get((None, item.code), {}))
    elif value is not None and item.stored.kind in NAMED:
        labels = dict(called(act.connection, item.stored.kind, list(ids_in(value))))
    return cell_of(item, value, cell_id=f"w-{item.code}", name=item.code, labels=labels)


def shown(act: Act, form: Form, record_id: int, codes: list[str]) -> dict[str, dict[str, Any]]:
    """What the cells of one record show on its list, by the code of the column."""
    visible = {field.code for field in access.visible_fields(act.actor, form)}
    wanted = tuple(code for code in codes if code in visible)
    asked = query.PageRequest(columns=wanted, ids=(record_id,), size=1)
    page = query.page(act, form, asked)
    names = names_of(act.connection, page.columns, [row.values for row in page.rows])
    found: dict[str, dict[str, Any]] = {}
    for row in page.rows:
        for field in page.columns:
            value = row.values[field.code]
            text = row.titles.get(field.code)
            if field.code in names:
                text = written(value, names[field.code])
            is_negative = value is not None and not isinstance(value, str) and str(value)[:1] == "-"
            found[field.code] = {
                "text": brief(field, value, locale()) if text is None else text,
                "neg": is_negative,
            }
    return found


def unread(values: dict[str, Any]) -> list[Problem]:
    """What was typed and could not be read."""
    return [
        Problem(f"/{code}", value.code, {"text": value.text[:60]})
        for code, value in values.items()
        if isinstance(value, Unreadable)
    ]


def words_of(form: Form, error: AppError) -> list[str]:
    """Every reason of a refusal as a sentence, with the field it is about."""
    return [
        sentence(form, each.pointer, each.code, dict(each.params)) for each in error.problems
    ] or [said_here(error.code, error.params)]


def sentence(form: Form, pointer: str, code: str, params: dict[str, Any]) -> str:
    """One reason, with its field in front."""
    first = pointer.strip("/").split("/")[0]
    told = said_here(code, params)
    item = form.by_code.get(first)
    return told if item is None else f"{item.label.text(locale())}：{told}"
