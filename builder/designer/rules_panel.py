"""Rules and checks of a form: the list in sentences, and the dialog that writes one."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from flask import Response, request, url_for

from builder import drafts
from builder.designer.draft_app import app_of_draft
from builder.designer.formula_dialog import formula_model
from builder.designer.panel import spot_asked
from builder.designer.panel_controls import Choice
from builder.designer.panel_spot import COMPUTED, LAYOUT, Spot, columns_of
from builder.designer.rules_words import (
    condition_of,
    effect_words,
    level_words,
    operator_words,
    read,
    sentences,
)
from builder.drafts import Draft
from builder.formula_places import CHECK
from runtime.infra.errors import NotFound
from runtime.screens.acting import reading
from runtime.screens.i18n import _, label
from runtime.screens.render import render
from runtime.screens.routes import permission

Json = Mapping[str, Any]
COMPARABLE = frozenset(
    {"text", "number", "money", "quantity", "percent", "date", "boolean", "choice", "formula",
     "lookup", "rollup", "rating", "email", "phone", "department", "reference", "user"}
)  # fmt: skip


@permission("admin")
def form_rules(app_code: str, form_code: str) -> Response:
    """Show the rules and checks of a form, or those of what is selected (`?path=`)."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        spot = spot_asked(draft, form_code)
        found = tuple(sentences(app_of_draft(draft), spot.form, spot.path))
        return render(
            "designer/rules.html",
            None,
            spot=spot,
            rules=tuple(each for each in found if each.sort == "rule" and each.is_here),
            checks=tuple(each for each in found if each.sort == "check" and each.is_here),
            edit=url_for("designer.edit_rule", app_code=app_code, form_code=form_code),
        )


@permission("admin")
def edit_rule(app_code: str, form_code: str) -> Response:
    """Show the dialog for a rule or a check (`?sort=`), a new one or one of the list (`?at=`)."""
    sort = "check" if request.args.get("sort") == "check" else "rule"
    with reading() as act:
        draft = drafts.read(act, app_code)
        spot = spot_asked(draft, form_code)
        items: list[Json] = list(spot.form.get(f"{sort}s", ()))
        at = request.args.get("at", type=int)
        if at is not None and not 0 <= at < len(items):
            raise NotFound
        item: Json = items[at] if at is not None else _new(sort, spot)
        lines = item.get("lines")
        return render(
            "designer/rule.html",
            None,
            sort=sort,
            at=at,
            item=item,
            items=items,
            spot=spot,
            lines=lines or "",
            tables=tuple(each for each in spot.form["fields"] if each["kind"] == "lines"),
            fields=tuple(_comparable(spot.form, lines)),
            targets=tuple(_targets(spot.form, lines)),
            sections=() if lines else tuple(spot.form.get("sections", ())),
            effects=effect_words(),
            levels=level_words(),
            operators=list(operator_words().items()),
            condition=_condition(draft, spot.form, item, sort),
            text=item.get("when" if sort == "rule" else "formula", ""),
            heading=_heading(sort, is_new=at is None),
            here=url_for("designer.edit_rule", app_code=app_code, form_code=form_code),
            model={
                **formula_model(act, draft, (form_code, lines or ""), ("", CHECK), ""),
                "result": "boolean",
            },
        )


def _heading(sort: str, *, is_new: bool) -> str:
    words = {
        ("rule", True): _("新的显示规则"), ("rule", False): _("显示规则"),
        ("check", True): _("新的校验"), ("check", False): _("校验"),
    }  # fmt: skip
    return words[sort, is_new]


def _new(sort: str, spot: Spot) -> Json:
    """An empty rule or check about what is selected."""
    asked = request.args.get("lines")
    lines = spot.lines["code"] if spot.lines else None
    if asked is not None:
        lines = asked if any(field["code"] == asked for field in spot.form["fields"]) else None
    made: dict[str, Any] = {"lines": lines} if lines else {}
    if sort == "check":
        return {
            **made,
            "formula": "",
            "message": "",
            "field": spot.code if spot.what == "field" else "",
        }
    here = spot.is_field and (spot.lines["code"] if spot.lines else None) == lines
    fields = [spot.code] if here else []
    sections = [spot.code] if spot.what == "section" else []
    return {
        **made,
        "code": "",
        "when": "",
        "effect": "hide" if spot.kind in COMPUTED else "require",
        "fields": fields,
        "sections": sections,
    }


def _condition(draft: Draft, form: Json, item: Json, sort: str) -> dict[str, Any] | None:
    """The condition as rows; None where only a formula says it, an empty one for a new item."""
    text = item.get("when" if sort == "rule" else "formula", "")
    if not text:
        return {"join": "and", "rows": []}
    app = app_of_draft(draft)
    compiled = app.forms.get(form["code"]) if app else None
    formula = read(compiled, item.get("lines"), text) if compiled else None
    found = condition_of(formula) if formula else None
    return asdict(found) if found else None


def _comparable(form: Json, lines: str | None) -> Iterator[dict[str, Any]]:
    """The fields a row may compare: of the line table, then of the header."""
    table = next((field for field in form["fields"] if field["code"] == lines), None)
    for field in (*(columns_of(table) if table else ()), *form["fields"]):
        if field["kind"] in COMPARABLE:
            yield _offered(field)


def _offered(field: Json) -> dict[str, Any]:
    options: Json = field.get("options", {})
    listed = options.get("options", ()) if field["kind"] == "choice" else ()
    return {
        "stored": f"{{{field.get('id') or field['code']}}}",
        "label": label(field["label"]),
        "kind": options.get("result", field["kind"])
        if field["kind"] in COMPUTED
        else field["kind"],
        "options": [
            {"value": each["code"], "text": label(each.get("label")) or each["code"]}
            for each in listed
        ],
    }


def _targets(form: Json, lines: str | None) -> Iterator[Choice]:
    """The fields a rule may act on."""
    table = next((field for field in form["fields"] if field["code"] == lines), None)
    for field in columns_of(table) if table else form["fields"]:
        if field["kind"] not in LAYOUT or lines is None:
            yield Choice(field["code"], label(field["label"]), field["kind"])
