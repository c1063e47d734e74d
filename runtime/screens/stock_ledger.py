"""The pages of one item: ledger, cost layers, how its value came about, what is free."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from flask import Response, request

from runtime.infra.errors import NotFound
from runtime.posting import datasets
from runtime.posting.datasets import CostStep, StockLayer, StockLedgerRow
from runtime.query.brief import Brief
from runtime.screens.acting import reading
from runtime.screens.book_room import Key, Paper, Room, opened, paper_cell, record_href
from runtime.screens.book_words import change_text, kind_text, method_text, role_text
from runtime.screens.i18n import _, money, number
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.stock_asked import id_asked, warehouse_box
from runtime.screens.stock_items import transit_warehouses
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
    unit_cost,
)

LEDGER_PAGE: Final = 50
CHAIN_ROWS: Final = 300


class ItemRoom:
    """The pages of one item, perhaps in one warehouse."""

    def __init__(self, room: Room) -> None:
        item = id_asked("item")
        if item is None:
            raise NotFound
        brief = room.items([item]).get(item)
        if brief is None:
            raise NotFound
        self.room, self.item, self.brief = room, item, brief
        self.warehouse = id_asked("warehouse")

    def page(
        self, current: str, title: str, tables: Sequence[Table], sums: Sequence[Sum]
    ) -> Response:
        """Draw one of the item's pages."""
        return render("book_page.html", "list", p=self.drawn(current, title, tables, sums))

    def drawn(
        self,
        current: str,
        title: str,
        tables: Sequence[Table],
        sums: Sequence[Sum],
        remark: str = "",
    ) -> BookPage:
        """Return a page of the item: its name, the pages beside it, the box for the warehouse."""
        brief: Brief = self.brief
        return BookPage(
            title=title,
            heading=brief.title,
            base=self.room.url(current),
            note=brief.note,
            crumbs=((_("库存"), self.room.url("stock")),),
            tabs=tuple(self._tabs(current)),
            boxes=(
                Box("item", "", "hidden", str(self.item)),
                warehouse_box(self.room, self.warehouse),
            ),
            sums=tuple(sums),
            tables=tuple(tables),
            remark=remark,
            links=(Tab(_("打开资料"), record_href(self.room.item, self.item)),),
        )

    def url(self, endpoint: str, **values: object) -> str:
        """Return the address of a page of this item."""
        return self.room.url(endpoint, item=self.item, warehouse=self.warehouse, **values)

    def on_hand(self) -> tuple[Sum, ...]:
        """Return what there is, and what it is worth to whom that is shown."""
        rows = datasets.stock_on_hand(
            self.room.act.connection, self.room.app.code, item=self.item, warehouse=self.warehouse
        )
        qty, value = total(row.qty for row in rows), total(row.value for row in rows)
        sums = [Sum(_("现存量"), number(qty))]
        if self.room.shows_value:
            cost = unit_cost(value / qty if qty else None)
            sums.append(Sum(_("库存金额"), money(value), self.url("stock_chain")))
            sums.append(Sum(_("单位成本"), cost, self.url("stock_layers")))
        return tuple(sums)

    def _tabs(self, current: str) -> Iterator[Tab]:
        pages = {"stock_ledger": _("台账"), "stock_available": _("可用量")}
        if self.room.shows_value:
            pages |= {"stock_layers": _("成本层"), "stock_chain": _("为什么是这个成本")}
        for endpoint, text in pages.items():
            yield Tab(text, self.url(endpoint), endpoint == current)


@permission("signed_in")
def stock_ledger(app_code: str) -> Response:
    """Show every movement of an item, the balance after each."""
    after = request.args.get("after", "")[:100]
    with reading() as act:
        here = ItemRoom(opened(act, app_code))
        found = datasets.stock_ledger(
            act.connection,
            app_code,
            here.item,
            here.warehouse,
            after=after or None,
            limit=LEDGER_PAGE + 1,
        )
        shown, more = found[:LEDGER_PAGE], len(found) > LEDGER_PAGE
        table = Table(
            _("库存台账"),
            tuple(_ledger_columns(here.room)),
            tuple(_ledger_lines(here, shown)),
            Empty(
                _("这个商品还没有出入库。"), "clipboard-list", here.room.url("stock"), _("回到库存")
            ),
            note=_("每一行都来自一张已过账的单据，只增不改。"),
            first=here.url("stock_ledger") if after else "",
            next=here.url("stock_ledger", after=shown[-1].after) if more else "",
        )
        return here.page("stock_ledger", _("库存台账"), (table,), here.on_hand())


