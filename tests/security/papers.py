"""Attacks on documents in a flow and on stock: who decides, twice, at once, out of turn."""

import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from runtime.posting import books, datasets
from tests.security.cases import attack
from tests.security.scene import Scene, numbers, refused

RECEIPTS, DELIVERIES = "/purchase_receipt/records", "/delivery/records"


def at_once(count: int, ask: Callable[[int], int]) -> Counter[int]:
    """Ask from many threads together; how often each status came back."""
    statuses: Counter[int] = Counter()
    together = threading.Barrier(count)

    def run(number: int) -> None:
        together.wait()
        statuses[ask(number)] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def on_hand(scene: Scene, item: int, warehouse: int = 1) -> Decimal:
    with scene.platform.database.reading() as connection:
        return datasets.available(connection, "jxc", [item], warehouse)[item]


def clean(scene: Scene) -> None:
    """Assert that the books are in order."""
    with scene.platform.database.reading() as connection:
        assert [one for one in books.verify(connection) if not one["ok"]] == []


def delivery(item: int, *qtys: str, **more: object) -> dict[str, object]:
    lines = [{"item": item, "qty": qty, "price": "1"} for qty in qtys]
    return {"values": {"customer": 1, "warehouse": 1, "lines": lines, **more}, "submit": True}


@attack("W01")
def approving_ones_own(scene: Scene) -> None:
    own = scene.receipt("wangjianguo")
    path = f"{RECEIPTS}/{own['id']}/decision"
    with scene.unchanged():
        for who in ("wangjianguo", "chenli", "zhangmin", "shixi"):
            refused(scene.send(who, "POST", path, {"decision": "approve"}), 403, 404)
    # A colleague who presses the button for the maker is no way round it.
    draft = scene.receipt("wangjianguo", submit=False)
    sent = scene.send("chenli", "POST", f"{RECEIPTS}/{draft['id']}/submission", If_Match="1")
    assert sent.status_code == 200
    path = f"{RECEIPTS}/{draft['id']}/decision"
    tasks = scene.api("admin").get("/inbox")["tasks"]
    task = next(task["task"] for task in tasks if task["record"] == draft["id"])
    with scene.unchanged():
        for body in ({"decision": "approve"}, {"decision": "approve", "task": task}):
            for who in ("wangjianguo", "chenli"):
                refused(scene.send(who, "POST", path, body), 403, 404)
        page = scene.person("wangjianguo").post(f"/inbox/{task}/decision", decision="approve")
        refused(page.response, 403)
    assert scene.approved(draft, "admin")["status"] == "posted"
    clean(scene)


@attack("W04")
def approved_many_times_at_once(scene: Scene) -> None:
    item = scene.item()
    receipt = scene.receipt(item=item)
    path = f"{RECEIPTS}/{receipt['id']}/decision"

    def approve(_number: int) -> int:
        return scene.alone("wangjianguo", "POST", path, {"decision": "approve"}).status_code

    answers = at_once(50, approve)
    assert answers[200] == 1, answers
    assert set(answers) <= {200, 404, 409}, answers
    assert on_hand(scene, item) == 5
    clean(scene)


@attack("W05")
def approved_and_rejected_at_once(scene: Scene) -> None:
    item = scene.item()
    receipt = scene.receipt(item=item)
    path = f"{RECEIPTS}/{receipt['id']}"

    def decide(number: int) -> int:
        body = {"decision": ("approve", "reject")[number % 2], "comment": "x"}
        return scene.alone("wangjianguo", "POST", f"{path}/decision", body).status_code

    assert at_once(6, decide)[200] == 1
    status = scene.send("chenli", "GET", path).get_json()["status"]
    assert (status, on_hand(scene, item)) in {("posted", Decimal(5)), ("rejected", Decimal(0))}
    clean(scene)


