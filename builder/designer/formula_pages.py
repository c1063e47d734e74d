"""The editor of one formula, and of a new formula field; what is saved goes into the draft."""

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from builder.designer.formula_check import LONGEST, Checked, Draft, check, new_target
from builder.designer.formula_keep import operation
from builder.designer.formula_list import (
    Reader,
    app_to_design,
    part_text,
    place_href,
    place_name,
    places_of,
    readers,
    result_of,
)
from builder.designer.formula_scope import known_names
from builder.designer.formula_texts import editor_texts
from builder.designer.formula_words import Piece, kind_text, pieces
from builder.drafts import Applied
from builder.drafts import Draft as Drafted
from builder.formula_places import (
    DEFAULT,
    FORMULA,
    WHERE,
    FormulaPlace,
    field_at,
    formula_at,
)
from runtime.compile import App, Form
from runtime.compile.graph import Node
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, Conflict, NotFound, ValidationFailed
from runtime.kinds.fields.formula import RESULTS
from runtime.screens.acting import carry_out, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _
from runtime.screens.render import go_to, render
from runtime.screens.routes import permission

CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
LONGEST_LABEL: Final = 80
BODY: Final = 200_000


@dataclass(frozen=True)
class Typed:
    """What stands in the boxes of the page: kept when saving is refused."""

    text: str = ""
    base: int = 0
    form: str = ""
    lines: str = ""
    code: str = ""
    label: str = ""
    label_en: str = ""
    result: str = "money"
    places: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why nothing was saved: in words, and what somebody else wrote meanwhile."""

    texts: tuple[str, ...]
    status: int
    theirs: tuple[Piece, ...] = ()


class FormulaRefusedError(AppError):
    """The formula itself is wrong: the editor says where."""

    status = 422
    default_code = "definition_invalid"

    def __init__(self, checked: Checked) -> None:
        super().__init__()
        self.checked = checked


@permission("admin")
def edit_formula(app_code: str, place_form: str, field_path: str, part: str) -> Response:
    """Show a formula in the editor."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        app = app_to_design(act, draft)
        place = _place(draft, place_form, field_path, part)
        formula = formula_at(app, place)
        text = formula.stored if formula else place.text
        return _page(draft, app, place, Typed(text=text, base=draft.rev))


@permission("admin", body=BODY)
def save_formula(app_code: str, place_form: str, field_path: str, part: str) -> AnyResponse:
    """Keep this formula in the draft; refused, the page shows what was typed."""
    typed = _typed()

    def work(act: Act) -> Applied:
        draft = drafts.read(act, app_code)
        place = _place(draft, place_form, field_path, part)
        if draft.rev != typed.base:
            raise Conflict("draft_changed", {"rev": draft.rev})
        stored = _stored(_draft(app_to_design(act, draft), place, typed.text))
        return drafts.apply(act, app_code, typed.base, [operation(draft.source, place, stored)])

    try:
        carry_out(work)
    except (Conflict, ValidationFailed, FormulaRefusedError) as error:
        with reading() as act:
            draft = drafts.read(act, app_code)
            app = app_to_design(act, draft)
            place = _place(draft, place_form, field_path, part)
            return _page(draft, app, place, *_refused(draft, app, place, typed, error))
    return _go(app_code, (place_form, field_path, part))


