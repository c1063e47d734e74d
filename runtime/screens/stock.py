"""Stock on hand: by item and warehouse, by lot, serial number or bin, and as it was on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flask import Response, url_for

from runtime import access
from runtime.compile import App
from runtime.infra.act import Act
from runtime.posting import datasets
from runtime.posting.datasets import StockOnHand, StockStatus
from runtime.screens.acting import reading
from runtime.screens.book_room import Room, opened
from runtime.screens.i18n import _, label, money, number, zone
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.stock_asked import ROWS, Asked, item_box, stock_asked, warehouse_box
from runtime.screens.stock_items import by_item
from runtime.screens.stock_places import by_place
from runtime.screens.tables import (
    BookPage,
    Box,
    Cell,
    Column,
    Empty,
    Line,
    Sum,
    Tab,
    Table,
    amount_cell,
    cost_cell,
    quantity_cell,
    right,
    total,
)

ZERO: Final = Decimal(0)


@dataclass(frozen=True)
class Totals:
    """The sums over everything on hand."""

    items: int
    qty: Decimal
    value: Decimal


@permission("signed_in")
def stock(app_code: str) -> Response:
    """Show what is on hand, by item and warehouse or by lot, serial number or bin."""
    with reading() as act:
        room, asked = opened(act, app_code), stock_asked()
        sums: tuple[Sum, ...] = ()
        if asked.by == "item":
            table = by_item(room, asked)
        elif asked.by:
            table = by_place(room, asked)
        else:
            table, sums = _by_warehouse(room, asked)
        page = BookPage(
            title=_("库存"),
            base=room.url("stock", by=asked.by),
            note=_as_of(act, asked),
            tabs=stock_tabs(room, asked.by or "warehouse"),
            boxes=tuple(_boxes(room, asked)),
            sums=sums,
            tables=(table,),
        )
        return render("book_page.html", "list", p=page)


def stock_tabs(room: Room, current: str) -> tuple[Tab, ...]:
    """Return the ways to look at what is on hand."""
    words = {
        "warehouse": _("按仓库"), "item": _("按商品"), "lot": _("按批次"),
        "serial": _("按序列号"), "bin": _("按库位"),
    }  # fmt: skip
    return tuple(
        Tab(text, room.url("stock", by="" if code == "warehouse" else code), code == current)
        for code, text in words.items()
    )


def on_hand_totals(act: Act, app: App) -> Totals:
    """Return the sums over everything on hand."""
    rows = datasets.stock_on_hand(act.connection, app.code)
    return Totals(
        items=len({row.item for row in rows if row.qty}),
        qty=total(row.qty for row in rows),
        value=total(row.value for row in rows),
    )


def _as_of(act: Act, asked: Asked) -> str:
    if asked.day is not None:
        return _("%(day)s 日终", day=asked.day.isoformat())
    return _("截至 %(clock)s", clock=act.now.astimezone(zone()).strftime("%H:%M"))


def _boxes(room: Room, asked: Asked) -> Sequence[Box]:
    boxes = [item_box(asked.search)]
    if asked.by != "item":
        boxes.append(warehouse_box(room, asked.warehouse))
    if asked.by:
        return [Box("by", "", "hidden", asked.by), *boxes]
    day = asked.day.isoformat() if asked.day else ""
    return [*boxes, Box("as_of", _("截至"), "date", day)]


def _by_warehouse(room: Room, asked: Asked) -> tuple[Table, tuple[Sum, ...]]:
    rows = datasets.stock_on_hand(
        room.act.connection, room.app.code, warehouse=asked.warehouse, as_of=asked.day
    )
    found = [row for row in rows if row.qty or row.value]
    if asked.search:
        wanted = room.searched(asked.search)
        found = [row for row in found if row.item in wanted]
    return _OnHand(room, asked, found).drawn()


class _OnHand:
    """Draws stock by item and warehouse; columns nothing stands in are left out."""

    def __init__(self, room: Room, asked: Asked, found: Sequence[StockOnHand]) -> None:
        self.room, self.asked = room, asked
        self.items = room.items({row.item for row in found})
        self.rows = [row for row in found if row.item in self.items]
        self.names = room.names({row.warehouse for row in self.rows})
        self.status = {} if asked.day else _status(room, self.rows)
        self.has_owner = any(row.owner for row in self.rows)
        self.owners = room.parties(row.owner for row in self.rows)
        self.has_reserved = any(one.reserved for one in self.status.values())
        self.rows.sort(key=self._place)

    def drawn(self) -> tuple[Table, tuple[Sum, ...]]:
        """Return the table and the sums above it."""
        columns = tuple(self._columns())
        lines = tuple(self._line(row) for row in self.rows[:ROWS])
        note = ""
        if len(self.rows) > ROWS:
            note = _("先显示前 %(n)s 行，合计是全部的；搜索或选仓库可以缩小范围。", n=ROWS)
        foot = self._foot() if lines else ()
        table = Table(
            _("库存"), columns, lines, _nothing(self.room, self.asked), foot=foot, note=note
        )
        return table, self._sums() if lines else ()

    def _place(self, row: StockOnHand) -> tuple[str, ...]:
        brief = self.items[row.item]
        return brief.note, brief.title, self.names[row.warehouse], row.owner

    def _columns(self) -> Sequence[Column]:
        room = self.room
        columns = [Column(room.item_label), Column(room.warehouse_label)]
        if self.has_owner:
            columns.append(Column(_("货主")))
        qty_place = "named" if room.shows_value else "amount"
        columns.append(right(_("现存量"), qty_place))
        if not self.asked.day:
            columns.append(right(_("可用量"), "named"))
        if self.has_reserved:
            columns.append(right(_("预留"), "named"))
        if room.shows_value:
            columns += [right(_("单位成本"), "more"), right(_("库存金额"), "amount")]
        return columns

    def _line(self, row: StockOnHand) -> Line:
        room, where = self.room, {"item": row.item, "warehouse": row.warehouse}
        ledger = room.url("stock_ledger", **where)
        cells = [room.item_cell(self.items[row.item], ledger), Cell(self.names[row.warehouse])]
        if self.has_owner:
            cells.append(self.owners[row.owner] if row.owner else Cell(_("自有")))
        cells.append(quantity_cell(row.qty))
        if not self.asked.day:
            cells += self._standing(row)
        if room.shows_value:
            cells.append(cost_cell(row.unit_cost, href=room.url("stock_layers", **where)))
            cells.append(amount_cell(row.value, href=room.url("stock_chain", **where)))
        key = f"{row.item}-{row.warehouse}" + (f"-{row.owner}" if row.owner else "")
        return Line(key, tuple(cells), ledger)

    def _standing(self, row: StockOnHand) -> Sequence[Cell]:
        is_own = not row.owner
        standing = self.status.get((row.item, row.warehouse)) if is_own else None
        available = standing.available if standing else row.qty
        css = "neg" if available <= 0 else ""
        free = self.room.url("stock_available", item=row.item, warehouse=row.warehouse)
        cells = [quantity_cell(available, css=css, href=free)]
        if self.has_reserved:
            held = standing.reserved if standing else ZERO
            cells.append(quantity_cell(held, href=self.room.url("reservations", item=row.item)))
        return cells

    def _foot(self) -> tuple[Cell, ...]:
        # Quantities of different items are not added up: pieces and litres make no sum.
        is_one = len({row.item for row in self.rows}) == 1
        cells = [Cell(_("合计")), *([Cell()] * (2 if self.has_owner else 1))]
        blank = Cell()
        cells.append(quantity_cell(total(row.qty for row in self.rows)) if is_one else blank)
        if not self.asked.day:
            cells += self._standing_sums(is_one=is_one)
        if self.room.shows_value:
            cells += [blank, amount_cell(total(row.value for row in self.rows))]
        return tuple(cells)

    def _standing_sums(self, *, is_one: bool) -> Sequence[Cell]:
        known = [self.status.get((row.item, row.warehouse)) for row in self.rows if not row.owner]
        standing = [one for one in known if one is not None]
        sums = [total(one.available for one in standing)]
        if self.has_reserved:
            sums.append(total(one.reserved for one in standing))
        return [quantity_cell(value) if is_one else Cell() for value in sums]

    def _sums(self) -> tuple[Sum, ...]:
        items = len({row.item for row in self.rows})
        sums = [Sum(_("商品"), number(items))]
        if items == 1:
            sums.append(Sum(_("现存量"), number(total(row.qty for row in self.rows))))
        if self.room.shows_value:
            sums.append(Sum(_("库存金额"), money(total(row.value for row in self.rows))))
        return tuple(sums)


def _status(room: Room, found: Sequence[StockOnHand]) -> Mapping[tuple[int, int], StockStatus]:
    by_warehouse: dict[int, set[int]] = {}
    for row in found:
        by_warehouse.setdefault(row.warehouse, set()).add(row.item)
    connection, code = room.act.connection, room.app.code
    return {
        (item, warehouse): standing
        for warehouse, items in by_warehouse.items()
        for item, standing in datasets.stock_status(connection, code, items, warehouse).items()
    }


def _nothing(room: Room, asked: Asked) -> Empty:
    if asked.is_narrowed:
        return Empty(_("没有符合条件的库存。"), "filter", room.url("stock"), _("清除条件"))
    text = _("还没有库存。收货单据过账以后，这里就有数量和金额。")
    for form in room.app.forms.values():
        rule = form.posting
        if rule and rule.command == "receive" and access.may(room.act.actor, "create", form):
            href = url_for("screens.new_record", app_code=room.app.code, form_code=form.code)
            return Empty(text, "packages", href, _("新建%(what)s", what=label(form.label)))
    return Empty(text, "packages")
