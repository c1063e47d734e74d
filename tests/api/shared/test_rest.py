from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import Flask

from runtime.api.limits import EXTENSION, Counts
from tests.api.conftest import Api, Masters
from tests.api.test_records import ITEMS, RECEIPTS, receipt

Way = Callable[..., Api]
BATCH = "/apps/jxc/forms/item/batch"


def new(number: str, **more: Any) -> dict[str, Any]:
    return {"op": "create", "values": {"item_no": number, "name": number, "base_uom": 1, **more}}


def test_batch__all_or_nothing(api: Way, masters: Masters) -> None:
    admin = api("admin")
    change = {"op": "update", "id": masters.item, "version": 1, "values": {"name": "螺钉"}}
    stale = {"op": "update", "id": masters.other_item, "version": 7, "values": {"name": "?"}}
    operations = [new("B1"), change, stale, new("B2", name=None)]
    refused = admin.send("POST", BATCH, {"operations": operations}, Idempotency_Key="b1")
    problem = refused.get_json()
    assert (refused.status_code, problem["code"]) == (422, "batch_refused")
    wrong = [(each["pointer"], each["code"]) for each in problem["errors"]]
    assert [pointer for pointer, _ in wrong] == ["/operations/2", "/operations/3/values/name"]
    assert wrong[0][1] == "version_conflict"
    assert admin.get(f"{ITEMS}/{masters.item}")["version"] == 1
    assert admin.get(f"{ITEMS}?filter.item_no.contains=B")["records"] == []

    done = admin.post(BATCH, {"operations": operations[:2]})["results"]
    assert [each["status"] for each in done] == [201, 200]
    assert done[1]["record"]["values"]["name"] == "螺钉"
    key = done[0]["record"]["id"]
    gone = admin.post(BATCH, {"operations": [{"op": "delete", "id": key, "version": 1}]})
    assert gone["results"] == [{"status": 204}]


def test_batch__each_for_itself_leaves_no_trace_of_what_is_refused(
    api: Way, masters: Masters
) -> None:
    li, wang = api("li"), api("wang")
    made = [li.post(RECEIPTS, receipt(masters) | {"submit": True}) for _ in range(2)]
    decided = [{"op": "decide", "id": each["id"], "decision": "approve"} for each in made]
    strange = {"op": "decide", "id": made[0]["id"] + 99, "decision": "approve"}
    body = {"operations": [decided[0], strange, decided[1], decided[0]], "atomic": False}
    path = "/apps/jxc/forms/purchase_receipt/batch"
    results = wang.post(path, body)["results"]
    assert [each["status"] for each in results] == [200, 404, 200, 404]
    assert results[1]["problem"]["code"] == "not_found"
    assert [li.get(f"{RECEIPTS}/{each['id']}")["status"] for each in made] == ["posted"] * 2
    # Both posted once, through savepoints between which one act was taken back.
    (on_hand,) = wang.get(f"/apps/jxc/stock?item={masters.item}")["stock"]
    assert on_hand["qty"] == "20", "no other test here posts"
    # Who may not decide is told so act by act, and nothing moves.
    results = li.post(path, body)["results"]
    assert {each["status"] for each in results} == {404}


def test_batch__what_cannot_be_understood_is_refused_as_a_whole(api: Way, masters: Masters) -> None:
    admin = api("admin")
    change = {"op": "update", "id": masters.item, "version": 1, "values": {}}
    for number, (operations, name) in enumerate(
        [
            ([], None),
            ([new("B")] * 501, None),
            (["create"], "operations/0"),
            ([new("B"), {"op": "drop"}], "operations/1/op"),
            ([change | {"id": 10**30}], "operations/0/id"),
            ([change | {"id": True}], "operations/0/id"),
            ([change | {"values": []}], "operations/0/values"),
            ([change | {"why": 1}], "operations/0/why"),
            ([{"op": "delete", "id": masters.item}], "operations/0/version"),
            ([{"op": "decide", "id": 1}], "operations/0/decision"),
        ]
    ):
        body = {"operations": operations}
        answer = admin.send("POST", BATCH, body, Idempotency_Key=f"wrong-{number}")
        assert answer.status_code == 400, (operations, answer.get_data(as_text=True))
        assert answer.get_json()["params"].get("name") == name
    assert admin.send("POST", BATCH, {"operations": [change]}).status_code == 400, "without a key"


