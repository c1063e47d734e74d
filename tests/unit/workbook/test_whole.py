"""A workbook of several tables: forms, rows and figures at once, and all of it taken back."""

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from builder.tasks import TASKS
from builder.workbook.whole import adopt
from runtime.catalogue import Catalogue, active_definition
from runtime.compile import Form
from runtime.exchange import batches
from runtime.infra import queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.jobs import run_one
from runtime.infra.settings import read, with_secret
from runtime.platform import Platform, set_up
from tests.conftest import Fill
from tests.prepared import opened
from tests.unit.exchange.workbooks import MAIN, PACKAGE, REL, F, workbook_of

GOODS: list[list[Any]] = [["编码", "名称", "单价"], ["A01", "螺丝", 2], ["A02", "灯泡", 5]]
SALES: list[list[Any]] = [["单号", "编码", "单价", "数量", "金额"]]
LOOKUP = "VLOOKUP(B{n},货!A:C,3,0)"


def _cell(place: str, value: Any, formula: str = "") -> str:
    made = f"<f>{formula}</f>" if formula else ""
    if isinstance(value, str):
        return f'<c r="{place}" t="str">{made}<v>{value}</v></c>'
    return f'<c r="{place}">{made}<v>{value}</v></c>'


def _sheet(rows: list[list[Any]], formulas: dict[str, str]) -> str:
    drawn = ""
    for number, row in enumerate(rows, start=1):
        cells = [
            _cell(f"{col}{number}", value, formulas.get(col, "").format(n=number))
            if number > 1
            else _cell(f"{col}{number}", value)
            for col, value in zip("ABCDE", row, strict=False)
        ]
        drawn += f'<row r="{number}">{"".join(cells)}</row>'
    return f"<worksheet {MAIN}><sheetData>{drawn}</sheetData></worksheet>"


def _workbook(path: Path) -> Path:
    sales = [*SALES]
    for number in range(1, 13):
        code, price = ("A01", 2) if number % 2 else ("A02", 5)
        sales.append([f"D{number:03}", code, price, number, price * number])
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in (1, 2)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{REL}"><sheets><sheet name="货" sheetId="1"'
        ' r:id="rId1"/><sheet name="销售" sheetId="2" r:id="rId2"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": _sheet(GOODS, {}),
        "xl/worksheets/sheet2.xml": _sheet(sales, {"C": LOOKUP, "E": "C{n}*D{n}"}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return path


@pytest.fixture
def platform(database: Database, fill: Fill, tmp_path: Path, now: datetime) -> Platform:
    def empty(url: str) -> None:
        with opened(url) as made, made.transaction() as connection:
            set_up(connection)

    fill("no app", empty)
    settings = with_secret(read({"DAJIAN_HOME": str(tmp_path / "home")}))
    return Platform(settings, database, Catalogue(), lambda: now)


def _shown(connection: Connection, form: Form, label: str) -> list[str]:
    """What the list shows under a label: the code, as the sheet did, and no name of it."""
    shown = next(
        item for code in form.list_columns if (item := form.by_code[code]).label.zh == label
    )
    assert shown.column is not None
    return list(connection.execute(select(shown.column).order_by(form.table.c.id)).scalars())


def test_whole__forms_that_compute_and_refer__and_all_of_it_taken_back(
    platform: Platform, tmp_path: Path, now: datetime
) -> None:
    told = adopt(platform, _workbook(tmp_path / "两张表.xlsx"), "trade")
    assert told["refused"] is None
    came = [(one["sheet"], one["created"], one["failed"]) for one in told["tables"]]
    assert came == [("货", 2, 0), ("销售", 12, 0)]
    assert [one["kept"] for one in told["tables"]] == [[], []]
    with platform.database.reading() as connection:
        form = Catalogue().form(connection, "trade", told["tables"][1]["form"])
        kinds = {field.label.zh: field.kind.kind for field in form.fields}
        assert _shown(connection, form, "编码") == ["A01" if n % 2 else "A02" for n in range(1, 13)]
        assert kinds["编码"] == "reference"
        assert (kinds["单价"], kinds["金额"]) == ("lookup", "formula")
        amount = next(field for field in form.fields if field.label.zh == "金额")
        assert amount.column is not None
        rows = connection.execute(select(amount.column).order_by(form.table.c.id)).scalars().all()
    # Every figure the app computes is the one the workbook held.
    assert rows == [(2 if n % 2 else 5) * n for n in range(1, 13)]

    with platform.database.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        batch_id = connection.execute(
            select(batches.import_table.c.id).order_by(batches.import_table.c.id).limit(1)
        ).scalar_one()
        job_id = queue.enqueue(act, "workbook.undo", {"batch": batch_id, "reason": "undone"})
    run_one(platform.database, platform.settings, TASKS, job_id)
    with platform.database.reading() as connection:
        job = queue.find(connection, job_id)
        assert job.error is None
        result: Any = job.result
        assert (result["undone"], result["kept"], result["forms"]) == (14, 0, 2)
        found = active_definition(connection, "trade")
        assert found is not None
        assert found[0]["forms"] == []


def test_whole__sheets_of_months_become_one_form(platform: Platform, tmp_path: Path) -> None:
    head = ["单号", "客户", "品名", "数量", "金额"]
    months = {
        name: [head, *([f"{name}-{n // 2}", f"客{n // 2}", f"货{n}", n, F(f"D{n + 2}*2", n * 2)]
               for n in range(6))]
        for name in ("1月", "2月", "3月")
    }  # fmt: skip
    told = adopt(platform, workbook_of(tmp_path / "全年.xlsx", months), "year")
    assert told["refused"] is None
    assert [(one["sheet"], one["created"], one["failed"]) for one in told["tables"]] == [
        *[("1月", 3, 0), ("2月", 3, 0), ("3月", 3, 0)]
    ]
    assert len({one["form"] for one in told["tables"]}) == 1
    with platform.database.reading() as connection:
        form = Catalogue().form(connection, "year", told["tables"][0]["form"])
        month = next(field for field in form.fields if field.label.zh == "月份")
        assert month.kind.kind == "choice"
        assert month.column is not None
        rows = connection.execute(select(month.column).order_by(form.table.c.id)).scalars().all()
        lines = form.lines[0]
        amount = next(field for field in lines.fields if field.label.zh == "金额")
        assert amount.kind.kind == "formula"
        assert amount.column is not None
        figures = connection.execute(select(amount.column).order_by(lines.table.c.id)).scalars()
        assert list(figures) == [n * 2 for n in range(6)] * 3
    assert rows == ["1月"] * 3 + ["2月"] * 3 + ["3月"] * 3
