"""The tests of an app in the browser: the list, a run with its results, recording one."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from builder import drafts
from builder.tasks import TASKS
from builder.testing.gate import TASK
from runtime.catalogue import Catalogue
from runtime.infra import queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.jobs import run_one
from runtime.platform import Platform
from tests.screens.person import Page, Person

Signed = Callable[[str], Person]
TESTS = "/design/jxc/tests"


def recorded_in(app: Flask) -> dict[str, Any]:
    """The tests of the draft, by what people call them."""
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        source = drafts.read(Act(connection, SYSTEM, here.clock()), "jxc").source
    return {str(test["label"]): test for test in source["tests"]}


def run_what_was_asked(app: Flask, page: Page) -> None:
    """Be the worker for the job a page sends to."""
    here: Platform = app.extensions["dajian"]
    number = int(str(page.response.headers["Location"]).partition("job=")[2])
    with here.database.reading() as connection:
        assert queue.find(connection, number).name == TASK
    assert run_one(here.database, here.settings, TASKS, number)


def record_id(app: Flask, form: str) -> int:
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        table = Catalogue().form(connection, "jxc", form).table
        return int(connection.execute(table.select().limit(1)).mappings().one()["id"])


def row_of(page: Page, code: str) -> Any:
    found = [row for row in page.soup.select(".at-row") if code in row.get_text()]
    return next(row for row in found if row.select_one("summary small").get_text() == code)


def test_list__says_what_each_does_and_runs_it(app: Flask, person: Signed) -> None:
    somebody = person("admin")
    page = somebody.get(TESTS)
    assert page.status == 200
    assert len(page.soup.select(".at-row")) >= 50
    nobody = row_of(page, "rights_nobody")
    assert "is-unknown" in nobody["class"]
    assert "核对权限" in nobody.get_text()
    asked = somebody.post(f"{TESTS}/runs", test="rights_nobody")
    waiting = somebody.get(str(asked.response.headers["Location"]))
    assert waiting.one("#tests")["hx-trigger"] == "every 1s"
    run_what_was_asked(app, asked)
    done = somebody.get(str(asked.response.headers["Location"]), script=True)
    assert "hx-trigger" not in done.one("#tests").attrs
    assert "is-ok" in row_of(done, "rights_nobody")["class"]
    assert somebody.post(f"{TESTS}/runs", test="nothing").status == 404


def test_recorded_from_a_form__fails_when_the_app_does_something_else(
    app: Flask, person: Signed
) -> None:
    somebody = person("admin")
    empty = somebody.get(f"{TESTS}/new?form=uom")
    assert empty.status == 200
    names = {"form": "uom", "by": "buyer", "at": "2026-03-05", "do": "send", "after": ""}
    refused = somebody.post(f"{TESTS}/new", **names, action="try")
    assert "应用会拒绝" in refused.text
    assert "单位名称" in refused.text
    made = somebody.post(f"{TESTS}/new", **names, **{"v-name": "桶"}, action="try")
    assert "有效" in made.text
    nameless = somebody.post(f"{TESTS}/new", **names, **{"v-name": "桶"}, action="save")
    assert "请给测试起个名字" in nameless.text
    kept = somebody.post(f"{TESTS}/new", **names, **{"v-name": "桶"}, name="新单位", action="save")
    assert kept.status == 303
    test = recorded_in(app)["新单位"]
    assert test["example"]["values"] == {"name": "桶"}
    assert test["example"]["expect"] == {"status": "active", "values": {}}

    # The app changes: a unit needs a note from now on, and the test says so.
    page = somebody.get(TESTS)
    rev = int(str(page.soup.select("input[name=rev]")[0]["value"]))
    change = {"op": "set", "form": "uom", "field": "note", "name": "required", "value": True}
    sent = {"base_rev": rev, "ops": [change]}
    headers = {"X-CSRFToken": somebody.token}
    somebody.client.post("/design/jxc/forms/uom/ops", json=sent, headers=headers)
    asked = somebody.post(f"{TESTS}/runs", test=test["code"])
    run_what_was_asked(app, asked)
    failed = row_of(somebody.get(TESTS), test["code"])
    assert "is-failed" in failed["class"]
    assert "备注" in failed.get_text()
    rev = int(str(somebody.get(TESTS).soup.select("input[name=rev]")[0]["value"]))
    somebody.post(TESTS, rev=str(rev), do="delete", test=test["code"])
    assert "新单位" not in recorded_in(app)


def test_recorded_from_a_record__brings_what_it_refers_to(app: Flask, person: Signed) -> None:
    somebody = person("admin")
    seen = str(somebody.get("/design/jxc").soup.select("input[name=rev]")[0]["value"])
    assert somebody.post("/design/jxc/discard", rev=seen).status == 303
    number = record_id(app, "purchase_receipt")
    page = somebody.get(f"{TESTS}/new?form=purchase_receipt&record={number}")
    assert str(page.one("#v-supplier")["value"]).startswith("@")
    fields = {
        str(each["name"]): str(each.get("value", ""))
        for each in page.soup.select("form[method=post] input[name]")
        if each.get("type") != "checkbox"
    }
    fields |= {"by": "buyer", "do": "send", "after": "", "with_data": "1", "name": "照着真单"}
    tried = somebody.post(f"{TESTS}/new", **fields, action="try")
    assert "金额合计" in tried.text, tried.texts(".note-err")
    assert somebody.post(f"{TESTS}/new", **fields, action="save").status == 303
    test = recorded_in(app)["照着真单"]
    forms = [step["form"] for step in test["steps"]]
    assert forms[-1] == "purchase_receipt"
    assert {"supplier", "warehouse", "item", "uom"} <= set(forms[:-1])
    assert forms.index("uom") < forms.index("item"), "what is referred to comes first"
    expected = test["steps"][-1]["expect"]
    assert expected["status"] == "submitted"
    assert expected["asked"] == ["warehouse_lead"]


def test_block__is_a_setting_of_the_app(person: Signed) -> None:
    somebody = person("admin")
    page = somebody.get(TESTS)
    rev = str(page.soup.select("input[name=rev]")[0]["value"])
    somebody.post(TESTS, rev=rev, do="block", block="1")
    assert somebody.get(TESTS).one("input[name=block]").has_attr("checked")


def test_who_is_no_administrator__has_no_tests(person: Signed) -> None:
    assert person("chenli").get(TESTS).status == 403
    assert person("chenli").get(f"{TESTS}/new").status == 403
