"""From one document to the next: choose what of the open lines is taken, and get a draft."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from runtime import documents, query
from runtime.compile import Field, Form
from runtime.definitions import ConversionDef
from runtime.documents import OpenLine, Taken
from runtime.documents.convert import conversion_of, joinable
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest
from runtime.kinds.field_type import Unreadable
from runtime.query.called import names_of
from runtime.screens.acting import carry_out, form_of, reading
from runtime.screens.documents import ANSWERED_HERE, go_to_record
from runtime.screens.form_fields import numbers
from runtime.screens.form_report import Report, report_of
from runtime.screens.i18n import _, label, said
from runtime.screens.render import render
from runtime.screens.routes import permission

MOST: Final = 50
COLUMNS: Final = 6


@dataclass(frozen=True)
class Row:
    """An open line as it is offered: what it is, how much is left, what was typed."""

    key: str
    title: str
    cells: tuple[str, ...]
    quantity: str
    taken: str
    open: str
    typed: str
    is_chosen: bool
    is_done: bool
    problem: str = ""


@dataclass(frozen=True)
class Wrong:
    """Why no draft was made: words by line, and what was refused."""

    told: Mapping[str, str]
    refused: AppError | None = None

    @property
    def status(self) -> int:
        """What the answer says to programs."""
        return self.refused.status if self.refused else 422


@permission("view")
def conversion(app_code: str, form_code: str, conversion_code: str) -> Response:
    """Show what is open of the records named in the address (`?id=`, several times)."""
    ids = numbers(request.args.getlist("id"))[:MOST]
    with reading() as act:
        form = form_of(act, app_code, form_code)
        return _page(act, form, conversion_code, ids)


@permission("view")
def convert_records(app_code: str, form_code: str, conversion_code: str) -> AnyResponse:
    """Make a draft of what was chosen, and go to it."""
    ids = numbers(request.form.getlist("id"))[:MOST]
    with reading() as act:
        form = form_of(act, app_code, form_code)
        takes, keys, unread = _takes(act, form, conversion_code, ids)
        if unread:
            return _page(act, form, conversion_code, ids, Wrong(unread))

    def work(act: Act) -> query.Record:
        form = form_of(act, app_code, form_code)
        key = request.form.get("_key") or None
        return documents.convert(act, form, conversion_code, takes, key=key)

    try:
        made = carry_out(work)
    except ANSWERED_HERE as error:
        with reading() as act:
            form = form_of(act, app_code, form_code)
            wrong = Wrong(_by_key(error, keys), error)
            return _page(act, form, conversion_code, ids, wrong)
    return go_to_record(app_code, made.form.code, made.id)


def _takes(
    act: Act, form: Form, code: str, ids: Sequence[int]
) -> tuple[list[Taken], list[str], dict[str, str]]:
    """What was ticked, with the quantity typed beside it; words for what cannot be read."""
    conversion = conversion_of(act, form, code)
    ticked, wrong = set(request.form.getlist("line")), {}
    takes: list[Taken] = []
    keys: list[str] = []
    for one in documents.open_lines(act, form, code, ids):
        if one.key not in ticked:
            continue
        quantity = None
        if one.quantity is not None:
            field = _quantity(form, conversion)
            text = request.form.get(f"take.{one.key}", "")
            found = field.kind.parse(text, field.definition)
            if isinstance(found, Unreadable) or not isinstance(found, Decimal | int):
                wrong[one.key] = said("quantity_not_positive", {})
                continue
            quantity = Decimal(found)
        takes.append(Taken(one.record.id, one.line.id if one.line else None, quantity))
        keys.append(one.key)
    return takes, keys, wrong


def _page(
    act: Act,
    form: Form,
    code: str,
    ids: Sequence[int],
    wrong: Wrong | None = None,
) -> Response:
    if not ids:
        raise BadRequest("form_incomplete")
    conversion = conversion_of(act, form, code)
    lines = documents.open_lines(act, form, code, ids)
    fields = _columns(form, conversion)
    told = wrong.told if wrong else {}
    rows = tuple(_rows(act, conversion, lines, fields, told))
    target = form.siblings[conversion.target]
    records = {one.record.id: one.record for one in lines}
    return render(
        "record/conversion.html",
        status=wrong.status if wrong else 200,
        form=form,
        form_label=label(form.label),
        conversion_label=label(conversion.label),
        target_label=label(target.label),
        target_icon=target.icon,
        records=tuple(records.values()),
        columns=tuple(label(field.label) for field in fields),
        rows=rows,
        counts=any(one.quantity is not None for one in lines),
        joinable=tuple(_others(act, form, code, ids)),
        report=_report(act, form, wrong),
        has_problems=bool(told),
    )


def _report(act: Act, form: Form, wrong: Wrong | None) -> Report | None:
    if wrong is None or wrong.refused is None:
        return None
    report = report_of(act, form, wrong.refused)
    return Report(report.title, () if wrong.told else report.items, report.hint, report.documents)


def _by_key(refused: AppError, keys: Sequence[str]) -> dict[str, str]:
    """The words of a refusal by the line they are about."""
    found: dict[str, str] = {}
    for problem in refused.problems:
        _empty, _lines, index, *rest = [*problem.pointer.split("/"), "", ""]
        if index.isdecimal() and int(index) < len(keys) and rest:
            found[keys[int(index)]] = said(problem.code, problem.params)
    return found


def _columns(form: Form, conversion: ConversionDef) -> tuple[Field, ...]:
    """What tells the lines apart: the fields that are taken along, as their form has them."""
    lines = conversion.lines
    if lines is None:
        return ()
    fields = form.by_code if lines.source is None else form.lines_of(lines.source).by_code
    counted = lines.quantity.source if lines.quantity else ""
    taken = {path for path in lines.map.values() if path in fields and path != counted}
    return tuple(field for code, field in fields.items() if code in taken)[:COLUMNS]


def _quantity(form: Form, conversion: ConversionDef) -> Field:
    lines = conversion.lines
    assert lines is not None, "a quantity is of lines"
    assert lines.quantity is not None, "it was asked for because it is there"
    fields = form.by_code if lines.source is None else form.lines_of(lines.source).by_code
    return fields[lines.quantity.source]


def _rows(
    act: Act,
    conversion: ConversionDef,
    lines: Sequence[OpenLine],
    fields: Sequence[Field],
    told: Mapping[str, str],
) -> Iterator[Row]:
    ticked = set(request.form.getlist("line"))
    values = [(one.record.values if one.line is None else one.line.values) for one in lines]
    names = names_of(act.connection, fields, values)
    table = conversion.lines.source if conversion.lines else None
    for one, row in zip(lines, values, strict=True):
        labels = {code: one.record.labels.get((table, code), {}) for code in row}
        cells = tuple(_cell(field, row, {**labels, **names}) for field in fields)
        is_done = one.open is not None and one.open <= 0
        typed = request.form.get(f"take.{one.key}")
        rest = _number(one.open)
        yield Row(
            key=one.key,
            title=one.record.title,
            cells=cells,
            quantity=_number(one.quantity),
            taken=_number(one.taken),
            open=rest,
            typed=rest if typed is None else typed,
            is_chosen=one.key in ticked if request.method == "POST" else not is_done,
            is_done=is_done,
            problem=told.get(one.key, ""),
        )


def _cell(field: Field, row: Mapping[str, Any], names: Mapping[str, Mapping[int, str]]) -> str:
    value = row.get(field.code)
    if isinstance(value, int) and field.code in names and value in names[field.code]:
        return names[field.code][value]
    return field.format(value)


def _number(value: Decimal | None) -> str:
    """A quantity without the places it does not use."""
    if value is None:
        return ""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _others(act: Act, form: Form, code: str, ids: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Records that could become one with these, and the address with them in it."""
    for record in joinable(act, form, code, ids):
        href = url_for(
            "screens.conversion",
            app_code=form.app_code,
            form_code=form.code,
            conversion_code=code,
            id=[*ids, record.id],
        )
        yield record.title or _("未命名"), href
