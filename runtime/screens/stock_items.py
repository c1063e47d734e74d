"""Stock by item over all warehouses: on hand, reserved, in transit, on order, available."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from sqlalchemy import select

from runtime.compile import Form
from runtime.posting import datasets
from runtime.posting.datasets import StockStatus
from runtime.query.brief import Brief
from runtime.screens.book_room import Room
from runtime.screens.i18n import _
from runtime.screens.stock_asked import ROWS, Asked
from runtime.screens.tables import (
    Cell,
    Column,
    Empty,
    Line,
    Table,
    amount_cell,
    quantity_cell,
    right,
    total,
)


def by_item(room: Room, asked: Asked) -> Table:
    """Draw how every item stands, all its warehouses together."""
    connection, code = room.act.connection, room.app.code
    values: dict[int, Decimal] = {}
    for row in datasets.stock_on_hand(connection, code):
        values[row.item] = values.get(row.item, Decimal(0)) + row.value
    wanted = room.searched(asked.search) if asked.search else values.keys()
    items = room.items({item for item in values if item in wanted})
    status = datasets.stock_status(connection, code, items, transit=transit_warehouses(room))
    shown = sorted(items, key=lambda item: (items[item].note, items[item].title))
    lines = tuple(_line(room, items[item], status[item], values[item]) for item in shown[:ROWS])
    note = _("先显示前 %(n)s 行；搜索可以缩小范围。", n=ROWS) if len(shown) > ROWS else ""
    foot: tuple[Cell, ...] = ()
    if lines and room.shows_value:
        blanks = [Cell()] * 5
        foot = (Cell(_("合计")), *blanks, amount_cell(total(values[item] for item in shown)))
    empty = Empty(_("没有符合条件的库存。"), "filter", room.url("stock", by="item"), _("清除条件"))
    return Table(_("库存"), tuple(_columns(room)), lines, empty, foot=foot, note=note)


def transit_warehouses(room: Room) -> Sequence[int]:
    """Return where goods are under way: the places first steps of a transfer in two have led to."""
    found: set[int] = set()
    for form in _first_steps(room):
        path = form.posting.to_warehouse if form.posting else None
        field = form.by_code.get(path or "")
        if field is not None and field.column is not None:
            is_posted = form.table.c.status == "posted"
            query = select(field.column).where(is_posted, field.column.is_not(None)).distinct()
            found.update(room.act.connection.execute(query).scalars())
    return sorted(found)


def _first_steps(room: Room) -> Iterator[Form]:
    """Yield the forms that a second step of a transfer points at."""
    for form in room.app.forms.values():
        rule = form.posting
        if rule is None or rule.command != "transfer" or not rule.source:
            continue
        lines, _dot, code = rule.source.rpartition(".")
        fields = form.lines_of(lines).by_code if lines else form.by_code
        yield form.target(fields[code])


def _columns(room: Room) -> Sequence[Column]:
    columns = [
        Column(room.item_label),
        right(_("现存量"), "named"),
        right(_("预留"), "named"),
        right(_("在途"), "named"),
        right(_("在订"), "named"),
        right(_("可用量"), "named" if room.shows_value else "amount"),
    ]
    return [*columns, right(_("库存金额"), "amount")] if room.shows_value else columns


def _line(room: Room, brief: Brief, standing: StockStatus, value: Decimal) -> Line:
    ledger = room.url("stock_ledger", item=brief.id)
    free = room.url("stock_available", item=brief.id)
    held = room.url("reservations", item=brief.id) if standing.reserved else ""
    cells = [
        room.item_cell(brief, ledger),
        quantity_cell(standing.on_hand),
        quantity_cell(standing.reserved, href=held),
        quantity_cell(standing.in_transit),
        quantity_cell(standing.on_order),
        quantity_cell(standing.available, href=free),
    ]
    if room.shows_value:
        cells.append(amount_cell(value, href=room.url("stock_chain", item=brief.id)))
    return Line(str(brief.id), tuple(cells), ledger)
