"""The formulas of what is selected: with names, checked, tried on the latest record."""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.designer.draft_app import app_of_draft
from builder.designer.formula_check import Draft as Written
from builder.designer.formula_check import check, new_target
from builder.designer.formula_trial import trial
from builder.designer.formula_words import Piece, pieces, type_text
from builder.designer.panel_spot import Spot
from builder.drafts import Draft
from builder.formula_places import DEFAULT, FORMULA, WHERE, field_at
from runtime import query
from runtime.compile import App, Form
from runtime.infra.act import Act
from runtime.query import PageRequest
from runtime.screens.acting import platform
from runtime.screens.i18n import _, joined

PARTS = {"options/formula": FORMULA, "default": DEFAULT, "options/where": WHERE}


@dataclass(frozen=True)
class Shown:
    """A formula as the panel shows it: `name` is the property that keeps it."""

    name: str
    pieces: tuple[Piece, ...]
    says: str
    is_fine: bool
    value: str = ""


def published_form(act: Act, draft: Draft, code: str) -> Form | None:
    """The form as it runs: where the records are."""
    if draft.base_version == 0:
        return None
    return platform().catalogue.app(act.connection, draft.app_code).forms.get(code)


def formulas_of(act: Act, draft: Draft, spot: Spot) -> Iterator[Shown]:
    """Yield the formulas of a field: its own, its default, the condition of its roll-up."""
    if not spot.is_field:
        return
    texts = {
        "options/formula": spot.options.get("formula"),
        "options/where": spot.options.get("where"),
        "default": spot.item.get("default"),
    }
    app = app_of_draft(draft)
    for name, text in texts.items():
        is_formula = name != "default" or str(text).startswith("=")
        if isinstance(text, str) and text and is_formula and app is not None:
            yield _shown(act, draft, app, spot, (name, text))


def written(
    app: App, draft_form: str, lines: str | None, field: str, given: tuple[str, str]
) -> Written | None:
    """A formula of a draft as the check reads it; `given` is its part and its text."""
    form = app.forms.get(draft_form)
    if form is None:
        return None
    part, text = given
    target = field_at(form, lines, field)
    if target is None or part == WHERE:
        target = new_target(form, "", "boolean", None)
    return Written(app, form, lines, field, part, text, target)


def _shown(act: Act, draft: Draft, app: App, spot: Spot, given: tuple[str, str]) -> Shown:
    name, text = given
    lines = spot.lines["code"] if spot.lines else None
    form_code, field = spot.form["code"], spot.code
    if name == "options/where":
        counted, _dot, _code = str(spot.options.get("reference", "")).rpartition(".")
        form_code, lines, field = str(spot.options.get("form", "")), counted or None, ""
    made = written(app, form_code, lines, field, (PARTS[name], text))
    if made is None:
        return Shown(name, (Piece(text),), _("公式有错误"), is_fine=False)
    checked = check(made)
    if checked.formula is None or not checked.is_fine:
        wrong = [each.text for each in checked.mistakes if not each.is_warning]
        return Shown(name, (Piece(text),), joined(wrong[:1]), is_fine=False)
    doubts = [each.text for each in checked.mistakes]
    says = doubts[0] if doubts else _("结果是%(what)s", what=type_text(checked.formula.type))
    value = _value(act, draft, made, spot) if name == "options/formula" else ""
    return Shown(name, tuple(pieces(made.form, checked.formula)), says, not doubts, value)


def _value(act: Act, draft: Draft, made: Written, spot: Spot) -> str:
    """What the formula gives on the latest record; nothing where there is none."""
    stored = published_form(act, draft, spot.form["code"])
    checked = check(made)
    if stored is None or checked.formula is None:
        return ""
    rows = query.page(act, stored, PageRequest(columns=(stored.title,), size=1)).rows
    if not rows:
        return ""
    found = trial(act, made, checked.formula, {"record": rows[0].id}, stored)
    results = found["results"]
    if not results or results[0].get("error"):
        return str(results[0]["error"]) if results else ""
    return str(results[0]["text"])
