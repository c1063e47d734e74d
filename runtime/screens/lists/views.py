"""The views of a list as tabs; keeping, changing and removing one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from runtime import access, query
from runtime.compile import Form
from runtime.definitions.label import read_label, write_label
from runtime.definitions.view import write_view
from runtime.infra.act import Act
from runtime.infra.errors import AppError, ValidationFailed
from runtime.query import Filter, View, where_json
from runtime.query.where import STATUS
from runtime.screens.acting import carry_out, form_of, reading
from runtime.screens.i18n import _, label, locale
from runtime.screens.lists.asked import address_of, list_address, state_of
from runtime.screens.lists.builder import problem_text
from runtime.screens.lists.state import ListState, joined_where, read_state
from runtime.screens.render import go_to, render
from runtime.screens.routes import permission

ICONS: Final = {
    "list": "layout-list", "calendar": "calendar", "kanban": "columns", "gallery": "photo",
}  # fmt: skip


@dataclass(frozen=True)
class Tab:
    """A view as a tab above the list."""

    label: str
    href: str
    icon: str
    is_current: bool = False
    is_own: bool = False
    is_locked: bool = False


@dataclass(frozen=True)
class Tabs:
    """The tabs of a list, and what can be done about the view in force."""

    items: tuple[Tab, ...]
    sheet_href: str
    # Set when the list is not as its view keeps it any more.
    is_changed: bool = False
    revert_href: str = ""
    save_href: str = ""
    edit_href: str = ""


def tabs_of(act: Act, form: Form, state: ListState) -> Tabs:
    """Return the views of a list as tabs."""
    base = list_address(form)
    current = state.view
    items = [Tab(_("全部"), base, "", is_current=current is None)]
    items += [
        Tab(
            label=label(view.label),
            href=_where(form, view),
            icon=ICONS[view.definition.type] if view.definition.type != "list" else "",
            is_current=current is not None and view.key == current.key,
            is_own=view.id is not None and not view.is_shared,
            is_locked=view.is_locked,
        )
        for view in query.views_of(act, form)
    ]
    may_save = current is not None and current.may_change and not current.is_locked
    key = current.key if current is not None else ""
    query_string = state.href.removeprefix(state.base)
    return Tabs(
        items=tuple(items),
        sheet_href=address_of(form, "view_sheet") + query_string,
        is_changed=state.is_changed,
        revert_href=state.as_viewed().href,
        save_href=address_of(form, "save_view", view_key=key) if may_save else "",
        edit_href=_edit_href(form, current, query_string),
    )


def _where(form: Form, view: View) -> str:
    if view.definition.type == "list":
        return f"{list_address(form)}?view={view.key}"
    # Boards, calendars and pictures have a page of their own.
    return address_of(form, "show_look", view_key=view.key)


def _edit_href(form: Form, view: View | None, query_string: str) -> str:
    if view is None or not view.may_change:
        return ""
    rest = query_string.removeprefix("?")
    return f"{address_of(form, 'view_sheet')}?edit=1&{rest}"


@permission("view")
def view_sheet(app_code: str, form_code: str) -> Response:
    """Show the sheet that keeps the list as a view, or changes the one in force."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        state = state_of(act, form, request.args)
        return _sheet(act, form, state, is_edit="edit" in request.args)


def _sheet(
    act: Act, form: Form, state: ListState, *, is_edit: bool, name: str = "", problem: str = ""
) -> Response:
    view = state.view
    is_edit = is_edit and view is not None and view.may_change
    key = view.key if view is not None else ""
    kept_name = label(view.label) if view is not None and is_edit else name
    return render(
        "lists/view.html",
        "view",
        action=address_of(form, "save_view", view_key=key)
        if is_edit
        else address_of(form, "create_view"),
        remove=address_of(form, "delete_view", view_key=key) if is_edit else "",
        hidden=[*state.pairs, *([("q", state.search)] if state.search else [])],
        name=kept_name,
        is_edit=is_edit,
        is_shared=view.is_shared if view is not None and is_edit else False,
        is_locked=view.is_locked if view is not None and is_edit else False,
        may_share=access.may(act.actor, "manage", form),
        problem=problem,
    )


@permission("view")
def create_view(app_code: str, form_code: str) -> AnyResponse:
    """Keep the list as a new view: one's own, or for everybody."""
    told = request.form

    def work(act: Act) -> str:
        form = form_of(act, app_code, form_code)
        state = state_of(act, form, told)
        shared = told.get("for") == "all"
        source = view_source(state, _named(told))
        made = query.add_view(act, form, source, shared=shared, locked="locked" in told)
        return f"{list_address(form)}?view={made.key}"

    return _done(app_code, form_code, work)


@permission("view")
def save_view(app_code: str, form_code: str, view_key: str) -> AnyResponse:
    """Keep the view in force as the list is now, under its name or another one."""
    told = request.form

    def work(act: Act) -> str:
        form = form_of(act, app_code, form_code)
        view = query.view_of(act, form, view_key)
        state = read_state(list_address(form), told, view)
        name = _named(told) if "name" in told else write_label(view.label)
        locked = "locked" in told if "name" in told else view.is_locked
        source = view_source(state, name)
        query.change_view(act, form, view_key, source, locked=locked)
        return f"{list_address(form)}?view={view_key}"

    return _done(app_code, form_code, work)


@permission("view")
def delete_view(app_code: str, form_code: str, view_key: str) -> AnyResponse:
    """Remove a view; the list is then as it comes."""

    def work(act: Act) -> str:
        form = form_of(act, app_code, form_code)
        query.remove_view(act, form, view_key)
        return list_address(form)

    return _done(app_code, form_code, work)


def _done(app_code: str, form_code: str, work: Any) -> AnyResponse:
    try:
        return go_to(carry_out(work))
    except ValidationFailed as error:
        with reading() as act:
            form = form_of(act, app_code, form_code)
            state = state_of(act, form, request.form)
            name = request.form.get("name", "")[:200]
            answer = _sheet(act, form, state, is_edit=False, name=name, problem=_said(error))
    answer.status_code = 422
    return answer


def _said(error: AppError) -> str:
    if any(problem.pointer == "/label" for problem in error.problems):
        return _("请给视图一个名字")
    return problem_text(error)


def _named(told: MultiDict[str, str]) -> Any:
    name = " ".join(told.get("name", "").split())[:80]
    # The other language, if it has one, stays what it was.
    return write_label(read_label(name)) if locale() == "zh" else name


def view_source(state: ListState, name: Any) -> Mapping[str, Any]:
    """Return the list as the JSON of a view: its layout is that of the view in force."""
    status = (Filter(STATUS, "any_of", (state.status,)),) if state.status else ()
    where = joined_where((*state.filters, *status), state.where)
    kept: dict[str, Any] = write_view(state.view.definition) if state.view is not None else {}
    placed: dict[str, Any] = {key: kept[key] for key in _PLACED if key in kept}
    keys = [code for code in state.sort.split(",") if code]
    told = {
        "columns": [
            {"field": each.field}
            | ({"width": each.width} if each.width else {})
            | ({"pinned": True} if each.pinned else {})
            for each in state.columns
        ],
        "where": {} if where is None else where_json(where),
        "sort": [{"field": key.lstrip("-"), "descending": key.startswith("-")} for key in keys],
        "group": list(state.group),
        "totals": [{"field": each.field, "fn": each.fn} for each in state.totals],
    }
    filled = {key: value for key, value in told.items() if value}
    return {"label": name, "type": kept.get("type", "list"), **placed, **filled}


_PLACED: Final = ("date", "until", "lane", "cover", "title")
