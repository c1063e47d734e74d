"""Record lists: columns, search, filters, order, keyset pages. The address is the state."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from flask import Response, request, url_for

from runtime import access, query
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.infra.errors import ValidationFailed
from runtime.query.called import names_of, written
from runtime.query.page import COUNT_CAP, UNSORTABLE, Page, Row, count
from runtime.screens.acting import form_of, reading
from runtime.screens.i18n import _, joined, label, locale, number
from runtime.screens.lists.builder import chips_of, filter_from, problem_text, show_builder
from runtime.screens.lists.state import ListState, read_state
from runtime.screens.masks import brief
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.statuses import STATUSES, status_text, status_tone

RIGHT: Final = frozenset({"number", "money", "quantity", "percent", "duration"})
CARD_TEXTS: Final = 3


@dataclass(frozen=True)
class Heading:
    """A column: its name, the way it is sorted now, the address that sorts it."""

    label: str
    is_right: bool = False
    sort: str = ""
    href: str = ""
    code: str = ""


class Cell(NamedTuple):
    """What stands in one cell."""

    text: str
    label: str
    css: str = ""
    tone: str = ""


class Line(NamedTuple):
    """One record of the list: its title, then its other cells."""

    id: int
    href: str
    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class May:
    """What the list offers to do."""

    create: bool
    import_: bool


@permission("view")
def list_records(app_code: str, form_code: str) -> Response:
    """Show a form's records."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        base = url_for("screens.list_records", app_code=app_code, form_code=form_code)
        state = read_state(base, request.args)
        if "ff" in request.args:
            return _with_new_filter(act, form, state)
        return _show(act, form, state)


