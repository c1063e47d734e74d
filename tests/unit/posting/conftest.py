"""A shop with an item or two, and documents as posting sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert

from runtime import posting
from runtime.compile import App, Form, compile_app
from runtime.definitions import load_app
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database, metadata
from tests.conftest import Fill
from tests.prepared import opened

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


def ref(code: str, form: str) -> dict[str, Any]:
    return {"code": code, "kind": "reference", "label": code, "options": {"form": form}}


def document(code: str, label: str, rule: dict[str, str], *extra: dict[str, Any]) -> dict[str, Any]:
    lines = [
        ref("item", "item"),
        {"code": "qty", "kind": "quantity", "label": "数量"},
        {"code": "price", "kind": "money", "label": "单价", "options": {"places": 4}},
        {"code": "amount", "kind": "money", "label": "金额"},
    ]
    return {
        "code": code,
        "label": label,
        "type": "document",
        "title": "no",
        "fields": [
            {"code": "no", "kind": "text", "label": "编号"},
            ref("warehouse", "warehouse"),
            *extra,
            {"code": "day", "kind": "date", "label": "日期"},
            {"code": "lines", "kind": "lines", "label": "明细", "options": {"fields": lines}},
        ],
        "posting": {
            "lines": "lines",
            "date": "day",
            "item": "lines.item",
            "qty": "lines.qty",
            "warehouse": "warehouse",
            **rule,
        },
    }


def master(code: str) -> dict[str, Any]:
    name = {"code": "name", "kind": "text", "label": "名称"}
    return {"code": code, "label": code, "type": "record", "title": "name", "fields": [name]}


APP: dict[str, Any] = {
    "format": "dajian-app/1",
    "code": "shop",
    "label": "小店",
    "forms": [
        master("item"),
        master("warehouse"),
        document(
            "receipt",
            "采购入库",
            {"command": "receive", "unit_cost": "lines.price", "amount": "lines.amount"},
        ),
        document("delivery", "销售出库", {"command": "issue"}),
        document(
            "transfer",
            "调拨",
            {"command": "transfer", "to_warehouse": "target"},
            ref("target", "warehouse"),
        ),
    ],
}

ITEMS = {1: "螺丝", 2: "螺母"}
WAREHOUSES = {1: "主仓", 2: "门店"}


@dataclass(frozen=True)
class Line:
    """A line of it."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class Paper:
    """A document as posting sees it."""

    id: int
    values: Mapping[str, Any]
    lines: Mapping[str, tuple[Line, ...]]
    labels: Mapping[tuple[str | None, str], Mapping[int, str]] = field(
        default_factory=lambda: {
            ("lines", "item"): ITEMS,
            (None, "warehouse"): WAREHOUSES,
            (None, "target"): WAREHOUSES,
        }
    )


@dataclass
class Shop:
    """The app, its database, and how many documents were written."""

    app: App
    database: Database
    papers: int = 0

    def paper(self, form: str, day: int, *lines: tuple[int, str, str | None], **more: Any) -> Paper:
        """Write a document: lines of item, quantity and price; its row is there to be found."""
        self.papers += 1
        values = {"warehouse": 1, "day": date(2026, 11, day), **more}
        with self.database.transaction() as connection:
            connection.execute(
                insert(self.app.forms[form].table).values(
                    id=self.papers, version=1, status="posted", created_at=NOW, updated_at=NOW,
                    search_text="", f_no=f"{form.upper()}-{self.papers}",
                )
            )  # fmt: skip
        rows = tuple(
            Line({"item": item, "qty": Decimal(qty), "price": price and Decimal(price)})
            for item, qty, price in lines
        )
        return Paper(self.papers, values, {"lines": rows})

    def form(self, code: str) -> Form:
        return self.app.forms[code]

    def do(self, verb: Any, form: str, paper: Paper) -> Any:
        with self.database.transaction() as connection:
            return verb(Act(connection, SYSTEM, NOW), self.form(form), paper)

    def post(self, form: str, day: int, *lines: tuple[int, str, str | None], **more: Any) -> Paper:
        """Write a document and post it."""
        paper = self.paper(form, day, *lines, **more)
        self.do(posting.post_document, form, paper)
        return paper

    def on_hand(self) -> dict[tuple[int, int], tuple[str, str]]:
        with self.database.reading() as connection:
            rows = posting.datasets.stock_on_hand(connection, "shop")
        return {(row.item, row.warehouse): (str(row.qty), str(row.value)) for row in rows}


@pytest.fixture(scope="session")
def shop_app() -> App:
    return compile_app(load_app(APP), 1)


@pytest.fixture
def shop(database: Database, shop_app: App, fill: Fill) -> Shop:
    """An empty shop."""

    def empty_shop(url: str) -> None:
        with opened(url) as empty, empty.transaction() as connection:
            posting.install(connection)
            metadata.create_all(connection)
            shop_app.metadata.create_all(connection)

    fill("shop of postings", empty_shop)
    return Shop(shop_app, database)
