"""Attacks on lists, filters, searches, lookups: what is hidden stays hidden in every of them."""

import json
import re
import time
from typing import Any
from urllib.parse import quote

from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from tests.changing import forged
from tests.screens.person import Person
from tests.security.cases import attack
from tests.security.scene import FORMS, Scene, refused

ITEMS, RECEIPTS = "/item/records", "/purchase_receipt/records"
# What stands in the demo and is hidden from the trainee.
BARCODE = "6901234510021"
SECRETS = (BARCODE, "62.0000", "62.00")

HUGE = 10**30
CURSORS = {
    "": ["x", "{}", "[1]", "[null,true]", '[null,"1"]', f"[null,{HUGE}]", "[null,-1]"],
    "amount_total": ['["NaN",1]', '["1e30",1]', '["1E+999999999",1]', '["0.0001",1]', "[[1],1]"],
    "document_date": ['["x",1]', "[1,1]"],
    "supplier": [f"[{HUGE},1]", '["1",1]', "[true,1]"],
}


def rows(scene: Scene, who: str, path: str) -> Any:
    return scene.api(who).get(f"{FORMS}{path}")["records"]


def as_if_unknown(somebody: Person, field: str) -> None:
    """The list left out what was asked of the field, or refused it: as if there were none."""
    for asked in (f"f={field}~not_empty", f"ff={field}&fo=not_empty", f"sort={field}"):
        page = somebody.client.get(f"/a/jxc/item?{asked}")
        unknown = somebody.client.get(f"/a/jxc/item?{asked.replace(field, 'no_such')}")
        assert page.status_code == unknown.status_code, asked
        assert page.status_code in {200, 422}, asked
        assert as_read(page) == as_read(unknown), asked


def as_read(page: TestResponse) -> list[str]:
    """The rows of a list as they are read."""
    soup = BeautifulSoup(page.get_data(as_text=True), "lxml")
    return [row.get_text(" ", strip=True) for row in soup.select("tbody tr")]


@attack("Q01")
@attack("Q04")
def sort_as_sql(scene: Scene) -> None:
    injected = "(select case when (select substr(password_hash,1,1) from s_user)='a' then 1 else 2)"
    for sort in ("amount;DROP TABLE s_user", injected, "1", "id", "f_name"):
        refused(scene.send("admin", "GET", f"{ITEMS}?sort={quote(sort)}"), 422)
        refused(scene.person("admin").client.get(f"/a/jxc/item?sort={quote(sort)}"), 422)


@attack("Q03")
@attack("Q15")
@attack("X10")
def hidden_field_through_every_channel(scene: Scene) -> None:
    somebody, way = scene.person("shixi"), "shixi"
    hidden = ("barcode", "price_purchase")
    for field in hidden:
        for path in (
            f"?sort={field}",
            f"?sort=-{field}",
            f"?columns=name,{field}",
            f"?filter.{field}.not_empty=",
            f"?filter.{field}.equals={BARCODE}",
        ):
            answer = scene.send(way, "GET", f"{ITEMS}{path}")
            unknown = scene.send(way, "GET", f"{ITEMS}{path.replace(field, 'no_such')}")
            refused(answer, 422)
            told = answer.get_data(as_text=True).replace(field, "no_such")
            assert json.loads(told)["errors"] == unknown.get_json()["errors"], path
        as_if_unknown(somebody, field)
        refused(scene.send(way, "PATCH", f"{ITEMS}/1", {"values": {field: "1"}}, If_Match="1"), 422)
    assert rows(scene, "admin", f"{ITEMS}?search={BARCODE}")
    assert rows(scene, way, f"{ITEMS}?search={BARCODE}") == []
    assert rows(scene, way, f"{ITEMS}?search={BARCODE[:6]}") == []
    assert len(rows(scene, way, f"{ITEMS}?search=SP10021")) == 1
    box = "/a/jxc/purchase_receipt/lookup/lines.item"
    for query in (f"?q={BARCODE}", f"?q={BARCODE}&exact=1"):
        assert json.loads(somebody.client.get(box + query).get_data())["rows"] == []
    body = {"fields": {"lines.item": [BARCODE, "SP10021"]}}
    headers = {"X-CSRFToken": somebody.token}
    found = somebody.client.post("/a/jxc/purchase_receipt/resolve", json=body, headers=headers)
    resolved = found.get_json()["fields"]["lines.item"]
    assert resolved[BARCODE] is None
    assert resolved["SP10021"]["fill"] == {}, "a hidden price is not filled in"
    for path in (
        "/a/jxc/item",
        "/a/jxc/item/1",
        "/a/jxc/item/1/history",
        f"{box}?q=SP10021",
        "/a/jxc/item/new?copy=1",
        "/palette?q=item",
        "/a/jxc/item?q=SP10021",
    ):
        text = somebody.get(path).response.get_data(as_text=True)
        assert not [secret for secret in SECRETS if secret in text], path
    for path in (f"{ITEMS}/1", f"{ITEMS}/1/history", ITEMS):
        text = scene.send(way, "GET", path).get_data(as_text=True)
        assert not [word for word in (*SECRETS, *hidden) if word in text], path
    form = scene.api(way).get("/apps/jxc")["forms"]
    shown = {field["code"] for one in form if one["code"] == "item" for field in one["fields"]}
    assert not shown & set(hidden)


