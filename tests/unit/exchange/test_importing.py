"""Rows into forms that exist: by key, with lines, taken back; every mode told in one table."""

import io
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from builder.publish import publish
from runtime.catalogue import Catalogue
from runtime.compile import App
from runtime.exchange import batches, imported
from runtime.exchange.adoption import Choices, ColumnChoice, ImportPlan, Mode, plan_of
from runtime.exchange.cells import NUMBER, TEXT
from runtime.exchange.corrections import put_right
from runtime.exchange.entries import entries
from runtime.exchange.importing import Outcome, check_entries, import_chunk
from runtime.exchange.spool import RawRow, Taken
from runtime.exchange.undoing import undo_chunk
from runtime.infra import files, settings
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import NotFound
from runtime.platform import set_up
from tests.conftest import Fill
from tests.prepared import opened

SHOP: dict[str, Any] = {
    "format": "dajian-app/1",
    "code": "shop",
    "label": "shop",
    "forms": [
        {
            "code": "thing",
            "label": "货",
            "type": "record",
            "title": "name",
            "search": ["no", "name"],
            "list": ["no", "name", "qty"],
            "fields": [
                {"code": "no", "kind": "text", "label": "编码", "required": True, "unique": True},
                {"code": "name", "kind": "text", "label": "名称", "required": True},
                {"code": "qty", "kind": "number", "label": "数量", "options": {"places": 2}},
                {"code": "worth", "kind": "formula", "label": "值",
                 "options": {"formula": "=qty*2", "result": "number", "places": 2}},
                {"code": "state", "kind": "text", "label": "状态", "default": "新"},
            ],
        },
        {
            "code": "sale",
            "label": "单",
            "type": "document",
            "title": "paper",
            "search": ["paper"],
            "list": ["paper", "buyer"],
            "fields": [
                {"code": "paper", "kind": "text", "label": "纸质单号"},
                {"code": "buyer", "kind": "text", "label": "客户"},
                {"code": "lines", "kind": "lines", "label": "明细", "options": {"fields": [
                    {"code": "item", "kind": "reference", "label": "货",
                     "options": {"form": "thing"}, "required": True},
                    {"code": "qty", "kind": "number", "label": "数量", "options": {"places": 2}},
                ]}},
            ],
        },
    ],
}  # fmt: skip


class Shop:
    """A small app, and rows that go into it as an import would take them."""

    def __init__(self, database: Database, home: Path, now: datetime) -> None:
        self.database, self.now, self.home = database, now, home

    def act(self, connection: Any) -> Act:
        return Act(connection, SYSTEM, self.now)

    def app(self, connection: Any) -> App:
        return Catalogue().app(connection, "shop")

    def begin(self, form: str, takes: Sequence[str], **more: Any) -> ImportPlan:
        """An import of columns A, B, C … into these fields."""
        with self.database.transaction() as connection:
            act = self.act(connection)
            kept = settings.read({"DAJIAN_HOME": str(self.home)})
            file = files.store(act, kept, io.BytesIO(b"x"), "a.csv")
            seen: dict[str, Any] = {"inspection": {}, "preview": []}
            batch_id = batches.create(act, "shop", file.id, "a.csv", seen)
            letters = dict(zip("ABCDEF", takes, strict=False))
            columns = tuple(ColumnChoice(col, take, take, "text") for col, take in letters.items())
            choices = Choices("S", {}, form, "", columns, **more)
            return plan_of(batch_id, choices, self.app(connection).forms[form], letters)

    def put(self, plan: ImportPlan, *rows: Sequence[Any]) -> Outcome:
        """Import rows; the first stands in row 2 of the sheet."""
        outcome = Outcome()
        with self.database.transaction() as connection:
            import_chunk(self.act(connection), plan, list(entries(plan, raw(rows))), outcome)
        return outcome

    def check(self, plan: ImportPlan, *rows: Sequence[Any]) -> Outcome:
        with self.database.reading() as connection:
            return check_entries(self.act(connection), plan, list(entries(plan, raw(rows))))[0]

    def undo(self, plan: ImportPlan) -> dict[str, int]:
        with self.database.transaction() as connection:
            app = self.app(connection)
            undo_chunk(self.act(connection), app, plan.batch_id, "undone", size=100)
            return dict(imported.count(connection, plan.batch_id))

    def held(self, form: str, *codes: str) -> list[tuple[Any, ...]]:
        """What a table or a line table (`sale.lines`) holds, but ids and times."""
        code, _, lines = form.partition(".")
        with self.database.reading() as connection:
            found = self.app(connection).forms[code]
            table = found.lines_of(lines).table if lines else found.table
            columns = [table.c[f"f_{each}"] for each in codes]
            return [tuple(row) for row in connection.execute(select(*columns).order_by(table.c.id))]


