"""Attacks on records, payloads and files: ids of others, mass assignment, odd JSON, odd uploads."""

import json
from io import BytesIO
from typing import Any

from werkzeug.test import TestResponse

from tests.screens.person import Person
from tests.security.cases import attack
from tests.security.scene import FORMS, Scene, numbers, refused

ITEMS, RECEIPTS = "/item/records", "/purchase_receipt/records"

BODIES = (
    '{"values":{"name":"a","name":"b"}}',
    '{"values":{"price_sale":NaN}}',
    '{"values":{"price_sale":1e400}}',
    '{"values":{"name":"\\ud800"}}',
    '{"values":{"name":"\\u0000"}}',
    '{"values":{"base_uom":' + "9" * 5000 + "}}",
    '\ufeff{"values":{}}',
    '{"values":[]}',
    '{"values":{},"x":1}',
    '{"submit":"yes"}',
    '{"a":' * 60 + "1" + "}" * 60,
    "[" * 100_000,
    "",
    "null",
    "[]",
    "{",
)
# NaN and its kin, other scripts, other notations, too many places, too large.
NO_NUMBERS = (
    True,
    [3],
    {"a": 1},
    "3,5",
    "３",
    "0x3",
    "1e2",
    "1_000",
    "",
    " 3",
    "NaN",
    "--1",
    1e40,
    "1.00001",
    "0.12345",
    "9" * 30,
    10**39,
)
NAMES = (
    "../../x",
    "/etc/passwd",
    "C:\\x.txt",
    "x\x00.png",
    "x.png\r\nX-Evil: y",
    "\u202egnp.exe",
    "CON",
    ".htaccess",
    "长" * 300 + ".txt",
    "<img onerror=x>.html",
    'a"b;c.txt',
    "a.svg",
)


def create(scene: Scene, values: Any, **headers: str) -> TestResponse:
    return scene.send("admin", "POST", ITEMS, {"values": values}, **headers)


def fetched(somebody: Person, file: int) -> int:
    """The status a download is answered with."""
    with somebody.client.get(f"/files/{file}") as answer:
        return answer.status_code


def upload(somebody: Person, name: str, content: bytes) -> TestResponse:
    data = {"file": (BytesIO(content), name), "csrf_token": somebody.token}
    return somebody.client.post("/files", data=data)


@attack("R03")
@attack("R35")
def record_of_somebody_else(scene: Scene) -> None:
    theirs = scene.receipt(submit=False)["id"]
    somebody = scene.person("shixi")
    nothing = 999_999
    with scene.unchanged():
        for method, path, body in (
            ("GET", "", None),
            ("PATCH", "", {"values": {}}),
            ("GET", "/history", None),
            ("POST", "/submission", None),
            ("POST", "/cancellation", {"reason": "x"}),
        ):
            told = []
            for record in (theirs, nothing):
                address = f"{RECEIPTS}/{record}{path}"
                answer = scene.send("shixi", method, address, body, If_Match="1")
                refused(answer, 404)
                told.append({**answer.get_json(), "instance": ""})
            assert told[0] == told[1], path
        for path in ("", "/history"):
            address = f"/a/jxc/purchase_receipt/{theirs}{path}"
            refused(somebody.client.get(address), 404)
        refused(somebody.client.get(f"/a/jxc/purchase_receipt/new?copy={theirs}"), 404)
        for act in ("", "/submission", "/cancellation", "/decision"):
            path = f"/a/jxc/purchase_receipt/{theirs}{act}"
            page = somebody.post(path, version="1", reason="x", decision="approve", task="1")
            refused(page.response, 403, 404)
        # Numbers no key can have are nobody's.
        for key in (10**15, 2**53, 2**63, 10**30):
            refused(scene.send("admin", "GET", f"{RECEIPTS}/{key}"), 404)
            refused(scene.person("admin").client.get(f"/a/jxc/item/new?copy={key}"), 404)


