from collections.abc import Callable
from typing import Any

from flask import Flask

from runtime.api.openapi import KINDS
from runtime.kinds.fields import FIELD_TYPES
from runtime.kinds.layout_field import LAYOUT
from tests.api.conftest import Api

Way = Callable[..., Api]
DEFINITION = "/apps/jxc/definition"


def with_note(definition: dict[str, Any]) -> dict[str, Any]:
    """Add a field to the delivery, as a person changing the form would."""
    form = next(form for form in definition["forms"] if form["code"] == "delivery")
    field = {"code": "carrier", "kind": "text", "label": {"zh": "承运人", "en": "Carrier"}}
    form["fields"].append(field)
    form["sections"][0]["fields"].append("carrier")
    return definition


def test_put__a_new_field_is_there_at_once(api: Way) -> None:
    designer = api("admin", "design")
    changed = with_note(designer.get(DEFINITION))
    answer = designer.send("PUT", DEFINITION, changed, If_Match='"1"')
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    forms = {form["code"]: form for form in designer.get("/apps/jxc")["forms"]}
    assert "carrier" in {field["code"] for field in forms["delivery"]["fields"]}
    assert designer.get(DEFINITION) == changed


def test_put__formulas_by_labels_are_kept_by_ids(api: Way) -> None:
    designer = api("admin", "design")
    changed = designer.get(DEFINITION)
    form = next(form for form in changed["forms"] if form["code"] == "delivery")
    total = next(field for field in form["fields"] if field["code"] == "qty_total")
    total["options"]["formula"] = "=SUM({商品明细}.{数量})+0"
    version = designer.send("GET", DEFINITION).headers["ETag"]
    answer = designer.send("PUT", DEFINITION, changed, If_Match=version)
    assert answer.status_code == 200
    total["options"]["formula"] = "=SUM({lines.qty})+0"
    assert designer.get(DEFINITION) == changed
    again = designer.send("PUT", DEFINITION, changed, If_Match=answer.headers["ETag"])
    assert again.get_json()["changed"] is False


def test_put__from_another_version(api: Way) -> None:
    designer = api("admin", "design")
    changed = with_note(designer.get(DEFINITION))
    table: list[tuple[dict[str, str], int, str]] = [
        ({}, 428, "if_match_missing"),
        ({"If_Match": '"7"'}, 409, "definition_changed"),
        ({"If_None_Match": "*"}, 409, "definition_changed"),
    ]
    for headers, status, code in table:
        answer = designer.send("PUT", DEFINITION, changed, **headers)
        assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_put__every_problem_and_nothing_changed(api: Way) -> None:
    designer = api("admin", "design")
    before = designer.get(DEFINITION)
    broken = with_note(designer.get(DEFINITION))
    broken["forms"][0]["fields"][0]["kind"] = "numbr"
    answer = designer.send("PUT", DEFINITION, broken, If_Match='"1"')
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"].startswith("/forms/0/fields/0")
    assert designer.get(DEFINITION) == before


def test_uses__where_a_field_is_read_copied_and_added_up(api: Way) -> None:
    designer = api("admin", "read")
    uses = designer.get("/apps/jxc/forms/item/fields/price_sale/uses")["uses"]
    assert uses == [
        {
            "form": "delivery",
            "lines": "lines",
            "field": "price",
            "how": "fill",
            "label": "销售出库.商品明细.单价",
        }
    ]
    quantity = designer.get("/apps/jxc/forms/delivery/fields/lines.qty/uses")["uses"]
    assert ("delivery", "amount", "record") in {
        (use["form"], use["field"], use["how"]) for use in quantity
    }
    nowhere = ("item/fields/nothing", "item/fields/lines.qty", "nothing/fields/price_sale")
    for path in nowhere:
        assert designer.send("GET", f"/apps/jxc/forms/{path}/uses").status_code == 404
    clerk = api("zhou").send("GET", "/apps/jxc/forms/item/fields/price_sale/uses")
    assert clerk.status_code == 403


def test_put__a_changed_formula_says_what_is_computed_again(api: Way) -> None:
    designer = api("admin", "design")
    records = "/apps/jxc/forms/delivery/records"
    draft = designer.send("POST", records, {"values": {}}, Idempotency_Key="draft")
    assert draft.status_code == 201
    changed = designer.get(DEFINITION)
    form = next(form for form in changed["forms"] if form["code"] == "delivery")
    lines = next(field for field in form["fields"] if field["code"] == "lines")
    amount = next(each for each in lines["options"]["fields"] if each["code"] == "amount")
    amount["options"]["formula"] = "=ROUND(qty*price*2,2)"
    answer = designer.send("PUT", DEFINITION, changed, If_Match='"1"').get_json()
    asked = answer["recompute"]
    assert asked["rows"] == sum(each["rows"] for each in asked["forms"]) > 0
    assert "lines.amount" in {field for each in asked["forms"] for field in each["fields"]}
    job = designer.get(f"/jobs/{asked['job']}")
    assert (job["name"], job["state"]) == ("documents.recompute", "queued")


def test_openapi__addresses_for_all_values_for_who_may_see_them(api: Way, app: Flask) -> None:
    open_document = app.test_client().get("/api/v1/openapi.json").get_json()
    assert open_document["openapi"] == "3.1.0"
    assert set(open_document["components"]["schemas"]) == {"Problem", "Record"}
    record = open_document["paths"]["/api/v1/apps/{app}/forms/{form}/records/{record_id}"]
    assert set(record) == {"get", "patch", "delete"}
    needed = {p["name"] for p in record["patch"]["parameters"] if p.get("required")}
    assert needed == {"app", "form", "record_id", "If-Match"}
    ours = api("zhou").get("/openapi.json")["components"]["schemas"]
    assert "jxc.delivery" in ours
    assert "jxc.purchase_receipt" not in ours
    line = ours["jxc.delivery"]["properties"]["lines"]["items"]["properties"]
    assert line["qty"]["type"] == ["string", "null"]
    assert line["amount"]["readOnly"]


def test_openapi__every_kind_that_is_stored_has_a_row() -> None:
    computed = {"lines", "lookup", "formula", "rollup"} | LAYOUT
    assert set(KINDS) == set(FIELD_TYPES) - computed