@attack("Q09")
def operator_from_nowhere(scene: Scene) -> None:
    for operator in ("regexp", "glob", "; DROP TABLE s_user", "__class__", "sql", "LIKE", "="):
        refused(scene.send("admin", "GET", f"{ITEMS}?filter.name.{quote(operator)}=x"), 422)
        path = f"/a/jxc/item?f=name~{quote(operator)}~x"
        refused(scene.person("admin").client.get(path), 422)


@attack("Q10")
@attack("Q24")
def value_of_another_kind(scene: Scene) -> None:
    for value in (
        "abc",
        '{"$gt":""}',
        "[[]]",
        "1e999999999",
        "NaN",
        "sNaN",
        "Infinity",
        "1_000",
        "0x10",
        "--1",
        "1" * 50,
        "1.123456789",
    ):
        for field in ("filter.price_sale.gt", "filter.price_sale.eq"):
            answer = scene.send("admin", "GET", f"{ITEMS}?{field}={quote(value)}")
            refused(answer, 422)
            assert answer.get_json()["errors"][0]["pointer"] == "/filters/0"
    for value in ("9999-12-31", "0001-01-01", "2026-02-30", "x", "1" * 30):
        for operator in ("on", "before", "after"):
            path = f"{RECEIPTS}?filter.document_date.{operator}={quote(value)}"
            refused(scene.send("admin", "GET", path), 422)
    for value in ("9" * 30, "-1", "x", "1.5"):
        path = f"{RECEIPTS}?filter.supplier.any_of={quote(value)}"
        refused(scene.send("admin", "GET", path), 422)


@attack("Q11")
def endless_list_of_values(scene: Scene) -> None:
    many = ",".join(["1"] * 501)
    refused(scene.send("admin", "GET", f"{RECEIPTS}?filter.supplier.any_of={many}"), 400)
    endless = ",".join(["1"] * 50_000)
    refused(scene.send("admin", "GET", f"{RECEIPTS}?filter.supplier.any_of={endless}"), 400)


# The columns an item is found by.
SEARCHED = "item_no,barcode,name,specification"


@attack("Q12")
@attack("Q13")
def search_as_pattern_or_sql(scene: Scene) -> None:
    for word in (
        "%",
        "_%_%_%_%_%",
        "%" * 10_000,
        "' OR '1'='1",
        '" OR 1=1 --',
        "\\",
        "[a-z]",
        "1;SELECT pg_sleep(60)",
        "*",
        "?",
    ):
        # The clock tells whether the database slept; a busy machine is slow in real time only.
        begun, worked = time.monotonic(), time.thread_time()
        answer = scene.send(
            "admin", "GET", f"{ITEMS}?columns={SEARCHED}&search={quote(word)[:7000]}"
        )
        assert answer.status_code in {200, 400}, word
        # What another attack left behind may hold the very characters; nothing else may be found.
        for record in answer.get_json().get("records", []):
            assert all(part in str(record) for part in word.split()), word
        assert time.thread_time() - worked < 2, word
        assert time.monotonic() - begun < 30, word


