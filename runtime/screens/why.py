"""Why a document's figures are what they are: its value entries with their causes, its journal."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask import Response

from runtime import access, query
from runtime.infra.errors import NotFound
from runtime.posting import datasets
from runtime.posting.datasets import JournalLine, WhyRow
from runtime.query.brief import Brief
from runtime.screens.acting import form_of, reading
from runtime.screens.book_room import Key, Paper, Room, opened, record_href
from runtime.screens.book_words import change_text, role_text
from runtime.screens.i18n import _, label, money
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.stock_ledger import cause_cell
from runtime.screens.tables import (
    BookPage,
    Cell,
    Column,
    Empty,
    Line,
    Sum,
    Tab,
    Table,
    amount_cell,
    right,
    total,
)


@permission("signed_in")
def why(app_code: str, form_code: str, record_id: int) -> Response:
    """Show the chain of value entries behind a document, and what it booked."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        # Who may view the document but not cost is refused as well: the verb alone is not enough.
        access.require(act.actor, "view", form)
        record = query.record(act, form, record_id)
        if record is None:
            raise NotFound
        room = opened(act, app_code, needs_cost=True)
        rows = datasets.why(act.connection, app_code, form_code, record_id)
        lines = datasets.journal(act.connection, app_code, form_code, record_id)
        page = BookPage(
            title=_("为什么是这个成本"),
            heading=record.title,
            base=room.url("why", form_code=form_code, record_id=record_id),
            note=label(form.label),
            crumbs=(
                (label(form.label), room.url("list_records", form_code=form_code)),
                (record.title, record_href(form, record_id)),
            ),
            sums=_sums(rows),
            tables=(
                _entries_table(room, (form_code, record_id), rows),
                _journal_table(room, lines),
            ),
            remark=_remark(rows),
            links=(Tab(_("打开单据"), record_href(form, record_id)),),
        )
        return render("book_page.html", "list", p=page)


def _sums(rows: Sequence[WhyRow]) -> tuple[Sum, ...]:
    if not rows:
        return ()
    own = total(row.amount for row in rows if row.kind == "original")
    later = total(row.amount for row in rows if row.kind != "original")
    return (
        Sum(_("过账时"), money(own)),
        Sum(_("以后的变动"), money(later)),
        Sum(_("现在"), money(own + later)),
    )


def _remark(rows: Sequence[WhyRow]) -> str:
    if not rows:
        return ""
    if all(row.kind == "original" for row in rows):
        return _("过账以后没有再变过。")
    return _(
        "先前的日期补进了别的单据，或费用、发票后到，成本就跟着重算；每一笔都写明是哪张单据引起的。"
    )


def _columns(room: Room) -> tuple[Column, ...]:
    return (
        Column(_("行")),
        Column(room.item_label),
        Column(room.warehouse_label),
        Column(_("日期")),
        Column(_("变动")),
        Column(_("原因")),
        right(_("金额变动"), "amount"),
    )


def _entries_table(room: Room, own: tuple[str, int], rows: Sequence[WhyRow]) -> Table:
    items = room.items({row.item for row in rows})
    shown = [row for row in rows if row.item in items]
    names = room.names({row.warehouse for row in shown})
    papers = room.papers((row.cause_form, row.cause_document) for row in shown)
    known = _Known(room, own, items, names, papers)
    lines = tuple(_entry(known, n, row) for n, row in enumerate(shown, 1))
    empty = Empty(_("这张单据还没有过账，账里没有它的金额。"), "clipboard-list")
    foot: tuple[Cell, ...] = ()
    if lines:
        foot = (Cell(_("合计")), *([Cell()] * 5), amount_cell(total(row.amount for row in shown)))
    return Table(_("价值变动"), _columns(room), lines, empty, foot=foot, has_title=True)


class _Known(NamedTuple):
    """What the entries of a document name."""

    room: Room
    own: tuple[str, int]
    items: Mapping[int, Brief]
    names: Mapping[int, str]
    papers: Mapping[Key, Paper]


def _entry(known: _Known, n: int, row: WhyRow) -> Line:
    chain = known.room.url("stock_chain", item=row.item, warehouse=row.warehouse)
    cells = (
        Cell(_("第 %(n)s 行", n=row.line + 1)),
        Cell(known.items[row.item].title, chain),
        Cell(known.names[row.warehouse]),
        Cell(row.date),
        Cell(f"{change_text(row.kind)} · {role_text(row.account)}"),
        cause_cell(known.own, (row.cause_form, row.cause_document), known.papers),
        amount_cell(row.amount),
    )
    return Line(str(n), cells)


def _journal_table(room: Room, rows: Sequence[JournalLine]) -> Table:
    columns = (
        Column(_("科目")),
        Column(_("用途")),
        Column(_("业务")),
        right(_("借方"), "named"),
        right(_("贷方"), "named"),
    )
    lines = tuple(
        Line(
            f"j{n}",
            (
                Cell(account_text(row.account, row.role)),
                Cell(role_text(row.role)),
                Cell(room.kind(row.kind) if row.kind else ""),
                Cell(money(row.amount) if row.amount > 0 else ""),
                Cell(money(-row.amount) if row.amount < 0 else ""),
            ),
        )
        for n, row in enumerate(rows, 1)
    )
    foot: tuple[Cell, ...] = ()
    if lines:
        debit = total(row.amount for row in rows if row.amount > 0)
        credit = total(-row.amount for row in rows if row.amount < 0)
        foot = (Cell(_("合计")), Cell(), Cell(), Cell(money(debit)), Cell(money(credit)))
    empty = Empty(_("没有分录：库存总额没有变。"), "book-2")
    return Table(_("会计分录"), columns, lines, empty, foot=foot, has_title=True)


def account_text(account: str, role: str) -> str:
    """Return an account; one no rule gives yet is called by its role."""
    return role_text(role) if account == role else account
