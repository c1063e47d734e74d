"""From a workbook to records: a new form, an existing one, errors by address, killed half-way."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from builder.packages import read_package
from builder.publish import publish
from builder.workbook import FORMS
from runtime.catalogue import Catalogue
from runtime.documents import save
from runtime.exchange import batches, jobs
from runtime.exchange.adoption import (
    NEW,
    SKIP,
    Choices,
    ColumnChoice,
    choices_json,
    kind_of,
    plan_of,
    table_of,
)
from runtime.exchange.entries import entries
from runtime.exchange.importing import check_entries
from runtime.exchange.matching import match
from runtime.exchange.spool import count_rows, read_rows
from runtime.infra import files, queue, settings
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import Forbidden
from runtime.infra.jobs import run_one
from runtime.infra.settings import Settings
from runtime.platform import set_up
from runtime.tasks import TASKS
from tests.conftest import Fill
from tests.prepared import opened
from tests.unit.exchange.workbooks import workbook

JXC = Path(__file__).parents[3] / "app_templates" / "jxc"
HEAD = ["编码", "商品名称", "单位", "数量", "单价", "生产日期", "是否在售", "类别"]
GOODS = [
    ["001", "螺丝", "个", 3, "1.25", "2026-03-01", "是", "五金"],
    ["002", "螺母", "个", "0.5", "2", "2026-03-02", "否", "五金"],
    ["003", "灯泡", "箱", 10, "19.6072893295389", "2026-03-03", "是", "电器"],
]


class Company:
    """A database with the jxc app, and a place for files."""

    def __init__(self, database: Database, home: Path, now: datetime) -> None:
        self.database, self.now = database, now
        self.settings: Settings = settings.read({"DAJIAN_HOME": str(home)})

    def upload(self, path: Path) -> int:
        with self.database.transaction() as connection:
            act = Act(connection, SYSTEM, self.now)
            file = files.store(act, self.settings, io.BytesIO(path.read_bytes()), path.name)
            seen = jobs.look(connection, self.settings, file.id, {}, preview=True)
            return batches.create(act, "jxc", file.id, path.name, seen)

    def choices(self, batch_id: int, form: str, label: str = "测试") -> Choices:
        """What the wizard proposes: matched columns, new fields for a new form."""
        with self.database.reading() as connection:
            table = batches.find(connection, batch_id).inspection["tables"][0]
            app = Catalogue().app(connection, "jxc")
        matched = match(table["columns"], app.forms[form]) if form else {}
        rest = SKIP if form else NEW
        columns = tuple(
            ColumnChoice(one["col"], matched.get(one["col"], rest), one["name"], kind_of(one))
            for one in table["columns"]
        )
        return Choices(table["sheet"], {}, form, "" if form else label, columns)

    def start(self, batch_id: int, choices: Choices) -> int:
        with self.database.transaction() as connection:
            act = Act(connection, SYSTEM, self.now)
            batch = batches.find(connection, batch_id)
            app = Catalogue().app(connection, "jxc")
            draft = FORMS.draft(act, app, table_of(batch, choices.sheet), choices)
            if choices.needs_builder:
                FORMS.publish(act, draft, "import")
            decided = choices_json(replace(choices, form=draft.form.code))
            rows = count_rows(jobs.spooled(connection, self.settings, batch, choices))
            job_id = queue.enqueue(act, "exchange.import_rows", {"batch": batch_id})
            made = {**decided, "fields": dict(draft.fields), "rows": rows}
            batches.change(connection, batch_id, choices=made, state="running", job_id=job_id)
        return job_id

    def run(self) -> None:
        run_one(self.database, self.settings, TASKS)

    def rows(self, form: str) -> list[dict[str, Any]]:
        with self.database.reading() as connection:
            table = Catalogue().form(connection, "jxc", form).table
            found = connection.execute(select(table).order_by(table.c.id)).mappings()
            return [dict(row) for row in found]

    def job(self, job_id: int) -> queue.JobRow:
        with self.database.reading() as connection:
            return queue.find(connection, job_id)


def with_jxc(now: datetime) -> Callable[[str], None]:
    """What fills an empty database with the app."""

    def made(url: str) -> None:
        with opened(url) as empty, empty.transaction() as connection:
            set_up(connection)
            publish(Act(connection, SYSTEM, now), read_package(JXC), "test")

    return made


@pytest.fixture
def company(database: Database, fill: Fill, tmp_path: Path, now: datetime) -> Company:
    fill("jxc", with_jxc(now))
    return Company(database, tmp_path / "home", now)


@pytest.fixture
def goods(tmp_path: Path) -> Path:
    total = ["合计", None, None, "13.5"]
    return workbook(tmp_path / "goods.xlsx", [["2026 年商品"], HEAD, *GOODS, total], name="商品")


def test_adopt__a_new_form_with_its_rows(company: Company, goods: Path) -> None:
    batch_id = company.upload(goods)
    job_id = company.start(batch_id, company.choices(batch_id, "", "五金商品"))
    company.run()
    assert company.job(job_id).result == {
        "created": 3,
        "updated": 0,
        "kept": 0,
        "skipped": 0,
        "errors": 0,
        "href": f"/imports/jxc/{batch_id}",
    }
    with company.database.reading() as connection:
        form = Catalogue().form(connection, "jxc", "wu_jin_shang_pin")
    assert [(field.label.zh, field.kind.kind) for field in form.fields] == [
        ("编码", "text"),
        ("商品名称", "text"),
        ("单位", "text"),
        ("数量", "quantity"),
        ("单价", "money"),
        ("生产日期", "date"),
        ("是否在售", "boolean"),
        ("类别", "text"),
    ]
    assert form.by_code["bian_ma"].definition.unique
    first, _, third = company.rows("wu_jin_shang_pin")
    assert (first["f_bian_ma"], first["f_name"], first["f_shu_liang"]) == ("001", "螺丝", 3)
    assert (first["f_sheng_chan_ri_qi"], first["f_shi_fou_zai_shou"]) == (date(2026, 3, 1), True)
    # Six places are kept; the rest is binary noise of the sheet's arithmetic.
    assert third["f_dan_jia"] == Decimal("19.607289")


def test_adopt__into_an_existing_form_with_what_it_refers_to(company: Company, goods: Path) -> None:
    batch_id = company.upload(goods)
    choices = company.choices(batch_id, "item")
    assert {column.name: column.take for column in choices.columns} == {
        "编码": "item_no",
        "商品名称": "name",
        "单位": "base_uom",
        "数量": SKIP,
        "单价": "price_sale",
        "生产日期": SKIP,
        "是否在售": SKIP,
        "类别": "item_category",
    }
    # The reference price keeps four places; a person also wants the date.
    columns = tuple(
        replace(column, take=NEW) if column.name == "生产日期" else column
        for column in choices.columns
    )
    company.start(batch_id, replace(choices, columns=columns))
    company.run()
    units = {row["id"]: row["f_name"] for row in company.rows("uom")}
    items = company.rows("item")
    assert [units[row["f_base_uom"]] for row in items] == ["个", "个", "箱"]
    assert items[2]["f_price_sale"] == Decimal("19.6073")
    assert items[0]["f_sheng_chan_ri_qi"] == date(2026, 3, 1)


def test_adopt__rows_that_fail_are_told_by_address(company: Company, tmp_path: Path) -> None:
    bad = ["001", "又一个螺丝", "个", 1, "约三元", "2026-03-09", "是", "五金"]
    nameless = ["009", None, "个", 1, 2, "2026-03-09", "是", "五金"]
    path = workbook(tmp_path / "bad.xlsx", [HEAD, *GOODS, bad, nameless], name="货")
    batch_id = company.upload(path)
    choices = company.choices(batch_id, "item")
    with company.database.reading() as connection:
        act = Act(connection, SYSTEM, company.now)
        batch = batches.find(connection, batch_id)
        draft = FORMS.draft(act, Catalogue().app(connection, "jxc"), table_of(batch, "货"), choices)
        spool = jobs.spooled(connection, company.settings, batch, choices)
        plan = plan_of(batch_id, choices, draft.form, draft.fields)
        rows = list(entries(plan, read_rows(spool)))
        checked, would_make = check_entries(act, plan, rows)
    assert (checked.created, checked.failed, sorted(would_make)) == (
        3,
        2,
        sorted(["个", "箱", "五金", "电器"]),
    )
    company.start(batch_id, choices)
    company.run()
    with company.database.reading() as connection:
        outcome = batches.find(connection, batch_id).outcome
    assert (outcome["created"], outcome["failed"]) == (3, 2)
    assert [(error["cell"], error["code"]) for error in outcome["errors"]] == [
        ("货!E5", "number_expected"),
        ("货!A5", "value_taken"),
        ("货!B6", "value_missing"),
    ]
    assert len(company.rows("item")) == 3


def test_adopt__killed_half_way_goes_on_without_doubles(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [[f"{n:04}", f"商品{n}", "个", n, n, "2026-03-01", "是", "五金"] for n in range(1, 91)]
    batch_id = company.upload(workbook(tmp_path / "many.xlsx", [HEAD, *rows]))
    job_id = company.start(batch_id, company.choices(batch_id, "item"))
    insert_records, calls = save.insert_records, iter(range(10_000))

    def dying(*args: Any, **more: Any) -> Any:
        if next(calls) == 1:
            raise KeyboardInterrupt
        return insert_records(*args, **more)

    monkeypatch.setattr(save, "insert_records", dying)
    with pytest.raises(KeyboardInterrupt):
        company.run()
    with company.database.reading() as connection:
        done = batches.find(connection, batch_id).outcome["done"]
    assert 0 < done == len(company.rows("item")) < 50
    monkeypatch.undo()
    with company.database.transaction() as connection:
        # The lease of the worker that died has run out.
        connection.execute(queue.job_table.update().values(due=0))
    company.run()
    assert company.job(job_id).state == "done"
    numbers = [row["f_item_no"] for row in company.rows("item")]
    assert numbers == [row[0] for row in rows]


def test_adopt__forms_are_made_by_the_builder_only(company: Company, goods: Path) -> None:
    batch_id = company.upload(goods)
    choices = company.choices(batch_id, "")
    with company.database.reading() as connection:
        clerk = replace(SYSTEM, is_admin=False, user_id=7)
        batch = batches.find(connection, batch_id)
        app = Catalogue().app(connection, "jxc")
        with pytest.raises(Forbidden):
            FORMS.draft(
                Act(connection, clerk, company.now), app, table_of(batch, choices.sheet), choices
            )


def test_adopt__nothing_outside_the_home_is_written(company: Company, goods: Path) -> None:
    batch_id = company.upload(goods)
    company.start(batch_id, company.choices(batch_id, ""))
    company.run()
    with company.database.reading() as connection:
        table = batches.import_table
        assert connection.execute(select(func.count()).select_from(table)).scalar() == 1
    assert list((company.settings.home / "imports").iterdir()) == []
