"""Conversions: which document continues which, and what is taken along."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from builder.designer.overview import draft_of
from builder.designer.panel_spot import form_at
from builder.designer.parts.conversion_sides import header_rows, lines_of, suggested
from builder.designer.parts.sheets import base_of_sheet, taken_out
from builder.drafts import Draft
from builder.drafts.naming import free_code
from runtime.definitions.label import read_label, write_label
from runtime.infra.errors import AppError, NotFound
from runtime.screens.acting import carry_out, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, label, said
from runtime.screens.render import go, render
from runtime.screens.routes import permission

Json = Mapping[str, Any]
LONGEST_NAME: Final = 40
# How the sheet names what fills a field of the header, and of a line.
OF_HEADER: Final = "h."
OF_LINE: Final = "l."


@dataclass(frozen=True)
class Card:
    """One conversion: from where to where, and how much it carries."""

    name: str
    href: str
    source: str
    target: str
    fields: int
    columns: int
    is_measured: bool


@permission("admin")
def conversions(app_code: str) -> Response:
    """List the conversions of an app's draft."""
    with reading() as act:
        draft = draft_of(act, app_code)
        return render(
            "designer/conversions.html",
            app_code=app_code,
            app_name=label(read_label(draft.source.get("label"), app_code)),
            cards=tuple(_cards(draft)),
            forms=tuple(_forms(draft.source)),
        )


@permission("admin")
def new_conversion(app_code: str) -> Response:
    """Show the sheet of a new conversion between two forms (`?from=`, `?to=`)."""
    with reading() as act:
        source, target = _sides(draft_of(act, app_code).source, request.args)
        value = {
            "code": "",
            "label": label(target.get("label")),
            "from": source["code"],
            "to": target["code"],
            **suggested(source, target),
        }
    return _sheet(app_code, "", value)


@permission("admin")
def conversion(app_code: str, conversion_code: str) -> Response:
    """Show a conversion of the draft."""
    with reading() as act:
        value = _found(draft_of(act, app_code).source, conversion_code)
    return _sheet(app_code, conversion_code, value)


@permission("admin")
def create_conversion(app_code: str) -> AnyResponse:
    """Keep a new conversion, or draw its sheet again for other lines."""
    return _keep(app_code, "")


@permission("admin")
def change_conversion(app_code: str, conversion_code: str) -> AnyResponse:
    """Keep a conversion as its sheet has it, draw the sheet again, or delete it."""
    if request.form.get("do") != "delete":
        return _keep(app_code, conversion_code)
    return taken_out(app_code, "conversions", conversion_code)


def _keep(app_code: str, code: str) -> AnyResponse:
    base, told = base_of_sheet(), request.form
    with reading() as act:
        source = draft_of(act, app_code).source
        kept = _found(source, code) if code else {}
        _sides(source, told)
    name, english = (told.get(part, "").strip()[:LONGEST_NAME] for part in ("label", "english"))
    taken = {each["code"] for each in source.get("conversions", ())}
    named = code or free_code(name or "conversion", taken, "conversion")
    known = read_label(name or label(kept.get("label")) or named)
    value = {"code": named, "label": write_label(type(known)(name, english)), **_told(told)}
    if told.get("do") == "draw":
        return _sheet(app_code, code, value)
    if not name:
        return _sheet(app_code, code, value, (_("请填写转换的名称"),))
    op = {"op": "set_part", "part": "conversions", "code": named, "value": value}
    try:
        carry_out(lambda act: drafts.apply(act, app_code, base, [op]))
    except AppError as error:
        return _sheet(app_code, code, value, tuple(texts(error)))
    return go("designer.conversion", app_code=app_code, conversion_code=named)


def _told(told: MultiDict[str, str]) -> dict[str, Any]:
    """The conversion as the sheet was filled in."""
    made: dict[str, Any] = {"from": told["from"], "to": told["to"]}
    made |= _mapped(told, OF_HEADER)
    if not told.get("lines_to"):
        return made
    lines: dict[str, Any] = {"to": told["lines_to"]}
    if told.get("lines_from"):
        lines["from"] = told["lines_from"]
    lines |= _mapped(told, OF_LINE)
    if told.get("qty_from") and told.get("qty_to"):
        lines["quantity"] = {"from": told["qty_from"], "to": told["qty_to"]}
        if told.get("tolerance", "").strip():
            lines["quantity"]["tolerance"] = told["tolerance"].strip().removesuffix("%")
    keep = [code for code in told.getlist("keep") if code in lines.get("map", {})]
    return {**made, "lines": {**lines, **({"keep": keep} if keep else {})}}


def _mapped(told: MultiDict[str, str], start: str) -> dict[str, Any]:
    found = {
        name.removeprefix(start): path
        for name, path in told.items()
        if name.startswith(start) and path
    }
    return {"map": found} if found else {}


def _sides(source: Json, asked: Mapping[str, str]) -> tuple[Json, Json]:
    """The two forms somebody chose."""
    both = [form_at(source, asked.get(name, "")) for name in ("from", "to")]
    if both[0] is None or both[1] is None:
        raise NotFound
    return both[0], both[1]


def _found(source: Json, code: str) -> Json:
    for each in source.get("conversions", ()):
        if each["code"] == code:
            found: Json = each
            return found
    raise NotFound


def _sheet(
    app_code: str, code: str, value: Mapping[str, Any], problems: tuple[str, ...] = ()
) -> Response:
    with reading() as act:
        draft = draft_of(act, app_code)
        source, target = form_at(draft.source, value["from"]), form_at(draft.source, value["to"])
        whole = source is not None and target is not None
        known = read_label(value.get("label") or "", "")
        return render(
            "designer/conversion.html",
            "sheet" if request.form.get("do") == "draw" else None,
            status=422 if problems else 200,
            app_code=app_code,
            app_name=label(read_label(draft.source.get("label"), app_code)),
            draft=draft,
            code=code,
            name=known.zh,
            english=known.en,
            value=value,
            source_name=_name(source, value["from"]),
            target_name=_name(target, value["to"]),
            header=header_rows(source, target, value.get("map", {})) if source and target else (),
            lines=lines_of(source, target, value.get("lines")) if source and target else None,
            is_whole=whole,
            problems=problems,
            waiting=tuple(_waiting(draft, code, drafts.problems(act, draft))),
        )


def _waiting(draft: Draft, code: str, found: tuple[drafts.DraftProblem, ...]) -> Iterator[str]:
    """What has to be put right in it before the app can be published."""
    codes = [each["code"] for each in draft.source.get("conversions", ())]
    if code in codes:
        pointer = f"/conversions/{codes.index(code)}/"
        for each in found:
            if f"{each.pointer}/".startswith(pointer):
                yield said(each.code, each.params)


def _name(form: Json | None, code: str) -> str:
    return label(read_label(form.get("label"), code)) if form else code


def _cards(draft: Draft) -> Iterator[Card]:
    for each in draft.source.get("conversions", ()):
        lines: Json = each.get("lines", {})
        place = {"app_code": draft.app_code, "conversion_code": each["code"]}
        yield Card(
            name=label(read_label(each.get("label"), each["code"])),
            href=url_for("designer.conversion", **place),
            source=_name(form_at(draft.source, each["from"]), each["from"]),
            target=_name(form_at(draft.source, each["to"]), each["to"]),
            fields=len(each.get("map", {})),
            columns=len(lines.get("map", {})),
            is_measured="quantity" in lines,
        )


def _forms(source: Json) -> Iterator[tuple[str, str]]:
    for form in source["forms"]:
        yield str(form["code"]), _name(form, form["code"])
