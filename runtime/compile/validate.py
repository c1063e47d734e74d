"""The one validator: values in, clean values and every Problem out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError

from runtime.compile.field import Field
from runtime.compile.model import Form, LineTable
from runtime.compile.rules import NO_RULES, States
from runtime.infra.errors import Problem
from runtime.kinds.strict import StrictField

Values = dict[str, Any]


def validate(form: Form, raw: Mapping[str, Any]) -> tuple[Values, list[Problem]]:
    """Read what was sent for a form.

    `raw` is `{code: value, lines: [{"id"?: 7, code: value}]}`; the result has the same shape with
    values
    as Python holds them and only the fields that were sent. Problems point at fields
    (`/lines/3/qty`).
    """
    values, problems = _read(form.schema, form.by_code, raw, "")
    for table in form.lines:
        if table.code in raw:
            values[table.code], found = _lines(table, raw[table.code])
            problems.extend(found)
    return values, problems


def missing(form: Form, values: Mapping[str, Any], states: States = NO_RULES) -> Iterator[Problem]:
    """Yield what a complete record still lacks: required fields, lines.

    `states` are what the form's rules say of it: they require more, and what they hide is not
    asked for.
    """
    yield from _missing(form.fields, values, "", (None, 0), states)
    for table in form.lines:
        at = (None, 0, table.code)
        if states.is_hidden(at):
            continue
        rows: Sequence[Mapping[str, Any]] = values.get(table.code) or ()
        least = int(table.options.get("min", 1 if table.field.required else 0))
        least = max(least, 1) if at in states.required else least
        if len(rows) < least:
            yield Problem(f"/{table.code}", "lines_too_few", {"limit": least})
        for index, row in enumerate(rows):
            pointer = f"/{table.code}/{index}"
            yield from _missing(table.fields, row, pointer, (table.code, index), states)


def _missing(
    fields: Sequence[Field],
    values: Mapping[str, Any],
    pointer: str,
    row: tuple[str | None, int],
    states: States,
) -> Iterator[Problem]:
    for field in fields:
        at = (*row, field.code)
        if not (field.required or at in states.required):
            continue
        if field.is_computed or field.is_lines or states.is_hidden(at):
            continue
        if values.get(field.code) in (None, "", ()):
            yield Problem(f"{pointer}/{field.code}", "value_missing", {"label": field.label.zh})


def _lines(table: LineTable, raw: Any) -> tuple[list[Values], list[Problem]]:
    if not isinstance(raw, (list, tuple)):
        return [], [Problem(f"/{table.code}", "lines_expected")]
    most = int(table.options.get("max", 2000))
    if len(raw) > most:
        return [], [Problem(f"/{table.code}", "lines_too_many", {"limit": most})]
    rows: list[Values] = []
    problems: list[Problem] = []
    by_code = table.by_code
    for index, source in enumerate(raw):
        pointer = f"/{table.code}/{index}"
        if not isinstance(source, Mapping):
            problems.append(Problem(pointer, "lines_expected"))
            continue
        row, found = _read(table.schema, by_code, source, pointer)
        problems.extend(found)
        if "id" in source:
            key = source["id"]
            if isinstance(key, bool) or not isinstance(key, int):
                problems.append(Problem(f"{pointer}/id", "reference_expected"))
            else:
                row["id"] = key
        rows.append(row)
    return rows, problems


def _read(
    schema: Schema, fields: Mapping[str, Field], raw: Mapping[str, Any], pointer: str
) -> tuple[Values, list[Problem]]:
    """Read one header or line: field by field, as the schema would, but without its ceremony.

    A schema builds its walk anew for every record and asks each field what this one never is:
    required, renamed, nested, hooked. The fields and their rules are the schema's own.
    """
    problems = list(_closed(fields, raw, pointer))
    values: Values = {}
    for code, field in schema.load_fields.items():
        if code not in raw:
            continue
        assert isinstance(field, StrictField), "the fields of a form are strict"
        try:
            values[code] = field.taken(raw[code])
        except ValidationError as error:
            problems.extend(_problems({code: error.messages}, pointer))
    return values, problems


def _closed(fields: Mapping[str, Field], raw: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    for code in raw:
        field = fields.get(code)
        if field is None:
            if not (code == "id" and pointer):
                shown = str(code)[:60]
                yield Problem(f"{pointer}/{shown}", "field_unknown", {"name": shown})
        elif field.is_computed:
            yield Problem(f"{pointer}/{code}", "field_computed", {"label": field.label.zh})


def _problems(messages: Any, pointer: str) -> Iterator[Problem]:
    for code, faults in messages.items():
        for fault in faults:
            yield Problem(f"{pointer}/{code}", fault["code"], fault["params"])
