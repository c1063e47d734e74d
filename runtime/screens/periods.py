"""The months of the books: what stands in the way of closing, closing, reopening with a reason."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Response, request, url_for

from runtime import query
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.infra.errors import AppError, ValidationFailed
from runtime.posting import acts, datasets
from runtime.posting.datasets import Period
from runtime.query import Filter, PageRequest
from runtime.screens.acting import carry_out, reading
from runtime.screens.book_room import Room, opened
from runtime.screens.errors import texts
from runtime.screens.i18n import _, instant, label, number, zone
from runtime.screens.lists.state import write_filter
from runtime.screens.render import go, render
from runtime.screens.routes import permission
from runtime.screens.stock_summary import month_span
from runtime.screens.tables import Sum

MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
LONGEST_REASON: Final = 500
UNPOSTED: Final = ("draft", "submitted", "rejected")
SHOWN: Final = 8


@dataclass(frozen=True)
class Check:
    """One thing to look at before a month is closed: fine, worth a look, or in the way."""

    tone: str
    icon: str
    text: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Month:
    """A month as the page shows it."""

    ym: str
    is_closed: bool
    postings: str
    by: str
    at: str
    digest: str
    reason: str
    summary_href: str
    may_reopen: bool


@permission("admin")
def periods(app_code: str) -> Response:
    """Show the months of the books and what stands in the way of closing the next."""
    with reading() as act:
        return _page(opened(act, app_code))


@permission("admin")
def close_period(app_code: str) -> Any:
    """Close a month."""
    ym = _month()
    return _done(app_code, "closed", ym, lambda act: acts.close_period(act, app_code, ym))


@permission("admin")
def reopen_period(app_code: str) -> Any:
    """Open the last closed month again; the reason stays in the books."""
    ym, reason = _month(), request.form.get("reason", "").strip()
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise ValidationFailed
    return _done(
        app_code, "reopened", ym, lambda act: acts.reopen_period(act, app_code, ym, reason)
    )


def _month() -> str:
    ym = request.form.get("ym", "")
    if not MONTH.fullmatch(ym):
        raise ValidationFailed
    return ym


def _done(app_code: str, what: str, ym: str, work: Callable[[Act], object]) -> Any:
    try:
        carry_out(work)
    except AppError as refusal:
        with reading() as act:
            return _page(opened(act, app_code), texts(refusal), refusal.status)
    return go("screens.periods", app_code=app_code, done=what, ym=ym)


def _page(room: Room, problems: Sequence[str] = (), status: int = 200) -> Response:
    rows = datasets.periods(room.act.connection, room.app.code)
    months = tuple(_months(room, rows))
    open_rows = sorted(row.ym for row in rows if row.state == "open")
    next_ym = open_rows[0] if open_rows else ""
    closed = max((row.ym for row in rows if row.state == "closed"), default="")
    return render(
        "periods.html",
        status=status,
        months=months,
        next_ym=next_ym,
        checks=tuple(_checks(room, next_ym)) if next_ym else (),
        sums=(
            Sum(_("已结到"), closed or "—"),
            Sum(_("下一个要结的月份"), next_ym or "—"),
        ),
        close_url=room.url("close_period"),
        reopen_url=room.url("reopen_period"),
        problems=problems,
        said=_said(),
    )


def _said() -> str:
    ym = request.args.get("ym", "")
    if not MONTH.fullmatch(ym):
        return ""
    words = {"closed": _("%(ym)s 已结账。", ym=ym), "reopened": _("%(ym)s 已重新打开。", ym=ym)}
    return words.get(request.args.get("done", ""), "")


def _months(room: Room, rows: Sequence[Period]) -> Iterator[Month]:
    latest = max((row.ym for row in rows if row.state == "closed"), default="")
    for row in sorted(rows, key=lambda row: row.ym, reverse=True):
        first, last = month_span(row.ym)
        yield Month(
            ym=row.ym,
            is_closed=row.state == "closed",
            postings=number(row.n_postings),
            by=row.by,
            at=said_at(row.closed_at),
            digest=row.digest,
            reason=row.reason,
            summary_href=room.url("in_out_summary", first=first, last=last),
            may_reopen=row.ym == latest,
        )


def said_at(text: str) -> str:
    """Return an instant of the books the way people say it."""
    try:
        return instant(datetime.fromisoformat(text))
    except ValueError:
        return text


def _checks(room: Room, ym: str) -> Iterator[Check]:
    yield Check("ok", "circle-check", _("之前的月份都已结账"))
    yield _is_over(room, ym)
    yield _short_stock(room, ym)
    yield from _unposted(room, ym)


def _is_over(room: Room, ym: str) -> Check:
    today = room.act.now.astimezone(zone()).date()
    if month_span(ym)[1] < today:
        return Check("ok", "circle-check", _("这个月已经过完"))
    return Check("warn", "alert-triangle", _("这个月还没有过完，结账以后不能再补这个月的单据"))


def _short_stock(room: Room, ym: str) -> Check:
    last = month_span(ym)[1]
    rows = datasets.stock_on_hand(room.act.connection, room.app.code, as_of=last)
    short = [row for row in rows if row.qty < 0]
    if not short:
        return Check("ok", "circle-check", _("月末没有负库存"))
    items, names = room.items({row.item for row in short}), room.names({r.warehouse for r in short})
    links = tuple(
        (
            f"{items[row.item].title} · {names[row.warehouse]} {number(row.qty)}",
            room.url("stock_ledger", item=row.item, warehouse=row.warehouse),
        )
        for row in short[:SHOWN]
        if row.item in items
    )
    rules = datasets.rules(room.act.connection, room.app.code)
    text = _("月末有 %(n)s 处负库存", n=number(len(short)))
    if rules.get("close_negative") == "allow":
        return Check("warn", "alert-triangle", text, links)
    return Check("err", "alert-circle", text, links)


def _unposted(room: Room, ym: str) -> Iterator[Check]:
    first, last = month_span(ym)
    links = []
    for form in room.app.forms.values():
        if form.posting is None or not form.is_document:
            continue
        span = Filter(form.posting.date, "between", (first.isoformat(), last.isoformat()))
        total = _count(room.act, form, span)
        if total:
            text = f"{label(form.label)} {number(total)}"
            links.append((text, _list_href(form, span)))
    if links:
        text = _("还有没过账的单据，结账以后它们要改日期才能过账")
        yield Check("warn", "alert-triangle", text, tuple(links))
    else:
        yield Check("ok", "circle-check", _("这个月的单据都过账了"))


def _count(act: Act, form: Form, span: Filter) -> int:
    filters = (span, Filter("status", "any_of", UNPOSTED))
    return query.count(act, form, PageRequest(filters=filters))


def _list_href(form: Form, span: Filter) -> str:
    return url_for(
        "screens.list_records",
        app_code=form.app_code,
        form_code=form.code,
        f=write_filter(span),
    )