@permission("signed_in")
def stock_layers(app_code: str) -> Response:
    """Show of which receipts what is on hand consists, each part with its own cost."""
    with reading() as act:
        here = ItemRoom(opened(act, app_code, needs_cost=True))
        tables = [_layers_table(here, key, name) for key, name in _warehouses(here)]
        shown = [table for table in tables if table.lines]
        if not shown:
            empty = Empty(_("现在没有库存，也就没有成本层。"), "packages")
            shown = [Table(_("成本层"), _layer_columns(), (), empty)]
        method = _method(here)
        remark = _("计价方法：%(method)s。", method=method) if method else ""
        page = here.drawn("stock_layers", _("成本层"), shown, here.on_hand(), remark)
        return render("book_page.html", "list", p=page)


@permission("signed_in")
def stock_chain(app_code: str) -> Response:
    """Show by which bookings today's value came about, the newest first."""
    with reading() as act:
        here = ItemRoom(opened(act, app_code, needs_cost=True))
        tables = [_chain_table(here, key, name) for key, name in _warehouses(here)]
        shown = [table for table in tables if table.lines]
        if not shown:
            empty = Empty(_("这个商品还没有价值变动。"), "clipboard-list")
            shown = [Table(_("为什么是这个成本"), _chain_columns(), (), empty)]
        remark = _("每一行是账里的一笔价值变动，从最近的往前排；点单据可以看到原因。")
        page = here.drawn("stock_chain", _("为什么是这个成本"), shown, here.on_hand(), remark)
        return render("book_page.html", "list", p=page)


@permission("signed_in")
def stock_available(app_code: str) -> Response:
    """Show how much can still leave, today and on each later day that changes it."""
    with reading() as act:
        here = ItemRoom(opened(act, app_code))
        room, code = here.room, here.room.app.code
        standing = datasets.stock_status(
            act.connection, code, [here.item], here.warehouse, transit=transit_warehouses(room)
        )
        sums: list[Sum] = []
        if here.item in standing:
            one = standing[here.item]
            sums = [
                Sum(_("现存量"), number(one.on_hand)),
                Sum(_("预留"), number(one.reserved)),
                Sum(_("在途"), number(one.in_transit)),
                Sum(_("可用量"), number(one.available)),
            ]
        tables = [_dates_table(here, key, name) for key, name in _warehouses(here)]
        remark = _("到那一天为止最多还能出多少，而以后的单据不会缺货。")
        shown = [table for table in tables if table.lines]
        if not shown:
            empty = Empty(_("现在没有可用的库存。"), "packages", room.url("stock"), _("回到库存"))
            shown = [Table(_("可用量"), _date_columns(), (), empty)]
        page = here.drawn("stock_available", _("可用量"), shown, sums, remark)
        return render("book_page.html", "list", p=page)


def _warehouses(here: ItemRoom) -> Sequence[tuple[int, str]]:
    room = here.room
    if here.warehouse is not None:
        return tuple(room.names([here.warehouse]).items())
    rows = datasets.stock_on_hand(room.act.connection, room.app.code, item=here.item)
    return sorted(room.names({row.warehouse for row in rows}).items())


def _method(here: ItemRoom) -> str:
    versions = datasets.policies(here.room.act.connection, here.room.app.code, here.item)
    return method_text(versions[-1].method) if versions else ""


def _ledger_columns(room: Room) -> Iterator[Column]:
    yield Column(_("单据"))
    yield Column(_("日期"))
    yield Column(room.warehouse_label)
    yield right(_("入库"), "amount")
    yield right(_("出库"), "amount")
    yield right(_("结存数量"), "named")
    if room.shows_value:
        yield right(_("金额变动"), "more")
        yield right(_("结存金额"), "more")


def _ledger_lines(here: ItemRoom, found: Sequence[StockLedgerRow]) -> Iterator[Line]:
    room = here.room
    papers = room.papers((row.form, row.document) for row in found)
    names = room.names({row.warehouse for row in found})
    for row in found:
        paper = papers[row.form, row.document]
        lots = " · ".join(filter(None, (row.lot, row.serial, row.bin)))
        undone = _("已作废") if row.is_undone else ""
        note = " · ".join(filter(None, (lots, undone)))
        cells = [
            paper_cell(paper, note),
            Cell(row.date),
            Cell(names[row.warehouse]),
            Cell(number(row.qty) if row.qty > 0 else "", css="in"),
            Cell(number(-row.qty) if row.qty < 0 else "", css="out"),
            quantity_cell(row.qty_after),
        ]
        if room.shows_value:
            why = why_href(room, row.form, row.document, paper)
            cells += [amount_cell(row.value, href=why), amount_cell(row.value_after)]
        yield Line(str(row.seq), tuple(cells), paper.href)


