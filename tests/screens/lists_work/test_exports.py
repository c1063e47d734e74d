"""Files of what a list shows: the same records and columns, typed, counted, theirs alone."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from runtime import tasks
from runtime.infra import jobs
from runtime.infra.queue import job_table
from runtime.platform import Platform
from runtime.screens.lists_work import exports
from tests.screens.person import Person

Signed = Callable[[str], Person]
RECEIPTS = "/a/jxc/purchase_receipt"


def taken(somebody: Person, path: str, **fields: str) -> TestResponse:
    """A file as the browser gets it."""
    data = {**fields, "csrf_token": somebody.token}
    client = somebody.client
    with client.post(path, data=data) if fields else client.get(path) as answer:
        answer.get_data()
        return answer


def sheet(content: bytes) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values)


def texts(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_dialog__says_how_many_and_which_columns(person: Signed) -> None:
    page = person("chenli").get(f"{RECEIPTS}/export?f=amount_total~ge~29408", script=True)
    assert page.texts(".dlg-b > p") == ["符合当前筛选的 3 条采购入库。"]
    assert page.texts(".dlg-f .btn-primary") == ["导出 3 条"]
    assert page.texts("fieldset:nth-of-type(2) span")[0] == "列表里的 8 列"
    assert page.one("input[name=f]")["value"] == "amount_total~ge~29408"


def test_workbook__the_rows_and_columns_of_the_list_with_their_types(person: Signed) -> None:
    buyer = person("chenli")
    seen = buyer.get(f"{RECEIPTS}?sort=amount_total&f=amount_total~ge~20000")
    fields = {"format": "xlsx", "sort": "amount_total", "f": "amount_total~ge~20000"}
    answer = taken(buyer, f"{RECEIPTS}/export", **fields)
    name = answer.headers["Content-Disposition"]
    assert "filename*=UTF-8''%E9%87%87" in name
    assert "2026-11-21.xlsx" in name
    heads, *rows = sheet(answer.data)
    assert list(heads) == seen.texts("#list thead th")
    assert [row[0] for row in rows] == [row[0] for row in seen.rows()]
    assert rows[-1][1:5] == (
        "温州标准件有限公司",
        "宁波主仓",
        datetime.fromisoformat("2026-11-09"),
        2820,
    )
    amounts = [row[5] for row in rows]
    assert amounts == sorted(amounts)
    assert amounts[-1] == 81345


def test_texts__a_mark_for_excel_and_plain_figures(person: Signed) -> None:
    answer = taken(person("chenli"), f"{RECEIPTS}/export", format="csv", q="五金")
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    heads, first, *_ = texts(answer.data)
    assert heads[-1] == "状态"
    assert first[:4] == ["CGRK-202611210001", "永康五金工具厂", "宁波主仓", "2026-11-21"]
    assert [Decimal(figure) for figure in first[4:6]] == [70, 3494]
    assert first[6:] == ["陈丽", "审批中"]


def test_all_fields__those_the_list_leaves_out_too(person: Signed) -> None:
    answer = taken(person("chenli"), f"{RECEIPTS}/export", format="csv", columns="all")
    heads = texts(answer.data)[0]
    assert heads[0] == "单据编号"
    assert {"备注", "创建人", "创建时间"} <= set(heads)
    assert "明细" not in heads


def test_export__is_a_right_of_its_own(person: Signed) -> None:
    warehouse = person("zhangmin")
    assert warehouse.get("/a/jxc/supplier/export").status == 403
    assert warehouse.post("/a/jxc/supplier/export", format="csv").status == 403
    assert person("chenli").post(f"{RECEIPTS}/export", format="pdf").status == 400
    answer = person("chenli").post(f"{RECEIPTS}/export", format="csv", f="secret~eq~1")
    assert answer.status == 422


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a job begin at three records."""
    monkeypatch.setattr(exports, "AT_ONCE", 2)


@pytest.mark.usefixtures("small")
def test_job__writes_what_many_records_are_and_gives_it_to_nobody_else(
    app: Flask, person: Signed
) -> None:
    here: Platform = app.extensions["dajian"]
    buyer = person("chenli")
    answer = buyer.post(f"{RECEIPTS}/export", format="csv")
    progress = urlsplit(answer.response.location).path
    job_id = int(progress.rsplit("/", 1)[1])
    assert answer.status == 303
    # One at a time: the second is told so.
    assert buyer.post(f"{RECEIPTS}/export", format="csv").status == 429
    assert buyer.get(f"/exports/{job_id}").status == 404
    assert jobs.run_one(here.database, here.settings, tasks.TASKS, job_id)
    link = buyer.get(progress).one("#job a")["href"]
    given = taken(buyer, str(link))
    assert len(texts(given.data)) == 7
    assert given.headers["Content-Disposition"].startswith("attachment")
    for other in ("zhangmin", "admin"):
        assert person(other).get(str(link)).status == 404
    with here.database.transaction() as connection:
        late = here.clock() - timedelta(hours=25)
        connection.execute(
            update(job_table).where(job_table.c.id == job_id).values(finished_at=late)
        )
    assert buyer.get(str(link)).status == 404