def quantities(record: Any) -> list[int]:
    return [int(Decimal(line["qty"])) for line in record["values"]["lines"]]


def test_lines__are_added_changed_and_taken_out_one_by_one(api: Way, masters: Masters) -> None:
    li = api("li")
    made = li.post(RECEIPTS, receipt(masters))
    path = f"{RECEIPTS}/{made['id']}/lines/lines"
    shown = li.send("GET", path)
    (first,) = shown.get_json()["lines"]
    assert shown.headers["ETag"] == '"1"'
    more = {"item": masters.other_item, "qty": "3", "price": "7"}
    body = {"values": more, "before": first["id"]}
    added = li.send("POST", path, body, If_Match='"1"')
    assert added.status_code == 201, added.get_data(as_text=True)
    record = added.get_json()
    assert quantities(record) == [3, 10]
    # The old line is the same line: nothing of it was written anew.
    assert record["values"]["lines"][1] == first
    assert record["values"]["amount_total"] == "46.00"
    last = li.send("POST", path, {"values": more}, If_Match='"2"').get_json()
    assert quantities(last) == [3, 10, 3]

    wrong = li.send("PATCH", f"{path}/{first['id']}", {"values": {"qty": "x"}}, If_Match='"3"')
    assert [each["pointer"] for each in wrong.get_json()["errors"]] == ["/values/qty"]
    changed = li.send("PATCH", f"{path}/{first['id']}", {"values": {"qty": "4"}}, If_Match='"3"')
    assert quantities(changed.get_json()) == [3, 4, 3]
    assert li.get(f"{path}/{first['id']}")["price"] == "2.5000"
    gone = li.send("DELETE", f"{path}/{first['id']}", If_Match='"4"')
    assert quantities(gone.get_json()) == [3, 3]
    assert li.send("GET", f"{path}/{first['id']}").status_code == 404
    stale = li.send("DELETE", f"{path}/{record['values']['lines'][0]['id']}", If_Match='"4"')
    assert stale.status_code == 409
    assert li.send("GET", f"{RECEIPTS}/{made['id']}/lines/nothing").status_code == 404
    body = {"values": {"id": first["id"]}}
    assert li.send("POST", path, body, If_Match='"5"').status_code == 400


def test_read__not_again_what_is_known(api: Way, masters: Masters) -> None:
    admin = api("admin")
    path = f"{ITEMS}/{masters.item}"
    read = admin.send("GET", path)
    tag = read.headers["ETag"]
    known = admin.send("GET", path, If_None_Match=f'"0", {tag}')
    assert (known.status_code, known.get_data(), known.headers["ETag"]) == (304, b"", tag)
    # Somebody else sees other things, so what this one knows is no answer for them.
    uom = f"/apps/jxc/forms/uom/records/{read.get_json()['values']['base_uom']}"
    answer = admin.send("PATCH", uom, {"values": {"name": "只"}}, If_Match='"1"')
    assert answer.status_code == 200, answer.get_data(as_text=True)
    again = admin.send("GET", path, If_None_Match=tag)
    assert again.status_code == 200, "a unit has another name now, though the item is the same"
    assert admin.send("PATCH", path, {"values": {}}, If_Match=again.headers["ETag"]).status_code


