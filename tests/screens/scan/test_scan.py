"""Scanning: every scan once, whoever sends it how often; the document as it was counted."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import Flask

from runtime import documents
from runtime.infra.act import SYSTEM, Act
from runtime.platform import Platform
from tests.screens.conftest import NOW
from tests.screens.person import Person

Signed = Callable[[str], Person]
DELIVERY = "/scan/jxc/delivery"
AT = "2026-11-21T01:30:00+00:00"


def send(somebody: Person, path: str, body: Any) -> Any:
    headers = {"X-CSRFToken": somebody.token, "HX-Request": "true"}
    return somebody.client.post(path, json=body, headers=headers)


def begin(somebody: Person, form: str = DELIVERY, **values: int) -> str:
    values = values or {"customer": 1, "warehouse": 1}
    answer = send(somebody, f"{form}/tasks", {"values": values, "key": str(uuid4())})
    assert answer.status_code == 200, answer.text
    return f"{form}/{answer.json['id']}"


def scan(qty: str = "1", **what: Any) -> dict[str, Any]:
    return {"uuid": str(uuid4()), "qty": qty, "at": AT, **what}


def take(somebody: Person, task: str, *scans: dict[str, Any]) -> Any:
    answer = send(somebody, f"{task}/scans", {"scans": list(scans)})
    assert answer.status_code == 200, answer.text
    return answer.json


def drafted(somebody: Person, *lines: tuple[int, str]) -> tuple[str, dict[str, Any]]:
    """A draft with lines, made as the office makes it; and as a device has it."""
    task = begin(somebody)
    take(somebody, task, *(scan(qty, item=item) for item, qty in lines))
    return task, somebody.client.get(task).json


def end(somebody: Person, task: str, version: int, uuid: str = "") -> Any:
    return send(somebody, f"{task}/completion", {"uuid": uuid or str(uuid4()), "version": version})


def stock_of(somebody: Person, code: str) -> str:
    return somebody.get(f"/stock/jxc?q={code}").rows()[0][2]


def test_start__who_scans_what(person: Signed) -> None:
    found = person("zhangmin").client.get("/scan/start").json
    forms = {form["form"] for form in found["forms"]}
    assert found["user"]["name"] == "张敏"
    assert "delivery" in forms
    assert "purchase_receipt" not in forms, "receipts are not hers"
    assert person("zhangmin").get("/scan/").one("#scan") is not None
    worker = person("zhangmin").client.get("/scan/worker.js")
    assert worker.mimetype == "text/javascript"
    assert "js/scan/main.js" in worker.text


def test_shell__alone_may_look_and_compile_what_reads(person: Signed) -> None:
    client = person("zhangmin").client
    may = {path: client.get(path).headers for path in ("/scan/", "/scan/start", "/")}
    looks = {path: "camera=(self)" in found["Permissions-Policy"] for path, found in may.items()}
    compiles = {
        path: "script-src 'self' 'wasm-unsafe-eval';" in found["Content-Security-Policy"]
        for path, found in may.items()
    }
    assert looks == compiles == {"/scan/": True, "/scan/start": False, "/": False}


def test_goods__everything_they_are_scanned_by(person: Signed) -> None:
    found = person("admin").client.get(f"{DELIVERY}/items").json
    wrench = next(item for item in found["items"] if "SP30021" in item["codes"])
    assert wrench["name"] == "活动扳手"
    assert not found["more"]
    listed = person("admin").get("/a/jxc/item?size=200").rows()
    assert len(found["items"]) == len(listed)


def test_scans__twice_sent_is_once_counted(person: Signed) -> None:
    seller = person("zhangmin")
    task = begin(seller)
    one, two = scan(item=3), scan("2.5", item=3)
    take(seller, task, one, two)
    found = take(seller, task, two, one)
    assert found["task"]["extra"] == {"3": "3.5"}
    assert [each["state"] for each in found["outcomes"]] == ["counted", "counted"]
    assert take(seller, task, scan("-1", item=3))["task"]["extra"] == {"3": "2.5"}


def test_scans__of_a_code_nobody_knew_offline(person: Signed) -> None:
    seller = person("zhangmin")
    found = take(seller, begin(seller), scan(code="SP30021"), scan(code="NOPE"), scan(item=9999))
    assert [each["state"] for each in found["outcomes"]] == ["counted", "unknown", "unknown"]
    assert list(found["task"]["extra"].values()) == ["1"]


STRANGE: tuple[Any, ...] = (
    [], "x", [1], [{}], [scan("NaN", item=3)], [scan("1e99", item=3)],
    [scan("0.0000001", item=3)], [{**scan(item=3), "uuid": "x"}],
    [{**scan(item=3), "at": "2026-11-21"}], [scan(item="3")], [scan(item=-1)],
    [{**scan(item=3), "qty": 1}], [scan(code="x" * 201)], [scan(item=3)] * 201,
)  # fmt: skip


def test_scans__that_no_device_of_ours_sends(person: Signed) -> None:
    seller = person("zhangmin")
    for scans in STRANGE:
        answer = send(seller, f"{DELIVERY}/1/scans", {"scans": scans})
        assert answer.status_code == 400, scans
        assert "看不懂" in answer.text


def test_completion__becomes_what_was_scanned_and_posts(person: Signed) -> None:
    lead, seller = person("wangjianguo"), person("zhangmin")
    before = stock_of(lead, "SP30021")
    item = next(
        item["id"]
        for item in seller.client.get(f"{DELIVERY}/items").json["items"]
        if "SP30021" in item["codes"]
    )
    task, found = drafted(seller, (item, "2"))
    uuid = str(uuid4())
    done = end(seller, task, found["version"], uuid)
    assert done.status_code == 200, done.text
    assert done.json["status"] == "posted"
    again = end(seller, task, found["version"], uuid)
    assert (again.status_code, again.json) == (200, done.json), "ending twice is ending once"
    assert int(before) - int(stock_of(lead, "SP30021")) == 2
    assert end(seller, task, found["version"]).status_code == 409
    assert send(seller, f"{task}/scans", {"scans": [scan(item=item)]}).status_code == 409
    assert seller.client.get(task).status_code == 409


def test_completion__obeys_what_everybody_obeys(person: Signed) -> None:
    seller = person("zhangmin")
    task, found = drafted(seller, (3, "100000"))
    refused = end(seller, task, found["version"])
    assert refused.status_code == 422, "more than is on hand"
    assert seller.client.get(task).json["version"] == found["version"], "nothing has happened"
    assert end(seller, task, found["version"] + 1).status_code == 409, "another has changed it"
    assert end(seller, begin(seller), 1).status_code == 409, "nothing was scanned"


def test_lines__asked_for_scanned_and_left_out(app: Flask, person: Signed) -> None:
    admin = person("admin")
    here: Platform = app.extensions["dajian"]
    lines = [{"item": 3, "qty": "5", "price": "1"}, {"item": 4, "qty": "1", "price": "1"}]
    with here.database.transaction() as connection:
        form = here.catalogue.form(connection, "jxc", "delivery")
        values = {"customer": 1, "warehouse": 1, "lines": lines}
        made = documents.create(Act(connection, SYSTEM, NOW), form, values)
    task = f"{DELIVERY}/{made.id}"
    found = admin.client.get(task).json
    assert [(line["item"], line["qty"], line["done"]) for line in found["lines"]] == [
        (3, "5", None),
        (4, "1", None),
    ]
    first = found["lines"][0]["id"]
    found = take(admin, task, scan("2", line=first), scan("1", line=first), scan(line=10**6))
    assert found["task"]["lines"][0]["done"] == "3"
    assert found["outcomes"][2]["state"] == "unknown"
    done = end(admin, task, found["task"]["version"])
    assert done.status_code == 200, done.text
    page = admin.get(task.replace("/scan/", "/a/"))
    assert [row.split()[1] for row in page.texts("tbody tr")] == [found["task"]["items"][0]["name"]]


def test_count__what_was_looked_for_and_is_not_there(person: Signed) -> None:
    lead = person("wangjianguo")
    task = begin(lead, "/scan/jxc/stocktake", warehouse=1)
    found = take(lead, task, scan("0", item=3))
    assert found["task"]["extra"] == {"3": "0"}
    done = end(lead, task, found["task"]["version"])
    assert done.status_code == 200, done.text


REFUSED = (
    ("zhangmin", "/scan/jxc/purchase_receipt/tasks", 403),
    ("zhangmin", "/scan/jxc/purchase_receipt/1", 403),
    ("admin", "/scan/jxc/item/tasks", 404),
    ("admin", "/scan/jxc/delivery/9999", 404),
    ("admin", "/scan/jxc/delivery/1", 409),
)


def test_rights__are_those_of_the_form(person: Signed) -> None:
    people = {name: person(name) for name in ("zhangmin", "admin")}
    for name, path, status in REFUSED:
        assert people[name].client.get(path).status_code == status, path
