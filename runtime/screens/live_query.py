"""A list of another form's records that fit the one being looked at: asked for, never kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request, url_for

from runtime import access, query
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.infra.errors import NotFound, ValidationFailed
from runtime.query import Filter, PageRequest
from runtime.query.called import names_of, written
from runtime.screens.acting import form_of, reading
from runtime.screens.form_fields import record_url
from runtime.screens.i18n import label, locale
from runtime.screens.render import render
from runtime.screens.routes import permission

ROWS: Final = 20
LONGEST: Final = 500
# How to ask for equality, the first a kind knows.
EQUAL: Final = ("any_of", "eq", "equals", "has_any", "within", "on")


@dataclass(frozen=True)
class Found:
    """What the list shows."""

    heads: tuple[tuple[str, bool], ...] = ()
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()
    has_more: bool = False
    is_asked: bool = True


@permission("view")
def live_query(app_code: str, form_code: str, field_code: str) -> Response:
    """Answer the rows for the values of the record as they are typed at the moment."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        fields = access.visible_fields(act.actor, form)
        item = next((f for f in fields if f.code == field_code and f.kind.kind == "query"), None)
        if item is None:
            raise NotFound
        target = form.siblings[str(item.options["form"])]
        access.require(act.actor, "view", target)
        found = _found(act, target, item, request.args)
        base = url_for("screens.list_records", app_code=app_code, form_code=target.code)
        return render("query_rows.html", found=found, list_url=base)


def _found(act: Act, target: Form, item: Field, given: Mapping[str, str]) -> Found:
    filters = _filters(target, item, given)
    if filters is None:
        return Found(is_asked=False)
    columns, most = _columns(act, target, item), int(item.options.get("limit", ROWS))
    codes = tuple(column.code for column in columns)
    try:
        page = query.page(act, target, PageRequest(codes, filters, size=most + 1))
    except ValidationFailed:
        # What is typed so far cannot be looked for.
        return Found(is_asked=False)
    names = names_of(act.connection, columns, [row.values for row in page.rows])

    def text(column: Field, row: Any) -> str:
        value = row.values[column.code]
        if column.code in names:
            return written(value, names[column.code])
        title = row.titles.get(column.code)
        return column.format(value, locale()) if title is None else title

    heads = tuple((label(column.label), column.stored.kind in _RIGHT) for column in columns)
    rows = tuple(
        (record_url(target, row.id), tuple(text(column, row) for column in columns))
        for row in page.rows[:most]
    )
    return Found(heads, rows, has_more=len(page.rows) > most)


_RIGHT: Final = frozenset({"number", "money", "quantity", "percent"})


def _filters(target: Form, item: Field, given: Mapping[str, str]) -> tuple[Filter, ...] | None:
    """Their fields equal to ours; None while one of ours is still empty."""
    found = []
    for theirs, ours in item.options["where"].items():
        text = given.get(ours, "").strip()[:LONGEST]
        field = target.by_code.get(theirs)
        if not text or field is None:
            return None
        operator = next((each for each in EQUAL if each in field.stored.operators), "")
        found.append(Filter(theirs, operator, (text,)))
    return tuple(found)


def _columns(act: Act, target: Form, item: Field) -> tuple[Field, ...]:
    seen = {field.code: field for field in access.visible_fields(act.actor, target)}
    wanted = item.options.get("columns") or target.list_columns[:5]
    return tuple(seen[code] for code in wanted if code in seen and seen[code].column is not None)
