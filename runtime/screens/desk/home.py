"""The workbench: what waits, what was done last, the figures that matter."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Response, url_for

from runtime import access, query
from runtime.compile import App, Form
from runtime.infra import users
from runtime.infra.act import Act
from runtime.query import Filter, PageRequest
from runtime.query.brief import Brief, recent
from runtime.query.page import COUNT_CAP, count
from runtime.screens.acting import app_of, reading
from runtime.screens.i18n import _, instant, label, long_day, money, number, zone
from runtime.screens.inbox import items_to_do
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.shell import Entry, app_of_page, visible_forms
from runtime.screens.statuses import status_text, status_tone
from runtime.screens.stock import on_hand_totals
from runtime.workflow import inbox as work

SHOWN: Final = 6
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


@dataclass(frozen=True)
class Feed:
    """One recent document."""

    href: str
    icon: str
    form_label: str
    title: str
    amount: str
    note: str
    status: str
    tone: str


@dataclass(frozen=True)
class FirstStep:
    """One of the three steps of a new user."""

    title: str
    text: str
    action: str
    href: str
    is_done: bool


@permission("signed_in")
def home(app_code: str | None = None) -> Response:
    """Show the workbench of an app, or of the first one."""
    with reading() as act:
        app = app_of(act, app_code) if app_code else app_of_page(act)
        to_do = items_to_do(act, SHOWN)
        return render(
            "desk/home.html",
            greeting=_greeting(act.now.astimezone(zone()), act.actor.name),
            today=long_day(act.now.astimezone(zone()).date()),
            steps=tuple(_first_steps(act, app)) if app else (),
            figures=tuple(_figures(act, app)),
            to_do=to_do,
            to_do_count=work.count_to_do(act),
            recent=tuple(_recent(act, app)) if app else (),
            creates=tuple(_creates(act, app)) if app else (),
        )


def _greeting(now: datetime, name: str) -> str:
    if now.hour < 5 or now.hour >= 18:
        return _("晚上好，%(name)s", name=name)
    if now.hour < 11:
        return _("早上好，%(name)s", name=name)
    if now.hour < 13:
        return _("中午好，%(name)s", name=name)
    return _("下午好，%(name)s", name=name)


def _figures(act: Act, app: App | None) -> Iterator[Figure]:
    waiting = work.count_to_do(act)
    note = _("需要你审批") if waiting else _("都处理完了")
    href = url_for("screens.inbox")
    yield Figure(_("待我处理"), number(waiting), note, href, "checklist", is_due=waiting > 0)
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


def _recent(act: Act, app: App) -> Iterator[Feed]:
    found: list[Brief] = []
    for form in visible_forms(act, app):
        if form.is_document:
            found += recent(act, form, SHOWN)
    latest = sorted(found, key=lambda brief: brief.updated_at, reverse=True)[:SHOWN]
    names = users.names(act.connection, [b.created_by for b in latest if b.created_by])
    for brief in latest:
        person = names.get(brief.created_by or 0, "")
        yield Feed(
            href=url_for(
                "screens.show_record",
                app_code=app.code,
                form_code=brief.form.code,
                record_id=brief.id,
            ),
            icon=brief.form.icon,
            form_label=label(brief.form.label),
            title=brief.title,
            amount=brief.amount,
            note=" · ".join(filter(None, (person, instant(brief.updated_at)))),
            status=status_text(brief.status),
            tone=status_tone(brief.status),
        )


def _creates(act: Act, app: App) -> Iterator[Entry]:
    for form in app.forms.values():
        if form.is_document and access.may(act.actor, "create", form):
            href = url_for("screens.new_record", app_code=app.code, form_code=form.code)
            yield Entry(label(form.label), href, form.icon)


def _first_steps(act: Act, app: App) -> Iterator[FirstStep]:
    """Three steps, as long as one of them is still to be done."""
    records = [form for form in visible_forms(act, app) if not form.is_document]
    papers = [form for form in visible_forms(act, app) if form.is_document]
    moved = any(_has_any(act, form, "posted", "approved") for form in papers)
    if moved or not papers:
        return
    new = next((form for form in papers if access.may(act.actor, "create", form)), None)
    yield FirstStep(
        _("准备资料"),
        _("商品、仓库、往来单位：一条条新建，或把现有的 Excel 表导进来。"),
        _("导入 Excel"),
        url_for("screens.new_import", app_code=app.code) if act.actor.is_admin else "",
        all(_has_any(act, form) for form in records),
    )
    yield FirstStep(
        _("填第一张单据"),
        _("先做一张入库，数量和金额边填边算。"),
        _("新建%(what)s", what=label(new.label)) if new else "",
        url_for("screens.new_record", app_code=app.code, form_code=new.code) if new else "",
        any(_has_any(act, form) for form in papers),
    )
    yield FirstStep(
        _("审批并过账"),
        _("提交以后由主管在待办里同意，库存随即变化。"),
        _("看待办"),
        url_for("screens.inbox"),
        moved,
    )


def _has_any(act: Act, form: Form, *statuses: str) -> bool:
    filters = (Filter("status", "any_of", statuses),) if statuses else ()
    return bool(query.page(act, form, PageRequest(filters=filters, size=1)).rows)
