"""What the formula editor asks while somebody types: names, records to try on, the check."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, jsonify, request

from builder import drafts
from builder.designer import formula_scope
from builder.designer.formula_check import Draft, as_json, check, new_target
from builder.designer.formula_list import app_to_design
from builder.designer.formula_trial import trial
from builder.designer.panel_formulas import published_form
from builder.designer.row_rule_names import row_functions, row_names
from builder.formula_places import ROWS, field_at
from runtime import query
from runtime.compile import App, Form
from runtime.infra import strict_json
from runtime.infra.errors import BadRequest, NotFound
from runtime.kinds.fields.formula import RESULTS
from runtime.query import PageRequest
from runtime.screens.acting import reading
from runtime.screens.i18n import label
from runtime.screens.routes import permission
from runtime.screens.statuses import status_text

BODY: Final = 200_000
DEPTH: Final = 6
RECORDS: Final = 8
MOST_PLACES: Final = 10
LONGEST_SEARCH: Final = 200


@permission("admin")
def formula_names(app_code: str) -> Response:
    """Answer the fields a formula of this place may name, and every function."""
    with reading() as act:
        app = app_to_design(act, drafts.read(act, app_code))
        form = _form(app, request.args.get("form", ""))
        lines = _lines(form, request.args.get("lines", ""))
        found = [formula_scope.as_json(name) for name in formula_scope.names(form, lines)]
        known = formula_scope.functions()
        if request.args.get("part") == ROWS:
            found = [formula_scope.as_json(name) for name in row_names()] + found
            known = row_functions() + known
        return jsonify({"names": found, "functions": known})


@permission("admin")
def formula_records(app_code: str) -> Response:
    """Answer the records of a form a formula may be tried on: the latest, or those searched for."""
    words = request.args.get("q", "")[:LONGEST_SEARCH]
    with reading() as act:
        draft = drafts.read(act, app_code)
        code = request.args.get("form", "")
        form = published_form(act, draft, code)
        if form is None:
            # What was never published has no records to try a formula on.
            wanted = _form(app_to_design(act, draft), code)
            return jsonify({"records": [], "form": label(wanted.label)})
        asked = PageRequest(columns=(form.title,), search=words, size=RECORDS)
        rows = query.page(act, form, asked).rows
        found = [
            {
                "id": row.id,
                "label": row.shown.get(form.title) or f"#{row.id}",
                "note": status_text(row.status) if form.is_document else "",
            }
            for row in rows
        ]
        return jsonify({"records": found, "form": label(form.label)})


@permission("admin", body=BODY)
def check_formula(app_code: str) -> Response:
    """Answer the type of a formula, its fields, its mistakes, and its value on a record."""
    sent = strict_json.loads(request.get_data(), max_bytes=BODY, max_depth=DEPTH)
    if not isinstance(sent, dict) or not isinstance(sent.get("text"), str):
        raise BadRequest("form_incomplete")
    with reading() as act:
        design = drafts.read(act, app_code)
        draft = _draft(app_to_design(act, design), sent)
        checked = check(draft)
        answer = as_json(draft, checked)
        given = sent.get("trial")
        # Who looks is known to the database alone: such a condition is not tried on a record.
        formula = None if draft.part == ROWS else checked.formula
        if formula is not None and isinstance(given, dict):
            stored = published_form(act, design, draft.form.code)
            answer["trial"] = trial(act, draft, formula, given, stored)
        return jsonify(answer)


def _draft(app: App, sent: Mapping[str, Any]) -> Draft:
    form = _form(app, sent.get("form"))
    lines = _lines(form, sent.get("lines"))
    code, part = str(sent.get("field") or ""), str(sent.get("part") or "formula")
    target = field_at(form, lines, code)
    if target is None:
        target = new_target(form, code, _result(sent), _places(sent))
    return Draft(app, form, lines, code, part, sent["text"], target)


def _form(app: App, code: Any) -> Form:
    found = app.forms.get(code) if isinstance(code, str) else None
    if found is None:
        raise NotFound
    return found


def _lines(form: Form, code: Any) -> str | None:
    if not code:
        return None
    if not any(table.code == code for table in form.lines):
        raise NotFound
    return str(code)


def _result(sent: Mapping[str, Any]) -> str:
    result = sent.get("result", "number")
    if result not in RESULTS:
        raise BadRequest("form_incomplete")
    return str(result)


def _places(sent: Mapping[str, Any]) -> int | None:
    places = sent.get("places")
    return places if isinstance(places, int) and 0 <= places <= MOST_PLACES else None
