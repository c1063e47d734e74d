"""Pictures of a workbook become pictures of records: through the caged child, and back again."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from runtime.catalogue import Catalogue
from runtime.exchange import batches, imported, jobs
from runtime.exchange.adoption import Choices, ColumnChoice, plan_of, read_choices
from runtime.exchange.corrections import put_right
from runtime.exchange.entries import entries
from runtime.exchange.importing import check_entries
from runtime.exchange.spool import read_rows
from runtime.exchange.undoing import undo_chunk
from runtime.infra import files
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.files import file_table
from tests.conftest import Fill
from tests.unit.exchange.pictured import DARK, LIGHT, METAFILE, anchor, draw, keep_in_cells
from tests.unit.exchange.workbooks import F, workbook
from tests.unit.workbook.test_adopt import Company, with_jxc

WPS = F('DISPIMG("ID_1",1)', '=DISPIMG("ID_1",1)')
ROWS: list[list[Any]] = [
    ["货号", "品名", "数量", "图片"],
    ["A1", "螺丝", 1, WPS],
    ["A2", "螺母", 2, None],
    ["A3", "垫片", 3, None],
    ["A4", "灯泡", 4, None],
]
FORM = "wu_jin_tu_pian"


@pytest.fixture
def company(database: Database, fill: Fill, tmp_path: Path, now: datetime) -> Company:
    fill("jxc", with_jxc(now))
    return Company(database, tmp_path / "home", now)


@pytest.fixture
def goods(tmp_path: Path) -> Path:
    """Row 2 in the cell, row 3 twice on it, row 4 what is no picture, row 5 none."""
    path = keep_in_cells(workbook(tmp_path / "goods.xlsx", ROWS), {"ID_1": DARK})
    anchors = [anchor("2", "3", key="rId1"), anchor("2", "3", key="rId2")]
    return draw(
        path,
        [*anchors, anchor("3", "3", key="rId3")],
        {"a.png": LIGHT, "b.png": DARK, "c.emf": METAFILE},
    )


def brought_in(company: Company, path: Path) -> int:
    batch_id = company.upload(path)
    company.start(batch_id, company.choices(batch_id, "", "五金图片"))
    company.run()
    return batch_id


def contents(company: Company) -> list[list[bytes]]:
    """The pictures of each record, as they lie on disk; each must belong to its record."""
    found = []
    with company.database.reading() as connection:
        for row in company.rows(FORM):
            kept = [files.find(connection, key) for key in row["f_tu_pian"] or ()]
            assert {(each.form, each.record_id) for each in kept} <= {(f"jxc.{FORM}", row["id"])}
            assert {each.media_type for each in kept} <= {"image/png"}
            opened = [files.open_checked(company.settings, each) for each in kept]
            found.append([stream.read() for stream in opened])
            for stream in opened:
                stream.close()
    return found


def outcome(company: Company, batch_id: int) -> dict[str, Any]:
    with company.database.reading() as connection:
        return dict(batches.find(connection, batch_id).outcome)


def pictures(company: Company) -> list[int | None]:
    """Whose each picture is."""
    with company.database.reading() as connection:
        columns = file_table.c
        query = select(columns.record_id).where(columns.media_type == "image/png")
        return list(connection.execute(query.order_by(columns.id)).scalars())


def test_pictures__become_files_of_their_records(company: Company, goods: Path) -> None:
    batch_id = brought_in(company, goods)
    assert contents(company) == [[DARK], [LIGHT, DARK], [], []]
    told = outcome(company, batch_id)
    assert (told["created"], told["failed"]) == (4, 0)
    # What is refused is said by its cell; its record is in all the same.
    assert [(each["cell"], each["code"]) for each in told["errors"]] == [
        ("S1!D4", "import_not_picture")
    ]
    assert not list((company.settings.home / "imports").glob("pictures-*"))


def test_pictures__go_with_the_import_that_brought_them(company: Company, goods: Path) -> None:
    batch_id = brought_in(company, goods)
    with company.database.transaction() as connection:
        app = Catalogue().app(connection, "jxc")
        undo_chunk(Act(connection, SYSTEM, company.now), app, batch_id, "undone", size=100)
        assert imported.count(connection, batch_id) == {"undone": 4}
    assert company.rows(FORM) == []


def again(company: Company, path: Path) -> tuple[int, Choices]:
    """The same workbook into the form that is there now, found by its code."""
    batch_id = company.upload(path)
    with company.database.reading() as connection:
        form = Catalogue().form(connection, "jxc", FORM)
        table = batches.find(connection, batch_id).inspection["tables"][0]
    codes = [field.code for field in form.fields]
    columns = tuple(
        ColumnChoice(each["col"], code, each["name"], "text")
        for each, code in zip(table["columns"], codes, strict=False)
    )
    return batch_id, Choices("S1", {}, FORM, "", columns, key=(codes[0],), mode="both")


def test_pictures__that_are_there_change_nothing_and_others_do(
    company: Company, goods: Path, tmp_path: Path
) -> None:
    brought_in(company, goods)
    before = pictures(company)
    batch_id, choices = again(company, goods)
    company.start(batch_id, choices)
    company.run()
    told = outcome(company, batch_id)
    assert (told["kept"], told["updated"], told["failed"]) == (4, 0, 0)
    assert pictures(company) == before

    # Next month the second has another picture, and the fourth its first.
    other = draw(
        workbook(tmp_path / "other.xlsx", [[*row[:3], row[3] if row[0] == "货号" else None]
                                           for row in ROWS]),
        [anchor("2", "3", key="rId1"), anchor("4", "3", key="rId1")],
        {"a.png": DARK},
    )  # fmt: skip
    batch_id, choices = again(company, other)
    company.start(batch_id, choices)
    company.run()
    assert outcome(company, batch_id)["updated"] == 2
    assert contents(company) == [[DARK], [DARK], [], [DARK]]
    with company.database.transaction() as connection:
        app = Catalogue().app(connection, "jxc")
        undo_chunk(Act(connection, SYSTEM, company.now), app, batch_id, "undone", size=100)
    assert contents(company) == [[DARK], [LIGHT, DARK], [], []]


def test_pictures__of_a_row_that_failed_are_kept_nowhere_until_it_is_put_right(
    company: Company, goods: Path, tmp_path: Path
) -> None:
    brought_in(company, goods)
    rows = [list(row) for row in ROWS]
    rows[2][2] = "约三"
    bad = draw(
        keep_in_cells(workbook(tmp_path / "bad.xlsx", rows), {"ID_1": LIGHT}),
        [anchor("2", "3", key="rId1")],
        {"a.png": DARK},
    )
    batch_id, choices = again(company, bad)
    before = pictures(company)
    with company.database.reading() as connection:
        act = Act(connection, SYSTEM, company.now)
        batch = batches.find(connection, batch_id)
        form = Catalogue().form(connection, "jxc", FORM)
        plan = plan_of(batch_id, choices, form, {c.col: c.take for c in choices.columns})
        spool = jobs.spooled(connection, company.settings, batch, choices)
        with jobs.pictures_of(connection, company.settings, batch, plan) as held:
            checked, _ = check_entries(act, plan, list(entries(plan, read_rows(spool))), held)
    # A check says what would happen and keeps nothing.
    assert (checked.updated, checked.failed, pictures(company)) == (3, 1, before)

    company.start(batch_id, choices)
    company.run()
    assert outcome(company, batch_id)["failed"] == 1
    assert [key for key in pictures(company) if key is None] == []
    assert contents(company)[:2] == [[LIGHT], [LIGHT, DARK]]
    with company.database.transaction() as connection:
        batch = batches.find(connection, batch_id)
        plan = plan_of(batch_id, read_choices(batch.choices), plan.form, batch.choices["fields"])
        act = Act(connection, SYSTEM, company.now)
        with jobs.pictures_of(connection, company.settings, batch, plan) as held:
            assert put_right(act, batch, plan, 3, {(3, "C"): "7"}, held)
    assert contents(company)[:2] == [[LIGHT], [DARK]]
