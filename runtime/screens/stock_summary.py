"""What came in and went out in a span of days (收发存汇总), and what is held for somebody."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from flask import Response

from runtime.posting import datasets
from runtime.posting.datasets import InOut, ReservationRow
from runtime.query.brief import Brief
from runtime.screens.acting import reading
from runtime.screens.book_room import Key, Paper, Room, opened, paper_cell
from runtime.screens.i18n import _, money, zone
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.stock_asked import (
    ROWS,
    day_asked,
    id_asked,
    item_box,
    search_asked,
    warehouse_box,
)
from runtime.screens.tables import (
    BookPage,
    Box,
    Cell,
    Column,
    Empty,
    Line,
    Sum,
    Table,
    amount_cell,
    quantity_cell,
    right,
    total,
)


@permission("signed_in")
def in_out_summary(app_code: str) -> Response:
    """Show opening, in, out and closing of every item in a span of days."""
    with reading() as act:
        room = opened(act, app_code)
        first, last = _span(act.now.astimezone(zone()).date())
        search, warehouse = search_asked(), id_asked("warehouse")
        rows = datasets.in_out_summary(act.connection, app_code, first, last, warehouse=warehouse)
        if search:
            wanted = room.searched(search)
            rows = [row for row in rows if row.item in wanted]
        table, sums = _drawn(room, rows)
        page = BookPage(
            title=_("收发存汇总"),
            base=room.url("in_out_summary"),
            note=_("%(low)s 到 %(high)s", low=first.isoformat(), high=last.isoformat()),
            crumbs=((_("库存"), room.url("stock")),),
            boxes=(
                item_box(search),
                warehouse_box(room, warehouse),
                Box("first", _("从"), "date", first.isoformat()),
                Box("last", _("到"), "date", last.isoformat()),
            ),
            tables=(table,),
            sums=sums,
        )
        return render("book_page.html", "list", p=page)


def _span(today: date) -> tuple[date, date]:
    """Return the days asked for, else the month so far; turned round where they stand wrong."""
    last = day_asked("last") or today
    first = day_asked("first") or last.replace(day=1)
    return (first, last) if first <= last else (last, first)


def month_span(ym: str) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    first = date.fromisoformat(f"{ym}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _drawn(room: Room, rows: Sequence[InOut]) -> tuple[Table, tuple[Sum, ...]]:
    items = room.items({row.item for row in rows})
    shown = [row for row in rows if row.item in items and _has_figures(row)]
    names = room.names({row.warehouse for row in shown})
    shown.sort(key=lambda row: (items[row.item].note, items[row.item].title, names[row.warehouse]))
    lines = tuple(_line(room, row, items, names) for row in shown[:ROWS])
    empty = Empty(_("这段时间没有库存，也没有出入库。"), "clipboard-list")
    note = _("先显示前 %(n)s 行，合计是全部的。", n=ROWS) if len(shown) > ROWS else ""
    foot = _foot(shown) if lines and room.shows_value else ()
    table = Table(_("收发存汇总"), _columns(room), lines, empty, foot=foot, note=note)
    sums = _sums(shown) if lines and room.shows_value else ()
    return table, sums


def _has_figures(row: InOut) -> bool:
    return any((
        row.opening_qty, row.opening_value, row.in_qty, row.in_value, row.out_qty, row.out_value,
    ))  # fmt: skip


def _columns(room: Room) -> tuple[Column, ...]:
    columns = [Column(room.item_label), Column(room.warehouse_label)]
    words = (_("期初"), _("收入"), _("发出"), _("结存"))
    for word in words:
        is_last = word == words[-1]
        columns.append(right(word, "named"))
        if room.shows_value:
            amount = _("%(what)s金额", what=word)
            columns.append(right(amount, "amount" if is_last else "more"))
    return tuple(columns)


def _line(room: Room, row: InOut, items: Mapping[int, Brief], names: Mapping[int, str]) -> Line:
    ledger = room.url("stock_ledger", item=row.item, warehouse=row.warehouse)
    chain = room.url("stock_chain", item=row.item, warehouse=row.warehouse)
    cells = [room.item_cell(items[row.item], ledger), Cell(names[row.warehouse])]
    for qty, value in (
        (row.opening_qty, row.opening_value),
        (row.in_qty, row.in_value),
        (abs(row.out_qty), abs(row.out_value)),
        (row.closing_qty, row.closing_value),
    ):
        cells.append(quantity_cell(qty))
        if room.shows_value:
            cells.append(amount_cell(value, href=chain if value is row.closing_value else ""))
    return Line(f"{row.item}-{row.warehouse}", tuple(cells), ledger)


def _foot(rows: Sequence[InOut]) -> tuple[Cell, ...]:
    sums = (
        total(row.opening_value for row in rows),
        total(row.in_value for row in rows),
        total(abs(row.out_value) for row in rows),
        total(row.closing_value for row in rows),
    )
    pairs = (cell for value in sums for cell in (Cell(), amount_cell(value)))
    return (Cell(_("合计")), Cell(), *pairs)


def _sums(rows: Sequence[InOut]) -> tuple[Sum, ...]:
    return (
        Sum(_("期初金额"), money(total(row.opening_value for row in rows))),
        Sum(_("收入金额"), money(total(row.in_value for row in rows))),
        Sum(_("发出金额"), money(total(abs(row.out_value) for row in rows))),
        Sum(_("结存金额"), money(total(row.closing_value for row in rows))),
    )


@permission("signed_in")
def reservations(app_code: str) -> Response:
    """Show what is held for somebody, and what is left of it."""
    with reading() as act:
        room = opened(act, app_code)
        item, warehouse = id_asked("item"), id_asked("warehouse")
        rows = datasets.reservations(act.connection, app_code, item=item, warehouse=warehouse)
        items = room.items({row.item for row in rows})
        shown = [row for row in rows if row.item in items][:ROWS]
        names = room.names({row.warehouse for row in shown})
        papers = room.papers((row.form, row.document) for row in shown)
        lines = tuple(_held(room, row, items, names, papers) for row in shown)
        columns = (
            Column(_("单据")),
            Column(room.item_label),
            Column(room.warehouse_label),
            Column(_("保留到"), "named"),
            right(_("预留"), "named"),
            right(_("还剩"), "amount"),
        )
        boxes = [warehouse_box(room, warehouse)]
        if item is not None:
            boxes.insert(0, Box("item", "", "hidden", str(item)))
        empty = Empty(_("没有预留的库存。"), "lock", room.url("stock"), _("回到库存"))
        page = BookPage(
            title=_("预留"),
            base=room.url("reservations"),
            crumbs=((_("库存"), room.url("stock")),),
            boxes=tuple(boxes),
            tables=(Table(_("预留"), columns, lines, empty),),
        )
        return render("book_page.html", "list", p=page)


def _held(
    room: Room,
    row: ReservationRow,
    items: Mapping[int, Brief],
    names: Mapping[int, str],
    papers: Mapping[Key, Paper],
) -> Line:
    paper = papers.get((row.form, row.document)) if row.document is not None else None
    brief = items[row.item]
    ledger = room.url("stock_ledger", item=row.item, warehouse=row.warehouse)
    cells = (
        paper_cell(paper, row.lot) if paper else Cell(row.key, note=row.lot),
        Cell(brief.title, ledger, note=brief.note),
        Cell(names[row.warehouse]),
        Cell(row.expires),
        quantity_cell(row.qty),
        quantity_cell(row.pending),
    )
    return Line(row.key, cells, paper.href if paper else "")
