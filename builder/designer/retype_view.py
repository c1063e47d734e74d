"""Trying a change of kind on the values there are, and a sheet of those that would be lost."""

import csv
from collections.abc import Mapping
from io import StringIO
from typing import Any, Final

from flask import Response, jsonify, make_response, render_template, request, url_for
from sqlalchemy import select

from builder import drafts
from builder.designer.panel import spot_asked
from builder.designer.panel_spot import Spot
from builder.designer.uses_view import is_kept
from builder.drafts import Draft
from builder.formula_places import field_at
from builder.retype import DryRun, as_table, dry_run
from runtime.compile import App, Field
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, ValidationFailed
from runtime.kinds.fields import FIELD_TYPES
from runtime.screens.acting import platform, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import locale
from runtime.screens.routes import permission

Json = Mapping[str, Any]
# So many different values still make a list of options somebody would choose from.
MOST_OPTIONS: Final = 100
LISTS: Final = frozenset({"choice", "multi_choice"})
WORDED: Final = frozenset({"text", "long_text"})
SIGN: Final = "\ufeff"


@permission("admin")
def dry_run_of(app_code: str, form_code: str) -> Response:
    """Answer what would become of a field's values as another kind (`?path=`, `?kind=`)."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        spot = spot_asked(draft, form_code)
        kind = _kind()
        options = options_for(act, draft, spot, kind)
        asked: dict[str, Any] = {"path": spot.path, "kind": kind}
        failing = url_for(
            "designer.failing_values", app_code=app_code, form_code=form_code, **asked
        )
        said: dict[str, Any] = {"run": None, "failing": failing, "refused": ()}
        if is_kept(act, draft, spot):
            try:
                said["run"] = _run(act, draft, spot, kind, options)
            except ValidationFailed as error:
                said["refused"] = tuple(texts(error))
        html = render_template("designer/dry_run.html", **said)
        return jsonify({"html": html, "possible": True, "options": options})


@permission("admin")
def failing_values(app_code: str, form_code: str) -> Response:
    """Give the values that would be lost as a sheet."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        spot = spot_asked(draft, form_code)
        kind = _kind()
        run = _run(act, draft, spot, kind, options_for(act, draft, spot, kind))
        sheet = StringIO(newline="")
        written = csv.writer(sheet)
        for row in as_table(run.failing(), locale()):
            written.writerow([_harmless(cell) for cell in row])
    answer = make_response(SIGN + sheet.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = f"{form_code}-{spot.code}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def options_for(act: Act, draft: Draft, spot: Spot, kind: str) -> dict[str, Any]:
    """What the field's options would be: those that fit, and for a list the values there are."""
    known = FIELD_TYPES[kind].options.get("properties", {})
    kept = {name: value for name, value in spot.options.items() if name in known}
    if kind in LISTS and spot.kind in WORDED and is_kept(act, draft, spot):
        kept["options"] = _listed(act, draft, spot)
    return kept


def _listed(act: Act, draft: Draft, spot: Spot) -> list[dict[str, str]]:
    """An option for each different text of the field, the first of them in order."""
    field = _field(act, draft, spot)
    if field is None or field.column is None:
        return []
    wanted = select(field.column).where(field.column.is_not(None)).distinct()
    found = act.connection.execute(wanted.order_by(field.column).limit(MOST_OPTIONS)).scalars()
    return [_option(place, str(text)) for place, text in enumerate(found, start=1)]


def _option(place: int, text: str) -> dict[str, str]:
    """A code can hold no space, comma or semicolon; the label says what was written."""
    is_plain = len(text) <= 40 and not any(sign.isspace() or sign in ",;" for sign in text)
    return {"code": text} if is_plain else {"code": f"o{place}", "label": text[:80]}


def _run(act: Act, draft: Draft, spot: Spot, kind: str, options: Json) -> DryRun:
    lines = str(spot.lines["code"]) if spot.lines else None
    app = _running(act, draft)
    return dry_run(act, app, spot.form["code"], lines, spot.code, kind, options)


def _running(act: Act, draft: Draft) -> App:
    return platform().catalogue.app(act.connection, draft.app_code)


def _field(act: Act, draft: Draft, spot: Spot) -> Field | None:
    lines = str(spot.lines["code"]) if spot.lines else None
    return field_at(_running(act, draft).forms[spot.form["code"]], lines, spot.code)


def _kind() -> str:
    kind = request.args.get("kind", "")
    if kind not in FIELD_TYPES:
        raise BadRequest("form_incomplete")
    return kind


def _harmless(cell: str) -> str:
    """A text that a spreadsheet would take for a formula is written as a text."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
