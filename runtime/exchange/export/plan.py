"""What is to be written: which records of which form, in which columns, in whose words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from runtime import access
from runtime.compile import Field, Form
from runtime.exchange.export.cells import Column, style_of
from runtime.exchange.export.xlsx_file import MOST_COLUMNS
from runtime.exchange.matching import line_heading
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, TooLarge
from runtime.query import PageRequest
from runtime.query.page import visible_by_code

FORMATS: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True)
class ExportPlan:
    """One export. `statuses` are the words for the states of documents, empty for master data."""

    form: Form
    request: PageRequest
    format: str
    columns: tuple[Column, ...]
    codes: tuple[str, ...]
    locale: str
    statuses: Mapping[str, str]
    # Each line of this table is a row of its own, the header repeated; and its columns.
    lines: str = ""
    line_codes: tuple[str, ...] = ()


def plan_of(  # noqa: PLR0913 - a request, a format and the reader's words
    act: Act,
    form: Form,
    request: PageRequest,
    *,
    file_format: str,
    locale: str,
    statuses: Mapping[str, str],
    status_heading: str = "",
    lines: str = "",
) -> ExportPlan:
    """Plan an export with the rights the actor has now.

    Raises Forbidden, and BadRequest for a format there is none of.
    """
    access.require(act.actor, "view", form)
    access.require(act.actor, "export", form)
    if file_format not in FORMATS:
        raise BadRequest("export_format_unknown", {"format": file_format[:20]})
    wanted = request.columns or form.list_columns
    visible = visible_by_code(act, form)
    # A column that has been hidden from them since is left out, as on the list.
    fields = [visible[code] for code in wanted if code in visible]
    fields = [field for field in fields if field.column is not None]
    columns = [Column(field.label.text(locale), style_of(field)) for field in fields]
    if form.is_document:
        columns.append(Column(status_heading, "text"))
    line_fields = _line_fields(act, form, lines) if lines else ()
    columns += _line_columns(form, lines, line_fields, locale)
    if len(columns) > MOST_COLUMNS:
        raise TooLarge("export_too_wide", {"limit": MOST_COLUMNS})
    codes = tuple(field.code for field in fields)
    asked = replace(request, columns=codes, after="", before="")
    words = statuses if form.is_document else {}
    own = tuple(field.code for field in line_fields)
    return ExportPlan(form, asked, file_format, tuple(columns), codes, locale, words, lines, own)


def _line_fields(act: Act, form: Form, lines: str) -> tuple[Field, ...]:
    """The columns of a line table the actor may see. Raises BadRequest for a table there is not."""
    table = next((each for each in form.lines if each.code == lines), None)
    seen = {field.code for field in access.visible_fields(act.actor, form)}
    if table is None or table.code not in seen:
        raise BadRequest("export_lines_unknown", {"name": lines[:40]})
    found = access.visible_line_fields(act.actor, form, table)
    return tuple(field for field in found if field.column is not None)


def _line_columns(form: Form, lines: str, fields: tuple[Field, ...], locale: str) -> list[Column]:
    return [
        Column(line_heading(form, form.lines_of(lines), field, locale), style_of(field))
        for field in fields
    ]
