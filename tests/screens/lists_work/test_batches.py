"""Many records at once: each with its own outcome, shown before, undone as one."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from runtime import tasks
from runtime.documents.batch.deeds import plain
from runtime.infra import jobs
from runtime.platform import Platform
from runtime.query.record import records_by_id
from runtime.screens.lists_work import batches
from tests.screens.person import Page, Person

Signed = Callable[[str], Person]
ITEMS = "/a/jxc/item"
RECEIPTS = "/a/jxc/purchase_receipt"


@pytest.fixture
def admin(person: Signed) -> Person:
    return person("admin")


def stored(app: Flask, form: str, ids: list[int]) -> dict[int, Any]:
    """Everything a record holds, as it stands in the database."""
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        found = here.catalogue.form(connection, "jxc", form)
        records = records_by_id(connection, found, ids)
        return {
            key: plain(
                [record.values, {c: [r.values for r in rows] for c, rows in record.lines.items()}]
            )
            for key, record in records.items()
        }


def all_ids(app: Flask, form: str) -> list[int]:
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        table = here.catalogue.form(connection, "jxc", form).table
        return list(connection.execute(select(table.c.id).order_by(table.c.id)).scalars())


def said(page: Page) -> dict[str, str]:
    told: dict[str, str] = json.loads(page.response.headers["HX-Trigger"])["work:done"]
    return told


def joined(ids: list[int]) -> str:
    return ",".join(map(str, ids))


def test_dialog__only_fields_one_may_type_into(admin: Person) -> None:
    page = admin.get(f"{ITEMS}/batches/new?action=update&ids=1,2,3", script=True)
    assert page.texts(".dlg-b > p")[0] == "选中的 3 条"
    names = page.texts("select[name=field] option")
    assert "规格型号" in names
    assert page.one(".dlg-f .btn-primary").has_attr("disabled")
    page = admin.get(
        f"{ITEMS}/batches/new?action=update&ids=1,2,3&field=specification", script=True
    )
    assert page.texts(".work-field .lbl") == ["规格型号"]
    assert page.texts(".dlg-f .btn-primary") == ["修改 3 条"]


def test_trial__old_and_new_of_the_first_three_and_nothing_is_written(
    app: Flask, admin: Person
) -> None:
    ids = all_ids(app, "item")[:4]
    before = stored(app, "item", ids)
    fields = {"ids": joined(ids), "field": "specification", "specification": "加厚"}
    page = admin.post(f"{ITEMS}/batches/trial", script=True, **fields)
    assert len(page.texts(".trial li")) == 3
    assert page.texts(".trial ins")[0] == "加厚"
    assert "还有 1 条没有列出。" in page.text
    assert stored(app, "item", ids) == before


def test_update__and_undo_leave_every_value_as_it_was(app: Flask, admin: Person) -> None:
    ids = all_ids(app, "item")[:5]
    before = stored(app, "item", ids)
    fields = {
        "action": "update",
        "ids": joined(ids),
        "field": "specification",
        "specification": "批量",
    }
    done = said(admin.post(f"{ITEMS}/batches", script=True, **fields))
    assert done["text"] == "已修改 5 条"
    after = stored(app, "item", ids)
    assert {record[0]["specification"] for record in after.values()} == {"批量"}
    undone = said(admin.post(done["undo"], script=True))
    assert undone["text"] == "已撤销，恢复了 5 条"
    assert stored(app, "item", ids) == before
    # Once is enough.
    assert admin.post(done["undo"], script=True).status == 409


def test_undo__leaves_what_somebody_has_changed_since(app: Flask, admin: Person) -> None:
    ids = all_ids(app, "item")[5:8]
    fields = {
        "action": "update",
        "ids": joined(ids),
        "field": "specification",
        "specification": "甲",
    }
    done = said(admin.post(f"{ITEMS}/batches", script=True, **fields))
    again = {
        "action": "update",
        "ids": str(ids[0]),
        "field": "specification",
        "specification": "乙",
    }
    said(admin.post(f"{ITEMS}/batches", script=True, **again))
    answer = admin.post(done["undo"], script=True)
    page = admin.get(urlsplit(answer.response.headers["HX-Redirect"]).path)
    assert page.texts(".outcome-n b") == ["2", "1"]
    assert "之后又被改过" in page.text
    assert stored(app, "item", ids)[ids[0]][0]["specification"] == "乙"


def test_refused__each_with_its_reason_and_the_rest_is_done(app: Flask, admin: Person) -> None:
    ids = all_ids(app, "purchase_receipt")
    before = stored(app, "purchase_receipt", ids)
    fields = {"action": "update", "ids": joined(ids), "field": "note", "note": "补记"}
    answer = admin.post(f"{RECEIPTS}/batches", script=True, **fields)
    page = admin.get(urlsplit(answer.response.headers["HX-Redirect"]).path)
    refused = page.texts(".outcome-l li")
    assert len(refused) == len(ids) == 6
    assert "单据已提交，不能再修改" in refused[0]
    assert stored(app, "purchase_receipt", ids) == before


def test_delete__those_in_use_stay_and_undo_brings_the_others_back(
    app: Flask, admin: Person
) -> None:
    made = []
    for number in range(2):
        fields = {"name": f"待删 {number}", "customer_no": f"DEL{number}", "version": "0"}
        answer = admin.post("/a/jxc/customer", **fields)
        assert answer.status == 303, answer.text
        made.append(int(answer.response.location.rsplit("/", 1)[1]))
    used = all_ids(app, "customer")[0]
    ids = [used, *made]
    before = stored(app, "customer", ids)
    fields = {"action": "delete", "ids": joined(ids)}
    answer = admin.post("/a/jxc/customer/batches", script=True, **fields)
    address = urlsplit(answer.response.headers["HX-Redirect"]).path
    page = admin.get(address)
    assert page.texts(".outcome-n b") == ["2", "1"]
    assert sorted(stored(app, "customer", ids)) == [used]
    undo = page.one("form[action$=undoing]")["action"]
    assert said(admin.post(str(undo), script=True))["text"] == "已撤销，恢复了 2 条"
    assert stored(app, "customer", ids) == before


def test_all_that_match__by_a_job_when_they_are_many(
    app: Flask, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "AT_ONCE", 3)
    here: Platform = app.extensions["dajian"]
    ids = all_ids(app, "item")
    before = stored(app, "item", ids)
    fields = {"action": "update", "scope": "all", "field": "specification", "specification": "全部"}
    answer = admin.post(f"{ITEMS}/batches", script=True, **fields)
    progress = urlsplit(answer.response.headers["HX-Redirect"]).path
    assert stored(app, "item", ids) == before
    assert jobs.run_one(here.database, here.settings, tasks.TASKS, int(progress.rsplit("/", 1)[1]))
    link = str(admin.get(progress).one("#job a")["href"])
    page = admin.get(link)
    assert page.texts(".outcome-n b") == [str(len(ids))]
    answer = admin.post(str(page.one("form[action$=undoing]")["action"]), script=True)
    job = int(urlsplit(answer.response.headers["HX-Redirect"]).path.rsplit("/", 1)[1])
    assert jobs.run_one(here.database, here.settings, tasks.TASKS, job)
    assert stored(app, "item", ids) == before


def test_number__is_typed_for_all_of_a_long_list(
    admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "TYPED_FROM", 2)
    fields = {"action": "delete", "scope": "all", "typed": "3"}
    assert admin.post(f"{ITEMS}/batches", script=True, **fields).status == 400


def test_batch__is_a_right_and_its_page_is_ones_own(person: Signed, admin: Person) -> None:
    seller = person("zhangmin")
    assert seller.get(f"{ITEMS}/batches/new?action=update&ids=1").status == 403
    assert seller.post(f"{ITEMS}/batches", action="delete", ids="1").status == 403
    assert admin.get(f"{ITEMS}/batches/9999").status == 404
    assert admin.get(f"{ITEMS}/batches/new?action=update&ids=").status == 400
    assert admin.get(f"{ITEMS}/batches/new?action=submit&ids=1").status == 400
