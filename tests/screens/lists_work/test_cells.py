"""A cell edited in place: the box, the one validator, and why some cells stay as they are."""

import json
from collections.abc import Callable
from typing import Any

from tests.screens.person import Page, Person

Signed = Callable[[str], Person]
ITEM = "/a/jxc/item/3"
RECEIPTS = "/a/jxc/purchase_receipt"


def told(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.response.get_data(as_text=True))
    return found


def version(person: Person, code: str = "specification") -> str:
    return str(person.get(f"{ITEM}/cells/{code}", script=True).one("form")["data-version"])


def test_headings__say_what_may_be_typed_over(person: Signed) -> None:
    admin = person("admin")
    page = admin.get("/a/jxc/item")
    edited = [str(head["data-code"]) for head in page.soup.select("#list thead th[data-edit]")]
    assert "specification" in edited
    assert page.one("#list")["data-cells"] == "/a/jxc/item"
    # 张敏 may look at items, not change them.
    page = person("zhangmin").get("/a/jxc/item")
    assert page.soup.select("#list thead th[data-edit]") == []
    assert page.one("#list")["data-cells"] == ""


def test_box__with_what_stands_there(person: Signed) -> None:
    admin = person("admin")
    unit = admin.get(f"{ITEM}/cells/base_uom", script=True)
    assert unit.one("ref-lookup input[type=hidden]")["name"] == "base_uom"
    assert unit.one("ref-lookup input[role=combobox]")["value"]


def test_save__one_value_and_the_rest_stays(person: Signed) -> None:
    admin = person("admin")
    was = version(admin)
    fields = {"version": was, "specification": "8×30", "columns": "specification,item_no,secret"}
    answer = told(admin.post(f"{ITEM}/cells/specification", script=True, **fields))
    assert answer["cells"]["specification"] == {"text": "8×30", "neg": False}
    assert "secret" not in answer["cells"]
    assert answer["version"] == int(was) + 1
    # The version that was read is old by now.
    again = admin.post(f"{ITEM}/cells/specification", script=True, **fields)
    assert again.status == 409
    assert "系统管理员" in told(again)["problems"][0]


def test_save__what_is_wrong_is_said_in_words(person: Signed) -> None:
    admin = person("admin")
    fields = {"version": version(admin), "name": "", "columns": "name"}
    answer = admin.post(f"{ITEM}/cells/name", script=True, **fields)
    assert answer.status == 422
    assert "请填写" in told(answer)["problems"][0]
    fields = {"version": version(admin), "base_uom": "", "base_uom.text": "没有的单位"}
    answer = admin.post(f"{ITEM}/cells/base_uom", script=True, **fields)
    assert answer.status == 422


def test_posted_document__says_why_it_is_shut(person: Signed) -> None:
    page = person("admin").get(f"{RECEIPTS}/1/cells/supplier", script=True)
    assert page.status == 409
    assert "单据已提交，不能再修改" in page.text


def test_cell__computed_or_not_ones_own_is_not_there(person: Signed) -> None:
    assert person("admin").get(f"{RECEIPTS}/1/cells/amount_total", script=True).status == 404
    assert person("zhangmin").get(f"{ITEM}/cells/name", script=True).status == 403
    assert person("zhangmin").post(f"{ITEM}/cells/name", script=True, version="1").status == 403