@attack("Q16")
@attack("Q26")
def records_of_others(scene: Scene) -> None:
    somebody = scene.person("shixi")
    # Other attacks of this company may have made receipts in their name: those are their own.
    with scene.platform.database.reading() as connection:
        query = (
            "SELECT r.id FROM a_jxc__purchase_receipt r JOIN s_user u ON u.id = r.created_by"
            " WHERE u.name = 'shixi'"
        )
        own = set(connection.exec_driver_sql(query).scalars())
    seen = rows(scene, "shixi", RECEIPTS)
    assert {row["id"] for row in seen} <= own
    assert rows(scene, "shixi", "/supplier/records?search=S001") == []
    page = somebody.get("/a/jxc/purchase_receipt?q=CGRK")
    numbers = r"CGRK-?\d+"
    assert set(re.findall(numbers, page.text)) <= set(re.findall(numbers, json.dumps(seen)))
    box = "/a/jxc/purchase_receipt/lookup/supplier"
    for query in ("?q=", "?q=S001", "?q=S001&exact=1", "?ids=1,2,3", "?q=&after=7"):
        answer = somebody.client.get(box + query)
        assert json.loads(answer.get_data())["rows"] == [], query
    body = {"fields": {"supplier": ["S001", "1"]}}
    headers = {"X-CSRFToken": somebody.token}
    found = somebody.client.post("/a/jxc/purchase_receipt/resolve", json=body, headers=headers)
    assert set(found.get_json()["fields"]["supplier"].values()) == {None}


@attack("Q21")
def cursor_changed(scene: Scene) -> None:
    first = scene.api("admin").get(f"{FORMS}{ITEMS}?limit=2&sort=name")
    cursor = first["next"]
    assert cursor
    good = scene.send("admin", "GET", f"{ITEMS}?limit=2&sort=name&cursor={cursor}")
    assert good.status_code == 200
    for changed in forged(cursor):
        refused(scene.send("admin", "GET", f"{ITEMS}?limit=2&sort=name&cursor={changed}"), 400)
    refused(scene.send("chenli", "GET", f"{ITEMS}?limit=2&sort=name&cursor={cursor}"), 400)
    refused(scene.send("admin", "GET", f"{ITEMS}?limit=2&sort=-name&cursor={cursor}"), 400)
    # On a page the cursor says only where in the list one is; it may be any place of one's own.
    somebody = scene.person("admin").client
    for sort, cursors in CURSORS.items():
        for cursor in cursors:
            path = f"/a/jxc/purchase_receipt?sort={sort}&after={quote(cursor)}"
            refused(somebody.get(path), 400)


@attack("Q28")
@attack("Q29")
def parameters_nobody_knows(scene: Scene) -> None:
    for extra in (
        "tenant_id=2",
        "as_user=1",
        "role=admin",
        "is_admin=true",
        "debug=1",
        "id=1&id=2",
        "_method=DELETE",
        "id[]=1",
        "sort=name&sort=id",
        "limit=1&limit=2",
    ):
        refused(scene.send("chenli", "GET", f"{ITEMS}?{extra}"), 400)
    for size in ("0", "-1", "201", "1e3", "１", "00000000199999999", "9" * 5000):
        refused(scene.send("chenli", "GET", f"{ITEMS}?limit={quote(size)}"), 400)


@attack("Q30")
def bytes_that_are_no_text(scene: Scene) -> None:
    somebody = scene.person("admin").client
    for sign in ("%00", "a%00b"):
        for path in (
            f"/a/jxc/item?q={sign}",
            f"/a/jxc/item?f=name~contains~{sign}",
            f"/a/jxc/item?{sign}=1",
            f"/palette?q={sign}",
            f"/sign-in?next=/{sign}",
            f"/a/jxc/delivery/lookup/lines.item?q={sign}",
            f"/api/v1{FORMS}{ITEMS}?search={sign}",
        ):
            refused(somebody.get(path), 400)
        for path in (f"/a/{sign}/item", f"/a/jxc/{sign}", f"/a/jxc/item/{sign}"):
            refused(somebody.get(path), 404)
    for sign in ("%0d%0aX-Evil:1", "%u0041", "%ff", "%c0%ae"):
        answer = somebody.get(f"/a/jxc/item?q={sign}")
        assert answer.status_code == 200
        assert "X-Evil" not in answer.headers
    token = scene.person("admin")
    for field in ("customer.text", "customer", "note", "lines.0.item.text", "_key"):
        data = {"version": "0", field: "a\x00b", "csrf_token": token.token}
        with scene.unchanged():
            refused(token.client.post("/a/jxc/delivery", data=data), 400)
    visitor = scene.anyone()
    visitor.get("/sign-in")
    assert visitor.post("/sign-in", name="a\x00b", password="x").status == 400


@attack("Q31")
def address_without_end(scene: Scene) -> None:
    somebody = scene.person("admin").client
    refused(somebody.get("/a/jxc/item?q=" + "a" * 64_000), 400, 414)
    refused(somebody.get("/a/jxc/item?" + "&".join(f"p{n}=1" for n in range(2000))), 400)
