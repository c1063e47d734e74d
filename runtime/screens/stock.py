"""Stock on hand, and the ledger of an item: every figure leads back to its document."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from flask import Response, request, url_for

from runtime import access, query
from runtime.compile import App, Form
from runtime.definitions import PostingDef
from runtime.infra.act import Act
from runtime.infra.errors import Forbidden, NotFound
from runtime.posting import datasets
from runtime.posting.datasets import StockLedgerRow, StockOnHand
from runtime.query.brief import Brief, briefs
from runtime.screens.acting import app_of, reading
from runtime.screens.i18n import label, zone
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.shell import may_see_stock

ROWS: Final = 500
LEDGER_PAGE: Final = 50
FOUND: Final = 200
ZERO: Final = Decimal(0)


class Places(NamedTuple):
    """The forms that describe what is stocked, and where."""

    item: Form
    warehouse: Form


@dataclass(frozen=True)
class OnHand:
    """One item in one warehouse."""

    item: int
    warehouse: int
    item_name: str
    item_note: str
    warehouse_name: str
    qty: Decimal
    available: Decimal
    value: Decimal
    unit_cost: Decimal | None
    href: str


@dataclass(frozen=True)
class Totals:
    """The sums over all rows found, shown or not."""

    items: int = 0
    qty: Decimal = ZERO
    available: Decimal = ZERO
    value: Decimal = ZERO
    unit_cost: Decimal | None = None


@dataclass(frozen=True)
class Movement:
    """One line of the ledger."""

    seq: int
    date: str
    document: str
    form_label: str
    href: str
    warehouse_name: str
    qty_in: Decimal | None
    qty_out: Decimal | None
    value: Decimal
    qty_after: Decimal
    value_after: Decimal
    is_undone: bool = False


@permission("signed_in")
def stock(app_code: str) -> Response:
    """Show what is on hand, by item and warehouse."""
    with reading() as act:
        app, places = _opened(act, app_code)
        search = " ".join(request.args.get("q", "").split())[:100]
        warehouse = request.args.get("warehouse", type=int)
        rows = _rows(act, app, places, search, warehouse)
        base = url_for("screens.stock", app_code=app_code)
        return render(
            "stock.html",
            "list",
            base=base,
            search=search,
            warehouse=warehouse,
            warehouses=_warehouses(act, places),
            item_label=label(places.item.label),
            warehouse_label=label(places.warehouse.label),
            rows=rows[:ROWS],
            is_cut=len(rows) > ROWS,
            is_narrowed=bool(search or warehouse),
            totals=_totals(rows),
            shows_value=may_see_value(act, app),
            as_of=act.now.astimezone(zone()).strftime("%H:%M"),
            receive=_receive(act, app),
        )


@permission("signed_in")
def stock_ledger(app_code: str) -> Response:
    """Show every movement of an item, the latest balance on top."""
    item = request.args.get("item", type=int)
    warehouse = request.args.get("warehouse", type=int)
    after = request.args.get("after", "")[:100]
    if item is None:
        raise NotFound
    with reading() as act:
        app, places = _opened(act, app_code)
        brief = briefs(act, places.item, [item]).get(item)
        if brief is None:
            raise NotFound
        found = datasets.stock_ledger(
            act.connection, app.code, item, warehouse, after=after or None, limit=LEDGER_PAGE + 1
        )
        names = dict(_warehouses(act, places))
        base = url_for("screens.stock_ledger", app_code=app_code)
        here = url_for("screens.stock_ledger", app_code=app_code, item=item, warehouse=warehouse)
        shown, more = found[:LEDGER_PAGE], len(found) > LEDGER_PAGE
        return render(
            "stock_ledger.html",
            "list",
            base=base,
            item=item,
            item_name=brief.title,
            item_note=brief.note,
            item_href=_record_href(places.item, item),
            stock_href=url_for("screens.stock", app_code=app_code),
            warehouse=warehouse,
            warehouses=tuple(names.items()),
            warehouse_label=label(places.warehouse.label),
            rows=tuple(_movements(act, app, shown, names)),
            next=f"{here}&after={shown[-1].after}" if more else "",
            first=here if after else "",
            on_hand=_balance(act, app, item, warehouse),
            shows_value=may_see_value(act, app),
        )


def may_see_value(act: Act, app: App) -> bool:
    """Say whether cost is the actor's business: they see what goods were received for."""
    for form in app.forms.values():
        rule = form.posting
        if rule is None or rule.command != "receive" or not access.may(act.actor, "view", form):
            continue
        cost = rule.amount or rule.unit_cost or ""
        if _is_visible(act, form, cost):
            return True
    return False


def on_hand_totals(act: Act, app: App) -> Totals:
    """Return the sums over everything on hand."""
    rows = datasets.stock_on_hand(act.connection, app.code)
    return Totals(
        items=len({row.item for row in rows if row.qty}),
        qty=sum((row.qty for row in rows), ZERO),
        value=sum((row.value for row in rows), ZERO),
    )


def _opened(act: Act, app_code: str) -> tuple[App, Places]:
    app = app_of(act, app_code)
    if not may_see_stock(act, app):
        raise Forbidden
    for form in app.forms.values():
        if form.posting is not None:
            return app, _places(form, form.posting)
    raise NotFound


def _places(form: Form, rule: PostingDef) -> Places:
    return Places(_pointed_at(form, rule.item), _pointed_at(form, rule.warehouse))