@attack("W06")
@attack("W07")
def decided_out_of_turn(scene: Scene) -> None:
    receipt = scene.receipt()
    path, version = f"{RECEIPTS}/{receipt['id']}", str(receipt["version"])
    change = {"values": {"note": "y"}}
    with scene.unchanged():
        for who in ("chenli", "wangjianguo", "admin"):
            refused(scene.send(who, "PATCH", path, change, If_Match=version), 409)
            refused(scene.send(who, "POST", f"{path}/submission", If_Match=version), 409)
        stale = scene.send(
            "wangjianguo", "POST", f"{path}/decision", {"decision": "approve"}, If_Match="77"
        )
        refused(stale, 409)
    tasks = scene.api("wangjianguo").get("/inbox")["tasks"]
    task = next(task["task"] for task in tasks if task["record"] == receipt["id"])
    gone = scene.send("chenli", "POST", f"{path}/cancellation", {"reason": "x"}, If_Match=version)
    assert gone.status_code == 200
    with scene.unchanged():
        for body in ({"decision": "approve"}, {"decision": "approve", "task": task}):
            refused(scene.send("wangjianguo", "POST", f"{path}/decision", body), 404, 409)
        page = scene.person("wangjianguo").post(f"/inbox/{task}/decision", decision="approve")
        refused(page.response, 409, 422)


@attack("W21")
def tasks_of_others(scene: Scene) -> None:
    receipt = scene.receipt()
    seller, buyer = scene.person("zhangmin"), scene.person("chenli")
    with scene.unchanged():
        for task in range(1, 12):
            for somebody in (seller, buyer):
                answer = somebody.post(f"/inbox/{task}/decision", decision="approve")
                refused(answer.response, 403, 404)
                text = somebody.get(f"/inbox?item={task}").text
                assert "同意" not in text or "我已处理" in text
        for task in (0, -1, 10**30, 1):
            body = {"decision": "approve", "task": task}
            path = f"{RECEIPTS}/{receipt['id']}/decision"
            refused(scene.send("wangjianguo", "POST", path, body), 403, 404)


@attack("W23")
@attack("W24")
def decisions_and_comments(scene: Scene) -> None:
    receipt = scene.receipt()
    path = f"{RECEIPTS}/{receipt['id']}/decision"
    with scene.unchanged():
        for decision in ("APPROVE", "approve ", ["approve"], None, True, "", {"a": 1}, "withdraw"):
            refused(scene.send("wangjianguo", "POST", path, {"decision": decision}), 400)
        for comment in ("x" * 1_000_000, "x" * 2001, "\u0007", "\x00", ["a"], 5):
            body = {"decision": "reject", "comment": comment}
            refused(scene.send("wangjianguo", "POST", path, body), 400)
    markup = "<script>alert(1)</script><b hx-get=/x>"
    body = {"decision": "reject", "comment": markup}
    assert scene.send("wangjianguo", "POST", path, body).status_code == 200
    page = scene.person("chenli").get(f"/a/jxc/purchase_receipt/{receipt['id']}/history")
    assert markup in page.text
    assert not page.soup.select("b[hx-get]")


@attack("W29")
def posting_refused_at_the_last_moment(scene: Scene) -> None:
    item = scene.item()
    first = scene.approved(scene.receipt(item=item))
    sold = scene.send("wangjianguo", "POST", DELIVERIES, delivery(item, "5"))
    assert sold.status_code == 201
    version = str(first["version"])
    with scene.unchanged():
        needed = scene.send(
            "chenli",
            "POST",
            f"{RECEIPTS}/{first['id']}/cancellation",
            {"reason": "x"},
            If_Match=version,
        )
        refused(needed, 422)
        blocking = needed.get_json()["params"]["blocking"]
        assert [one["id"] for one in blocking] == [sold.get_json()["id"]]
        # Two lines that each would do, but not together; and a day before there was any.
        refused(scene.send("wangjianguo", "POST", DELIVERIES, delivery(item, "1")), 422)
    scene.approved(scene.receipt(item=item))
    with scene.unchanged():
        refused(scene.send("wangjianguo", "POST", DELIVERIES, delivery(item, "3", "3")), 422)
        early = delivery(item, "1", document_date="1900-01-01")
        refused(scene.send("wangjianguo", "POST", DELIVERIES, early), 422)
    clean(scene)


