"""The document screen over HTTP: what is drawn, what is saved, what a refusal leaves standing."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from tests.screens.person import Page, Person

NEW = "/a/jxc/delivery/new"
FORM = "/a/jxc/delivery"
Someone = Callable[[str], Person]


def lookup(person: Person, path: str, text: str, **more: str) -> list[dict[str, Any]]:
    """The rows the list under a box shows."""
    words = "&".join(f"{key}={value}" for key, value in {"q": text, **more}.items())
    answer = person.get(f"{FORM}/lookup/{path}?{words}")
    found: list[dict[str, Any]] = json.loads(answer.response.get_data())["rows"]
    return found


def delivery(person: Person, *lines: tuple[str, str], **more: str) -> dict[str, str]:
    """A filled form: customer, warehouse and lines of (item code, quantity)."""
    person.get(NEW)
    fields = {
        "version": "0",
        "customer": str(lookup(person, "customer", "C001")[0]["id"]),
        "warehouse": str(lookup(person, "warehouse", "宁波")[0]["id"]),
        "document_date": "2026-11-21",
    }
    for number, (code, qty) in enumerate(lines):
        item = lookup(person, "lines.item", code)[0]
        fields |= {
            f"lines.{number}.id": "",
            f"lines.{number}.item.text": item["label"],
            f"lines.{number}.item": str(item["id"]),
            f"lines.{number}.qty": qty,
            f"lines.{number}.price": "10",
        }
    return {**fields, **more}


def stored(person: Person, answer: Page) -> Page:
    """The page a save led to."""
    assert answer.status == 303, answer.text
    return person.get(answer.response.location)


@pytest.fixture
def seller(person: Someone) -> Person:
    """张敏, who sells."""
    return person("zhangmin")


def test_new_form_offers_what_the_actor_may_do(seller: Person) -> None:
    page = seller.get(NEW)
    assert page.texts(".pacts button") == ["保存 Ctrl S", "提交并过账 Ctrl ↵"]
    assert page.one("#f-document_date")["value"] == "2026-11-21"
    assert page.one("#f-handled_by")["value"] == "张敏"
    model = json.loads(page.one("#form-model").get_text())
    assert model["lines"]["lines"]["stops"][:2] == ["item", "qty"]
    assert [p["code"] for p in model["programs"]] == ["amount", "qty_total", "amount_total"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("SP20019", "角磨机"),
        ("角磨", "角磨机"),
        ("jmj", "角磨机"),
        ("6901234520019", "角磨机"),
    ],
)
def test_lookup_finds_by_code_name_pinyin_and_barcode(
    seller: Person, typed: str, first: str
) -> None:
    row = lookup(seller, "lines.item", typed)[0]
    assert (row["label"], row["code"]) == (first, "SP20019")
    assert row["fill"] == {"price": "268.00"}
    assert row["carry"]["specification"][0] == "SIM-FF03-100A 710W"
    assert row["carry"]["base_uom"][0] == "台"


def test_lookup_pages_and_shows_what_is_available(seller: Person) -> None:
    warehouse = str(lookup(seller, "warehouse", "宁波")[0]["id"])
    first = seller.get(f"{FORM}/lookup/lines.item?q=&warehouse={warehouse}")
    found = json.loads(first.response.get_data())
    assert len(found["rows"]) == 7
    assert found["columns"][-1]["code"] == "_stock"
    second = seller.get(f"{FORM}/lookup/lines.item?q=&after={found['more']}")
    later = json.loads(second.response.get_data())["rows"]
    assert not {row["id"] for row in later} & {row["id"] for row in found["rows"]}


@pytest.mark.parametrize("path", ["lines.qty", "nothing", "lines.nothing", "lines"])
def test_only_reference_boxes_have_a_lookup(seller: Person, path: str) -> None:
    assert seller.get(f"{FORM}/lookup/{path}?q=a").status == 404


def test_resolve_answers_a_pasted_column_at_once(seller: Person) -> None:
    seller.get(NEW)
    body = {"fields": {"lines.item": ["SP20019", "6901234510021", "没有的"]}}
    answer = seller.client.post(f"{FORM}/resolve", json=body, headers={"X-CSRFToken": seller.token})
    rows = answer.get_json()["fields"]["lines.item"]
    assert rows["SP20019"]["label"] == "角磨机"
    assert rows["6901234510021"]["code"] == "SP10021"
    assert rows["没有的"] is None


def test_a_draft_is_saved_with_its_lines_in_order(seller: Person) -> None:
    fields = delivery(seller, ("SP20019", "2"), ("SP10021", "1,000.5"))
    page = stored(seller, seller.post(FORM, **fields))
    assert page.texts("#status") == ["草稿"]
    boxes = page.soup.select("tbody input[data-entry=decimal][name$='.qty']")
    assert [box["value"] for box in boxes] == ["2", "1,000.5", ""]
    assert page.texts("[data-total=amount_total]") == ["¥ 10,025.00"]


def test_a_typed_code_needs_no_list(seller: Person) -> None:
    fields = delivery(seller, ("SP20019", "2"))
    fields |= {"lines.0.item": "", "lines.0.item.text": "SP10034"}
    page = stored(seller, seller.post(FORM, **fields))
    assert page.one("[name='lines.0.item.text']")["value"] == "镀锌平垫圈"


def test_saving_twice_with_one_key_saves_once(seller: Person) -> None:
    fields = delivery(seller, ("SP20019", "2"), _key="the-same-key-as-before")
    first, second = seller.post(FORM, **fields), seller.post(FORM, **fields)
    assert first.response.location == second.response.location


def test_a_refusal_keeps_everything_and_names_the_line(seller: Person) -> None:
    fields = delivery(seller, ("SP20019", "2"), ("SP10021", "二十"), ("SP10034", ""))
    page = seller.post(FORM, **fields, _then="submit", note="周五送到")
    assert page.status == 422
    assert page.texts("title")[0].startswith("错误：")
    links = {a["data-at"]: a.get_text() for a in page.soup.select("[data-summary] a")}
    assert links["f-lines-1-qty"].startswith("商品明细 第 2 行 · 数量：")
    assert links["f-lines-2-qty"].startswith("商品明细 第 3 行 · 数量：")
    assert page.one("#f-lines-1-qty")["value"] == "二十"
    assert page.one("#f-lines-1-qty")["aria-invalid"] == "true"
    assert page.one("#f-lines-1-qty")["aria-describedby"] == "f-lines-1-qty-err"
    assert page.one("#f-lines-1-qty-err").get_text(strip=True) in links["f-lines-1-qty"]
    assert page.one("#f-note").get_text() == "周五送到"


def test_empty_rows_count_for_the_number_people_see(seller: Person) -> None:
    fields = delivery(seller, ("SP20019", "1"), ("SP10021", "0"))
    blank = {f"lines.9.{name}": "" for name in ("id", "item.text", "item", "qty", "price")}
    first = {key: value for key, value in fields.items() if not key.startswith("lines.1.")}
    second = {key: value for key, value in fields.items() if key.startswith("lines.1.")}
    page = seller.post(FORM, **{**first, **blank, **second}, _then="submit")
    assert page.texts("[data-summary] a")[0].startswith("商品明细 第 3 行 · 数量：")
    assert page.one("[data-summary] a")["data-at"] == "f-lines-1-qty"


def test_a_script_gets_the_problems_alone(seller: Person) -> None:
    fields = delivery(seller, ("SP20019", "2"), customer="")
    page = seller.post(FORM, script=True, **fields, _then="submit")
    assert page.status == 422
    assert page.texts("[data-summary] a") == ["客户：请填写客户"]
    assert not page.soup.select("form")


def test_more_than_there_is_is_refused_with_the_line(seller: Person) -> None:
    fields = delivery(seller, ("SP10021", "1"), ("SP20019", "100000"))
    page = seller.post(FORM, **fields, _then="submit")
    assert page.status == 422
    assert "第 2 行" in page.texts("[data-summary] a")[0]
    assert page.one("#f-lines-1-qty")["value"] == "100000"


def test_submitting_posts_and_leads_to_the_ledger(seller: Person) -> None:
    page = stored(seller, seller.post(FORM, **delivery(seller, ("SP10021", "3")), _then="submit"))
    assert page.texts("#status") == ["已过账"]
    assert not page.soup.select("#document")
    assert any("/stock/jxc/ledger?item=" in a["href"] for a in page.soup.select(".links a"))


def test_somebody_else_saved_first(seller: Person, person: Someone) -> None:
    fields = delivery(seller, ("SP10021", "5"), note="我的")
    address = seller.post(FORM, **fields).response.location
    page = seller.get(address)
    fields |= {"lines.0.id": str(page.one("[name='lines.0.id']")["value"])}
    fields["version"] = str(page.one("#document [name=version]")["value"])
    admin = person("admin")
    admin.get(address)
    theirs = {**fields, "lines.0.qty": "4", "note": ""}
    assert admin.post(address, **theirs).status == 303
    page = seller.post(address, **fields)
    assert page.status == 409
    rows = page.soup.select("[data-conflict] tr[data-at='f-lines-0-qty'] td")
    assert [cell.get_text() for cell in rows[1:3]] == ["5", "4"]
    assert page.texts("[data-conflict] th[scope=row]") == ["备注", "商品明细 第 1 行 · 数量"]
    assert page.one("#f-lines-0-qty")["value"] == "5"
    assert page.one("#document [name=version]")["value"] == fields["version"]
    fields["version"] = str(page.one("[data-overwrite]")["data-overwrite"])
    assert seller.post(address, **fields).status == 303


def test_approval_cancellation_and_what_stands_in_its_way(person: Someone) -> None:
    admin = person("admin")
    page = admin.get("/a/jxc/purchase_receipt/1")
    fields = {"version": str(page.one("#dlg-cancel [name=version]")["value"])}
    refused = admin.post("/a/jxc/purchase_receipt/1/cancellation", **fields, reason="录错了")
    assert refused.status == 422
    assert refused.soup.select("[data-summary] a[href^='/a/jxc/delivery/']")
    assert admin.get("/a/jxc/purchase_receipt/1").texts("#status") == ["已过账"]


def test_a_copy_takes_lines_but_no_number(seller: Person) -> None:
    made = seller.post(FORM, **delivery(seller, ("SP10021", "3")), _then="submit")
    number = made.response.location.rsplit("/", 1)[1]
    page = seller.get(f"{NEW}?copy={number}")
    assert page.one("#f-document_no").get_text(strip=True) == "提交后自动编号"
    assert page.one("[name='lines.0.item.text']")["value"] == "不锈钢六角螺栓"
    assert page.one("[name='lines.0.id']")["value"] == ""


def test_two_thousand_lines_are_saved(seller: Person) -> None:
    fields = delivery(seller, ("SP10021", "1"))
    line = {key: value for key, value in fields.items() if key.startswith("lines.0.")}
    for number in range(1, 2000):
        fields |= {key.replace(".0.", f".{number}."): value for key, value in line.items()}
    page = stored(seller, seller.post(FORM, **fields))
    assert page.texts("[data-count=lines]") == ["2000"]
    assert page.texts("[data-total=qty_total]") == ["2,000"]


def test_who_may_not_create_gets_no_form(person: Someone) -> None:
    assert person("chenli").get(NEW).status == 403


def test_attachments_belong_to_their_record(seller: Person, person: Someone) -> None:
    seller.get(NEW)
    upload = {"file": (BytesIO(b"signed"), "送货单.txt")}
    kept = seller.client.post("/files", data=upload, headers={"X-CSRFToken": seller.token})
    number = str(kept.get_json()["id"])
    assert person("chenli").get(f"/files/{number}").status == 404
    page = stored(seller, seller.post(FORM, **delivery(seller, attachments=number)))
    assert page.texts(".files li a") == ["送货单.txt"]
    answer = seller.get(f"/files/{number}").response
    assert answer.get_data() == b"signed"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    answer.close()