def _pointed_at(form: Form, path: str) -> Form:
    head, _dot, rest = path.partition(".")
    field = form.lines_of(head).by_code[rest] if rest else form.by_code[head]
    return form.target(field)


def _is_visible(act: Act, form: Form, path: str) -> bool:
    head, _dot, rest = path.partition(".")
    if not rest:
        return any(field.code == head for field in access.visible_fields(act.actor, form))
    fields = access.visible_line_fields(act.actor, form, form.lines_of(head))
    return any(field.code == rest for field in fields)


def _warehouses(act: Act, places: Places) -> tuple[tuple[int, str], ...]:
    if not access.may(act.actor, "view", places.warehouse):
        return ()
    rows = query.lookup(act, places.warehouse, "", limit=50)
    return tuple((row.id, row.title) for row in rows)


def _rows(
    act: Act, app: App, places: Places, search: str, warehouse: int | None
) -> tuple[OnHand, ...]:
    found = [
        row
        for row in datasets.stock_on_hand(act.connection, app.code, warehouse=warehouse)
        if row.qty or row.value
    ]
    if search:
        wanted = _searched(act, places.item, search)
        found = [row for row in found if row.item in wanted]
    items = briefs(act, places.item, {row.item for row in found})
    names = query.labels(act.connection, places.warehouse, {row.warehouse for row in found})
    free = _available(act, app, found)
    rows = [_row(app, row, items, names, free) for row in found if row.item in items]
    return tuple(sorted(rows, key=lambda row: (row.item_note, row.item_name, row.warehouse_name)))


def _row(
    app: App,
    row: StockOnHand,
    items: Mapping[int, Brief],
    names: Mapping[int, str],
    free: Mapping[tuple[int, int], Decimal],
) -> OnHand:
    href = url_for(
        "screens.stock_ledger", app_code=app.code, item=row.item, warehouse=row.warehouse
    )
    return OnHand(
        item=row.item,
        warehouse=row.warehouse,
        item_name=items[row.item].title,
        item_note=items[row.item].note,
        warehouse_name=names.get(row.warehouse, f"#{row.warehouse}"),
        qty=row.qty,
        available=free.get((row.item, row.warehouse), row.qty),
        value=row.value,
        unit_cost=row.unit_cost,
        href=href,
    )


def _available(
    act: Act, app: App, found: Sequence[StockOnHand]
) -> Mapping[tuple[int, int], Decimal]:
    by_warehouse: dict[int, list[int]] = {}
    for row in found:
        by_warehouse.setdefault(row.warehouse, []).append(row.item)
    return {
        (item, warehouse): qty
        for warehouse, items in by_warehouse.items()
        for item, qty in datasets.available(act.connection, app.code, items, warehouse).items()
    }


def _searched(act: Act, form: Form, search: str) -> Collection[int]:
    if not access.may(act.actor, "view", form):
        return ()
    page = query.page(act, form, query.PageRequest(search=search, size=FOUND))
    return {row.id for row in page.rows}


def _totals(rows: Sequence[OnHand]) -> Totals:
    return Totals(
        items=len({row.item for row in rows}),
        qty=sum((row.qty for row in rows), ZERO),
        available=sum((row.available for row in rows), ZERO),
        value=sum((row.value for row in rows), ZERO),
    )


def _balance(act: Act, app: App, item: int, warehouse: int | None) -> Totals:
    rows = datasets.stock_on_hand(act.connection, app.code, item=item, warehouse=warehouse)
    qty = sum((row.qty for row in rows), ZERO)
    value = sum((row.value for row in rows), ZERO)
    return Totals(items=1, qty=qty, value=value, unit_cost=value / qty if qty else None)


def _movements(
    act: Act, app: App, found: Sequence[StockLedgerRow], names: Mapping[int, str]
) -> Iterator[Movement]:
    titles = _titles(act, app, found)
    for row in found:
        form = app.forms.get(row.form)
        qty = row.qty
        yield Movement(
            seq=row.seq,
            date=row.date,
            document=titles.get((row.form, row.document), f"#{row.document}"),
            form_label=label(form.label) if form else "",
            href=_movement_href(act, form, row.document),
            warehouse_name=names.get(row.warehouse, f"#{row.warehouse}"),
            qty_in=qty if qty > 0 else None,
            qty_out=-qty if qty < 0 else None,
            value=row.value,
            qty_after=row.qty_after,
            value_after=row.value_after,
            is_undone=row.is_undone,
        )


def _titles(act: Act, app: App, found: Sequence[StockLedgerRow]) -> Mapping[tuple[str, int], str]:
    titles: dict[tuple[str, int], str] = {}
    for code in {row.form for row in found}:
        form = app.forms.get(code)
        if form is None:
            continue
        ids = {row.document for row in found if row.form == code}
        known = query.labels(act.connection, form, ids)
        titles.update({(code, key): title for key, title in known.items()})
    return titles


def _movement_href(act: Act, form: Form | None, record_id: int) -> str:
    if form is None or not access.may(act.actor, "view", form):
        return ""
    return _record_href(form, record_id)


def _record_href(form: Form, record_id: int) -> str:
    return url_for(
        "screens.show_record",
        app_code=form.app_code,
        form_code=form.code,
        record_id=record_id,
    )


def _receive(act: Act, app: App) -> Mapping[str, str] | None:
    for form in app.forms.values():
        rule = form.posting
        if rule and rule.command == "receive" and access.may(act.actor, "create", form):
            href = url_for("screens.new_record", app_code=app.code, form_code=form.code)
            return {"href": href, "label": label(form.label)}
    return None
