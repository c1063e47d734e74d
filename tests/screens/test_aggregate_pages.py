"""The sheet of an aggregate table: what is kept is what was drawn up, and refusals lose nothing."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from builder.packages import read_package
from tests.screens.conftest import JXC
from tests.screens.person import Page, Person
from tests.screens.test_design_pages import made, rev, with_form

Signed = Callable[[str], Person]
MONTHLY = "/design/jxc/aggregates/monthly_summary"


def value(page: Page) -> dict[str, Any]:
    """What the page's script draws."""
    found = page.soup.select_one("#ag-value")
    assert found is not None
    sheet: dict[str, Any] = json.loads(found.text)
    return sheet


def saved(somebody: Person, address: str, label: str, sheet: Mapping[str, Any]) -> Page:
    page = somebody.get(address)
    return somebody.post(address, rev=rev(page), do="save", label=label, sheet=json.dumps(sheet))


def test_sheet_of_jxc__kept_as_it_is_changes_nothing(person: Signed) -> None:
    somebody = person("admin")
    assert "进销存月汇总" in somebody.get("/design/jxc/aggregates").text
    sheet = value(somebody.get(MONTHLY))
    (own,) = read_package(JXC)["aggregates"]
    assert sheet == own
    assert saved(somebody, MONTHLY, "进销存月汇总", sheet).status == 303
    assert value(somebody.get(MONTHLY)) == own


def test_new_sheet__has_codes_by_its_names_and_can_be_deleted(person: Signed) -> None:
    somebody = person("admin")
    new = "/design/jxc/aggregates/new"
    source = {
        "form": "delivery",
        "lines": "lines",
        "dimensions": {"+1": "month(document_date)", "+2": "lines.item"},
        "measures": {"+3": {"op": "sum", "of": "amount"}, "+4": {"op": "count"}},
    }
    sheet = {
        "code": "",
        "dimensions": [{"code": "+1", "label": "月份"}, {"code": "+2", "label": "商品"}],
        "measures": [
            {"code": "+3", "label": "金额", "result": "money"},
            {"code": "+4", "label": "行数", "result": "number", "places": 0},
        ],
        "sources": [source],
    }
    answer = saved(somebody, new, "销售月汇总", sheet)
    assert answer.status == 303, answer.text
    address = answer.response.location
    kept = value(somebody.get(address))
    codes = [each["code"] for each in (*kept["dimensions"], *kept["measures"])]
    assert len(set(codes)) == 4
    assert all(code.isidentifier() for code in codes)
    assert set(kept["sources"][0]["dimensions"]) == set(codes[:2])
    assert set(kept["sources"][0]["measures"]) == set(codes[2:])
    # Nothing stands in the way of publishing it.
    assert not somebody.get(address).soup.select(".ds-found")
    page = somebody.get(address)
    assert somebody.post(address, rev=rev(page), do="delete").status == 303
    assert somebody.get(address).status == 404


@pytest.mark.parametrize("label", ["", "没有分组的"])
def test_refused__says_why_and_shows_what_was_typed(person: Signed, label: str) -> None:
    somebody = person("admin")
    app = made(somebody, f"汇总{label}", f"huizong_{len(label)}")
    with_form(somebody, app, "订单")
    figure = {"code": "+1", "label": "笔数", "result": "number"}
    sheet = {"code": "", "dimensions": [], "measures": [figure], "sources": []}
    refused = saved(somebody, f"{app}/aggregates/new", label, sheet)
    assert refused.status == 422
    assert refused.soup.select("#ds-refusal li")
    assert value(refused)["measures"] == [figure]
    assert not somebody.get(f"{app}/aggregates").soup.select(".ag-card")


@pytest.mark.parametrize("sheet", ["", "[]", "{", '{"sources": 5, "measures": {"a": 1}}'])
def test_rubbish__is_refused(person: Signed, sheet: str) -> None:
    somebody = person("admin")
    address = "/design/jxc/aggregates/new"
    page = somebody.get(address)
    answer = somebody.post(address, rev=rev(page), do="save", label="坏", sheet=sheet)
    assert answer.status in {400, 422}


def test_sheets__are_the_administrators_alone(person: Signed) -> None:
    for address in ("/design/jxc/aggregates", MONTHLY, "/design/jxc/aggregates/new"):
        assert person("chenli").get(address).status == 403