@attack("R05")
def line_of_another_document(scene: Scene) -> None:
    one, other = scene.receipt(submit=False), scene.receipt(submit=False)
    line = other["values"]["lines"][0]["id"]
    with scene.unchanged():
        for row in (
            {"id": line},
            {"parent_id": other["id"]},
            {"id": 10**30},
            {"line_no": 9},
            {"order_id": other["id"]},
        ):
            lines = [{"item": 1, "qty": "1", "price": "1", **row}]
            body = {"values": {"lines": lines}}
            refused(
                scene.send("chenli", "PATCH", f"{RECEIPTS}/{one['id']}", body, If_Match="1"), 422
            )


@attack("R07")
def version_of_before(scene: Scene) -> None:
    item = scene.item()
    change = {"values": {"name": "新"}}
    assert scene.send("admin", "PATCH", f"{ITEMS}/{item}", change, If_Match="1").status_code == 200
    with scene.unchanged():
        late = scene.send("chenli", "PATCH", f"{ITEMS}/{item}", change, If_Match="1")
        refused(late, 409)
        assert late.get_json()["params"]["version"] == 2
        refused(scene.send("chenli", "PATCH", f"{ITEMS}/{item}", change), 428)
        for version in ("*", "x", "", "W/x", "9" * 30):
            answer = scene.send("chenli", "PATCH", f"{ITEMS}/{item}", change, If_Match=version)
            refused(answer, 400)


@attack("R08")
def key_used_again(scene: Scene) -> None:
    number, key = f"R08-{next(numbers)}", f"r08-{next(numbers)}"
    body = {"item_no": number, "name": "一"}
    first = create(scene, body, Idempotency_Key=key)
    with scene.unchanged():
        again = create(scene, body, Idempotency_Key=key)
        assert again.get_json() == first.get_json()
        refused(create(scene, {**body, "name": "二"}, Idempotency_Key=key), 422)
        other = scene.send(
            "admin", "POST", "/uom/records", {"values": {"name": key}}, Idempotency_Key=key
        )
        refused(other, 422)
        for odd in ("", "x" * 201, "a\tb"):
            refused(create(scene, body, Idempotency_Key=odd), 422)
        refused(scene.api("admin").send("POST", f"{FORMS}{ITEMS}", {"values": body}), 400)
    # Somebody else's key is another key.
    theirs = {"values": {**body, "item_no": f"{number}b"}}
    made = scene.send("chenli", "POST", ITEMS, theirs, Idempotency_Key=key)
    assert made.get_json()["id"] != first.get_json()["id"]


@attack("R09")
def form_sent_twice(scene: Scene) -> None:
    somebody = scene.person("chenli")
    fields = {
        "version": "0",
        "item_no": f"R09-{next(numbers)}",
        "name": "一",
        "_key": f"n{next(numbers)}",
    }
    first = somebody.post("/a/jxc/item", **fields)
    assert first.status == 303
    with scene.unchanged():
        assert somebody.post("/a/jxc/item", **fields).response.location == first.response.location
        refused(somebody.post("/a/jxc/item", **{**fields, "name": "二"}).response, 409)


