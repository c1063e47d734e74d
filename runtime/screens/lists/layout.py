"""The sheet for columns, order, groups and totals: what is shown of a list, and how."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from flask import Response, request

from runtime.compile import Field, Form
from runtime.definitions.view import TOTAL_FNS, ViewColumn, ViewTotal
from runtime.infra.act import Act
from runtime.query.groups import groupable
from runtime.query.page import MOST_KEYS, UNSORTABLE, visible_by_code
from runtime.query.totals import fits
from runtime.query.where import STATUS
from runtime.screens.acting import form_of, reading
from runtime.screens.i18n import _, label
from runtime.screens.lists.asked import address_of, state_of
from runtime.screens.lists.state import MOST_GROUPS, ListState
from runtime.screens.render import render
from runtime.screens.routes import permission

DO: Final = "do"


@dataclass(frozen=True)
class Column:
    """A field as the sheet lists it: ticked ones are columns, in this order."""

    code: str
    label: str
    is_shown: bool
    is_pinned: bool
    width: int
    fns: tuple[str, ...]
    fn: str


@dataclass
class Layout:
    """The sheet as it was sent: fields in their order, and what is said of each."""

    order: list[str]
    shown: set[str]
    pinned: set[str]
    widths: dict[str, int]
    totals: dict[str, str]
    sort: list[str]
    group: list[str]


@permission("view")
def list_layout(app_code: str, form_code: str) -> Response:
    """Show the sheet for columns, order, groups and totals."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        state = state_of(act, form, request.args)
        sent = read_layout() if "lay" in request.args else _layout_of(act, form, state)
        _carry_out(sent, request.args.get(DO, ""))
        return _show(act, form, state, sent)


def _show(act: Act, form: Form, state: ListState, sent: Layout) -> Response:
    fields = {code: f for code, f in visible_by_code(act, form).items() if f.column is not None}
    sortable = [(c, label(f.label)) for c, f in fields.items() if _can_sort(f)]
    groupers = [(c, label(f.label)) for c, f in fields.items() if groupable(f)]
    status = [(STATUS, _("状态"))] if form.is_document else []
    # What differs from the view is said by the sheet itself.
    plain = state.changed(sort=_kept(state, "sort"), columns=_kept(state, "columns"),
                          group=_kept(state, "group"), totals=_kept(state, "totals"))  # fmt: skip
    return render(
        "lists/layout.html",
        "layout",
        base=state.base,
        href=address_of(form, "list_layout"),
        hidden=[*plain.pairs, *([("q", state.search)] if state.search else [])],
        columns=tuple(_columns(fields, sent)),
        sorts=[*sent.sort, ""][:MOST_KEYS],
        sortable=sortable,
        groups=[*sent.group, ""][:MOST_GROUPS],
        groupers=[*status, *groupers],
        fn_words={"sum": _("合计"), "avg": _("平均"), "min": _("最小"), "max": _("最大"),
                  "count": _("已填数")},
    )  # fmt: skip


def _kept(state: ListState, name: str) -> Any:
    return getattr(state.as_viewed(), name)


def _can_sort(field: Field) -> bool:
    return field.column is not None and field.stored.kind not in UNSORTABLE


def _columns(fields: dict[str, Field], sent: Layout) -> Iterator[Column]:
    ordered = [code for code in sent.order if code in fields]
    for code in dict.fromkeys((*ordered, *fields)):
        fns = tuple(fn for fn in TOTAL_FNS if fits(fields[code], fn))
        yield Column(
            code=code,
            label=label(fields[code].label),
            is_shown=code in sent.shown,
            is_pinned=code in sent.pinned,
            width=sent.widths.get(code, 0),
            fns=fns if len(fns) > 1 else (),
            fn=sent.totals.get(code, ""),
        )


def _layout_of(act: Act, form: Form, state: ListState) -> Layout:
    shown = [column.field for column in state.columns]
    if not shown:
        seen = visible_by_code(act, form)
        shown = [code for code in form.list_columns if code in seen]
    return Layout(
        order=shown,
        shown=set(shown),
        pinned={column.field for column in state.columns if column.pinned},
        widths={column.field: column.width for column in state.columns if column.width},
        totals={total.field: total.fn for total in state.totals},
        sort=[code for code in state.sort.split(",") if code],
        group=list(state.group),
    )


def read_layout() -> Layout:
    """Read the sheet: its fields stand in the order of the columns."""
    sent = Layout([], set(), set(), {}, {}, [], [])
    for name, value in parse_qsl(request.query_string.decode("utf-8", "replace")):
        code = value[:60]
        if name == "all" and len(sent.order) < 400:
            sent.order.append(code)
        elif name == "col":
            sent.shown.add(code)
        elif name == "pin":
            sent.pinned.add(code)
        elif name == "key" and len(sent.sort) < MOST_KEYS:
            sent.sort.append(code)
        elif name == "by" and len(sent.group) < MOST_GROUPS and code not in sent.group:
            sent.group.append(code)
        else:
            _of_column(sent, name, code)
    return sent


def _of_column(sent: Layout, name: str, value: str) -> None:
    what, _dot, code = name.partition(".")
    if what == "width" and value.isascii() and value.isdecimal():
        sent.widths[code[:60]] = min(max(int(value[:4]), 48), 800)
    elif what == "fn" and value in TOTAL_FNS:
        sent.totals[code[:60]] = value


def _carry_out(sent: Layout, act: str) -> None:
    verb, _colon, code = act.partition(":")
    if verb not in {"up", "down"} or code not in sent.order:
        return
    at = sent.order.index(code)
    to = at - 1 if verb == "up" else at + 1
    if 0 <= to < len(sent.order):
        sent.order[at], sent.order[to] = sent.order[to], sent.order[at]


def state_laid_out(act: Act, form: Form, state: ListState) -> ListState:
    """Return the list as the sheet says it is to be shown."""
    sent = read_layout()
    columns = tuple(
        ViewColumn(code, sent.widths.get(code, 0), code in sent.pinned)
        for code in _pinned_first(sent)
    )
    plain = tuple(ViewColumn(code) for code in _layout_of(act, form, ListState()).order)
    totals = tuple(_totals(sent))
    return state.changed(
        columns=() if columns == plain and not _kept(state, "columns") else columns,
        sort=",".join(dict.fromkeys(code for code in sent.sort if code)),
        group=tuple(sent.group),
        totals=totals,
    )


def _pinned_first(sent: Layout) -> Sequence[str]:
    shown = [code for code in dict.fromkeys(sent.order) if code in sent.shown]
    return sorted(shown, key=lambda code: code not in sent.pinned)


def _totals(sent: Layout) -> Iterator[ViewTotal]:
    for code in dict.fromkeys((*sent.order, *sent.totals)):
        for fn in TOTAL_FNS:
            if sent.totals.get(code) == fn:
                yield ViewTotal(code, fn)
