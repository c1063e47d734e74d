"""Record lists: views, search, conditions, columns, order, groups, pages. The address is it all."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

from flask import Response, request, url_for

from runtime import access, query
from runtime.compile import Form
from runtime.infra.act import Act, Rights
from runtime.infra.errors import ValidationFailed
from runtime.query.page import Page, count
from runtime.screens.acting import form_of, reading
from runtime.screens.i18n import _, joined, label, locale, number
from runtime.screens.lists.asked import address_of, state_of
from runtime.screens.lists.builder import asked_draft, chips_of, conditions_asked, show_builder
from runtime.screens.lists.draft import DO, FIELD, ROOT
from runtime.screens.lists.figures import Figures, figures_of_page
from runtime.screens.lists.groups import grouping
from runtime.screens.lists.layout import state_laid_out
from runtime.screens.lists.rows import body, headings
from runtime.screens.lists.state import ListState
from runtime.screens.lists.views import tabs_of
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.statuses import STATUSES, status_text

# Where nothing is found it is enough to know that there is much to be found otherwise.
MANY: Final = 1_001


@dataclass(frozen=True)
class May:
    """What the list offers to do."""

    create: bool
    import_: bool


class Pick(NamedTuple):
    """A state whose records one may look at alone."""

    label: str
    href: str
    is_current: bool


@permission("view")
def list_records(app_code: str, form_code: str) -> Response:
    """Show a form's records."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        state = state_of(act, form, request.args)
        if "build" in request.args:
            return _with_conditions(act, form, state)
        if "lay" in request.args:
            return _moved_to(act, form, state_laid_out(act, form, state))
        return _show(act, form, state)


@permission("view")
def filter_builder(app_code: str, form_code: str) -> Response:
    """Show the sheet of conditions: those in force, or as its buttons have changed them."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        state = state_of(act, form, request.args)
        is_sent = any(name in request.args for name in (ROOT, FIELD, DO))
        return show_builder(act, form, state, asked_draft(act, form) if is_sent else None)


def _with_conditions(act: Act, form: Form, state: ListState) -> Response:
    draft = asked_draft(act, form)
    try:
        filters, where = conditions_asked(act, form, draft)
        changed = state.filtered(filters, where)
        return _moved_to(act, form, changed)
    except ValidationFailed:
        answer = show_builder(act, form, state, draft)
        answer.status_code = 422
        answer.headers["HX-Retarget"] = "#filter-body"
        answer.headers["HX-Reswap"] = "innerHTML"
        answer.headers["HX-Push-Url"] = "false"
        return answer


def _moved_to(act: Act, form: Form, state: ListState) -> Response:
    answer = _show(act, form, state)
    answer.headers["HX-Push-Url"] = state.href
    return answer


def _show(act: Act, form: Form, state: ListState) -> Response:
    return render("list.html", "list", **frame_of(act, form, state), **_body(act, form, state))


class _Seen(NamedTuple):
    """All that what does not change round a list follows from; rights are those of this request."""

    form: Form
    rights: Rights
    is_admin: bool
    veiled: frozenset[tuple[str, str]]
    language: str
    root: str
    state: ListState


def frame_of(act: Act, form: Form, state: ListState) -> dict[str, Any]:
    """Return what stands round the records, whichever way a view draws them."""
    who = act.actor
    asked = state.moved()
    seen = _Seen(form, who.rights, who.is_admin, who.veiled, locale(), request.script_root, asked)
    # A view is somebody's own, and what it keeps may be anything.
    fixed = _fixed(seen) if state.view is None else _fixed.__wrapped__(seen)
    return {**fixed, "tabs": tabs_of(act, form, state), "chips": chips_of(act, form, state)}


@lru_cache(maxsize=512)
def _fixed(seen: _Seen) -> dict[str, Any]:
    form, state = seen.form, seen.state
    query_string = state.href.removeprefix(state.base)
    with reading() as act:
        return {
            "form": form,
            "form_icon": form.icon,
            "statuses": tuple(_status_picks(form, state)),
            "clear_href": state.filtered(()).in_status("").href,
            "search_labels": _search_labels(act, form),
            "may": May(
                access.may(act.actor, "create", form), access.may(act.actor, "import", form)
            ),
            "bin_href": _bin_href(act, form),
            "new_href": url_for("screens.new_record", app_code=form.app_code, form_code=form.code),
            "import_href": url_for("screens.new_import", app_code=form.app_code, form=form.code),
            "filter_href": address_of(form, "filter_builder") + query_string,
            "layout_href": address_of(form, "list_layout") + query_string,
        }


def _bin_href(act: Act, form: Form) -> str:
    """Where what was deleted waits, for those who may delete."""
    return address_of(form, "recycle_bin") if access.may(act.actor, "delete", form) else ""


def _body(act: Act, form: Form, state: ListState) -> dict[str, Any]:
    """Return what lies in the middle: groups, or one page."""
    nothing = {"grouping": None, "rows": (), "columns": (), "total_text": ""}
    shown = {**nothing, "state": _Shown.of(state), "figures": Figures("")}
    if state.group:
        found = grouping(act, form, state)
        return {**shown, "grouping": found, "rows": found.groups}
    page = query.page(act, form, state.request())
    if not page.rows:
        return {**shown, "total_text": _total_text(act, form, state) if state.is_narrowed else ""}
    return {
        **shown,
        "state": _Shown.of(state, page),
        "columns": headings(form, page, state),
        "rows": partial(body, act, form, page),
        "figures": figures_of_page(act, form, page, state),
    }


@dataclass(frozen=True)
class _Shown:
    """The state as the template needs it."""

    base: str
    search: str
    is_narrowed: bool
    hidden: tuple[tuple[str, str], ...]
    next: str
    previous: str

    @classmethod
    def of(cls, state: ListState, page: Page | None = None) -> "_Shown":
        after, before = (page.next, page.previous) if page is not None else ("", "")
        return cls(
            base=state.base,
            search=state.search,
            is_narrowed=state.is_narrowed,
            hidden=state.pairs,
            next=state.moved(after=after).href if after else "",
            previous=state.moved(before=before).href if before else "",
        )


def _status_picks(form: Form, state: ListState) -> Iterator[Pick]:
    for status in ("", *_states_of(form)) if form.is_document else ():
        text = status_text(status) if status else _("全部")
        yield Pick(text, state.in_status(status).href, status == state.status)


def _states_of(form: Form) -> tuple[str, ...]:
    """Return the states documents of this form can be in."""
    flow = ("submitted", "rejected") if form.workflow else ()
    end = "posted" if form.posting else "approved"
    return tuple(s for s in STATUSES if s in {"draft", *flow, end, "cancelled"})


def _total_text(act: Act, form: Form, state: ListState) -> str:
    total = count(act, form, ListState(base=state.base).request(), MANY)
    if total == MANY:
        return _("不加条件时有 1 千条以上。")
    return _("不加条件时有 %(total)s 条。", total=number(total)) if total else ""


def _search_labels(act: Act, form: Form) -> str:
    visible = {field.code: field for field in access.visible_fields(act.actor, form)}
    codes = [code for code in form.search_fields if code in visible][:3]
    return joined(label(visible[code].label) for code in codes) or label(form.label)
