"""Where a field is used, on the panel and in the question before it is deleted or retyped."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from sqlalchemy import func, select

from builder import drafts
from builder.designer.draft_app import app_of_draft
from builder.designer.field_uses import uses_in
from builder.designer.kind_words import kind_icon, kind_name
from builder.designer.panel import problems_of, spot_asked
from builder.designer.panel_formulas import formulas_of
from builder.designer.panel_spot import Spot, form_at
from builder.designer.posting_fields import parts_of
from builder.designer.use import Use
from builder.drafts import Draft
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.kinds.fields import FIELD_TYPES
from runtime.screens.acting import platform, reading
from runtime.screens.i18n import label
from runtime.screens.render import render
from runtime.screens.routes import permission

Json = Mapping[str, Any]
WHY = ("delete", "retype", "recode")


@dataclass(frozen=True)
class Shown:
    """A use with the way to it: on this form's canvas, or on another page."""

    use: Use
    select: str | None
    href: str


@permission("admin")
def panel_more(app_code: str, form_code: str) -> Response:
    """Show what takes a moment to find out: formulas with their values, uses, problems."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        spot = spot_asked(draft, form_code)
        return render(
            "designer/panel_more.html",
            None,
            spot=spot,
            uses=shown_uses(draft, spot) if spot.is_field else (),
            formulas=tuple(formulas_of(act, draft, spot)),
            problems=tuple(problems_of(drafts.problems(act, draft), spot)),
        )


@permission("admin")
def field_uses(app_code: str, form_code: str) -> Response:
    """Ask before a field is deleted, retyped or renamed (`?path=`, `?why=`): what that touches."""
    why = request.args.get("why", "")
    with reading() as act:
        draft = drafts.read(act, app_code)
        spot = spot_asked(draft, form_code)
        return render(
            "designer/uses.html",
            None,
            spot=spot,
            why=why if why in WHY else WHY[0],
            title=label(spot.item.get("label")) or spot.code,
            uses=shown_uses(draft, spot) if spot.is_field else (),
            filled=filled(act, draft, spot),
            bound=bool(spot.is_field and parts_of(spot.form, spot.path)),
            kinds=_kinds(spot),
            kind_icon=kind_icon,
            kind_name=kind_name,
            is_published=_published(act, draft, spot) is not None,
            is_kept=is_kept(act, draft, spot),
        )


def shown_uses(draft: Draft, spot: Spot) -> tuple[Shown, ...]:
    """The uses of a field of a draft, each with the way to it."""
    found = uses_in(draft.source, app_of_draft(draft), spot.form["code"], spot.path)
    return tuple(_shown(draft, spot, use) for use in found)


def _shown(draft: Draft, spot: Spot, use: Use) -> Shown:
    here = use.form == spot.form["code"]
    endpoints = {
        "lists": "designer.form_lists",
        "access": "designer.form_access",
        "prints": "designer.form_prints",
    }
    address: dict[str, Any] = {"app_code": draft.app_code, "form_code": use.form}
    if use.tab in endpoints:
        return Shown(use, None, url_for(endpoints[use.tab], **address))
    if use.tab == "flow":
        there = url_for(
            "designer.one_flow", flow_code=use.flow, _anchor=use.path or None, **address
        )
        return Shown(use, None, there)
    if use.tab == "conversions":
        return Shown(use, None, url_for("designer.conversions", app_code=draft.app_code))
    if form_at(draft.source, use.form) is None:
        # An aggregate table has no canvas; its formulas stand with the others.
        return Shown(use, None, url_for("designer.formulas", app_code=draft.app_code))
    if here:
        return Shown(use, use.path, "")
    return Shown(use, None, url_for("designer.studio", _anchor=use.path or None, **address))


def filled(act: Act, draft: Draft, spot: Spot) -> int:
    """How many records of the running app hold a value in a field."""
    form = _published(act, draft, spot)
    if form is None or not spot.is_field:
        return 0
    lines = spot.lines["code"] if spot.lines else (spot.code if spot.what == "lines" else None)
    table = next((each for each in form.lines if each.code == lines), None)
    if lines is not None and table is None:
        return 0
    counted = select(func.count()).select_from(table.table if table else form.table)
    if spot.what != "lines":
        field = (table.by_code if table else form.by_code).get(spot.code)
        if field is None or field.column is None:
            return 0
        counted = counted.where(field.column.is_not(None))
    return int(act.connection.execute(counted).scalar_one())


def is_kept(act: Act, draft: Draft, spot: Spot) -> bool:
    """Whether the running app has the field: its code is then known to others."""
    form = _published(act, draft, spot)
    if form is None or not spot.is_field:
        return False
    wanted = spot.item.get("id") or spot.code
    if spot.lines is None:
        return any(field.definition.id == wanted for field in form.fields)
    return any(column.definition.id == wanted for table in form.lines for column in table.fields)


def _published(act: Act, draft: Draft, spot: Spot) -> Form | None:
    if draft.base_version == 0:
        return None
    app = platform().catalogue.app(act.connection, draft.app_code)
    found = app.forms.get(spot.form["code"])
    return found if found is not None and found.aggregate is None else None


def _kinds(spot: Spot) -> tuple[str, ...]:
    """The kinds a field could become: everything that keeps a value and is no table."""
    if spot.what != "field":
        return ()
    return tuple(kind for kind in FIELD_TYPES if kind not in ("lines", spot.kind))
