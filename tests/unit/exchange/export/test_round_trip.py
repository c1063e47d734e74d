"""What was taken out and is taken in again changes nothing: every kind of field, lines, files."""

import io
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.compile import Form
from runtime.exchange import batches
from runtime.exchange.adoption import Choices, ColumnChoice, plan_of
from runtime.exchange.cells import column_letters
from runtime.exchange.entries import entries
from runtime.exchange.export import plan as plans
from runtime.exchange.export import write_rows
from runtime.exchange.importing import Outcome, import_chunk
from runtime.exchange.inspection import Corrections
from runtime.exchange.matching import match, places
from runtime.exchange.opening import open_workbook
from runtime.exchange.spool import read_rows
from runtime.exchange.spool import write_rows as spool
from runtime.infra import departments, files, settings, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.kinds.fields import FIELD_TYPES
from runtime.platform import set_up
from runtime.query import PageRequest
from tests.conftest import Fill
from tests.prepared import opened


def f(code: str, kind: str, **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": f"{code} 栏", "options": options}


OPTIONS = [{"code": "east", "label": "东, 一"}, {"code": "west", "label": "西"}]
FIELDS = [
    {**f("no", "text"), "required": True, "unique": True},
    f("long", "long_text"),
    f("mail", "email"),
    f("phone", "phone"),
    f("url", "url"),
    f("number", "number", places=6),
    f("money", "money", places=4),
    f("quantity", "quantity"),
    f("percent", "percent", places=4),
    f("stars", "rating"),
    f("day", "date"),
    f("moment", "datetime"),
    f("clock", "time"),
    f("spent", "duration"),
    f("yes", "boolean"),
    f("side", "choice", options=OPTIONS),
    f("sides", "multi_choice", options=OPTIONS),
    f("friend", "reference", form="thing"),
    f("who", "user"),
    f("people", "users"),
    f("unit", "department"),
    f("units", "departments"),
    f("branch", "cascade", options=[
        {"code": "zj", "label": "浙江"}, {"code": "nb", "label": "宁波", "parent": "zj"},
    ]),
    f("region", "region"),
    f("rich", "rich_text"),
    f("card", "id_card"),
    f("hidden", "phone", mask=True),
    f("home", "address"),
    f("spot", "location"),
    f("bars", "barcode", symbology="ean13"),
    f("twin", "reference", form="thing"),
    f("price", "money", places=2) | {"label": "价（含税）"},
    f("cost", "money", places=2) | {"label": "价（不含税）"},
    f("double", "formula", formula="=money*2", result="money"),
    f("words", "rmb", field="money"),
    f("name", "lookup", reference="friend", field="name"),
    f("rows", "lines", fields=[
        {**f("item", "reference", form="thing"), "required": True},
        f("qty", "number", places=3), f("said", "text"), f("day", "date"),
        f("kind", "choice", options=OPTIONS), f("hidden", "phone", mask=True), f("held", "text"),
    ]),
    f("more", "lines", fields=[f("held", "text"), f("spent", "duration")]),
]  # fmt: skip
NOT_TYPED = {
    "attachment": "files", "image": "files", "signature": "files",
    "document_number": "given by the product", "rollup": "computed",
    "button": "no value", "divider": "no value", "note": "no value", "query": "no value",
}  # fmt: skip
THING = {"code": "thing", "label": "货", "type": "record", "title": "name",
         "fields": [{"code": "name", "kind": "text", "label": "名称"}]}  # fmt: skip
FORM = {"code": "all", "label": "全", "type": "record", "title": "no", "fields": FIELDS}
APP = {"format": "dajian-app/1", "code": "every", "label": "全", "forms": [THING, FORM]}
FULL = {
    "long": "第一行\n第二行，=1+1", "mail": "a@example.com", "phone": "13800138000",
    "url": "https://example.com/a?b=1&c=2", "number": "-0.000123", "money": "123456789.0125",
    "quantity": "19.607", "percent": "0.1234", "stars": 4, "day": "2026-02-28",
    "moment": "2026-11-21T09:30:15+08:00", "clock": "08:05:06", "spent": "5400", "yes": True,
    "side": "east", "sides": ["east", "west"], "friend": 1, "branch": "nb",
    "region": "330106", "rich": "<p>一 <b>二</b></p><ul><li>三</li></ul>",
    "card": "33010619900101123X", "hidden": "13900139000",
    "home": {"region": "330106", "street": "文三路 1 号"}, "spot": "31.2304,121.4737",
    "bars": "6901234567892", "twin": 4, "price": "2.50", "cost": "-1",
}  # fmt: skip
TEXTS = ("=1+1", "00123", "+8613", "1e5", "2026-01-02", "是", "-", "12345678901234567890", "'a",
         "_x0041_", "＝１", "TRUE", "#N/A", "1/2", "true", "1.50", "家\u200d人", "''", '="1"',
         "无", "0.10%", "a\nb", "1,000", "'=a", "是" * 3_000)  # fmt: skip


def _company(url: str, now: datetime) -> None:
    with opened(url) as empty, empty.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, now)
        publish(act, APP, "test")
        forms = Catalogue().app(connection, "every").forms
        # Two of a name, which a cell cannot tell apart.
        for name in ("螺丝", "00123", "=1+1", "两个", "两个"):
            documents.create(act, forms["thing"], {"name": name})
        who = users.create(act, users.NewUser("li", "a demo for tests", frozenset()))
        unit = departments.create(act, "仓库")
        people = {"who": who.id, "people": [who.id], "unit": unit.id, "units": [unit.id]}
        rows = [
            {"item": 1, "qty": "1.5", "said": "=2", "day": "2026-01-31", "kind": "west"},
            {"item": 4, "qty": "-2", "said": "00", "hidden": "13700137000", "held": "甲"},
        ]
        more = [{"spent": "90"}, {}, {"held": "-乙", "spent": "3600"}]
        form = forms["all"]
        documents.create(act, form, {"no": "A-1", **FULL, **people, "rows": rows, "more": more})
        documents.create(act, form, {"no": "A-2", "yes": False, "rows": []})
        for n, text in enumerate(TEXTS):
            values = {"no": f"T{n:03}", "long": text, "friend": 2, "rows": [rows[n % 2]]}
            documents.create(act, form, values)


