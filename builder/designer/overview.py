"""An app's page in the designer: its forms and other parts, what is changed, what comes next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from runtime.catalogue import active_definition
from runtime.definitions.label import read_label
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, NotFound
from runtime.screens.acting import carry_out, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, label
from runtime.screens.render import go, render
from runtime.screens.routes import permission

LONGEST_NAME: Final = 40
PAGES: Final = {
    "aggregates": "designer.aggregates",
    "conversions": "designer.conversions",
    "option_sets": "designer.option_sets",
    "workflows": "designer.app_automations",
    "tests": "designer.app_tests",
}
Mark = Literal["", "added", "changed"]
# The parts of an app beside its forms, where their pages are, and the icon of each.
PARTS: Final = (
    "aggregates", "conversions", "printouts", "workflows", "roles", "option_sets", "tests",
)  # fmt: skip


@dataclass(frozen=True)
class FormCard:
    """One form of the draft, and whether it is new or changed since the last publication."""

    code: str
    name: str
    icon: str
    is_document: bool
    fields: int
    tables: int
    mark: Mark
    href: str
    is_bound: bool


@dataclass(frozen=True)
class Gone:
    """A form that was deleted and can be put back."""

    id: str
    code: str
    name: str
    by: str


@dataclass(frozen=True)
class Part:
    """How many there are of one part of the app."""

    name: str
    icon: str
    count: int
    href: str


@permission("admin")
def overview(app_code: str) -> Response:
    """Show an app as it stands in the draft."""
    return _page(app_code)


@permission("admin")
def create_form(app_code: str) -> AnyResponse:
    """Add an empty form and open it in the designer."""
    name = request.form.get("label", "").strip()[:LONGEST_NAME]
    kind = request.form.get("type", "document")
    if not name:
        return _page(app_code, (_("请填写表单的名称"),), name)
    op = {"op": "add_form", "form": {"label": name, "type": kind}}
    try:
        made = _applied(app_code, [op])
    except AppError as error:
        return _page(app_code, tuple(texts(error)), name)
    return go("designer.studio", app_code=app_code, form_code=made.created[0])


@permission("admin")
def change_form(app_code: str) -> AnyResponse:
    """Copy a form, delete it, or put a deleted one back."""
    code, act_name = request.form.get("form", ""), request.form.get("do", "")
    operations: Mapping[str, Callable[[], dict[str, Any]]] = {
        "copy": lambda: {"op": "duplicate_form", "form": code},
        "delete": lambda: {"op": "delete_form", "form": code},
        "restore": lambda: {"op": "restore_form", "form": code},
    }
    if act_name not in operations:
        raise BadRequest("form_incomplete")
    try:
        _applied(app_code, [operations[act_name]()])
    except AppError as error:
        return _page(app_code, tuple(texts(error)))
    return go("designer.overview", app_code=app_code)


@permission("admin")
def discard_draft(app_code: str) -> AnyResponse:
    """Throw away what was not published; an app that never was is gone with it."""
    base = request.form.get("rev", type=int)
    if base is None:
        raise BadRequest("form_incomplete")

    def work(act: Act) -> int:
        draft = draft_of(act, app_code)
        drafts.discard(act, app_code, base)
        return draft.base_version

    if carry_out(work):
        return go("designer.overview", app_code=app_code)
    return go("designer.apps")


def step(app_code: str, move: Callable[[Act, str, int], drafts.Applied]) -> AnyResponse:
    """Undo or do again what was done last, and show the app."""
    base = request.form.get("rev", type=int)
    if base is None:
        raise BadRequest("form_incomplete")
    carry_out(lambda act: move(act, app_code, base))
    return go("designer.overview", app_code=app_code)


@permission("admin")
def undo_change(app_code: str) -> AnyResponse:
    """Undo the last change of the draft."""
    return step(app_code, drafts.undo)


@permission("admin")
def redo_change(app_code: str) -> AnyResponse:
    """Do again what was undone last."""
    return step(app_code, drafts.redo)


def draft_of(act: Act, app_code: str) -> drafts.Draft:
    """The draft of an app; an app that is neither published nor drafted is not found."""
    try:
        return drafts.read(act, app_code)
    except NotFound:
        raise NotFound("app_not_found", {"app": app_code}) from None


def _applied(app_code: str, operations: Sequence[Mapping[str, Any]]) -> drafts.Applied:
    base = request.form.get("rev", type=int)
    if base is None:
        raise BadRequest("form_incomplete")
    return carry_out(lambda act: drafts.apply(act, app_code, base, operations))


def _page(app_code: str, problems: tuple[str, ...] = (), name: str = "") -> Response:
    with reading() as act:
        draft = draft_of(act, app_code)
        published = active_definition(act.connection, app_code)
        before = published[0] if published else {}
        found = drafts.problems(act, draft)
        return render(
            "designer/overview.html",
            status=422 if problems else 200,
            draft=draft,
            app_code=app_code,
            app_name=label(read_label(draft.source.get("label"), app_code)),
            forms=tuple(_forms(draft, before)),
            gone=tuple(_gone(draft)),
            parts=tuple(_parts(draft)),
            errors=sum(each.severity == "error" for each in found),
            warnings=sum(each.severity == "warning" for each in found),
            problems=problems,
            name=name,
        )


def _forms(draft: drafts.Draft, before: Mapping[str, Any]) -> Iterator[FormCard]:
    known = {form["code"]: form for form in before.get("forms", ())}
    for form in draft.source["forms"]:
        code = form["code"]
        yield FormCard(
            code=code,
            name=label(read_label(form.get("label"), code)),
            icon=form.get("icon", "file-text"),
            is_document=form.get("type") == "document",
            fields=sum(field["kind"] != "lines" for field in form["fields"]),
            tables=sum(field["kind"] == "lines" for field in form["fields"]),
            mark=_mark(known.get(code), form),
            href=url_for("designer.studio", app_code=draft.app_code, form_code=code),
            is_bound="posting" in form,
        )


def _mark(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> Mark:
    if before is None:
        return "added"
    return "" if strict_json.canonical(before) == strict_json.canonical(now) else "changed"


def _gone(draft: drafts.Draft) -> Iterator[Gone]:
    for each in draft.removed:
        if each.kind == "form":
            yield Gone(each.id, each.code, label(each.label), each.by)


def _parts(draft: drafts.Draft) -> Iterator[Part]:
    words = {
        "aggregates": (_("汇总表"), "table"),
        "conversions": (_("单据转换"), "arrow-forward-up"),
        "printouts": (_("打印模板"), "printer"),
        "workflows": (_("审批流程"), "sitemap"),
        "roles": (_("角色"), "users"),
        "option_sets": (_("选项集"), "list-check"),
        "tests": (_("应用测试"), "test-pipe"),
    }
    for part in PARTS:
        name, icon = words[part]
        href = url_for(PAGES[part], app_code=draft.app_code) if part in PAGES else ""
        yield Part(name, icon, len(draft.source.get(part, ())), href)
