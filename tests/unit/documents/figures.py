"""A company whose suppliers, goods and months are rolled up in every way there is."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from runtime import documents
from runtime.compile import App, Form, compile_app
from runtime.definitions import load_app
from runtime.documents import aggregate_rebuild, rollup_queries
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database, metadata
from runtime.query import Record

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


def f(code: str, kind: str, **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, "options": options}


def rollup(code: str, measure: str, **options: Any) -> dict[str, Any]:
    given = {"form": "receipt", "reference": "supplier", "result": "number"}
    return f(code, "rollup", measure=measure, **{**given, **options})


MONEY = {"result": "money"}
TOTAL = {"field": "total", **MONEY}
LARGE = {"where": "=total>50"}
OF_ITEM = {"reference": "lines.item"}

SUPPLIER = [
    f("name", "text"),
    rollup("n", "count", places=0),
    rollup("spent", "sum", **TOTAL),
    rollup("least", "min", **TOTAL),
    rollup("most", "max", **TOTAL),
    rollup("mean", "average", **TOTAL, places=4),
    rollup("first", "min", field="day", result="date"),
    rollup("last", "max", field="day", result="date"),
    rollup("latest", "max", field="at", result="datetime"),
    rollup("kinds", "distinct", field="lines.item", places=0),
    rollup("days", "distinct", field="day", places=0),
    rollup("pieces", "sum", field="lines.qty", result="quantity"),
    rollup("large_n", "count", **LARGE, places=0),
    rollup("large", "sum", **TOTAL, **LARGE),
    rollup("large_most", "max", **TOTAL, **LARGE),
    rollup("large_mean", "average", **TOTAL, **LARGE),
    rollup("large_days", "distinct", field="day", **LARGE, places=0),
]
ITEM = [
    f("name", "text"),
    rollup("lines_n", "count", **OF_ITEM, places=0),
    rollup("qty", "sum", **OF_ITEM, field="lines.qty", result="quantity"),
    rollup("dearest", "max", **OF_ITEM, field="lines.price", result="money", places=4),
    rollup("cheapest", "min", **OF_ITEM, field="lines.price", result="money", places=4),
    rollup("price", "average", **OF_ITEM, field="lines.price", result="money"),
    rollup("sources", "distinct", **OF_ITEM, field="supplier", places=0),
    rollup("last", "max", **OF_ITEM, field="day", result="date"),
    rollup("much", "sum", **OF_ITEM, field="lines.qty", result="quantity", where="=qty>=3"),
    rollup("much_least", "min", **OF_ITEM, field="lines.price", result="money", places=4,
           where="=qty>=3"),
    rollup("sold", "sum", form="issue", **OF_ITEM, field="lines.qty", result="quantity"),
]  # fmt: skip
RECEIPT = [
    f("supplier", "reference", form="supplier"),
    f("day", "date"),
    f("at", "datetime"),
    f("place", "choice", options=[{"code": "north"}, {"code": "south"}]),
    f("lines", "lines", max=2000, fields=[
        f("item", "reference", form="item"),
        f("qty", "quantity"),
        f("price", "money", places=4),
        f("amount", "formula", formula="=ROUND(qty*price,2)", result="money"),
    ]),
    f("total", "formula", formula="=SUM(lines.amount)", result="money"),
]  # fmt: skip
ISSUE = [
    f("day", "date"),
    f("place", "choice", options=[{"code": "north"}, {"code": "south"}]),
    f("lines", "lines", max=2000,
      fields=[f("item", "reference", form="item"), f("qty", "quantity")]),
]  # fmt: skip


def measure(code: str, result: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "label": code, "result": result, **more}


def source(form: str, **measures: Any) -> dict[str, Any]:
    dimensions = {"month": "month(day)", "item": "lines.item", "place": "place"}
    return {"form": form, "lines": "lines", "dimensions": dimensions, "measures": measures}


MONTHS: dict[str, Any] = {
    "code": "months",
    "label": {"zh": "月汇总", "en": "Months"},
    "dimensions": [{"code": "month"}, {"code": "item", "label": "商品"}, {"code": "place"}],
    "measures": [
        measure("worth_each", "money", places=4, formula="=IF(bought=0,0,worth/bought)"),
        measure("bought", "quantity"),
        measure("worth", "money"),
        measure("sold", "quantity"),
        measure("left", "quantity", formula="=bought-sold"),
        measure("balance", "quantity"),
        measure("bought_n", "number", places=0),
        measure("dearest", "money", places=4),
        measure("cheapest", "money", places=4),
        measure("mean", "money", places=6),
        measure("last", "date"),
        measure("sources", "number", places=0),
        measure("gross", "money"),
    ],
    "sources": [
        source(
            "receipt",
            bought={"op": "sum", "of": "qty"},
            worth={"op": "sum", "of": "amount"},
            balance={"op": "sum", "of": "qty"},
            bought_n={"op": "count", "of": "price"},
            dearest={"op": "max", "of": "price"},
            cheapest={"op": "min", "of": "price"},
            mean={"op": "average", "of": "price"},
            last={"op": "max", "of": "day"},
            sources={"op": "distinct", "of": "supplier"},
        ),
        source("receipt", gross={"op": "sum", "of": "=qty*price*1.13"}),
        source(
            "issue", sold={"op": "sum", "of": "qty"}, balance={"op": "sum", "of": "qty", "sign": -1}
        ),
    ],
}
PLACES: dict[str, Any] = {
    "code": "places",
    "label": "仓位",
    "dimensions": [{"code": "place"}],
    "measures": [
        measure("big", "number", places=0),
        measure("mean", "money"),
        measure("least", "money", places=4),
        measure("rates", "number", places=0),
    ],
    "sources": [
        {
            "form": "receipt",
            "where": "=total>20",
            "dimensions": {"place": "place"},
            "measures": {
                "big": {"op": "count"},
                "mean": {"op": "average", "of": "total"},
                "least": {"op": "min", "of": "=total/3"},
                "rates": {"op": "distinct", "of": "=ROUND(total/7,0)"},
            },
        }
    ],
}


def form(code: str, kind: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"code": code, "label": code, "type": kind, "fields": fields}


def company(**more: Any) -> dict[str, Any]:
    """The whole app; whoever changes it has a copy of their own."""
    made = {
        "format": "dajian-app/1",
        "code": "co",
        "label": "公司",
        "forms": [
            form("supplier", "record", SUPPLIER),
            form("item", "record", ITEM),
            form("receipt", "document", RECEIPT),
            form("issue", "document", ISSUE),
        ],
        "aggregates": [MONTHS, PLACES],
        **more,
    }
    return deepcopy(made)


@dataclass
class Company:
    """The company at work: everybody is the system."""

    app: App
    database: Database
    suppliers: list[int] = field(default_factory=list)
    items: list[int] = field(default_factory=list)

    def form(self, code: str) -> Form:
        return self.app.forms[code]

    def do(self, what: Callable[[Act], Any]) -> Any:
        with self.database.transaction() as connection:
            return what(Act(connection, SYSTEM, NOW))

    def create(self, code: str, *, submit: bool = False, **values: Any) -> Record:
        verb = documents.create_and_submit if submit else documents.create
        made: Record = self.do(lambda act: verb(act, self.form(code), values))
        return made

    def rows(self, code: str) -> list[dict[str, Any]]:
        """Every figure of a form, without what two ways to it need not share."""
        form = self.form(code)
        table = form.table
        order = [table.c.id]
        kept = {"version", "created_at", "updated_at", "updated_by", "created_by"}
        if form.aggregate is not None:
            order = [item.column for item in form.aggregate.dimensions]  # type: ignore[misc]
            kept.add("id")
        with self.database.reading() as connection:
            found = connection.execute(select(table).order_by(*order)).mappings().all()
        return [{name: value for name, value in row.items() if name not in kept} for row in found]

    def values(self, code: str) -> dict[str, list[tuple[Any, ...]]]:
        """The side tables of a form, owners of an aggregate table by its dimensions."""
        form = self.form(code)
        found: dict[str, list[tuple[Any, ...]]] = {}
        with self.database.reading() as connection:
            for item in (
                *form.rollups.values(),
                *(form.aggregate.measures if form.aggregate else ()),
            ):
                if item.values is None:
                    continue
                columns = item.values.c
                names = [columns.owner_id]
                query = select(*names, columns.value, columns.n)
                if form.aggregate is not None:
                    names = [each.column for each in form.aggregate.dimensions]  # type: ignore[misc]
                    query = select(*names, columns.value, columns.n).join_from(
                        item.values, form.table, columns.owner_id == form.table.c.id
                    )
                rows = connection.execute(query.order_by(*names, columns.value))
                found[item.code] = [tuple(row) for row in rows]
        return found

    def picture(self) -> dict[str, Any]:
        codes = ("supplier", "item", "months", "places")
        return {code: (self.rows(code), self.values(code)) for code in codes}

    def recompute(self) -> None:
        """Compute everything anew."""

        def work(act: Act) -> None:
            for code in ("supplier", "item"):
                for name in self.form(code).rollups:
                    rollup_queries.recompute(act.connection, self.form(code), name)
            for code in ("months", "places"):
                aggregate_rebuild.rebuild(act, self.form(code))

        self.do(work)


def open_company(database: Database, source: dict[str, Any] | None = None) -> Company:
    app = compile_app(load_app(source or company()), 1)
    with database.transaction() as connection:
        for tables in (metadata, app.metadata):
            tables.create_all(connection)
    made = Company(app, database)
    for name in ("north", "south", "east"):
        made.suppliers.append(made.create("supplier", name=name).id)
    for name in ("pen", "ink", "cap", "nib"):
        made.items.append(made.create("item", name=name).id)
    return made


def line(item: int, qty: Any, price: Any = None) -> dict[str, Any]:
    row: dict[str, Any] = {"item": item, "qty": None if qty is None else Decimal(qty)}
    return row if price is None else {**row, "price": Decimal(price)}
