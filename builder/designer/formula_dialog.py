"""The formula of a property in a dialog: its text, its place, and what the script has to know."""

from typing import Any, Final

from flask import Response, request, url_for

from builder import drafts
from builder.designer.draft_app import app_of_draft
from builder.designer.formula_scope import known_names
from builder.designer.formula_texts import editor_texts
from builder.designer.panel import spot_asked
from builder.designer.panel_formulas import PARTS, published_form
from builder.designer.panel_spot import Spot
from builder.drafts import Draft
from builder.formula_places import FORMULA
from runtime import query
from runtime.compile import App
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.query import PageRequest
from runtime.screens.acting import reading
from runtime.screens.i18n import _, label
from runtime.screens.render import render
from runtime.screens.routes import permission

# Formulas that may be empty: a field can do without a default and a roll-up without a condition.
OPTIONAL: Final = frozenset({"default", "options/where"})


@permission("admin")
def formula_dialog(app_code: str, form_code: str) -> Response:
    """Show the formula of a property (`?path=`, `?name=`) in a dialog."""
    name = request.args.get("name", "")
    with reading() as act:
        draft = drafts.read(act, app_code)
        spot = spot_asked(draft, form_code)
        if name not in PARTS or not spot.is_field:
            raise NotFound
        given = spot.item.get("default") if name == "default" else _option(spot, name)
        is_formula = isinstance(given, str) and (name != "default" or given.startswith("="))
        return render(
            "designer/formula_dialog.html",
            None,
            title=label(spot.item.get("label")) or spot.code,
            part={"default": _("默认值"), "options/where": _("汇总条件")}.get(name, _("公式")),
            can_clear=name in OPTIONAL and is_formula,
            full_href="",
            model=_model(act, draft, spot, name, str(given) if is_formula else ""),
        )


def formula_model(
    act: Act, draft: Draft, place: tuple[str, str], part: tuple[str, str], text: str
) -> dict[str, Any]:
    """What an editor's script knows: `place` is form and line table, `part` field and part."""
    (form_code, lines), (field, name) = place, part
    app: App | None = app_of_draft(draft)
    form = app.forms.get(form_code) if app else None
    record = _latest(act, draft, form_code)
    return {
        "form": form_code,
        "lines": lines,
        "field": field,
        "part": name,
        "text": text,
        "known": known_names(form, lines or None, text) if form else [],
        "names": url_for("designer.formula_names", app_code=draft.app_code),
        "check": url_for("designer.check_formula", app_code=draft.app_code),
        "texts": editor_texts(),
        **({"record": record} if record is not None else {}),
    }


def _model(act: Act, draft: Draft, spot: Spot, name: str, text: str) -> dict[str, Any]:
    lines = str(spot.lines["code"]) if spot.lines else ""
    if name == "options/where":
        counted, _dot, _code = str(spot.options.get("reference", "")).rpartition(".")
        place = (str(spot.options.get("form", "")), counted)
        return {**formula_model(act, draft, place, ("", PARTS[name]), text), "result": "boolean"}
    made = formula_model(act, draft, (spot.form["code"], lines), (spot.code, PARTS[name]), text)
    if name == "options/formula":
        made |= {"part": FORMULA, "result": spot.options.get("result", "number")}
        made["places"] = spot.options.get("places")
    return made


def _option(spot: Spot, name: str) -> Any:
    return spot.options.get(name.removeprefix("options/"))


def _latest(act: Act, draft: Draft, form_code: str) -> int | None:
    """The record a formula is tried on first."""
    form = published_form(act, draft, form_code)
    if form is None:
        return None
    rows = query.page(act, form, PageRequest(columns=(form.title,), size=1)).rows
    return rows[0].id if rows else None
