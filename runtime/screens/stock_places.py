"""Stock by lot, serial number or bin: where it lies, and until when it is good."""

from collections.abc import Mapping
from typing import Literal, cast

from runtime.posting import datasets
from runtime.posting.datasets import StockPlace
from runtime.query.brief import Brief
from runtime.screens.book_room import Room
from runtime.screens.i18n import _, zone
from runtime.screens.stock_asked import ROWS, Asked
from runtime.screens.tables import Cell, Column, Empty, Line, Table, quantity_cell, right

By = Literal["lot", "serial", "bin"]


def by_place(room: Room, asked: Asked) -> Table:
    """Draw what there is by lot, serial number or bin."""
    rows = datasets.stock_places(
        room.act.connection, room.app.code, warehouse=asked.warehouse, by=cast(By, asked.by)
    )
    found = [row for row in rows if row.qty and getattr(row, asked.by)]
    if asked.search:
        wanted = room.searched(asked.search)
        found = [
            row for row in found if row.item in wanted or asked.search in (row.lot, row.serial)
        ]
    items = room.items({row.item for row in found})
    shown = [row for row in found if row.item in items]
    names = room.names({row.warehouse for row in shown})
    shown.sort(key=lambda row: (items[row.item].note, row.expiry or "9", getattr(row, asked.by)))
    has_expiry = any(row.expiry for row in shown)
    lines = tuple(
        _place_line(room, asked.by, row, items, names, has_expiry=has_expiry)
        for row in shown[:ROWS]
    )
    note = _("先显示前 %(n)s 行；搜索或选仓库可以缩小范围。", n=ROWS) if len(shown) > ROWS else ""
    columns = _place_columns(room, asked.by, has_expiry=has_expiry)
    return Table(_("库存"), columns, lines, _no_place(asked), note=note)


def _place_columns(room: Room, by: str, *, has_expiry: bool) -> tuple[Column, ...]:
    words = {"lot": _("批次"), "serial": _("序列号"), "bin": _("库位")}
    columns = [Column(words[by]), Column(room.item_label), Column(room.warehouse_label)]
    if has_expiry:
        columns.append(Column(_("有效期至"), "named"))
    return (*columns, right(_("现存量"), "amount"))


def _place_line(
    room: Room,
    by: str,
    row: StockPlace,
    items: Mapping[int, Brief],
    names: Mapping[int, str],
    *,
    has_expiry: bool,
) -> Line:
    name, brief = getattr(row, by), items[row.item]
    ledger = room.url("stock_ledger", item=row.item, warehouse=row.warehouse)
    href = ledger if by == "bin" else room.url("trace", item=row.item, key=name)
    cells = [Cell(name, href), Cell(brief.title, note=brief.note), Cell(names[row.warehouse])]
    if has_expiry:
        is_over = (
            bool(row.expiry) and row.expiry < room.act.now.astimezone(zone()).date().isoformat()
        )
        cells.append(Cell(row.expiry, css="neg" if is_over else ""))
    cells.append(quantity_cell(row.qty))
    return Line(f"{row.item}-{row.warehouse}-{name}", tuple(cells), href)


def _no_place(asked: Asked) -> Empty:
    words = {
        "lot": _("没有按批次管理的库存。"),
        "serial": _("没有按序列号管理的库存。"),
        "bin": _("没有放进库位的库存。"),
    }
    return Empty(words[asked.by], "filter" if asked.is_narrowed else "packages")
