"""The property panel: what is selected, its properties, its rights; drawn again after a change."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for

from builder import drafts
from builder.designer.access_view import FieldAccess, field_access
from builder.designer.kind_words import kind_icon, kind_name
from builder.designer.panel_groups import fixed_choices, groups_of
from builder.designer.panel_special import fills_of
from builder.designer.panel_spot import Spot, form_at, path_of, spot_at
from builder.designer.posting_fields import posted_fields
from builder.drafts import Draft, DraftProblem
from runtime.infra.errors import NotFound
from runtime.kinds.fields.formula import RESULTS
from runtime.screens.acting import reading
from runtime.screens.i18n import _, label, said
from runtime.screens.render import render
from runtime.screens.routes import permission

Json = Mapping[str, Any]
LONGEST_PATH = 100


@dataclass(frozen=True)
class Posting:
    """What the books take from a form: the command, and the fields it reads."""

    command: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Notice:
    """Something to put right, beside what it is about."""

    text: str
    severity: str


def spot_asked(draft: Draft, form_code: str) -> Spot:
    """What the address asks for. Raises NotFound for a form the draft has not."""
    form = form_at(draft.source, form_code)
    if form is None:
        raise NotFound
    return spot_at(form, request.args.get("path", "")[:LONGEST_PATH])


@permission("admin")
def form_panel(app_code: str, form_code: str) -> Response:
    """Show the properties of what is selected (`?path=`)."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        spot = spot_asked(draft, form_code)
        return render("designer/form_panel.html", None, **panel_context(draft, spot))


def panel_context(draft: Draft, spot: Spot) -> dict[str, Any]:
    """What `panel.html` draws."""
    here = {"app_code": draft.app_code, "form_code": spot.form["code"]}
    return {
        "spot": spot,
        "title": label(spot.item.get("label")) or spot.code,
        "kind_text": _kind_text(spot),
        "icon_name": _icon(spot),
        "kind_icon": kind_icon,
        "kind_name": kind_name,
        "groups": groups_of(draft.source, spot),
        "fixed": fixed_choices(spot),
        "fills": fills_of(spot) if spot.is_field else {},
        "tabs": tuple(_tabs(spot)),
        "posting": _posting(spot.form),
        "access": _access(draft, spot),
        "here": url_for("designer.form_panel", **here),
        "more": url_for("designer.panel_more", **here),
        "uses": url_for("designer.field_uses", **here),
        "rules_href": url_for("designer.form_rules", **here),
        "access_href": url_for("designer.form_access", **here),
    }


def notice(problem: DraftProblem) -> Notice:
    """A problem of the draft in words."""
    return Notice(said(problem.code, problem.params), problem.severity)


def problems_of(problems: Iterable[DraftProblem], spot: Spot) -> Iterator[Notice]:
    """Yield what is wrong with what is selected."""
    lines = spot.lines["code"] if spot.lines else None
    for each in problems:
        jump = each.jump
        of_field = spot.is_field and (jump.lines, jump.field) == (lines, spot.code)
        of_section = spot.what == "section" and jump.section == spot.code
        if jump.form == spot.form["code"] and (of_field or of_section):
            yield notice(each)


def _kind_text(spot: Spot) -> str:
    words = {"form": _("表单"), "section": _("分组"), "tab": _("标签页")}
    if spot.what == "form":
        return _("单据") if spot.form.get("type") == "document" else _("资料")
    if not spot.is_field:
        return words[spot.what]
    result = spot.options.get("result")
    name = kind_name(spot.kind)
    return f"{name} · {kind_name(result)}" if result in RESULTS else name


def _icon(spot: Spot) -> str:
    if spot.what == "form":
        return str(spot.form.get("icon", "file-text"))
    if spot.is_field:
        return kind_icon(spot.kind)
    return "layout-rows" if spot.what == "section" else "layout-navbar"


def _tabs(spot: Spot) -> Iterator[tuple[str, str, int]]:
    words = {"form": _("表单"), "lines": _("明细"), "section": _("分组"), "tab": _("标签页")}
    yield "props", words.get(spot.what, _("字段")), 0
    if spot.what == "form":
        rules = len(spot.form.get("rules", ())) + len(spot.form.get("checks", ()))
        yield "rules", _("规则与校验"), rules
    elif spot.what != "tab":
        yield "rules", _("显示规则"), sum(_names(rule, spot) for rule in spot.form.get("rules", ()))
    if spot.is_field:
        yield "access", _("权限"), 0


def _names(rule: Json, spot: Spot) -> bool:
    """Whether a rule acts on what is selected."""
    if spot.what == "section":
        return spot.code in rule.get("sections", ())
    lines = spot.lines["code"] if spot.lines else None
    return spot.code in rule.get("fields", ()) and rule.get("lines") == lines


def _access(draft: Draft, spot: Spot) -> tuple[FieldAccess, ...]:
    if not spot.is_field:
        return ()
    return tuple(field_access(draft.source, spot.form["code"], spot.path))


def _posting(form: Json) -> Posting | None:
    posting = form.get("posting")
    if not posting:
        return None
    fields = tuple(
        (path_of(lines, field), label(field["label"]), part)
        for part, lines, field in posted_fields(form)
    )
    return Posting(str(posting["command"]), fields)
