"""The first day of the books: opening stock out of a workbook, posted by the kernel."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from builder.packages import read_package
from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.exchange import batches
from runtime.infra import queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.platform import set_up
from runtime.posting.datasets import stock_on_hand
from tests.conftest import Fill
from tests.prepared import opened
from tests.unit.exchange.workbooks import workbook
from tests.unit.workbook.test_adopt import JXC, Company

HEAD = ["仓库", "单据日期", "商品", "数量", "成本单价", "备注"]
# What stands once for several lines, and what a sheet of stock has besides: text, zeros, sums.
ROWS = [
    ["主仓", "2026-11-01", "SP1", 100, "1.2345", "老库"],
    [None, None, "螺母", "0.5", 2, None],
    ["门店", "2026-11-01", "SP1", 20, "1.3", None],
    ["门店", "2026-11-02", "SP1", "约三", 1, None],
    ["主仓", "2026-11-03", "没有的货", 1, 1, None],
]
WANTED = {
    ("SP1", "主仓"): (Decimal(100), Decimal("123.45")),
    ("SP2", "主仓"): (Decimal("0.5"), Decimal(1)),
    ("SP1", "门店"): (Decimal(20), Decimal(26)),
}


def _jxc(url: str, now: datetime) -> None:
    with opened(url) as empty, empty.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, now)
        publish(act, read_package(JXC), "test")
        forms = Catalogue().app(connection, "jxc").forms
        unit = documents.create(act, forms["uom"], {"name": "个"})
        for number, name in (("SP1", "螺丝"), ("SP2", "螺母")):
            item = {"item_no": number, "name": name, "base_uom": unit.id}
            documents.create(act, forms["item"], {**item, "costing_method": "fifo"})
        for number, name in (("WH1", "主仓"), ("WH2", "门店")):
            documents.create(act, forms["warehouse"], {"warehouse_no": number, "name": name})


@pytest.fixture
def company(database: Database, fill: Fill, tmp_path: Path, now: datetime) -> Company:
    fill("jxc with goods and warehouses", lambda url: _jxc(url, now))
    return Company(database, tmp_path / "home", now)


def _held(company: Company) -> dict[tuple[str, str], tuple[Decimal, Decimal | None]]:
    items = {row["id"]: row["f_item_no"] for row in company.rows("item")}
    places = {row["id"]: row["f_name"] for row in company.rows("warehouse")}
    with company.database.reading() as connection:
        found = stock_on_hand(connection, "jxc")
    return {(items[each.item], places[each.warehouse]): (each.qty, each.value) for each in found}


def _errors(outcome: dict[str, Any]) -> list[tuple[str, str]]:
    return [(error["cell"], error["code"]) for error in outcome["errors"]]


def test_opening_stock__is_posted_and_taken_back_by_the_kernel(
    company: Company, tmp_path: Path
) -> None:
    batch_id = company.upload(workbook(tmp_path / "期初.xlsx", [HEAD, *ROWS], name="期初"))
    choices = company.choices(batch_id, "opening_stock")
    assert [column.take for column in choices.columns] == [
        "warehouse", "document_date", "lines.item", "lines.qty", "lines.price", "note",
    ]  # fmt: skip
    company.start(batch_id, replace(choices, submits=True))
    company.run()
    with company.database.reading() as connection:
        outcome = dict(batches.find(connection, batch_id).outcome)
    assert _errors(outcome) == [
        ("期初!D5", "number_expected"),
        ("期初!C6", "reference_unknown"),
    ]
    assert (outcome["created"], outcome["failed"]) == (2, 2)
    # Nothing of the papers that failed, neither in the books nor beside them.
    assert [row["status"] for row in company.rows("opening_stock")] == ["posted"] * 2
    assert _held(company) == WANTED
    with company.database.transaction() as connection:
        told = {"batch": batch_id, "reason": "重来"}
        queue.enqueue(Act(connection, SYSTEM, company.now), "exchange.undo_import", told)
    company.run()
    assert _held(company) == {}
    assert [row["status"] for row in company.rows("opening_stock")] == ["cancelled"] * 2


def test_opening_stock__left_as_drafts_until_somebody_submits(
    company: Company, tmp_path: Path
) -> None:
    batch_id = company.upload(workbook(tmp_path / "期初.xlsx", [HEAD, *ROWS[:3]], name="期初"))
    company.start(batch_id, company.choices(batch_id, "opening_stock"))
    company.run()
    assert [row["status"] for row in company.rows("opening_stock")] == ["draft"] * 2
    assert _held(company) == {}
