"""How a computed value came about, as JSON."""

from typing import Any, Final

from flask import Response

from runtime import documents
from runtime.api.acting import form_of, reading
from runtime.api.records.places import RECORD
from runtime.api.routes import allow_parameters, json_answer, parameter, route, whole_number
from runtime.documents import Explanation
from runtime.formula import CellError, Derivation
from runtime.query.shapes import value_json

MOST_LINES: Final = 100_000


@route(f"{RECORD}/explanations/<code>")
def explain_value(app: str, form: str, record_id: int, code: str) -> Response:
    """Where a computed value comes from: `field`, or `lines.field` with `line` its number.

    `derivation` takes a formula apart, `contributions` are the records a roll-up takes from,
    `source` is the record a lookup looks at. What the caller may not see is `hidden`.
    """
    allow_parameters("line")
    line = whole_number("line", 1, highest=MOST_LINES) if parameter("line", "") else None
    with reading() as act:
        found = documents.explain(act, form_of(act, app, form), record_id, code, line)
        return json_answer(_explanation(found))


def _explanation(found: Explanation) -> dict[str, Any]:
    return {
        "field": found.field.code,
        "line": found.line,
        "kind": found.field.kind.kind,
        "value": value_json(found.value),
        "current": found.is_current,
        "derivation": None if found.derivation is None else _derivation(found.derivation),
        "contributions": [
            {
                "form": each.record.form.code,
                "id": each.record.id,
                "title": each.record.title,
                "values": [value_json(value) for value in each.values],
            }
            for each in found.contributions
        ],
        "unseen": found.unseen,
        "source": None
        if found.source is None
        else {
            "form": found.source.form.code,
            "id": found.source.id,
            "title": found.source.title,
        },
    }


def _derivation(part: Derivation) -> dict[str, Any]:
    error = part.value if isinstance(part.value, CellError) else None
    value = None if error else part.value
    shown = [_item(each) for each in value] if isinstance(value, tuple) else value_json(value)
    return {
        "kind": part.kind,
        "text": part.text,
        "sign": part.sign,
        "needed": part.is_needed,
        "hidden": part.is_hidden,
        "value": shown,
        "error": None if error is None else {"kind": error.kind, "reason": error.reason},
        "rows": None if part.is_hidden else part.rows,
        "parts": [_derivation(each) for each in part.parts],
    }


def _item(value: Any) -> Any:
    return {"error": value.kind} if isinstance(value, CellError) else value_json(value)
