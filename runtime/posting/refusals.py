"""The kernel's no becomes a problem with the address of the field a person can change."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, select

from runtime import kernel
from runtime.compile import Form
from runtime.infra.errors import Conflict, Problem, Refused
from runtime.posting.rules import Columns, Document

_SHOWN_PLACES = 6


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
    connection: Connection, form: Form, document: Document, refused: kernel.Refused
) -> Refused | Conflict:
    """The error to raise; every line that is concerned is named."""
    code = refused.code.value.lower()
    if refused.code is kernel.Refusal.IDEMPOTENCY_CONFLICT:
        return Conflict("idempotency_conflict")
    problems = [_problem(connection, form, document, code, problem) for problem in refused.problems]
    first = problems[0]
    return Refused(code, first.params, problems=problems)


def void_refusal_of(
    connection: Connection, form: Form, document: Document, refused: kernel.Refused
) -> Refused | Conflict:
    """Why a posting cannot be undone; documents that need its goods are named."""
    needed = {
        kernel.Refusal.NEGATIVE_STOCK,
        kernel.Refusal.NEGATIVE_STOCK_FUTURE,
        kernel.Refusal.HAS_DEPENDENTS,
    }
    if refused.code not in needed:
        return refusal_of(connection, form, document, refused)
    problems = [
        _problem(connection, form, document, "has_dependents", problem)
        for problem in refused.problems
    ]
    named = dict.fromkeys(found for problem in refused.problems for found in problem.documents)
    params = _documents(connection, form, named)
    return Refused("has_dependents", params, problems=problems)


def _problem(
    connection: Connection, form: Form, document: Document, code: str, problem: kernel.Problem
) -> Problem:
    assert form.posting is not None, "only a form with a posting rule is posted"
    columns = Columns(form.posting)
    field = "warehouse" if problem.field == "warehouse" else problem.field or "item"
    params: dict[str, Any] = {
        "line": "" if problem.line is None else problem.line + 1,
        "item": columns.label(document, "item", problem.item),
        "warehouse": columns.label(document, "warehouse", problem.warehouse),
        "qty": shown(problem.qty),
        "on_hand": shown(problem.on_hand),
        "date": problem.date,
        **_documents(connection, form, problem.documents),
    }
    return Problem(columns.pointer(field, problem.line), code, params)


def _documents(
    connection: Connection, form: Form, documents: Iterable[kernel.DocumentRef]
) -> dict[str, Any]:
    """The documents by the number people know them by, and where to find them."""
    blocking = [
        {"form": found.type, "id": int(found.id), "title": _title(connection, form, found)}
        for found in documents
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
