"""The designer's views, conversions, conditions of roles and warnings, as its pages have them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.screens.person import Person

DELIVERY = "/design/jxc/forms/delivery"
CONVERSIONS = "/design/jxc/conversions"


@pytest.fixture
def somebody(person: Callable[[str], Person]) -> Person:
    return person("admin")


def ops(person: Person, form: str, *changes: dict[str, Any]) -> BeautifulSoup:
    """Send changes the way the tabs do; the answer is what was drawn anew."""
    rev = int(str(person.get(form).one("#rev")["data-rev"]))
    headers = {"X-CSRFToken": person.token, "HX-Request": "true"}
    body = {"base_rev": rev, "ops": list(changes)}
    answer = person.client.post(f"{form}/ops", json=body, headers=headers)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200, text
    return BeautifulSoup(text, "lxml")


def checked(person: Person, text: str) -> dict[str, Any]:
    """What the editor is told of a condition of a role."""
    body = {"text": text, "form": "delivery", "lines": "", "field": "", "part": "rows"}
    body |= {"result": "boolean", "trial": {"record": 1, "typed": {}}}
    headers = {"X-CSRFToken": person.token, "Accept": "application/json"}
    answer = person.client.post("/design/jxc/formulas/check", json=body, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def test_views__are_listed_in_words_and_drawn_up_on_a_sheet(somebody: Person) -> None:
    where = {
        "all": [
            {"field": "status", "op": "any_of", "values": ["draft"]},
            {"not": {"any": [{"field": "customer.name", "op": "contains", "values": ["甲"]}]}},
            {"any": [{"field": "document_date", "op": "relative", "values": ["last_days", "7"]}]},
        ]
    }
    late = {
        "label": "近期草稿",
        "columns": [{"field": "customer", "pinned": True}, {"field": "document_date"}],
        "where": where,
        "sort": [{"field": "document_date", "descending": True}],
        "totals": [{"field": "amount_total", "fn": "sum"}],
        "roles": ["sales"],
    }
    board = {"label": "看板", "type": "kanban", "lane": "status"}
    change = {"op": "set_form", "form": "delivery", "name": "views", "value": [late, board]}
    ops(somebody, DELIVERY, change)
    page = somebody.get(f"{DELIVERY}/lists")
    kept = json.loads(str(page.one("#views")["data-views"]))
    assert [view["code"] for view in kept] == ["jin_qi_cao_gao", "kan_ban"]
    said, second = page.texts(".vw-n small")
    assert "2 列" in said
    assert "按单据日期从大到小排" in said
    assert "只给销售" in said
    assert "只看 状态 是 草稿 且 并非（客户 · 客户名称 包含 甲） 且 （单据日期 在 近 7 天）" in said
    assert second == "看板"
    sheet = somebody.get(f"{DELIVERY}/views/edit?at=0").one("#dlg-view")
    model = json.loads(str(sheet["data-model"]))
    asked = {each["path"]: each for each in model["asked"]}
    assert model["where"] == where
    # A definition names no record of an installation: only whether there is one.
    assert [code for code, _ in asked["customer"]["operators"]] == ["empty", "not_empty"]
    assert asked["handled_by"]["options"] == [["me", "我"]]
    assert "lines.qty" in asked
    assert somebody.get(f"{DELIVERY}/views/edit?at=2").status == 404
    assert somebody.get(f"{DELIVERY}/views/edit").status == 200


def test_a_role__reaches_the_records_its_condition_names(somebody: Person) -> None:
    dialog = somebody.get(f"{DELIVERY}/access/condition?role=sales").one("#dlg-formula script")
    model = json.loads(dialog.get_text())
    assert model["part"] == "rows"
    assert "record" not in model
    names = somebody.client.get(f"{model['names']}&form=delivery&lines=").get_json()
    assert {each["code"] for each in names["names"]} >= {"created_by", "status", "customer"}
    functions = {each["name"]: each for each in names["functions"]}
    assert functions["MYDEPARTMENT"]["signature"] == "MYDEPARTMENT(department)"
    # Each example that needs nothing but the record holds; what cannot be asked of SQL is refused.
    fine = checked(somebody, functions["USER"]["examples"][0][0])
    assert (fine["fine"], "trial" in fine) == (True, False)
    assert fine["labelled"] == "={创建人}=USER()"
    moving = checked(somebody, "{document_date}=TODAY()")
    assert not moving["fine"]
    assert moving["problems"][0]["text"]
    condition = {"rows": "rule", "condition": fine["stored"]}
    ops(somebody, DELIVERY, {"op": "set_grant", "role": "sales", "form": "delivery", **condition})
    page = somebody.get(f"{DELIVERY}/access")
    assert page.texts("[data-condition=sales] code") == ["{创建人}=USER()"]
    assert somebody.get(f"{DELIVERY}/access/condition?role=nobody").status == 404


def test_roles_within_a_role__are_shown_and_never_in_a_circle(somebody: Person) -> None:
    include = {"op": "set_role", "role": "buyer", "name": "includes", "value": ["sales"]}
    ops(somebody, DELIVERY, include)
    page = somebody.get(f"{DELIVERY}/access")
    assert any("销售" in text for text in page.texts(".ac-more p"))
    may = str(page.one("[data-include=sales]")["data-may"]).split()
    assert "buyer" not in may
    assert str(page.one("[data-include=buyer]")["data-has"]) == "sales"
    # Whoever has one of them has the other's rights, and is told which role gives them.
    person = next(each for each in page.soup.select("#ac-as option") if each.get_text() == "王建国")
    seen = somebody.get(f"{DELIVERY}/access?as={person['value']}")
    assert seen.soup.select("#ac-eyes")


def test_a_check__may_warn_instead_of_refusing(somebody: Person) -> None:
    check = {"formula": "{amount_total}<100000", "message": "金额很大", "level": "warning"}
    change = {"op": "set_form", "form": "delivery", "name": "checks", "value": [check]}
    ops(somebody, DELIVERY, change)
    assert somebody.get(f"{DELIVERY}/rules").texts(".ru .tag-warn") == ["只提醒"]
    sheet = somebody.get(f"{DELIVERY}/rules/edit?sort=check&at=0")
    assert sheet.one("[data-level=warning]")["aria-pressed"] == "true"


def test_conversions__are_suggested_kept_drawn_again_and_deleted(somebody: Person) -> None:
    page = somebody.get(CONVERSIONS)
    assert len(page.soup.select(".cv-card")) == 7
    new = f"{CONVERSIONS}/new?from=delivery&to=sales_return"
    sheet = somebody.get(new)
    rev = str(sheet.one("[name=rev]")["value"])
    chosen = {
        str(each["name"]): str(each.select("option[selected]")[0]["value"])
        for each in sheet.soup.select("#cv-sheet select")
        if each.select("option[selected]")
    }
    # The record itself where the target refers to it, and what is called the same on both sides.
    assert chosen["h.delivery"] == "$id"
    assert chosen["h.customer"] == "customer"
    assert chosen["l.item"] == "item"
    told = {**chosen, "rev": rev, "from": "delivery", "to": "sales_return"}
    told |= {"label": "再退", "qty_from": "qty", "qty_to": "qty", "tolerance": "5%"}
    drawn = somebody.post(new.partition("?")[0], script=True, do="draw", **{
        **told, "lines_from": ""})  # fmt: skip
    assert drawn.status == 200
    assert "单据的客户" not in drawn.text
    kept = somebody.post(f"{CONVERSIONS}/new", do="save", **told)
    assert kept.status == 303
    address = str(kept.response.headers["Location"])
    again = somebody.get(address)
    assert again.one("[name=tolerance]")["value"] == "5"
    assert not again.soup.select(".note-warn")
    wrong = somebody.post(address, do="save", **{
        **told, "rev": str(again.one("[name=rev]")["value"]), "h.customer": "nothing"})  # fmt: skip
    assert wrong.status == 303
    assert somebody.get(address).soup.select(".note-warn li")
    rev = str(somebody.get(address).one("[name=rev]")["value"])
    gone = somebody.post(address, do="delete", rev=rev, **{"from": "delivery", "to": "delivery"})
    assert gone.status == 303
    assert somebody.get(address).status == 404
    assert somebody.get(f"{CONVERSIONS}/new?from=delivery&to=nothing").status == 404
