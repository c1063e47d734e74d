"""The trace of a lot or serial number: where it came from, where it went, every document linked."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from flask import Response

from runtime.posting import datasets
from runtime.posting.datasets import TraceRow
from runtime.query.brief import Brief
from runtime.screens.acting import reading
from runtime.screens.book_room import Key, Paper, Room, opened, paper_cell
from runtime.screens.book_words import kind_text
from runtime.screens.i18n import _, joined, number
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.stock_asked import id_asked, search_asked
from runtime.screens.tables import (
    BookPage,
    Box,
    Cell,
    Column,
    Empty,
    Line,
    Sum,
    Table,
    quantity_cell,
    right,
    total,
)

MOST_ITEMS: Final = 20


class _Known(NamedTuple):
    """What the rows of a trace name."""

    items: Mapping[int, Brief]
    names: Mapping[int, str]
    papers: Mapping[Key, Paper]
    parties: Mapping[str, Cell]


@permission("signed_in")
def trace(app_code: str) -> Response:
    """Show the way of a lot or serial number through the company, both directions."""
    with reading() as act:
        room = opened(act, app_code)
        key, item = search_asked("key"), id_asked("item")
        tables, sums = _found(room, key, item)
        page = BookPage(
            title=_("批次追溯"),
            base=room.url("trace"),
            crumbs=((_("库存"), room.url("stock")),),
            boxes=tuple(_boxes(key, item)),
            tables=tuple(tables),
            sums=tuple(sums),
        )
        return render("book_page.html", "list", p=page)


def _boxes(key: str, item: int | None) -> Sequence[Box]:
    hint = _("扫描或输入批次、序列号")
    box = Box("key", _("批次或序列号"), "scan", key, (("", _("追溯")),), hint)
    return [Box("item", "", "hidden", str(item)), box] if item is not None else [box]


def _found(room: Room, key: str, item: int | None) -> tuple[Sequence[Table], Sequence[Sum]]:
    if not key:
        text = _("扫一下条码，或输入批次号、序列号，就能看到它从哪里来、到哪里去。")
        return (Table(_("批次追溯"), _columns(room), (), Empty(text, "barcode")),), ()
    rows = _rows(room, key, item)
    items = room.items({row.item for row in rows})
    rows = [row for row in rows if row.item in items]
    if not rows:
        text = _("没有找到这个批次或序列号：%(key)s", key=key)
        return (Table(_("批次追溯"), _columns(room), (), Empty(text, "search")),), ()
    return _tables(room, rows, items), _sums(rows, items)


def _rows(room: Room, key: str, item: int | None) -> Sequence[TraceRow]:
    """Return the way of a lot; where no item is named, of every item that has one of that name."""
    connection, code = room.act.connection, room.app.code
    items = [item] if item is not None else datasets.items_of_lot(connection, code, key)
    return [row for one in items[:MOST_ITEMS] for row in datasets.trace(connection, code, one, key)]


def _sums(rows: Sequence[TraceRow], items: Mapping[int, Brief]) -> tuple[Sum, ...]:
    own = [row for row in rows if row.level == 0 and not row.is_undone]
    names = dict.fromkeys(items[row.item].title for row in rows if row.level == 0)
    on_hand = total(row.qty for row in own)
    parties = {row.party for row in rows if row.party}
    return (
        Sum(_("%(what)s · 现存量", what=joined(names)), number(on_hand)),
        Sum(_("单据"), number(len({(row.form, row.document) for row in rows}))),
        Sum(_("往来单位"), number(len(parties))),
    )


def _tables(room: Room, rows: Sequence[TraceRow], items: Mapping[int, Brief]) -> Sequence[Table]:
    papers = room.papers((row.form, row.document) for row in rows)
    names = room.names({row.warehouse for row in rows})
    parties = room.parties(row.party for row in rows)
    parts = (
        (_("从哪里来：用到的料"), [row for row in rows if row.level < 0]),
        (_("它自己的出入库"), [row for row in rows if row.level == 0]),
        (_("到哪里去：做成的产品"), [row for row in rows if row.level > 0]),
    )
    return [
        Table(
            title,
            _columns(room),
            tuple(
                _line(room, n, row, _Known(items, names, papers, parties))
                for n, row in enumerate(part)
            ),
            Empty(""),
            has_title=True,
        )
        for title, part in parts
        if part
    ]


def _columns(room: Room) -> tuple[Column, ...]:
    return (
        Column(_("单据")),
        Column(_("日期")),
        Column(_("往来单位")),
        Column(room.item_label),
        Column(_("批次或序列号")),
        Column(room.warehouse_label),
        right(_("数量"), "amount"),
    )


def _line(
    room: Room,
    n: int,
    row: TraceRow,
    known: _Known,
) -> Line:
    paper = known.papers[row.form, row.document]
    note = " · ".join(filter(None, (kind_text(row.kind), _("已作废") if row.is_undone else "")))
    name = " · ".join(filter(None, (row.lot, row.serial)))
    further = room.url("trace", item=row.item, key=row.serial or row.lot) if row.level else ""
    cells = (
        paper_cell(paper, note),
        Cell(row.date),
        known.parties[row.party],
        Cell(known.items[row.item].title, room.url("stock_ledger", item=row.item)),
        Cell(name, further),
        Cell(known.names[row.warehouse]),
        quantity_cell(row.qty, css="in" if row.qty > 0 else "out"),
    )
    return Line(f"{row.level}-{n}", cells, paper.href)
