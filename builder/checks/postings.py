"""A posting rule names columns of the kind the kernel command wants."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

from runtime.definitions import AppDef, FieldDef, FormDef, OutputsDef, PostingDef
from runtime.definitions.posting import BASES, COMMANDS, OUTPUT, CommandDef
from runtime.infra.errors import Problem

_REFERENCE: Final = frozenset({"reference"})
_NAME: Final = frozenset({"text", "long_text", "choice", "lookup", "reference"})
_MONEY: Final = frozenset({"money", "number", "formula"})
_DAY: Final = frozenset({"date"})
_TICK: Final = frozenset({"boolean"})

# Which kinds of field may feed which part of a command.
WANTED: Final[Mapping[str, frozenset[str]]] = {
    "date": _DAY,
    "item": _REFERENCE,
    "qty": frozenset({"quantity", "number"}),
    "warehouse": _REFERENCE,
    "to_warehouse": _REFERENCE,
    "unit_cost": _MONEY,
    "amount": frozenset({"money", "formula"}),
    "uom": frozenset({"reference", "choice", "text"}),
    "lot": _NAME - {"reference", "long_text"},
    "serials": frozenset({"text", "long_text"}),
    "bin": _NAME - {"long_text"},
    "to_bin": _NAME - {"long_text"},
    "owner": _REFERENCE,
    "produced": _DAY,
    "expiry": _DAY,
    "provisional": _TICK,
    "party": _REFERENCE,
    "source": _REFERENCE,
    "source_line": frozenset({"number"}),
    "reservation": _REFERENCE,
    "set_unit_cost": _MONEY,
    "basis": frozenset({"choice"}),
    "part": frozenset({"money", "formula"}),
    "extra_cost": frozenset({"money", "formula"}),
    "expires": _DAY,
    "share": frozenset({"number", "quantity", "percent"}),
    "at_input_cost": _TICK,
}
# These stand in the lines: a document is not about one item, unless its command says so.
_PER_LINE: Final = frozenset({"item", "qty", "amount", "part", "source_line"})
# These are said once for the whole document.
_PER_DOCUMENT: Final = frozenset({"party", "basis", "extra_cost"})
# A formula is filled by the system, so it cannot be required of a person.
_COMPUTED: Final = frozenset({"formula", "lookup"})
_NO_PATHS: Final = frozenset({"command", "lines", "purpose", "outputs"})


def postings(definition: AppDef) -> Iterator[Problem]:
    """Yield what a posting rule lacks or names wrongly."""
    for index, form in enumerate(definition.forms):
        if form.posting is not None:
            for problem in _rule(definition, form, form.posting):
                yield problem.under(f"/forms/{index}/posting")
            if form.type != "document":
                yield Problem(f"/forms/{index}/posting", "posting_needs_document")


def _rule(definition: AppDef, form: FormDef, rule: PostingDef) -> Iterator[Problem]:
    command = COMMANDS[rule.command]
    yield from _said(rule, command)
    yield from _date(form, rule)
    if not command.in_lines:
        yield from _columns(form, None, rule, command)
        yield from _sources(definition, form, None, rule)
        return
    lines = _lines(form, rule.lines)
    if lines is None:
        yield Problem("/lines", "field_unknown", {"name": rule.lines})
        return
    yield from _columns(form, lines, rule, command)
    yield from _sources(definition, form, lines, rule)
    if rule.outputs is not None:
        for problem in _outputs(form, rule.outputs):
            yield problem.under("/outputs")


def _said(rule: PostingDef, command: CommandDef) -> Iterator[Problem]:
    """Parts that are missing, and parts the command has no use for."""
    said = {one.name for one in fields(rule) if getattr(rule, one.name)} - {"command", "date"}
    for name in command.needed:
        if name not in said:
            yield Problem(f"/{name}", "property_missing", {"name": name})
    if command.values and not said.intersection(command.values):
        yield Problem(f"/{command.values[0]}", "posting_needs_value")
    of_all = {"purpose", "lines"} if command.in_lines else {"purpose"}
    for name in sorted(said - command.parts - of_all):
        params = {"name": name, "command": rule.command}
        yield Problem(f"/{name}", "posting_part_unused", params)


def _date(form: FormDef, rule: PostingDef) -> Iterator[Problem]:
    field = _field(form, None, rule.date)
    if field is None:
        yield Problem("/date", "field_unknown", {"name": rule.date})
    else:
        yield from _kind("date", rule.date, field)
        if not field.required:
            yield Problem("/date", "posting_field_optional", {"name": rule.date})


def _columns(
    form: FormDef, lines: FieldDef | None, rule: PostingDef | OutputsDef, command: CommandDef
) -> Iterator[Problem]:
    for part, path in _paths(rule):
        if part not in command.parts:
            continue
        field = _field(form, lines, path)
        if field is None:
            yield Problem(f"/{part}", "field_unknown", {"name": path})
            continue
        yield from _kind(part, path, field)
        if part in command.needed and not field.required and field.kind not in _COMPUTED:
            yield Problem(f"/{part}", "posting_field_optional", {"name": path})
        yield from _place(rule, lines, part, path)


def _place(
    rule: PostingDef | OutputsDef, lines: FieldDef | None, part: str, path: str
) -> Iterator[Problem]:
    """Whether a part stands where its command looks for it: in the lines or in the header."""
    is_of_line = "." in path
    is_spread = part == "amount" and isinstance(rule, PostingDef) and rule.command == "landed_cost"
    if part in _PER_DOCUMENT or is_spread:
        if is_of_line:
            yield Problem(f"/{part}", "posting_needs_header", {"name": path})
    elif lines is not None and part in _PER_LINE and not is_of_line:
        yield Problem(f"/{part}", "posting_needs_lines")


def _kind(part: str, path: str, field: FieldDef) -> Iterator[Problem]:
    if field.kind not in WANTED[part]:
        yield Problem(f"/{part}", "posting_field_kind", {"name": path, "kind": field.kind})
    elif part == "source_line" and field.options.get("places", 2) != 0:
        yield Problem(f"/{part}", "posting_line_number", {"name": path})
    elif part == "basis":
        for option in field.options.get("options", ()):
            code = option["code"] if isinstance(option, Mapping) else option
            if code not in BASES:
                params = {"name": path, "code": code, "allowed": ", ".join(BASES)}
                yield Problem(f"/{part}", "posting_choice", params)


def _sources(
    definition: AppDef, form: FormDef, lines: FieldDef | None, rule: PostingDef
) -> Iterator[Problem]:
    """A source is a document whose form posts what this command continues."""
    wanted = {"source": COMMANDS[rule.command].source, "reservation": "reserve"}
    for part, command in wanted.items():
        path = getattr(rule, part)
        field = _field(form, lines, path) if path else None
        if field is None or field.kind != "reference":
            continue
        target = definition.form(str(field.options.get("form", "")))
        if target is None or target.posting is None or target.posting.command != command:
            params = {"name": path, "command": command}
            yield Problem(f"/{part}", "posting_source", params)


def _outputs(form: FormDef, rule: OutputsDef) -> Iterator[Problem]:
    lines = _lines(form, rule.lines)
    if lines is None:
        yield Problem("/lines", "field_unknown", {"name": rule.lines})
    else:
        yield from _columns(form, lines, rule, OUTPUT)


def _paths(rule: PostingDef | OutputsDef) -> Iterator[tuple[str, str]]:
    for one in fields(rule):
        path = getattr(rule, one.name)
        if one.name not in _NO_PATHS and one.name != "date" and path:
            yield one.name, path


def _lines(form: FormDef, code: str) -> FieldDef | None:
    return next((f for f in form.fields if f.code == code and f.kind == "lines"), None)


def _field(form: FormDef, lines: FieldDef | None, path: str) -> FieldDef | None:
    table, _, code = path.rpartition(".")
    if table and (lines is None or table != lines.code):
        return None
    found = lines.columns if table and lines is not None else form.fields
    return next((field for field in found if field.code == code), None)
