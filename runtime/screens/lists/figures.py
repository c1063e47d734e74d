"""How many records a list has, and its totals: at once where they are cheap, else when asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request

from runtime.compile import Form
from runtime.infra.act import Act
from runtime.query.page import COUNT_CAP, Page, count
from runtime.query.totals import AT_ONCE, Total, counted_up_to, totals
from runtime.screens.acting import form_of, reading
from runtime.screens.i18n import _, label, number
from runtime.screens.lists.asked import address_of, state_of
from runtime.screens.lists.state import ListState
from runtime.screens.render import render
from runtime.screens.routes import permission


@dataclass(frozen=True)
class Figures:
    """What stands below a list. With `href` it is not known yet: the page asks when it stands.

    `all_href` adds up more records than are added up unasked.
    """

    count: str
    totals: tuple[tuple[str, str], ...] = ()
    href: str = ""
    all_href: str = ""


@permission("view")
def list_figures(app_code: str, form_code: str) -> Response:
    """Count the records of a list and add them up; `all=1` however many they are."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        state = state_of(act, form, request.args)
        here = request.args.get("here", 0, type=int)
        figures = _figures(act, form, state, here, everything=request.args.get("all") == "1")
    return render("lists/figures.html", "figures", figures=figures)


def figures_of_page(act: Act, form: Form, page: Page, state: ListState) -> Figures:
    """Return the figures of a list whose one page has everything, or where to ask for them."""
    here = len(page.rows)
    if page.next or page.previous:
        href = _address(form, state, here)
        return Figures(_("本页 %(here)s 条", here=here), href=href)
    found = totals(act, form, state.request(), state.totals) if state.totals else ()
    return Figures(_("共 %(total)s 条", total=number(here)), told(found))


def _figures(act: Act, form: Form, state: ListState, here: int, *, everything: bool) -> Figures:
    asked = state.request()
    total = counted_up_to(act, form, asked, None) if everything else count(act, form, asked)
    if total >= COUNT_CAP and not everything:
        words = _("本页 %(here)s 条，共约 1 万条以上", here=here)
    else:
        words = _("本页 %(here)s 条，共 %(total)s 条", here=here, total=number(total))
    all_href = f"{_address(form, state, here)}&all=1"
    if not state.totals:
        return Figures(words, all_href="" if total < COUNT_CAP or everything else all_href)
    if not everything and counted_up_to(act, form, asked, AT_ONCE + 1) > AT_ONCE:
        return Figures(words, all_href=all_href)
    return Figures(words, told(totals(act, form, asked, state.totals)))


def _address(form: Form, state: ListState, here: int) -> str:
    whole = state.moved().href.removeprefix(state.base)
    base = address_of(form, "list_figures")
    return f"{base}{whole}{'&' if whole else '?'}here={here}"


def told(found: Sequence[Total]) -> tuple[tuple[str, str], ...]:
    """Return totals with what they are called."""
    words = {
        "sum": _("合计"), "avg": _("平均"), "min": _("最小"), "max": _("最大"), "count": _("已填"),
    }  # fmt: skip
    return tuple((f"{label(each.field.label)} {words[each.fn]}", each.text) for each in found)