class Company:
    """A form of every kind, taken out and in."""

    def __init__(self, database: Database, home: Path, now: datetime) -> None:
        self.database, self.home, self.now = database, home, now

    def form(self, connection: Any) -> Form:
        return Catalogue().app(connection, "every").forms["all"]

    def taken_out(self, file_format: str, lines: str = "") -> bytes:
        stream = io.BytesIO()
        with self.database.reading() as connection:
            act, form = Act(connection, SYSTEM, self.now), self.form(connection)
            codes = tuple(each.code for each in form.fields if each.column is not None)
            request = PageRequest(columns=codes, sort="no")
            made = plans.plan_of(
                act, form, request, file_format=file_format, locale="zh",
                statuses={}, lines=lines,
            )  # fmt: skip
            write_rows(act, made, stream)
        return stream.getvalue()

    def taken_in(self, content: bytes, name: str, lines: str = "") -> Outcome:
        """Import a file into the form by its first column, changing what is there."""
        path, rows = self.home / name, self.home / "rows.jsonl"
        path.write_bytes(content)
        book = open_workbook(path, name)
        corrections = Corrections({})
        sheet = book.sheets[0].name
        spool(book, sheet, corrections, rows)
        with self.database.transaction() as connection:
            act, form = Act(connection, SYSTEM, self.now), self.form(connection)
            heads = _heads(content, name)
            columns = [
                {"col": column_letters(n), "name": head, "type": "text"}
                for n, head in enumerate(heads, start=1)
            ]
            taken = match(columns, form)
            meant = [each.path for each in places(form) if each.path.split(".")[0] == lines]
            meant += [each.path for each in places(form) if "." not in each.path]
            assert set(taken.values()) == set(meant), "every column finds its field again"
            kept = settings.read({"DAJIAN_HOME": str(self.home)})
            file = files.store(act, kept, io.BytesIO(content), name)
            seen: dict[str, Any] = {"inspection": {}, "preview": []}
            batch = batches.create(act, "every", file.id, name, seen)
            chosen = tuple(ColumnChoice(col, take, take, "text") for col, take in taken.items())
            choices = Choices(sheet, {}, "all", "", chosen, key=("no",), mode="both")
            plan = plan_of(batch, choices, form, taken)
            outcome = Outcome()
            import_chunk(act, plan, list(entries(plan, read_rows(rows))), outcome)
        return outcome

    def held(self) -> list[Any]:
        with self.database.reading() as connection:
            form = self.form(connection)
            things = form.siblings["thing"].table
            tables = (form.table, things, *(each.table for each in form.lines))
            return [
                [dict(row) for row in connection.execute(select(t).order_by(t.c.id)).mappings()]
                for t in tables
            ]


