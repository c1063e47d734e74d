"""What must hold for a complete record: the author's own rules, in the language of formulas."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from runtime.compile.field import Field
from runtime.compile.formulas import ScopeOf
from runtime.compile.model import Check, Form
from runtime.compile.programs import RECORD_STEPS, Far
from runtime.definitions.check import CheckDef
from runtime.formula import CellError, Context, FormulaError, Work, evaluate_in, parse
from runtime.infra.errors import Problem
from runtime.infra.messages import message

Columns = Mapping[str, Sequence[Field]]


def compile_checks(
    definitions: Sequence[CheckDef],
    header: Sequence[Field],
    inner: Columns,
    scope: ScopeOf,
    problems: list[Problem],
) -> tuple[Check, ...]:
    """Parse the checks of a form; add what is wrong to `problems`."""
    found = (
        _check(each, header, inner, scope, f"/checks/{place}", problems)
        for place, each in enumerate(definitions)
    )
    return tuple(each for each in found if each is not None)


def _check(
    definition: CheckDef,
    header: Sequence[Field],
    inner: Columns,
    scope: ScopeOf,
    pointer: str,
    problems: list[Problem],
) -> Check | None:
    lines = definition.lines
    if lines is not None and lines not in inner:
        problems.append(Problem(f"{pointer}/lines", "check_lines_unknown", {"name": lines}))
        return None
    fields = header if lines is None else inner[lines]
    if definition.field and definition.field not in {field.code for field in fields}:
        params = {"name": definition.field}
        problems.append(Problem(f"{pointer}/field", "check_field_unknown", params))
        return None
    try:
        formula = parse(definition.formula, scope(lines))
    except FormulaError as error:
        where = {**error.params, "span": list(error.span)}
        problems.append(Problem(f"{pointer}/formula", error.code, where))
        return None
    if formula.type not in {"boolean", "any"}:
        params = {"found": formula.type}
        problems.append(Problem(f"{pointer}/formula", "formula_not_a_condition", params))
        return None
    is_warning = definition.level == "warning"
    return Check(lines, definition.field, formula, definition.message, is_warning)


def failures(form: Form, values: Mapping[str, Any], now: datetime, far: Far) -> Iterator[Problem]:
    """Yield a Problem for each check of a complete, computed record that does not hold.

    What ends in an error is not known to hold: it is refused, with the reason.
    """
    refusing = [check for check in form.checks if not check.is_warning]
    for check, index, found in _asked(form, refusing, values, now, far):
        if found is False or isinstance(found, CellError):
            yield _problem(check, index, found)


def warnings(form: Form, values: Mapping[str, Any], now: datetime, far: Far) -> Iterator[Problem]:
    """Yield a Problem for each check that warns; one that cannot be computed says nothing."""
    warning = [check for check in form.checks if check.is_warning]
    for check, index, found in _asked(form, warning, values, now, far):
        if found is False:
            yield _problem(check, index, found)


def _asked(
    form: Form,
    checks: Sequence[Check],
    values: Mapping[str, Any],
    now: datetime,
    far: Far,
) -> Iterator[tuple[Check, int, Any]]:
    """Each check with what it says of the record, or of each row."""
    work = Work(RECORD_STEPS)
    tables = {table.code: values.get(table.code) or () for table in form.lines}
    zone, columns = ZoneInfo(form.zone), far.tables(work) if checks else None
    for check in checks:
        rows = [None] if check.lines is None else tables[check.lines]
        for index, row in enumerate(rows):
            context = Context(values, tables, now, zone, row, work, far.related, columns)
            yield check, index, evaluate_in(check.formula, context)


def _problem(check: Check, index: int, found: Any) -> Problem:
    pointer = "" if check.lines is None else f"/{check.lines}/{index}"
    if check.field:
        pointer = f"{pointer}/{check.field}"
    params = {"message": check.message.text("zh"), "message_en": check.message.text("en")}
    if isinstance(found, CellError):
        params["reason"] = f"{found.kind} {message(found.reason)}"
        return Problem(pointer, "check_not_computed", params)
    return Problem(pointer, "check_failed", params)