def raw(rows: Sequence[Sequence[Any]]) -> list[RawRow]:
    def cell(value: Any) -> Taken:
        return Taken(TEXT if isinstance(value, str) else NUMBER, str(value))

    return [
        RawRow(number, {col: cell(v) for col, v in zip("ABCDEF", row, strict=False) if v != ""})
        for number, row in enumerate(rows, start=2)
    ]


def told(outcome: Outcome) -> dict[str, int]:
    names = ("created", "updated", "kept", "skipped", "failed")
    return {name: count for name in names if (count := asdict(outcome)[name])}


@pytest.fixture
def shop(database: Database, fill: Fill, tmp_path: Path, now: datetime) -> Shop:
    def with_shop(url: str) -> None:
        with opened(url) as empty, empty.transaction() as connection:
            set_up(connection)
            publish(Act(connection, SYSTEM, now), SHOP, "test")

    fill("shop_imports", with_shop)
    return Shop(database, tmp_path / "home", now)


# mode     what became of: 001 that is there (another quantity), 002 that is there and the same,
#          003 that is new, and the table afterwards
MODES: list[tuple[Mode, dict[str, int], list[tuple[str, int]]]] = [
    ("add", {"created": 1, "failed": 2}, [("001", 1), ("002", 2), ("003", 3)]),
    ("update", {"updated": 1, "kept": 2}, [("001", 9), ("002", 2)]),
    ("both", {"created": 1, "updated": 1, "kept": 1}, [("001", 9), ("002", 2), ("003", 3)]),
    ("skip", {"created": 1, "kept": 2}, [("001", 1), ("002", 2), ("003", 3)]),
]


def test_importing__every_mode_is_checked_done_and_taken_back(shop: Shop) -> None:
    first = shop.begin("thing", ["no", "name", "qty"])
    shop.put(first, ["001", "螺丝", 1], ["002", "螺母", 2])
    before = shop.held("thing", "no", "name", "qty", "worth", "state")
    assert before == [("001", "螺丝", 1, 2, "新"), ("002", "螺母", 2, 4, "新")]
    for mode, counts, after in MODES:
        plan = shop.begin("thing", ["no", "name", "qty"], key=("no",), mode=mode)
        rows = [["001", "", 9], ["002", "螺母", 2], ["003", "灯", 3]]
        if mode == "update":
            # Nothing is made, so nothing is asked of what is not there.
            assert told(shop.check(plan, *rows)) == {"updated": 2, "kept": 1}
        assert told(shop.put(plan, *rows)) == counts, mode
        assert shop.held("thing", "no", "qty") == after, mode
        assert set(shop.undo(plan)) <= {"undone", "failed"}, mode
        assert shop.held("thing", "no", "name", "qty", "worth", "state") == before, mode


def test_importing__what_somebody_changed_since_is_not_taken_back(shop: Shop) -> None:
    first = shop.begin("thing", ["no", "name", "qty"])
    shop.put(first, ["001", "螺丝", 1], ["002", "螺母", 2])
    later = shop.begin("thing", ["no", "qty"], key=("no",), mode="update")
    shop.put(later, ["002", 7])
    assert shop.undo(first) == {"undone": 1, "kept": 1}
    assert shop.held("thing", "no", "qty") == [("002", 7)]


def test_importing__a_key_that_stands_twice_or_is_ambiguous_is_refused(shop: Shop) -> None:
    shop.put(shop.begin("thing", ["no", "name"]), ["001", "灯"], ["002", "灯"])
    plan = shop.begin("thing", ["name", "qty"], key=("name",), mode="both")
    outcome = shop.put(plan, ["灯", 1])
    assert [error["code"] for error in outcome.errors] == ["import_key_ambiguous"]
    plan = shop.begin("thing", ["no", "qty"], key=("no",), mode="update")
    outcome = shop.put(plan, ["001", 5], ["001", 6], ["", 7])
    assert [(error["cell"], error["code"]) for error in outcome.errors] == [
        ("S!3", "import_key_twice"),
        ("S!4", "import_key_empty"),
    ]
    assert shop.held("thing", "no", "qty") == [("001", 5), ("002", None)]


