"""`formula eval`: formulas and values as JSON in, values or errors as JSON out, by any back end."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from runtime.formula import browser
from runtime.formula.cell_errors import CellError, CellFaultError
from runtime.formula.errors import FormulaError
from runtime.formula.evaluate import run
from runtime.formula.formula import FieldKey, Formula, parse
from runtime.formula.numbers import plain, read_number
from runtime.formula.reading import Context
from runtime.formula.scope import TYPES, Callee, FieldName, Scope
from runtime.formula.to_json import to_json
from runtime.formula.types import NUMERIC, TEXTS, item
from runtime.infra import clock
from runtime.infra.messages import message

Backend = Literal["python", "sql", "browser"]
Json = Mapping[str, Any]

# The words of the outside format for our types.
KINDS: Final = {
    **dict.fromkeys(("integer", "decimal", "number", "quantity"), "number"),
    **dict.fromkeys(("select", "choice"), "choice"),
    **{name: name for name in TYPES},
}
ZONE: Final = "Asia/Shanghai"
_CODE: Final = re.compile(r"[^\W\d]\w*")
# A bare value that is a number: 12, -0.5, 1e-7; 007 and 1,234 are texts.
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Case:
    """A case made ready: its formula and what it is evaluated on."""

    id: str
    formula: Formula
    row: dict[str, Any]
    lines: dict[str, list[dict[str, Any]]]
    now: datetime
    zone: tzinfo
    kinds: Mapping[FieldKey, str]
    mixed: bool  # a column has values of several types: no field has, so only Python reads them


def eval_cases(
    cases: Sequence[Json],
    functions: Mapping[str, Callee],
    *,
    backend: Backend = "python",
    database: str = "sqlite://",
) -> list[dict[str, Any]]:
    """Answer each case; a back end that cannot leaves it to Python and says so."""
    answers: list[dict[str, Any]] = []
    ready: list[tuple[int, Case]] = []
    for each in cases:
        try:
            case = _case(each, functions)
            ready.append((len(answers), case))
            answers.append({})
        except FormulaError as error:
            answers.append(_refused(str(each.get("id", "")), error))
    pure = [case for _, case in ready if not case.mixed]
    found = _in_browser(pure) if backend == "browser" else {}
    if backend == "sql":
        found = _in_database(pure, database)
    for place, case in ready:
        answers[place] = found.get(id(case)) or _in_python(case)
    return answers


def _in_python(case: Case) -> dict[str, Any]:
    context = Context(case.row, case.lines, case.now, case.zone)
    value = run(case.formula.program, context, _shown(case.formula.type))
    if isinstance(value, CellError):
        return _failed(case, value.kind, value.reason, "python")
    return _answer(case, wire(value, case.zone), _kind(value), "python")


def _in_database(cases: Sequence[Case], database: str) -> dict[int, dict[str, Any]]:
    """What a database answers, by case; nothing of it is kept there."""
    from runtime.formula.sql.answers import answers, opened  # noqa: PLC0415 - not for every command

    with opened(database) as connection:
        values = answers(connection, cases)
    found: dict[int, dict[str, Any]] = {}
    for number, answer in values.items():
        case = cases[number]
        value = answer.value
        if isinstance(value, CellError):
            found[id(case)] = _failed(case, value.kind, value.reason, "sql")
        else:
            found[id(case)] = _answer(case, wire(value, case.zone), _kind(value), "sql")
    return found


def _in_browser(cases: Sequence[Case]) -> dict[int, dict[str, Any]]:
    """What Node answers, by case; without those only the server can compute."""
    jobs = [
        {
            "tree": {**to_json(case.formula), "type": _shown(case.formula.type)},
            "context": {
                "values": {code: wire(value, case.zone) for code, value in case.row.items()},
                "lines": {
                    code: [
                        {key: wire(cell, case.zone) for key, cell in row.items()} for row in rows
                    ]
                    for code, rows in case.lines.items()
                },
                "now": wire(case.now, case.zone),
            },
        }
        for case in cases
    ]
    found: dict[int, dict[str, Any]] = {}
    for case, result in zip(cases, browser.run(jobs), strict=False):
        if result.get("error") == "server_only":
            continue
        if "error" in result:
            found[id(case)] = _failed(case, result["error"], result["reason"], "browser")
        else:
            found[id(case)] = _answer(case, result["value"], result["type"], "browser")
    return found


def _shown(kind: str) -> str:
    """The type to evaluate for: a record stores "" of a number field as nothing, here it stays."""
    return kind if item(kind) == "reference" else "any"


def wire(value: Any, zone: tzinfo) -> Any:
    """A value as JSON has it: decimal strings, ISO dates, wall time, booleans, text."""
    match value:
        case Decimal():
            return plain(value)
        case datetime():
            wall = value.astimezone(zone) if value.tzinfo else value
            return wall.replace(microsecond=0, tzinfo=None).isoformat()
        case date() | time():
            return value.isoformat()
        case tuple() | list():
            return [wire(each, zone) for each in value]
        case CellError():
            return {"error": value.kind, "reason": value.reason}
        case int() if not isinstance(value, bool):
            return str(value)
    return value


def _kind(value: Any) -> str:
    """The type of a value, for formulas whose type depends on what they find."""
    match value:
        case Decimal():
            return "number"
        case datetime():
            return "datetime"
        case date():
            return "date"
        case time():
            return "time"
    return "any"


def _answer(case: Case, value: Any, found: str, backend: str) -> dict[str, Any]:
    kind = case.formula.type
    return {
        "id": case.id,
        "ok": True,
        "type": _outside_type(found if kind == "any" else kind, value),
        "value": value,
        "backend_used": backend,
    }


def _outside_type(kind: str, value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if value == "":
        return "text"
    if isinstance(value, list):
        return f"list of {_outside_type(item(kind), None)}"
    if kind in NUMERIC:
        return "decimal"
    return "text" if kind in TEXTS or kind in ("any", "boolean") else kind


def _failed(case: Case, kind: str, reason: str, backend: str) -> dict[str, Any]:
    return {
        "id": case.id,
        "ok": False,
        "error": kind,
        "at": [0, len(case.formula.text)],
        "message": message(reason),
        "backend_used": backend,
    }


def _refused(case_id: str, error: FormulaError) -> dict[str, Any]:
    return {
        "id": case_id,
        "ok": False,
        "error": error.family,
        "at": list(error.span),
        "message": message(error.code, error.params),
        "backend_used": "python",
    }


def _case(given: Json, functions: Mapping[str, Callee]) -> Case:
    """Read a case; the types of line columns are those of their values."""
    text = str(given.get("formula", ""))
    zone = ZoneInfo(str(given.get("zone", ZONE)))
    cells = {code: _typed(cell, zone) for code, cell in given.get("fields", {}).items()}
    fields = {code: FieldName(code, code, (), kind) for code, (kind, _) in cells.items()}
    columns: dict[str, dict[str, FieldName]] = {}
    lines: dict[str, list[dict[str, Any]]] = {}
    for code, rows in given.get("lines", {}).items():
        columns[code], lines[code] = _table(rows, zone)
        if not rows:
            columns[code] = _named_columns(text, code)
    formula = parse(text, Scope(fields, columns, functions))
    now = datetime.fromisoformat(given["now"]) if "now" in given else clock.now()
    if now.tzinfo is None:
        now = now.replace(tzinfo=zone)
    row = {code: value for code, (_, value) in cells.items()}
    case_id = str(given.get("id", ""))
    kinds: dict[FieldKey, str] = {(None, code): kind for code, (kind, _) in cells.items()}
    for code, found in columns.items():
        kinds |= {(code, name): each.type for name, each in found.items()}
    mixed = _mixed(columns, lines)
    return Case(case_id, formula, row, lines, now.astimezone(UTC), zone, kinds, mixed)


def _mixed(
    columns: Mapping[str, Mapping[str, FieldName]], lines: Mapping[str, Sequence[Json]]
) -> bool:
    return any(
        each.type == "any" and any(row[code] is not None for row in lines[table])
        for table, found in columns.items()
        for code, each in found.items()
        if lines[table]
    )


def _named_columns(text: str, lines: str) -> dict[str, FieldName]:
    """The columns a formula names of a line table that has no rows here."""
    parts = text.split(f"{lines}.")[1:]
    names = [found[0] for part in parts if (found := _CODE.match(part))]
    return {name: FieldName(name, name, (), "any") for name in names}


def _table(rows: Sequence[Json], zone: tzinfo) -> tuple[dict[str, FieldName], list[dict[str, Any]]]:
    """A column of values of several types is one of cells, each of its own type, as in a sheet."""
    codes = dict.fromkeys(code for row in rows for code in row)
    columns: dict[str, FieldName] = {}
    values: list[dict[str, Any]] = [{} for _ in rows]
    for code in codes:
        cells = [_typed(row.get(code), zone) for row in rows]
        kinds = {kind for kind, value in cells if value is not None}
        columns[code] = FieldName(code, code, (), _shared(kinds))
        for row, (_, value) in zip(values, cells, strict=True):
            row[code] = value
    return columns, values


def _shared(kinds: set[str]) -> str:
    if len(kinds) == 1:
        return next(iter(kinds))
    return "number" if kinds and kinds <= NUMERIC else "any"


def _typed(cell: Any, zone: tzinfo) -> tuple[str, Any]:
    """The type and value of a cell, `{"type", "value"}` or a bare value whose form tells."""
    if isinstance(cell, Mapping):
        kind = KINDS.get(str(cell.get("type", "text")), "text")
        value = cell.get("value")
        if isinstance(value, list):
            return f"list of {kind}", tuple(_value(kind, each, zone) for each in value)
        return kind, _value(kind, value, zone)
    if isinstance(cell, bool) or cell is None:
        return ("any" if cell is None else "boolean"), cell
    if isinstance(cell, list):
        return "list of text", tuple(str(each) for each in cell)
    text = str(cell)
    if _NUMBER.fullmatch(text):
        return "number", _value("number", text, zone)
    for kind in ("date", "datetime", *(("time",) if ":" in text else ())):
        value = _value(kind, text, zone)
        if value is not None and not isinstance(value, str):
            return kind, value
    return "text", text


def _value(kind: str, given: Any, zone: tzinfo) -> Any:
    """A value of a kind; what cannot be read stays the text it is."""
    if given is None or (isinstance(given, bool) and kind not in NUMERIC):
        return given
    text = str(given)
    try:
        if kind in NUMERIC:
            return _number(text)
        if kind == "date":
            return date.fromisoformat(text)
        if kind == "datetime":
            found = datetime.fromisoformat(text)
            return found if found.tzinfo else found.replace(tzinfo=zone)
        if kind == "time":
            return time.fromisoformat(text)
    except (ValueError, InvalidOperation, CellFaultError):
        return text
    if kind == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


def _number(text: str) -> Any:
    return read_number(text) if text else None