@permission("admin")
def new_formula(app_code: str) -> Response:
    """Show the editor for a field that is not there yet."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        app = app_to_design(act, draft)
        form = app.forms.get(request.args.get("form", "")) or _fillable(app)[0]
        lines = request.args.get("lines", "")
        known = any(table.code == lines for table in form.lines)
        typed = Typed(form=form.code, lines=lines if known else "", base=draft.rev)
        return _page(draft, app, None, typed)


@permission("admin", body=BODY)
def create_formula(app_code: str) -> AnyResponse:
    """Add a new formula field to the draft."""
    typed = _typed()

    def work(act: Act) -> Applied:
        draft = drafts.read(act, app_code)
        if draft.rev != typed.base:
            raise Conflict("draft_changed", {"rev": draft.rev})
        app = app_to_design(act, draft)
        form = _form(app, typed)
        field = _field(app, form, typed)
        lines = {"lines": typed.lines} if typed.lines else {}
        made = {"op": "add_field", "form": form.code, **lines, "field": field}
        return drafts.apply(act, app_code, typed.base, [made])

    try:
        carry_out(work)
    except (Conflict, ValidationFailed, FormulaRefusedError) as error:
        with reading() as act:
            draft = drafts.read(act, app_code)
            app = app_to_design(act, draft)
            return _page(draft, app, None, *_refused(draft, app, None, typed, error))
    path = f"{typed.lines}.{typed.code}" if typed.lines else typed.code
    return _go(app_code, (typed.form, path, "formula"))


def _go(app_code: str, place: tuple[str, str, str]) -> AnyResponse:
    """On to the formula as the draft has it now."""
    form, path, part = place
    here: dict[str, Any] = {"place_form": form, "field_path": path, "part": part}
    return go_to(url_for("designer.edit_formula", app_code=app_code, saved="yes", **here))


def _typed() -> Typed:
    sent = request.form
    base = sent.get("base", "")
    if not (base.isascii() and base.isdecimal() and len(base) < 10):
        raise BadRequest("form_incomplete")
    plain = {
        name: sent.get(name, "").strip()
        for name in ("form", "lines", "code", "label", "label_en", "result", "places")
        if name in sent
    }
    # One line end for all: the form sends CR LF.
    text = sent.get("formula", "").replace("\r\n", "\n")
    return Typed(text=text[: LONGEST + 1], base=int(base), **plain)


def _place(draft: Drafted, form: str, path: str, part: str) -> FormulaPlace:
    wanted = (form, path, part)
    found = next((place for place in places_of(draft) if place.key == wanted), None)
    if found is None:
        raise NotFound
    return found


def _draft(app: App, place: FormulaPlace, text: str) -> Draft:
    form, lines = app.forms[place.names[0]], place.names[1]
    target = field_at(app.forms[place.form], place.lines, place.field)
    if target is None or place.part == WHERE:
        target = new_target(form, "", "boolean", None)
    return Draft(app, form, lines, place.field, place.part, text, target)


def _stored(draft: Draft) -> str:
    """The text that is kept. Raises FormulaRefusedError with every mistake."""
    checked = check(draft)
    if checked.formula is None or not checked.is_fine:
        raise FormulaRefusedError(checked)
    return checked.formula.stored


def _form(app: App, typed: Typed) -> Form:
    form = app.forms.get(typed.form)
    if form is None or (typed.lines and all(t.code != typed.lines for t in form.lines)):
        raise NotFound
    return form


def _field(app: App, form: Form, typed: Typed) -> dict[str, Any]:
    """The definition of the new field. Raises ValidationFailed for what is missing or wrong."""
    problems = tuple(_faults(form, typed))
    if problems:
        raise FieldRefusedError(problems)
    places = int(typed.places) if typed.places else None
    target = new_target(form, typed.code, typed.result, places)
    draft = Draft(app, form, typed.lines or None, "", "formula", typed.text, target)
    names = {"zh": typed.label, "en": typed.label_en} if typed.label_en else {"zh": typed.label}
    options: dict[str, Any] = {"formula": _stored(draft), "result": typed.result}
    if places is not None:
        options["places"] = places
    return {"code": typed.code, "kind": "formula", "label": names, "options": options}


class FieldRefusedError(ValidationFailed):
    """The new field lacks something; `said` are the sentences."""

    def __init__(self, sentences: tuple[str, ...]) -> None:
        super().__init__()
        self.said = sentences


def _faults(form: Form, typed: Typed) -> list[str]:
    found = []
    if not typed.label or len(typed.label) > LONGEST_LABEL:
        found.append(_("请填写字段名称，最多 %(n)s 个字", n=LONGEST_LABEL))
    if not CODE.fullmatch(typed.code):
        found.append(_("编码用小写字母开头，后面是小写字母、数字或下划线"))
    elif field_at(form, typed.lines or None, typed.code) is not None:
        found.append(_("已经有编码是 %(code)s 的字段", code=typed.code))
    if typed.result not in RESULTS:
        found.append(_("请选择结果的类型"))
    if typed.places and not (typed.places.isdecimal() and int(typed.places) <= 10):
        found.append(_("小数位是 0 到 10"))
    return found


def _refused(
    draft: Drafted, app: App, place: FormulaPlace | None, typed: Typed, error: AppError
) -> tuple[Typed, Refusal]:
    """The page again: what was typed, why it was not saved, and what it would now be saved over."""
    if isinstance(error, FormulaRefusedError):
        wrong = [each.text for each in error.checked.mistakes if not each.is_warning]
        return typed, Refusal(tuple(wrong), error.status)
    if isinstance(error, FieldRefusedError):
        return typed, Refusal(error.said, error.status)
    if not isinstance(error, Conflict):
        return typed, Refusal(texts(error), error.status)
    formula = formula_at(app, place) if place else None
    theirs: tuple[Piece, ...] = ()
    if place and formula and formula.stored != typed.text:
        theirs = tuple(pieces(app.forms[place.names[0]], formula))
    who = draft.changed_by or _("别人")
    text = _("%(who)s刚刚改了草稿。你写的还在，看过以后可以再保存", who=who)
    return replace(typed, base=draft.rev), Refusal((text,), error.status, theirs)


def _page(
    draft: Drafted,
    app: App,
    place: FormulaPlace | None,
    typed: Typed,
    refusal: Refusal | None = None,
) -> Response:
    form = app.forms.get(place.form if place else typed.form)
    if form is None:
        raise NotFound
    used: tuple[Reader, ...] = ()
    if place and place.part == FORMULA:
        node = Node(form.code, place.lines, place.field)
        used = tuple(readers(app, places_of(draft), node))
    return render(
        "designer/formula.html",
        status=refusal.status if refusal else 200,
        typed=typed,
        refusal=refusal,
        is_new=place is None,
        heading=place_name(app, place) if place else _("新的公式字段"),
        form=form,
        forms=_fillable(app) if place is None else (),
        part=part_text(place) if place else "",
        kind=kind_text(result_of(app, place)) if place else "",
        kinds=tuple((result, kind_text(result)) for result in RESULTS),
        used=used,
        list_href=url_for("designer.formulas", app_code=app.code),
        action=place_href(app, place)
        if place
        else url_for("designer.create_formula", app_code=app.code),
        saved=_saved(),
        publish_href=url_for("designer.publication", app_code=app.code),
        model=_model(app, form, place, typed),
        texts=editor_texts(),
    )


def _fillable(app: App) -> tuple[Form, ...]:
    """The forms that can have fields of their own: an aggregate table has its measures."""
    return tuple(form for form in app.forms.values() if form.aggregate is None)


def _saved() -> str:
    if not request.args.get("saved") or request.method != "GET":
        return ""
    return _("已保存到草稿。发布以后，大家用的才是新的。")


def _model(app: App, form: Form, place: FormulaPlace | None, typed: Typed) -> dict[str, Any]:
    """What the editor's script knows of the page."""
    here: dict[str, Any] = {"app_code": app.code}
    code, lines = place.names if place else (form.code, typed.lines or None)
    return {
        "form": code,
        "lines": lines or "",
        **(_kept(app, place) if place else {}),
        "check": url_for("designer.check_formula", **here),
        "names": url_for("designer.formula_names", **here),
        "records": url_for("designer.formula_records", **here),
        "isNew": place is None,
        "known": known_names(app.forms[code], lines, typed.text),
    }


def _kept(app: App, place: FormulaPlace) -> dict[str, Any]:
    """What keeps the value: the field itself, or something of the same kind in another form."""
    if place.part in (FORMULA, DEFAULT):
        return {"field": place.field, "part": place.part}
    field = field_at(app.forms[place.form], place.lines, place.field)
    places = field.stored_as.options.get("places") if field else None
    kind = result_of(app, place)
    return {"field": "", "part": place.part, "result": kind, "places": places}
