"""A list in groups: each with its count and subtotals, its records when it is opened."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Response, request

from runtime import query
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.query import Filter
from runtime.query.groups import Group, grouped
from runtime.query.where import STATUS
from runtime.screens.acting import form_of, reading
from runtime.screens.i18n import _, label, number
from runtime.screens.lists.asked import address_of, state_of
from runtime.screens.lists.figures import told
from runtime.screens.lists.rows import body, headings
from runtime.screens.lists.state import ListState, read_filter, write_filter
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.statuses import status_text


@dataclass(frozen=True)
class Shown:
    """One group: what it is called, its figures, where its records are."""

    text: str
    count: str
    totals: tuple[tuple[str, str], ...]
    href: str


@dataclass(frozen=True)
class Grouping:
    """The groups of a list, or of a group within it."""

    label: str
    groups: tuple[Shown, ...]
    is_cut: bool
    level: int = 0


def grouping(act: Act, form: Form, state: ListState, inside: tuple[Filter, ...] = ()) -> Grouping:
    """Return the groups of a list, or of one of its groups by the next field."""
    level = len(inside)
    asked = state.request()
    asked = replace(asked, filters=(*asked.filters, *inside))
    found = grouped(act, form, asked, state.group[level], state.totals)
    name = _("状态") if found.field is None else label(found.field.label)
    shown = tuple(
        Shown(
            text=_text(each),
            count=number(each.count),
            totals=told(each.totals),
            href=_address(form, state, (*inside, each.filter)),
        )
        for each in found.groups
    )
    return Grouping(name, shown, found.is_cut, level)


def _text(group: Group) -> str:
    if group.filter.field == STATUS:
        return status_text(group.text)
    return group.text or _("（空）")


def _address(form: Form, state: ListState, inside: tuple[Filter, ...], *, after: str = "") -> str:
    parts = replace(state.moved(after=after), base=address_of(form, "list_group")).href
    more = urlencode([("in", write_filter(item)) for item in inside])
    return f"{parts}{'&' if '?' in parts else '?'}{more}"


@permission("view")
def list_group(app_code: str, form_code: str) -> Response:
    """Show what is in a group: its records, or the groups of the next field."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        state = state_of(act, form, request.args)
        told_in = request.args.getlist("in")[: len(state.group)]
        inside = tuple(filter(None, map(read_filter, told_in)))
        if len(inside) < len(state.group):
            found = grouping(act, form, state, inside)
            return render("lists/group.html", "groups", grouping=found)
        asked = state.request()
        page = query.page(act, form, replace(asked, filters=(*asked.filters, *inside)))
        more = _address(form, state, inside, after=page.next) if page.next else ""
        return render(
            "lists/group_records.html",
            "records",
            columns=headings(form, page, state),
            rows=body(act, form, page),
            more=more,
            is_first=not state.after,
        )
