"""What uses a field of a draft: every sort of use, and that a draft with mistakes still tells."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from builder.designer.draft_app import app_of_draft
from builder.designer.field_uses import uses_in
from builder.drafts import Draft
from builder.packages import read_package

JXC = Path(__file__).parents[3] / "app_templates" / "jxc"


@pytest.fixture(scope="module")
def jxc() -> dict[str, Any]:
    return read_package(JXC)


@pytest.fixture
def source(jxc: dict[str, Any]) -> dict[str, Any]:
    return deepcopy(jxc)


def form(source: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in source["forms"] if each["code"] == code)
    return found


def used(source: dict[str, Any], form_code: str, path: str) -> set[tuple[str, str, str]]:
    """The sorts and places of the uses."""
    app = app_of_draft(Draft("jxc", 0, 0, source))
    return {(each.sort, each.form, each.path) for each in uses_in(source, app, form_code, path)}


def test_quantity__by_formulas_of_three_places_the_books_and_the_lines(
    source: dict[str, Any],
) -> None:
    assert used(source, "purchase_receipt", "lines.qty") >= {
        ("formula", "purchase_receipt", "lines.amount"),
        ("formula", "purchase_receipt", "qty_total"),
        ("lookup", "purchase_receipt", "lines"),
        ("posting", "purchase_receipt", ""),
    }


def test_supplier_of_a_receipt__by_the_roll_ups_that_count_receipts(
    source: dict[str, Any],
) -> None:
    found = used(source, "purchase_receipt", "supplier")
    assert ("rollup", "supplier", "purchased_total") in found
    assert ("list", "purchase_receipt", "") in found


def test_column_of_an_item__by_lookups_and_by_what_is_filled_in(source: dict[str, Any]) -> None:
    assert ("lookup", "purchase_receipt", "lines.specification") in used(
        source, "item", "specification"
    )
    assert ("lookup", "purchase_receipt", "lines.item") in used(source, "item", "price_purchase")
    assert any(sort == "stock" for sort, _form, _path in used(source, "item", "base_uom"))


def test_rules_checks_bounds_rights_and_combinations(source: dict[str, Any]) -> None:
    receipt = form(source, "purchase_receipt")
    receipt["rules"] = [
        {"code": "r1", "when": "{handled_by}>0", "effect": "require", "fields": ["note"]}
    ]
    receipt["checks"] = [{"formula": "NOT(ISBLANK({note}))", "message": "写备注", "field": "note"}]
    receipt["unique_together"] = [["supplier", "document_date"]]
    lines = next(each for each in receipt["fields"] if each["code"] == "lines")
    price = next(each for each in lines["options"]["fields"] if each["code"] == "price")
    price["options"]["max"] = "={qty}*100"
    source["roles"][0]["grants"] = [
        {"form": "purchase_receipt", "verbs": ["view"], "hidden": ["lines.price"]}
    ]
    assert used(source, "purchase_receipt", "note") >= {
        ("rule", "purchase_receipt", ""),
        ("check", "purchase_receipt", ""),
    }
    assert ("unique", "purchase_receipt", "") in used(source, "purchase_receipt", "supplier")
    assert ("formula", "purchase_receipt", "lines.price") in used(
        source, "purchase_receipt", "lines.qty"
    )
    for path in ("lines.price", "lines"):
        assert ("access", "purchase_receipt", "") in used(source, "purchase_receipt", path)


def test_a_draft_with_a_mistake__tells_of_the_formulas_that_can_be_read(
    source: dict[str, Any],
) -> None:
    receipt = form(source, "purchase_receipt")
    total = next(each for each in receipt["fields"] if each["code"] == "amount_total")
    total["options"]["formula"] = "=SUM(lines.nothing"
    found = used(source, "purchase_receipt", "lines.qty")
    assert ("formula", "purchase_receipt", "qty_total") in found
    assert ("formula", "purchase_receipt", "lines.amount") in found


def test_nothing__is_used_by_nothing(source: dict[str, Any]) -> None:
    found = used(source, "purchase_receipt", "lines.bin")
    assert found == {("posting", "purchase_receipt", ""), ("conversion", "purchase_receipt", "")}
    assert uses_in(source, None, "none", "qty") == ()


def test_dates_and_customers_of_deliveries__by_views_that_show_sort_and_ask(
    source: dict[str, Any],
) -> None:
    form(source, "delivery")["views"] = [
        {
            "code": "late",
            "label": "逾期",
            "columns": [{"field": "customer"}],
            "where": {"any": [{"field": "customer.name", "op": "contains", "values": ["x"]}]},
            "sort": [{"field": "document_date"}],
        },
        {"code": "days", "label": "日程", "type": "calendar", "date": "document_date"},
    ]
    by_date = said(source, "delivery", "document_date")
    assert by_date["view", "视图 · 逾期"] is False
    assert by_date["view", "视图的版面 · 日程"] is True
    assert by_date.keys() >= {("view", "视图 · 逾期"), ("view", "视图的版面 · 日程")}
    # A column that goes is missed by nobody; a condition that looks through it breaks.
    assert said(source, "customer", "name")["view", "视图的条件 · 逾期"] is True
    assert ("view", "视图的条件 · 逾期") in said(source, "delivery", "customer")


def test_conversions__by_what_they_take_and_what_they_fill(source: dict[str, Any]) -> None:
    for each in source["conversions"]:
        name = each["label"]["zh"] if isinstance(each["label"], dict) else each["label"]
        for own, taken in each.get("map", {}).items():
            assert ("conversion", f"单据转换填入它 · {name}") in said(source, each["to"], own)
            if not taken.startswith("$"):
                assert ("conversion", f"单据转换的来源 · {name}") in said(
                    source, each["from"], taken
                )
        lines = each.get("lines", {})
        for own, taken in lines.get("map", {}).items():
            found = said(source, each["to"], f"{lines['to']}.{own}")
            assert ("conversion", f"单据转换填入它 · {name}") in found
            if taken.startswith("header."):
                path = taken.removeprefix("header.")
            else:
                path = f"{lines['from']}.{taken}" if "from" in lines else taken
            if not taken.startswith("$"):
                found = said(source, each["from"], path)
                assert ("conversion", f"单据转换的来源 · {name}") in found


def test_condition_of_a_role__by_the_field_it_asks(source: dict[str, Any]) -> None:
    role = source["roles"][0]
    role["grants"] = [
        {"form": "customer", "verbs": ["view"], "rows": "rule", "condition": '{customer_no}="C1"'}
    ]
    found = said(source, "customer", "customer_no")
    assert any(sort == "access" and text.startswith("查看范围") for sort, text in found)
    assert not any(text.startswith("查看范围") for _, text in said(source, "customer", "name"))


def said(source: dict[str, Any], form_code: str, path: str) -> dict[tuple[str, str], bool]:
    """The sorts of the uses, in words, and whether each breaks when the field goes."""
    app = app_of_draft(Draft("jxc", 0, 0, source))
    return {(each.sort, each.text): each.blow for each in uses_in(source, app, form_code, path)}