def differing(before: list[Any], after: list[Any]) -> list[tuple[str, Any, Any]]:
    """The cells that are not what they were."""
    return [
        (name, old[name], new[name])
        for olds, news in zip(before, after, strict=True)
        for old, new in zip(olds, news, strict=True)
        for name in old
        if old[name] != new[name]
    ]


def _heads(content: bytes, name: str) -> Sequence[str]:
    if name.endswith(".csv"):
        return content.decode("utf-8-sig").splitlines()[0].split(",")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [str(cell.value) for cell in next(sheet.iter_rows())]


@pytest.fixture
def company(database: Database, fill: Fill, tmp_path: Path, now: datetime) -> Company:
    fill("a form of every kind", lambda url: _company(url, now))
    return Company(database, tmp_path, now)


@pytest.mark.parametrize("lines", ["", "rows", "more"])
def test_workbook_taken_in_again__changes_no_cell(company: Company, lines: str) -> None:
    before = company.held()
    outcome = company.taken_in(company.taken_out("xlsx", lines), "全.xlsx", lines)
    counts = {name: count for name, count in asdict(outcome).items() if count and name != "errors"}
    assert outcome.errors == []
    assert differing(before, company.held()) == []
    assert counts == {"done": counts["done"], "kept": 2 + len(TEXTS)}


def test_texts_taken_in_again__change_no_cell(company: Company) -> None:
    before = company.held()
    outcome = company.taken_in(company.taken_out("csv"), "全.csv")
    assert outcome.errors == []
    assert differing(before, company.held()) == []


def test_workbook__a_line_is_a_row_with_its_header_repeated(company: Company) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(company.taken_out("xlsx", "rows"))).worksheets[0]
    heads, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert heads[-7:-2] == ["item 栏", "qty 栏", "said 栏", "rows 栏·day 栏", "kind 栏"]
    assert heads[-2:] == ["rows 栏·hidden 栏", "held 栏"]
    assert len(rows) == 2 + 1 + len(TEXTS)
    assert [row[0] for row in rows[:3]] == ["A-1", "A-1", "A-2"]
    assert [row[-7] for row in rows[:3]] == ["螺丝", "两个", None]
    assert rows[0][-6] == 1.5
    assert rows[2][-7:] == [None] * 7


def test_kinds__every_one_of_them_was_taken_out() -> None:
    """A new kind of field stands here, or in the list of those that hold nothing one can type."""
    tables = [each["options"]["fields"] for each in FIELDS if each["kind"] == "lines"]
    tried = {each["kind"] for fields in (FIELDS, *tables) for each in fields}
    assert tried | set(NOT_TYPED) == set(FIELD_TYPES)
