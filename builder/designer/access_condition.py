"""The condition of a role: which records it reaches, asked of the fields and of who looks."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from builder import drafts
from builder.designer.formula_dialog import formula_model
from builder.designer.formula_words import labelled
from builder.designer.studio_frame import form_in
from builder.formula_places import ROWS, formula_at, row_rule_places
from runtime.compile import App
from runtime.infra.errors import NotFound
from runtime.screens.acting import reading
from runtime.screens.i18n import _, label
from runtime.screens.render import render
from runtime.screens.routes import permission

Json = Mapping[str, Any]


@permission("admin")
def access_condition(app_code: str, form_code: str) -> Response:
    """Show which records a role (`?role=`) reaches, as a formula in a dialog."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        form_in(draft, form_code)
        code = request.args.get("role", "")
        role = next((each for each in draft.source.get("roles", ()) if each["code"] == code), None)
        if role is None:
            raise NotFound
        model = formula_model(
            act, draft, (form_code, ""), ("", ROWS), condition_of(role, form_code)
        )
        # It asks who looks, which no record can answer.
        model.pop("record", None)
        return render(
            "designer/formula_dialog.html",
            None,
            title=label(role.get("label")) or code,
            part=_("能看哪些记录"),
            can_clear=False,
            full_href="",
            model={**model, "names": f"{model['names']}?part={ROWS}", "result": "boolean"},
        )


def condition_of(role: Json, form_code: str) -> str:
    """The condition of a role's own grant on a form, as it is kept."""
    for grant in role.get("grants", ()):
        if grant["form"] == form_code:
            return str(grant.get("condition", ""))
    return ""


def condition_words(source: Json, app: App | None, form_code: str) -> dict[str, str]:
    """The condition of each role on a form, with the names of its fields."""
    form = app.forms.get(form_code) if app else None
    found: dict[str, str] = {}
    for place in row_rule_places(source):
        if place.form == form_code:
            formula = formula_at(app, place) if app else None
            words = labelled(form, formula).removeprefix("=") if form and formula else place.text
            found[str(source["roles"][place.steps[1]]["code"])] = words
    return found