def test_importing__clearing_is_said_and_not_meant(shop: Shop) -> None:
    shop.put(shop.begin("thing", ["no", "name", "qty"]), ["001", "灯", 4])
    kept = shop.begin("thing", ["no", "qty"], key=("no",), mode="update")
    assert told(shop.put(kept, ["001", ""])) == {"kept": 1}
    clearing = replace(kept, clears=True, batch_id=shop.begin("thing", ["no"]).batch_id)
    assert told(shop.put(clearing, ["001", ""])) == {"updated": 1}
    assert shop.held("thing", "qty") == [(None,)]


def test_importing__lines_by_repeated_headers_and_under_merged_cells(shop: Shop) -> None:
    takes = ["paper", "buyer", "lines.item", "lines.qty"]
    plan = shop.begin("sale", takes, key=("paper",), mode="both")
    plan = replace(plan, create_missing=frozenset({"lines.item"}))
    shop.put(shop.begin("thing", ["no", "name"]), ["001", "螺丝"], ["002", "螺母"])
    rows = [
        ["A1", "申工", "螺丝", 1],
        ["A1", "申工", "螺母", 2],
        ["A2", "恒远", "螺丝", 3],
        ["", "", "螺母", 4],
        ["A3", "恒远", "不认识", 5],
        ["A4", "恒远", "螺丝", 6],
        ["A4", "别人", "螺丝", 7],
    ]
    outcome = shop.put(plan, *rows)
    assert told(outcome) == {"created": 2, "failed": 2}
    assert [(error["cell"], error["code"]) for error in outcome.errors] == [
        ("S!B8", "import_two_heads"),
        ("S!C6", "reference_unknown"),
    ]
    assert shop.held("sale", "paper", "buyer") == [("A1", "申工"), ("A2", "恒远")]
    assert shop.held("sale.lines", "qty") == [(1,), (2,), (3,), (4,)]
    # The same papers next month: one line more, one less; then all of it back.
    again = shop.begin("sale", takes, key=("paper",), mode="both")
    shop.put(again, ["A1", "申工", "螺丝", 1], ["A2", "恒远", "螺丝", 3], ["", "", "螺母", 8])
    assert sorted(shop.held("sale.lines", "qty")) == [(1,), (3,), (8,)]
    assert shop.undo(again) == {"undone": 2}
    assert sorted(shop.held("sale.lines", "qty")) == [(1,), (2,), (3,), (4,)]
    # The first import is no longer the last word on these papers.
    assert shop.undo(plan) == {"failed": 2, "kept": 2}


def test_importing__rows_that_failed_keep_their_cells(shop: Shop) -> None:
    plan = shop.begin("thing", ["no", "name", "qty"])
    shop.put(plan, ["001", "螺丝", "约三"], ["002", "螺母", 2])
    with shop.database.reading() as connection:
        found = imported.rows(connection, plan.batch_id, ["failed"], limit=10)
    assert [(each.row, each.cells[0][1]["C"], each.problems[0]["code"]) for each in found] == [
        (2, [TEXT, "约三"], "number_expected")
    ]


def test_importing__a_row_put_right_by_hand_passes_the_same_rules(shop: Shop) -> None:
    plan = shop.begin("thing", ["no", "name", "qty"])
    with shop.database.transaction() as connection:
        outcome = Outcome()
        rows = raw([["001", "螺丝", "约三"], ["002", "螺母", 2]])
        import_chunk(shop.act(connection), plan, list(entries(plan, rows)), outcome)
        batches.change(connection, plan.batch_id, outcome=asdict(outcome), state="done")

    def put(typed: dict[tuple[int, str], str]) -> bool:
        with shop.database.transaction() as connection:
            batch = batches.find(connection, plan.batch_id)
            return put_right(shop.act(connection), batch, plan, 2, typed)

    def left() -> tuple[int, int, list[str]]:
        with shop.database.reading() as connection:
            held = batches.find(connection, plan.batch_id).outcome
        return held["created"], held["failed"], [error["code"] for error in held["errors"]]

    assert left() == (1, 1, ["number_expected"])
    assert not put({(2, "A"): "002", (2, "C"): "3"})
    assert left() == (1, 1, ["value_taken_by"])
    assert put({(2, "A"): "003", (2, "C"): "3"})
    assert left() == (2, 0, [])
    assert shop.held("thing", "no", "qty") == [("002", 2), ("003", 3)]
    with pytest.raises(NotFound):
        put({(2, "A"): "004"})
    # What was put right is part of the import, and goes with it.
    assert shop.undo(plan) == {"undone": 2}
    assert shop.held("thing", "no") == []