def why_href(room: Room, form: str, document: int, paper: Paper) -> str:
    """Return where the figures of a document are explained, to who may open it."""
    if not paper.href or not room.shows_value:
        return ""
    return room.url("why", form_code=form, record_id=document)


def _layer_columns() -> tuple[Column, ...]:
    return (
        Column(_("来自")),
        Column(_("日期")),
        right(_("数量"), "named"),
        right(_("单位成本"), "named"),
        right(_("金额"), "amount"),
    )


def _layers_table(here: ItemRoom, warehouse: int, name: str) -> Table:
    room = here.room
    rows = datasets.layers(room.act.connection, room.app.code, here.item, warehouse)
    papers = room.papers((row.form, row.document) for row in rows)
    lines = tuple(_layer_line(room, n, row, papers, warehouse) for n, row in enumerate(rows, 1))
    foot = (
        Cell(_("合计")),
        Cell(),
        quantity_cell(total(row.qty for row in rows)),
        Cell(),
        amount_cell(total(row.value for row in rows)),
    )
    return Table(name, _layer_columns(), lines, Empty(""), foot=foot, has_title=True)


def _layer_line(
    room: Room, n: int, row: StockLayer, papers: Mapping[Key, Paper], warehouse: int
) -> Line:
    paper = papers.get((row.form, row.document)) if row.document is not None else None
    note = " · ".join(filter(None, (row.lot, row.owner)))
    first = paper_cell(paper, note) if paper else Cell(_("全部库存，一个平均成本"), note=note)
    why = why_href(room, row.form, row.document, paper) if paper and row.document else ""
    cells = (
        first,
        Cell(row.date),
        quantity_cell(row.qty),
        cost_cell(row.unit_cost),
        amount_cell(row.value, href=why),
    )
    return Line(f"{warehouse}-{n}", cells, paper.href if paper else "")


def _chain_columns() -> tuple[Column, ...]:
    return (
        Column(_("单据")),
        Column(_("日期")),
        Column(_("变动")),
        Column(_("原因")),
        right(_("数量"), "named"),
        right(_("金额变动"), "amount"),
        right(_("结存数量"), "more"),
        right(_("结存金额"), "more"),
    )


def _chain_table(here: ItemRoom, warehouse: int, name: str) -> Table:
    room = here.room
    rows = datasets.cost_chain(room.act.connection, room.app.code, here.item, warehouse)
    shown = rows[:CHAIN_ROWS]
    papers = room.papers(
        pair
        for row in shown
        for pair in ((row.form, row.document), (row.cause_form, row.cause_document))
    )
    lines = tuple(_chain_line(room, warehouse, n, row, papers) for n, row in enumerate(shown, 1))
    note = _("只显示最近 %(n)s 笔。", n=CHAIN_ROWS) if len(rows) > CHAIN_ROWS else ""
    return Table(name, _chain_columns(), lines, Empty(""), note=note, has_title=True)


def _chain_line(
    room: Room, warehouse: int, n: int, row: CostStep, papers: Mapping[Key, Paper]
) -> Line:
    paper = papers[row.form, row.document]
    why = why_href(room, row.form, row.document, paper)
    what = f"{change_text(row.kind)} · {role_text(row.account)}"
    cells = (
        paper_cell(paper, kind_text(row.move_kind)),
        Cell(row.date),
        Cell(what),
        cause_cell((row.form, row.document), (row.cause_form, row.cause_document), papers),
        quantity_cell(row.qty) if row.qty else Cell(),
        amount_cell(row.value, href=why),
        quantity_cell(row.qty_after),
        amount_cell(row.value_after),
    )
    return Line(f"{warehouse}-{n}", cells, paper.href)


def cause_cell(
    own: tuple[str, int], cause: tuple[str, int | None], papers: Mapping[Key, Paper]
) -> Cell:
    """Return the document that made a figure change: its own posting, or a later one."""
    form, key = cause
    if key is None or (form, key) == own:
        return Cell(_("本单过账"))
    paper = papers.get((form, key))
    return Cell(paper.title, paper.href) if paper else Cell(f"#{key}")


def _date_columns() -> tuple[Column, ...]:
    return Column(_("日期")), right(_("可用量"), "amount")


def _dates_table(here: ItemRoom, warehouse: int, name: str) -> Table:
    room = here.room
    rows = datasets.available_by_date(room.act.connection, room.app.code, here.item, warehouse)
    lines = tuple(
        Line(f"{warehouse}-{row.date}", (Cell(row.date), quantity_cell(row.qty))) for row in rows
    )
    return Table(name, _date_columns(), lines, Empty(""), has_title=True)
