"""The figures of the workbench, each with the list behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flask import url_for

from runtime import access
from runtime.compile import App, Form
from runtime.infra.act import Act
from runtime.query import Filter, PageRequest
from runtime.query.page import COUNT_CAP, count
from runtime.screens.i18n import _, label, money, number
from runtime.screens.shell import visible_forms
from runtime.screens.statuses import status_text
from runtime.screens.stock import on_hand_totals
from runtime.screens.waiting import tasks_said
from runtime.workflow import inbox as work

SIGNS: Final = {"CNY": "¥"}


@dataclass(frozen=True)
class Figure:
    """One number with the list behind it."""

    label: str
    text: str
    note: str
    href: str
    icon: str
    unit: str = ""
    is_due: bool = False


def figures(act: Act, app: App | None) -> Iterator[Figure]:
    """Yield what waits, what is unfinished, and what the stock is worth to whoever may know."""
    waiting = work.count_to_do(act)
    note = _("需要你审批") if waiting else _("都处理完了")
    href = url_for("screens.inbox")
    yield Figure(_("待我处理"), tasks_said(waiting), note, href, "checklist", is_due=waiting > 0)
    if app is None:
        return
    for status, icon, note in (
        ("rejected", "alert-triangle", _("改好以后再提交")),
        ("draft", "pencil", _("还没有提交")),
        ("submitted", "clock", _("等待审批")),
    ):
        total, form = _busiest(act, app, status)
        if form is not None and total:
            title = f"{label(form.label)} · {status_text(status)}"
            target = _list_href(form, status)
            is_due = status == "rejected"
            yield Figure(title, _capped(total), note, target, icon, is_due=is_due)
    if access.may_see_stock(act.actor, app):
        yield from _stock_figures(act, app)


def _stock_figures(act: Act, app: App) -> Iterator[Figure]:
    totals = on_hand_totals(act, app)
    href = url_for("screens.stock", app_code=app.code)
    if access.may_see_cost(act.actor, app):
        sign = SIGNS.get(app.currency, app.currency)
        note = _("账面成本")
        yield Figure(_("库存金额"), money(totals.value), note, href, "packages", unit=sign)
    yield Figure(_("有库存的商品"), number(totals.items), _("按商品和仓库查看"), href, "box")


def _busiest(act: Act, app: App, status: str) -> tuple[int, Form | None]:
    """Return the form with most documents in a state: the one worth a link."""
    request = PageRequest(filters=(Filter("status", "any_of", (status,)),))
    forms = [form for form in visible_forms(act, app) if form.is_document]
    counts = [(count(act, form, request), form) for form in forms]
    return max(counts, key=lambda pair: pair[0], default=(0, None))


def _capped(total: int) -> str:
    return _("%(n)s 以上", n=number(COUNT_CAP - 1)) if total >= COUNT_CAP else number(total)


def _list_href(form: Form, status: str) -> str:
    return url_for(
        "screens.list_records", app_code=form.app_code, form_code=form.code, status=status
    )
