"""Filters in words: the sheet that makes one, the chips that show them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from runtime import access, query
from runtime.compile import Field, Form
from runtime.infra import departments, users
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Problem, ValidationFailed
from runtime.kinds.families import DEPARTMENTS, PEOPLE
from runtime.kinds.options import option_label
from runtime.query import Filter
from runtime.query.called import called
from runtime.screens.i18n import _, joined, label, locale, said
from runtime.screens.lists.state import ListState
from runtime.screens.render import render

NO_VALUE: Final = frozenset({"empty", "not_empty", "is_true", "is_false"})
NUMBERS: Final = frozenset({"number", "money", "quantity", "percent", "rating"})
MOST_CHOICES: Final = 50


@dataclass(frozen=True)
class Chip:
    """One filter as words, with the addresses that change it and take it away."""

    field: str
    operator: str
    value: str
    edit: str
    remove: str


def operator_text(code: str) -> str:
    """Return the word for a comparison."""
    words = {
        "contains": _("包含"), "equals": _("等于"), "starts": _("开头是"),
        "within": _("属于"), "eq": "=", "ne": "≠",
        "lt": "<", "le": "≤", "gt": ">", "ge": "≥", "between": _("介于"), "on": _("是"),
        "before": _("早于"), "after": _("晚于"), "relative": _("在"), "any_of": _("是"),
        "none_of": _("不是"), "has_any": _("含有"), "is_true": _("为是"), "is_false": _("为否"),
        "empty": _("为空"), "not_empty": _("不为空"),
    }  # fmt: skip
    return words[code]


def span_words() -> Mapping[str, str]:
    """Return the spans of days a filter may name."""
    return {
        "today": _("今天"), "yesterday": _("昨天"), "this_week": _("本周"),
        "last_7_days": _("近 7 天"), "last_30_days": _("近 30 天"), "this_month": _("本月"),
        "last_month": _("上月"), "this_year": _("今年"),
    }  # fmt: skip


def filterable(act: Act, form: Form) -> tuple[Field, ...]:
    """Return the fields one may filter by."""
    fields = access.visible_fields(act.actor, form)
    return tuple(field for field in fields if field.column is not None and field.stored.operators)


def chips_of(act: Act, form: Form, state: ListState) -> tuple[Chip, ...]:
    """Return the filters in force as words."""
    return tuple(_chips(act, form, state))


def show_builder(act: Act, form: Form, state: ListState, *, problem: str = "") -> Response:
    """Show the sheet for one filter: field, comparison, value."""
    fields = filterable(act, form)
    given = _given(state)
    by_code = {field.code: field for field in fields}
    chosen = by_code.get(given.field, fields[0])
    operators = chosen.stored.operators
    operator = given.operator if given.operator in operators else operators[0]
    href = url_for("screens.filter_builder", app_code=form.app_code, form_code=form.code)
    rest = state if "edit" not in request.args else state.without(_edited())
    return render(
        "_filter.html",
        "builder",
        base=state.base,
        href=href,
        hidden=[*rest.pairs, *([("q", state.search)] if state.search else [])],
        fields=fields,
        chosen=chosen,
        operator=operator,
        operators=[(code, operator_text(code)) for code in operators],
        takes_value=operator not in NO_VALUE,
        is_pair=operator == "between",
        choices=tuple(_choices(act, form, chosen, operator)),
        values=(*given.values, "", "")[:2],
        is_number=chosen.stored.kind in NUMBERS,
        input_help=_input_help(chosen),
        problem=problem,
    )


def filter_from(act: Act, form: Form, source: MultiDict[str, str]) -> Filter:
    """Return the filter a person has built. Raises ValidationFailed with what to change."""
    fields = {field.code: field for field in filterable(act, form)}
    field, operator = fields.get(source.get("ff", "")), source.get("fo", "")
    if field is None:
        raise _bad("field_unknown", name=source.get("ff", "")[:60])
    values = tuple(value.strip() for value in source.getlist("fv") if value.strip())
    if operator in NO_VALUE:
        return Filter(field.code, operator)
    if not values:
        raise _bad("filter_value_missing")
    if field.target and not all(value.isdecimal() for value in values):
        values = tuple(_record_meant(act, form, field, value) for value in values)
    return Filter(field.code, operator, values)


def problem_text(error: AppError) -> str:
    """Return the first thing to put right, in words."""
    first = error.problems[0] if error.problems else Problem("", error.code, error.params)
    return said(first.code, first.params)


def _bad(code: str, **params: str) -> ValidationFailed:
    return ValidationFailed("filter_invalid", problems=[Problem("/filters", code, params)])


def _record_meant(act: Act, form: Form, field: Field, text: str) -> str:
    found = query.lookup(act, form.target(field), text, limit=1)
    if not found:
        raise _bad("filter_value_unreadable", text=text[:60])
    return str(found[0].id)


def _edited() -> int:
    return request.args.get("edit", -1, type=int)


def _given(state: ListState) -> Filter:
    if "ff" in request.args:
        values = tuple(request.args.getlist("fv"))
        return Filter(request.args["ff"], request.args.get("fo", ""), values)
    if 0 <= _edited() < len(state.filters):
        return state.filters[_edited()]
    return Filter("", "")


def _choices(act: Act, form: Form, field: Field, operator: str) -> Iterator[tuple[str, str]]:
    if operator == "relative":
        yield from span_words().items()
    elif field.stored.kind in {"choice", "multi_choice"}:
        for option in field.stored_as.options["options"]:
            yield option["code"], option_label(field.stored_as, option["code"], locale())
    elif field.stored.kind in PEOPLE | DEPARTMENTS:
        yield from _named(act, field)
    elif field.target:
        rows = query.lookup(act, form.target(field), "", limit=MOST_CHOICES)
        # With more than fit into a list one types the name or code instead.
        if len(rows) < MOST_CHOICES:
            yield from ((str(row.id), row.title) for row in rows)


def _named(act: Act, field: Field) -> Iterator[tuple[str, str]]:
    if field.stored.kind in PEOPLE:
        for user in users.everybody(act.connection):
            yield str(user.id), user.display_name
        return
    for each in departments.everyone(act.connection):
        yield str(each.id), "　" * each.depth + each.name


def _input_help(field: Field) -> str:
    if field.stored.kind in {"date", "datetime"}:
        return _("写成 2026-11-21")
    return _("名称、编码或拼音首字母") if field.target else ""


def _chips(act: Act, form: Form, state: ListState) -> Iterator[Chip]:
    fields = {field.code: field for field in filterable(act, form)}
    base = url_for("screens.filter_builder", app_code=form.app_code, form_code=form.code)
    for index, item in enumerate(state.filters):
        field = fields.get(item.field)
        if field is None:
            continue
        edit = state.href.replace(state.base, base, 1)
        yield Chip(
            field=label(field.label),
            operator=operator_text(item.operator),
            value=_value_text(act, form, field, item),
            edit=f"{edit}&edit={index}",
            remove=state.without(index).href,
        )


def _value_text(act: Act, form: Form, field: Field, item: Filter) -> str:
    if item.operator == "relative":
        return span_words().get(item.values[0], item.values[0])
    if item.operator == "between":
        return _("%(low)s 到 %(high)s", low=item.values[0], high=item.values[-1])
    if field.stored.kind in {"choice", "multi_choice"}:
        return joined(option_label(field.stored_as, v, locale()) for v in item.values)
    ids = [int(value) for value in item.values if value.isdecimal()]
    if field.stored.kind in PEOPLE | DEPARTMENTS:
        return joined(called(act.connection, field.stored.kind, ids).values())
    if field.target:
        return joined(query.titles(act, form.target(field), ids).values())
    return joined(item.values)