def test_write__without_an_answer_where_none_is_wanted(api: Way) -> None:
    admin = api("admin")
    values = {"name": "少"}
    headers = {"Idempotency_Key": "p1", "Prefer": "respond-async, return=minimal"}
    made = admin.send("POST", "/apps/jxc/forms/uom/records", {"values": values}, **headers)
    assert (made.status_code, made.get_data()) == (201, b"")
    assert made.headers["Preference-Applied"] == "return=minimal"
    path = made.headers["Location"].removeprefix("/api/v1")
    assert admin.get(path)["values"]["name"] == "少"
    body = {"values": {"name": "多"}}
    headers = {"If_Match": made.headers["ETag"], "Prefer": "return=minimal"}
    changed = admin.send("PATCH", path, body, **headers)
    assert (changed.status_code, changed.get_data(), changed.headers["ETag"]) == (204, b"", '"2"')
    assert changed.content_type is None


def test_taken__a_minute_has_so_many_calls_for_each() -> None:
    counts = Counts(2)
    calls = [(1, 100.0), (1, 101.5), (2, 102.0), (1, 130.0), (1, 159.9), (1, 160.0)]
    left = [counts.taken(who, at) for who, at in calls]
    assert left == [(1, 60), (0, 59), (1, 58), (-1, 30), (-2, 1), (1, 60)]


def test_limits__every_answer_says_how_many_calls_are_left(app: Flask, api: Way) -> None:
    li, wang = api("li"), api("wang")
    whole = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = Counts(3)
    answers = [li.send("GET", path) for path in ("/me", "/nothing", "/me", "/me", "/me")]
    assert [each.status_code for each in answers] == [200, 404, 200, 200, 429]
    told = [each.headers.get("RateLimit", "") for each in answers]
    assert told[0].startswith('"minute";r=2;t=')
    assert told[3].startswith('"minute";r=0;t=')
    assert answers[0].headers["RateLimit-Policy"] == '"minute";q=3;w=60'
    refused = answers[4].get_json()
    assert refused["code"] == "too_many_calls"
    assert answers[4].headers["Retry-After"] == str(refused["params"]["seconds"])
    assert wang.send("GET", "/me").status_code == 200
    app.extensions[EXTENSION] = whole


def test_query__conditions_order_and_pages(api: Way, masters: Masters) -> None:
    admin, zhou = api("admin"), api("zhou")
    units = "/apps/jxc/forms/uom"
    made = [{"op": "create", "values": {"name": f"查{number}"}} for number in range(5)]
    admin.post(f"{units}/batch", {"operations": made})

    def asked(**more: Any) -> Any:
        where = {"any": [
            {"field": "name", "op": "equals", "values": ["查0"]},
            {"all": [{"field": "name", "op": "starts", "values": ["查"]},
                     {"not": {"field": "name", "op": "equals", "values": ["查1"]}}]},
        ]}  # fmt: skip
        answer = admin.send("POST", f"{units}/query", {"where": where, "sort": ["-name"], **more})
        return answer.get_json()

    first = asked(limit=3, count=True, columns=["name"])
    assert [row["values"]["name"] for row in first["records"]] == ["查4", "查3", "查2"]
    assert (first["count"], first["capped"]) == (4, False)
    last = asked(limit=3, count=True, columns=["name"], cursor=first["next"])
    assert [row["values"] for row in last["records"]] == [{"name": "查0"}]
    assert last["next"] == ""
    other = asked(columns=["name"], cursor=first["next"])
    assert other["code"] == "cursor_invalid", "a cursor belongs to the list it was made for"

    # What one may not see cannot be asked for, however deep it stands.
    hidden = {"all": [{"not": {"field": "standard_cost", "op": "gt", "values": ["1"]}}]}
    answer = zhou.send("POST", "/apps/jxc/forms/item/query", {"where": hidden})
    assert answer.status_code == 422, answer.get_data(as_text=True)
    for body in ({"limit": 0}, {"limit": 10**9}, {"columns": "name"}, {"sort": [1]}, {"x": 1}):
        assert admin.send("POST", f"{units}/query", body).status_code == 400, body
    assert masters.item