@attack("W30")
def cancelled_many_times_at_once(scene: Scene) -> None:
    item = scene.item()
    posted = scene.approved(scene.receipt(item=item))
    path, version = f"{RECEIPTS}/{posted['id']}/cancellation", str(posted["version"])

    def cancel(number: int) -> int:
        who = ("chenli", "wangjianguo", "admin")[number % 3]
        return scene.alone(who, "POST", path, {"reason": "x"}, If_Match=version).status_code

    answers = at_once(9, cancel)
    assert answers == Counter({409: 8, 200: 1})
    assert on_hand(scene, item) == 0
    for again in (version, str(int(version) + 1)):
        with scene.unchanged():
            refused(scene.send("chenli", "POST", path, {"reason": "x"}, If_Match=again), 409)
    clean(scene)


@attack("W33")
def approver_who_sees_less(scene: Scene) -> None:
    posted = scene.receipt()
    page = scene.person("zhangmin").get(f"/a/jxc/purchase_receipt/{posted['id']}")
    assert page.status == 403
    history = scene.send("shixi", "GET", "/item/records/1/history").get_data(as_text=True)
    assert "62" not in history


@attack("K04")
def last_one_sold_many_times(scene: Scene) -> None:
    item = scene.item()
    scene.approved(scene.receipt(qty="1", item=item))

    def sell(_number: int) -> int:
        return scene.alone("wangjianguo", "POST", DELIVERIES, delivery(item, "1")).status_code

    assert at_once(12, sell) == Counter({422: 11, 201: 1})
    assert on_hand(scene, item) == 0
    clean(scene)


@attack("K12")
def transfer_to_nowhere(scene: Scene) -> None:
    with scene.unchanged():
        for here, there in ((1, 1), (1, 999_999), (999_999, 1), (1, None)):
            values = {"warehouse": here, "to_warehouse": there, "lines": [{"item": 1, "qty": "1"}]}
            body = {"values": values, "submit": True}
            refused(scene.send("wangjianguo", "POST", "/transfer/records", body), 422)


MARKUP = (
    "<img src=x onerror=alert(1)>",
    '" data-hx-post="/x" hx-on:click="alert(1)" hx-swap-oob="true',
    "</script><script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "\u2028',alert(1),'",
)


@attack("M02")
@attack("M04")
def markup_as_a_value(scene: Scene) -> None:
    somebody = scene.person("admin")
    for text in MARKUP:
        values = {
            "item_no": f"M02-{next(numbers)}",
            "name": text[:60] if "\u2028" not in text else "x",
        }
        values["note"] = text.replace("\u2028", "")
        made = scene.made("admin", "item", values)
        pages = [f"/a/jxc/item/{made['id']}", f"/a/jxc/item/{made['id']}/history", "/a/jxc/item"]
        pages += [f"/a/jxc/item?q={values['item_no']}", f"/a/jxc/item/new?copy={made['id']}"]
        for path in pages:
            page = somebody.get(path)
            assert page.status == 200, path
            assert not page.soup.select(
                "[onerror], [hx-on\\:click], [data-hx-post], [hx-swap-oob='true']"
            )
            assert not [
                s
                for s in page.soup.select("script")
                if "alert(1)" in s.get_text() and not s.get("type")
            ]
            assert "49{% raw" not in page.text
    for found in somebody.get("/a/jxc/item").soup.select("a[href]"):
        assert str(found["href"]).startswith(("/", "#", "?")), found


@attack("M12")
def thousands_of_lines(scene: Scene) -> None:
    lines = [{"item": 1, "qty": "1", "price": "1"}] * 2000
    values = {"supplier": 1, "warehouse": 1, "lines": lines}
    made = scene.made("chenli", "purchase_receipt", values)
    assert len(made["values"]["lines"]) == 2000
    with scene.unchanged():
        body = {"values": {**values, "lines": lines * 3}}
        refused(scene.send("chenli", "POST", RECEIPTS, body), 413, 422)