@attack("R16")
@attack("R20")
@attack("R19")
@attack("R18")
def bodies_that_are_no_json(scene: Scene) -> None:
    with scene.unchanged():
        for raw in BODIES:
            refused(scene.send("admin", "POST", ITEMS, raw), 400)
        way = scene.api("admin")
        for kind in (
            "text/plain",
            "application/json; charset=utf-7",
            "",
            "text/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ):
            answer = way.client.post(
                f"/api/v1{FORMS}{ITEMS}",
                data='{"values":{"item_no":"R19","name":"x"}}',
                headers={"Authorization": f"Bearer {way.token}", "Idempotency-Key": "r19"},
                content_type=kind,
            )
            refused(answer, 415)
        large = json.dumps({"values": {"note": "x" * 8_100_000}})
        refused(scene.send("admin", "POST", ITEMS, large), 413)
        somebody = scene.person("admin")
        parts = {f"p{number}": "x" for number in range(400)} | {"csrf_token": somebody.token}
        refused(
            somebody.client.post("/preferences", data=parts, content_type="multipart/form-data"),
            413,
        )
        text = {"theme": "x" * 3_000_000, "csrf_token": somebody.token}
        refused(somebody.client.post("/preferences", data=text), 413)


@attack("R21")
def method_by_header(scene: Scene) -> None:
    item = scene.item()
    headers = {"X_HTTP_Method_Override": "DELETE", "X_Method_Override": "DELETE", "If_Match": "1"}
    with scene.unchanged():
        refused(scene.send("admin", "POST", f"{ITEMS}/{item}", {"values": {}}, **headers), 405)
        refused(scene.send("admin", "GET", f"{ITEMS}/{item}?_method=DELETE"), 400)
    somebody = scene.person("admin")
    somebody.post(f"/a/jxc/item/{item}", _method="DELETE", version="1", item_no="R21", name="x")
    assert somebody.get(f"/a/jxc/item/{item}").status == 200


@attack("R22")
@attack("R23")
def numbers_that_are_none(scene: Scene) -> None:
    with scene.unchanged():
        for value in NO_NUMBERS:
            body = json.dumps({"values": {"item_no": "R22", "name": "x", "price_sale": value}})
            answer = scene.send("admin", "POST", ITEMS, body)
            refused(answer, 422)
            assert answer.get_json()["errors"][0]["pointer"] == "/values/price_sale", value
        for qty in ("1.0000001", "0", "-1", "-0", "0.0000000"):
            lines = [{"item": 1, "qty": qty, "price": "1"}]
            values = {"supplier": 1, "warehouse": 1, "lines": lines}
            refused(scene.send("chenli", "POST", RECEIPTS, {"values": values}), 422)
        for reference in (1.0, True, "1", [1], {"id": "1"}, -1, 0, 10**30):
            refused(create(scene, {"item_no": "R22", "name": "x", "base_uom": reference}), 422)


@attack("R26")
@attack("R31")
def texts_that_say_nothing(scene: Scene) -> None:
    with scene.unchanged():
        for name in (
            "",
            "   ",
            "\u200b",
            "\u00a0",
            "\u200d",
            "\u200c\u200d",
            "\u3000",
            "a\u202eb",
            "\x07",
        ):
            refused(create(scene, {"item_no": "R31", "name": name}), 422)
        somebody = scene.person("admin")
        for theme in ("DARK", "nothing", "dark "):
            refused(somebody.post("/preferences", theme=theme).response, 422)


@attack("R27")
def record_that_may_not_be_named(scene: Scene) -> None:
    mine = {"warehouse": 1, "lines": []}
    told = set()
    with scene.unchanged():
        # 1 is there but not theirs, the others are not there at all.
        for supplier in (1, 999_999, 2**53 - 1):
            answer = scene.send(
                "shixi", "POST", RECEIPTS, {"values": {**mine, "supplier": supplier}}
            )
            refused(answer, 422)
            told.add(json.dumps(answer.get_json()["errors"]))
    assert len(told) == 1, told


@attack("R28")
@attack("U08")
def file_of_somebody_else(scene: Scene) -> None:
    theirs, somebody = scene.person("chenli"), scene.person("shixi")
    kept = upload(theirs, "a.txt", b"secret text").get_json()["id"]
    assert fetched(theirs, kept) == 200
    mine = scene.made("shixi", "purchase_receipt", {"warehouse": 1})
    with scene.unchanged():
        for file in (kept, kept + 1, 999_999, 10**30):
            assert fetched(somebody, file) == 404
        body = {"values": {"attachments": [kept]}}
        refused(
            scene.send("wangjianguo", "PATCH", f"{RECEIPTS}/{mine['id']}", body, If_Match="1"), 422
        )
    held = scene.receipt(submit=False, attachments=[kept])
    assert held["values"]["attachments"] == [kept]
    with scene.unchanged():
        assert fetched(somebody, kept) == 404
        assert fetched(scene.person("zhangmin"), kept) == 404
    assert fetched(scene.person("wangjianguo"), kept) == 200


@attack("R33")
def forms_that_are_tables(scene: Scene) -> None:
    for form in (
        "stock_ledger",
        "k_posting",
        "s_user",
        "s_audit",
        "sqlite_master",
        "users",
        "roles",
        "purchase_receipt__lines",
        "a_jxc__item",
        "__class__",
        "item;",
        "ITEM",
    ):
        refused(scene.send("admin", "GET", f"/{form}/records"), 404)
        refused(scene.send("admin", "POST", f"/{form}/records", {"values": {}}), 404)


@attack("R34")
@attack("K17")
def what_is_posted_or_in_use(scene: Scene) -> None:
    item = scene.item()
    posted = scene.approved(scene.receipt(item=item))
    assert posted["status"] == "posted"
    path, version = f"{RECEIPTS}/{posted['id']}", str(posted["version"])
    lines = [{"item": item, "qty": "500", "price": "1"}]
    with scene.unchanged():
        for who in ("admin", "chenli", "wangjianguo"):
            for values in (
                {"lines": []},
                {"note": "x"},
                {"document_date": "2020-01-01"},
                {"lines": lines},
            ):
                body = {"values": values}
                refused(scene.send(who, "PATCH", path, body, If_Match=version), 409)
            refused(scene.send(who, "DELETE", path, If_Match=version), 409)
            refused(scene.send(who, "POST", f"{path}/submission", If_Match=version), 409)
            refused(scene.send(who, "POST", f"{path}/decision", {"decision": "reject"}), 404)
        refused(scene.send("admin", "DELETE", f"{ITEMS}/{item}", If_Match="1"), 409)
        refused(scene.send("admin", "DELETE", "/warehouse/records/1", If_Match="1"), 409)
        refused(scene.send("admin", "DELETE", "/uom/records/1", If_Match="1"), 409)
        for values in (
            {"status": "draft"},
            {"version": 1},
            {"id": 7},
            {"created_by": 1},
            {"document_no": "X"},
            {"amount_total": "1"},
            {"search_text": "x"},
        ):
            draft = {"values": {"supplier": 1, "warehouse": 1, **values}}
            refused(scene.send("chenli", "POST", RECEIPTS, draft), 422)


@attack("R37")
def faults_tell_nothing(scene: Scene) -> None:
    somebody = scene.person("admin").client
    for path in (
        "/a/jxc/item/1?'",
        f"/a/jxc/item/{10**30}",
        "/nothing",
        f"/jobs/{10**30}",
        f"/files/{10**30}",
        f"/stock/jxc/ledger?item={10**30}",
        f"/inbox?before={10**30}",
        "/stock/jxc/ledger?item=1&after=" + ".".join(["9" * 30] * 5),
        f"/api/v1/apps/jxc/stock/ledger?item={'9' * 5000}",
        f"/api/v1/jobs/{10**30}",
        "/a/jxc/purchase_receipt?f=document_date~on~9999-12-31",
    ):
        answer = somebody.get(path)
        assert answer.status_code < 500, path
        if answer.status_code >= 400:
            refused(answer, answer.status_code)
            assert answer.headers["X-Request-ID"]


@attack("U01")
@attack("U03")
@attack("U09")
@attack("X13")
def uploads_with_a_meaning(scene: Scene) -> None:
    somebody = scene.person("chenli")
    for name in NAMES:
        content = b"<html><script>alert(1)</script><svg onload='alert(1)'/></html>"
        made = upload(somebody, name, content)
        assert made.status_code in {200, 400}, name
        if made.status_code == 400:
            continue
        kept = made.get_json()
        assert "/" not in kept["name"]
        assert "\\" not in kept["name"]
        with somebody.client.get(kept["url"]) as answer:
            answer.get_data()
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "X-Evil" not in answer.headers
        assert answer.mimetype not in {"text/html", "image/svg+xml"}
    kept = upload(somebody, "r.txt", b"0123456789" * 10).get_json()
    ranges = ",".join("0-0" for _ in range(1000))
    with somebody.client.get(kept["url"], headers={"Range": f"bytes={ranges}"}) as answer:
        assert answer.status_code in {200, 206, 416}
        assert len(answer.get_data()) <= 100 or answer.status_code == 416
