"""The kernel's no becomes a problem with the address of the field a person can change."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import Connection, select

from runtime import kernel
from runtime.compile import Form
from runtime.infra.errors import Conflict, Problem, Refused
from runtime.posting.columns import Columns, Row

_SHOWN_PLACES: Final = 6
# What the kernel calls a field, where a posting rule has another word for it.
_NAMES: Final[Mapping[str, str]] = {
    "counted": "qty",
    "serial": "serials",
    "price": "unit_cost",
    "ym": "date",
}
# Where none of the command's fields is to blame, the line's item (or source) is pointed at.
_FALLBACKS: Final = ("item", "source", "reservation")
_UNDONE_BY: Final = frozenset(
    {
        kernel.Refusal.NEGATIVE_STOCK,
        kernel.Refusal.NEGATIVE_STOCK_FUTURE,
        kernel.Refusal.HAS_DEPENDENTS,
    }
)


def shown(number: Fraction | None) -> str:
    """A quantity as a person reads it: at most six decimals, no trailing zeros."""
    if number is None:
        return ""
    scaled = round(number * 10**_SHOWN_PLACES)
    whole, rest = divmod(abs(scaled), 10**_SHOWN_PLACES)
    sign = "-" if scaled < 0 else ""
    decimals = str(rest).rjust(_SHOWN_PLACES, "0").rstrip("0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def refusal_of(
    connection: Connection, rows: Sequence[Row], refused: kernel.Refused
) -> Refused | Conflict:
    """The error to raise; every line that is concerned is named."""
    if refused.code is kernel.Refusal.IDEMPOTENCY_CONFLICT:
        return Conflict("idempotency_conflict")
    code = _code(refused)
    problems = [_problem(connection, rows, code, problem) for problem in refused.problems]
    return Refused(code, problems[0].params, problems=problems)


def void_refusal_of(
    connection: Connection, rows: Sequence[Row], refused: kernel.Refused
) -> Refused | Conflict:
    """Why a posting cannot be undone; documents that need its goods are named."""
    if refused.code not in _UNDONE_BY:
        return refusal_of(connection, rows, refused)
    form = rows[0].form
    problems = [
        _problem(connection, rows, "has_dependents", problem) for problem in refused.problems
    ]
    named = dict.fromkeys(found for problem in refused.problems for found in problem.documents)
    code = "has_dependents" if named else "needed_later"
    params = {**problems[0].params, **_documents(connection, form, named)}
    return Refused(code, params, problems=[Problem(p.pointer, code, p.params) for p in problems])


def bare_refusal_of(refused: kernel.Refused) -> Refused | Conflict:
    """The error of an act that is no document of a form: closing a month, setting a policy."""
    if refused.code is kernel.Refusal.IDEMPOTENCY_CONFLICT:
        return Conflict("idempotency_conflict")
    code = _code(refused)
    first = refused.problems[0]
    named = "、".join(f"{one.type} {one.id}" for one in first.documents)
    params: dict[str, Any] = {
        "line": "", "item": first.item, "warehouse": first.warehouse, "qty": shown(first.qty),
        "on_hand": shown(first.on_hand), "date": first.date, "documents": named,
    }  # fmt: skip
    return Refused(code, params, problems=[Problem("", code, params)])


def _code(refused: kernel.Refused) -> str:
    """The name of the text; a request that is too large is another matter than such books."""
    code = refused.code.value.lower()
    return "books_too_large" if code == "too_large" else code


def _problem(
    connection: Connection, rows: Sequence[Row], code: str, problem: kernel.Problem
) -> Problem:
    is_of_line = problem.line is not None and problem.line < len(rows)
    row = rows[problem.line or 0] if is_of_line else rows[0]
    line = row.index if is_of_line else None
    columns, document = row.columns, row.document
    params: dict[str, Any] = {
        "line": "" if line is None else line + 1,
        "item": columns.label(document, "item", problem.item or row.key("item")),
        "warehouse": columns.label(document, "warehouse", problem.warehouse),
        "qty": shown(problem.qty),
        "on_hand": shown(problem.on_hand),
        "date": problem.date,
        **_documents(connection, row.form, problem.documents),
    }
    return Problem(_pointer(columns, problem.field, line), code, params)


def _pointer(columns: Columns, field: str, line: int | None) -> str:
    name = _NAMES.get(field, field)
    wanted = (name, *_FALLBACKS) if name != "amount" else (name, "unit_cost", *_FALLBACKS)
    for one in wanted:
        if one and columns.path(one) is not None:
            return columns.pointer(one, line)
    return columns.pointer("", line)


def _documents(
    connection: Connection, form: Form, documents: Iterable[kernel.DocumentRef]
) -> dict[str, Any]:
    """The documents by the number people know them by, and where to find them."""
    blocking = [
        {"form": found.type, "id": int(found.id), "title": _title(connection, form, found)}
        for found in documents
        if found.id.isdecimal()
    ]
    names = "、".join(str(one["title"]) for one in blocking)
    return {"documents": names, "blocking": blocking}


def _title(connection: Connection, form: Form, document: kernel.DocumentRef) -> str:
    other = form.siblings.get(document.type)
    if other is None:
        return f"{document.type} {document.id}"
    column = other.by_code[other.title].column
    assert column is not None, "a document is called by a field of its header"
    title = connection.execute(select(column).where(other.table.c.id == int(document.id))).scalar()
    return str(title) if title else f"{document.type} {document.id}"
