"""Other looks at a list: a board of lanes, a calendar, pictures. The records are the list's own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, request, url_for

from runtime import access
from runtime.compile import Field, Form
from runtime.definitions.label import Label
from runtime.definitions.view import ViewDef
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.query import PageRequest
from runtime.query.views import View, view_of, views_of
from runtime.screens.acting import form_of, reading
from runtime.screens.i18n import _, label
from runtime.screens.lists.state import ListState
from runtime.screens.lists_work import board, month, pictures
from runtime.screens.lists_work.asked import list_address, state_asked
from runtime.screens.lists_work.boxes import editable_fields
from runtime.screens.lists_work.cards import STATUS, Look
from runtime.screens.render import render
from runtime.screens.routes import permission

# Looks every form has that has a field for them, without anybody having made a view.
OWN: Final = {"calendar": "~calendar", "kanban": "~board", "gallery": "~pictures"}
ICONS: Final = {
    "list": "list-details",
    "calendar": "calendar",
    "kanban": "columns",
    "gallery": "photo",
}


@dataclass(frozen=True)
class Tab:
    """One look among those there are."""

    label: str
    href: str
    icon: str
    is_current: bool = False


@permission("view")
def show_look(app_code: str, form_code: str, view_key: str) -> Response:
    """Show a form's records as a board, a calendar or pictures."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        view = _view(act, form, view_key)
        state = state_asked(form)
        told = view.definition
        look = Look(
            form,
            view,
            _asked(state, view),
            state,
            _movable(act, form, told),
            _verbs(act, form, told),
        )
        draw = {"kanban": board.board, "calendar": month.month, "gallery": pictures.pictures}
        return render(
            "lists_work/look.html",
            "look",
            form=form,
            look=look,
            kind=view.definition.type,
            here=address(form, view_key),
            state=state,
            hidden=_hidden(state),
            tabs=tuple(tabs(act, form, view_key)),
            list_url=list_address(form),
            drawn=draw[view.definition.type](act, look, address(form, view_key)),
            new_href=url_for("screens.new_record", app_code=app_code, form_code=form_code)
            if access.may(act.actor, "create", form)
            else "",
        )


def tabs(act: Act, form: Form, current: str) -> Iterator[Tab]:
    """The one switch: all records, every view, and the looks nobody had to draw up."""
    yield Tab(_("全部"), list_address(form), "")
    for view in views_of(act, form):
        kind = view.definition.type
        if kind == "list":
            yield Tab(label(view.label), f"{list_address(form)}?view={view.key}", "")
        else:
            yield Tab(label(view.label), address(form, view.key), ICONS[kind], view.key == current)
    yield from own_tabs(act, form, current)


def own_tabs(act: Act, form: Form, current: str = "") -> Iterator[Tab]:
    """The looks every form has that has a field for them."""
    for view in _own(act, form):
        icon = ICONS[view.definition.type]
        yield Tab(label(view.label), address(form, view.key), icon, view.key == current)


def address(form: Form, key: str) -> str:
    """Return the address of a look."""
    values: dict[str, Any] = {"app_code": form.app_code, "form_code": form.code}
    return url_for("screens.show_look", **values, view_key=key)


def _asked(state: ListState, view: View) -> PageRequest:
    asked = replace(state.request(), after="", before="", where=view.where)
    columns = tuple(column.field for column in view.definition.columns)
    return replace(asked, sort=asked.sort or view.sort, columns=columns)


def _hidden(state: ListState) -> tuple[tuple[str, str], ...]:
    more = [(name, request.args[name]) for name in ("day", "span") if name in request.args]
    return (*state.pairs, *more)


def _view(act: Act, form: Form, key: str) -> View:
    for view in _own(act, form):
        if view.key == key:
            return view
    found = view_of(act, form, key)
    if found.definition.type == "list":
        raise NotFound
    return found


def _own(act: Act, form: Form) -> Iterator[View]:
    seen = [field for field in access.visible_fields(act.actor, form) if field.column is not None]
    date, lane, cover = (
        _first(seen, "date", "datetime"),
        _first(seen, "choice"),
        _first(seen, "image"),
    )
    lane = lane or (STATUS if form.is_document else "")
    if lane:
        words = Label("看板", "Board")
        yield View(OWN["kanban"], ViewDef(OWN["kanban"], words, "kanban", lane=lane))
    if date:
        words = Label("日历", "Calendar")
        yield View(OWN["calendar"], ViewDef(OWN["calendar"], words, "calendar", date=date))
    if cover:
        words = Label("图库", "Pictures")
        yield View(OWN["gallery"], ViewDef(OWN["gallery"], words, "gallery", cover=cover))


def _first(fields: list[Field], *kinds: str) -> str:
    return next((field.code for field in fields if field.stored.kind in kinds), "")


def _verbs(act: Act, form: Form, view: ViewDef) -> frozenset[str]:
    """The acts that moving a record on a board of states can be."""
    if view.type != "kanban" or view.lane != STATUS:
        return frozenset()
    return frozenset(verb for verb in ("submit", "cancel") if access.may(act.actor, verb, form))


def _movable(act: Act, form: Form, view: ViewDef) -> str:
    """The field that moving a record changes, where the actor may change it at all."""
    moved = view.lane if view.type == "kanban" else view.date
    codes = {field.code for field in editable_fields(act, form, in_cell=True)}
    return moved if moved in codes else ""