@permission("view")
def filter_builder(app_code: str, form_code: str) -> Response:
    """Show the filter sheet: for a new filter, or to change one."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        base = url_for("screens.list_records", app_code=app_code, form_code=form_code)
        return show_builder(act, form, read_state(base, request.args))


def _with_new_filter(act: Act, form: Form, state: ListState) -> Response:
    try:
        fresh = filter_from(act, form, request.args)
        changed = state.filtered((*state.filters, fresh))
        answer = _show(act, form, changed)
    except ValidationFailed as error:
        answer = show_builder(act, form, state, problem=problem_text(error))
        answer.status_code = 422
        answer.headers["HX-Retarget"] = "#filter-body"
        answer.headers["HX-Reswap"] = "innerHTML"
        answer.headers["HX-Push-Url"] = "false"
        return answer
    answer.headers["HX-Push-Url"] = changed.href
    return answer


def _show(act: Act, form: Form, state: ListState) -> Response:
    page = query.page(act, form, state.request())
    people = _people(act, page)
    return render(
        "list.html",
        "list",
        form=form,
        form_icon=form.icon,
        state=_Shown.of(state, page),
        columns=tuple(_headings(form, page, state)),
        rows=tuple(_lines(form, page, people)),
        chips=chips_of(act, form, state),
        statuses=tuple(_status_picks(form, state)),
        clear_href=state.filtered(()).in_status("").href,
        count_text=_count_text(act, form, page, state),
        total_text=_total_text(act, form, state) if state.is_narrowed and not page.rows else "",
        search_labels=_search_labels(act, form),
        may=May(access.may(act.actor, "create", form), access.may(act.actor, "import", form)),
        bin_href=_bin_href(act, form),
        new_href=url_for("screens.new_record", app_code=form.app_code, form_code=form.code),
        import_href=url_for("screens.new_import", app_code=form.app_code, form=form.code),
        filter_href=url_for("screens.filter_builder", app_code=form.app_code, form_code=form.code),
    )


def _bin_href(act: Act, form: Form) -> str:
    """Where what was deleted waits, for those who may delete."""
    if not access.may(act.actor, "delete", form):
        return ""
    return url_for("screens.recycle_bin", app_code=form.app_code, form_code=form.code)


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
    def of(cls, state: ListState, page: Page) -> "_Shown":
        return cls(
            base=state.base,
            search=state.search,
            is_narrowed=state.is_narrowed,
            hidden=state.pairs,
            next=state.moved(after=page.next).href if page.next else "",
            previous=state.moved(before=page.previous).href if page.previous else "",
        )


def _headings(form: Form, page: Page, state: ListState) -> Iterator[Heading]:
    for field in page.columns:
        sort, way = field.code, ""
        if state.sort == field.code:
            sort, way = f"-{field.code}", "ascending"
        elif state.sort == f"-{field.code}":
            sort, way = "", "descending"
        can_sort = field.stored.kind not in UNSORTABLE
        href = state.sorted_by(sort).href if can_sort else ""
        is_right = field.stored.kind in RIGHT
        yield Heading(label(field.label), is_right, way, href, field.code)
    if form.is_document:
        yield Heading(_("状态"))


Names = Mapping[str, Mapping[int, str]]


def _people(act: Act, page: Page) -> Names:
    return names_of(act.connection, page.columns, [row.values for row in page.rows])


@dataclass(frozen=True)
class _Column:
    """What the cells of a column have in common."""

    field: Field
    label: str
    is_figure: bool


def _lines(form: Form, page: Page, people: Names) -> Iterator[Line]:
    """Draw the rows; what all of them share is looked up once."""
    columns = tuple(
        _Column(field, label(field.label), field.stored.kind in RIGHT) for field in page.columns
    )
    language, status = locale(), _("状态")
    words = {code: status_text(code) for code in {row.status for row in page.rows}}
    base = url_for("screens.list_records", app_code=form.app_code, form_code=form.code)
    for row in page.rows:
        texts = [_text(column.field, row, people, language) for column in columns]
        cells = list(_carded(columns[1:], texts[1:], row))
        if form.is_document:
            cells.append(Cell(words[row.status], status, "is-status", status_tone(row.status)))
        # A record stands below its list.
        yield Line(row.id, f"{base}/{row.id}", texts[0], tuple(cells))


def _carded(columns: Sequence[_Column], texts: Sequence[str], row: Row) -> Iterator[Cell]:
    """Mark what a card on a phone shows besides its title: three texts and the last figure."""
    last = max((place for place, column in enumerate(columns) if column.is_figure), default=-1)
    left = CARD_TEXTS
    for place, (column, text) in enumerate(zip(columns, texts, strict=True)):
        if column.is_figure:
            mark = f"{_figure(column, row)} {'is-amount' if place == last else 'is-more'}"
        elif text and left:
            mark, left = "is-side", left - 1
        else:
            mark = "is-more"
        yield Cell(text, column.label, mark)


def _text(field: Field, row: Row, people: Names, language: str) -> str:
    value = row.values[field.code]
    if field.code in people:
        return written(value, people[field.code])
    title = row.titles.get(field.code)
    return brief(field, value, language) if title is None else title


def _figure(column: _Column, row: Row) -> str:
    value = row.values[column.field.code]
    return "r neg" if value is not None and value < 0 else "r"


def _status_picks(form: Form, state: ListState) -> Iterator[dict[str, object]]:
    for status in ("", *_states_of(form)) if form.is_document else ():
        yield {
            "label": status_text(status) if status else _("全部"),
            "href": state.in_status(status).href,
            "is_current": status == state.status,
        }


def _states_of(form: Form) -> tuple[str, ...]:
    """Return the states documents of this form can be in."""
    flow = ("submitted", "rejected") if form.workflow else ()
    end = "posted" if form.posting else "approved"
    return tuple(s for s in STATUSES if s in {"draft", *flow, end, "cancelled"})


def _count_text(act: Act, form: Form, page: Page, state: ListState) -> str:
    total = count(act, form, state.request())
    if total >= COUNT_CAP:
        return _("本页 %(here)s 条，共约 1 万条以上", here=len(page.rows))
    if total > len(page.rows):
        return _("本页 %(here)s 条，共 %(total)s 条", here=len(page.rows), total=number(total))
    return _("共 %(total)s 条", total=number(total))


def _total_text(act: Act, form: Form, state: ListState) -> str:
    everything = ListState(state.base)
    total = count(act, form, everything.request())
    return _("不加条件时有 %(total)s 条。", total=number(total)) if total else ""


def _search_labels(act: Act, form: Form) -> str:
    visible = {field.code: field for field in access.visible_fields(act.actor, form)}
    codes = [code for code in form.search_fields if code in visible][:3]
    return joined(label(visible[code].label) for code in codes) or label(form.label)
