"""Attacks by programs: conditions without end, very many acts at once, acts that others may not."""

from typing import Any

from tests.security.cases import attack
from tests.security.scene import FORMS, Scene, refused


@attack("Q17")
def counts_beyond_the_row_rule(scene: Scene) -> None:
    scene.made("shixi", "purchase_receipt", {"lines": [{"item": 1, "qty": "5"}]})
    scene.receipt("chenli", submit=False)
    body: dict[str, Any] = {"count": True, "limit": 1, "columns": ["document_date"]}
    path = f"{FORMS}/purchase_receipt/query"
    whole = scene.api("admin").send("POST", path, body).get_json()
    own = scene.api("shixi").send("POST", path, body).get_json()
    assert 0 < own["count"] < whole["count"]
    # Nor does it help to ask for the others from the other side.
    where = {"not": {"field": "document_date", "op": "empty", "values": []}}
    answer = scene.api("shixi").send("POST", path, {**body, "where": where}).get_json()
    assert answer["count"] == own["count"]
    # What is hidden cannot be counted out bit by bit.
    where = {"field": "lines.price", "op": "gt", "values": ["1"]}
    refused(scene.api("shixi").send("POST", path, {**body, "where": where}), 422)


@attack("Q22")
def conditions_without_end(scene: Scene) -> None:
    leaf = {"field": "name", "op": "contains", "values": ["x"]}
    deep: Any = leaf
    for _ in range(30):
        deep = {"not": deep}
    very_deep = '{"where":' + '{"all":[' * 1000 + "{}" + "]}" * 1000 + "}"
    wide = {"any": [leaf] * 10_000}
    many = {"all": [{"any": [leaf] * 15}] * 5}
    values = {"field": "name", "op": "equals", "values": ["x"] * 5000}
    path = f"{FORMS}/item/query"
    for where in (deep, wide, many, values, {"all": leaf}, {"and": []}, [leaf], "x", {"field": 1}):
        refused(scene.api("chenli").send("POST", path, {"where": where}), 422)
    refused(scene.api("chenli").send("POST", path, very_deep), 400)


@attack("R11")
def very_many_at_once(scene: Scene) -> None:
    item = scene.item()
    removal = {"op": "delete", "id": item, "version": 1}
    body = {"operations": [removal | {"id": number} for number in range(1, 100_001)]}
    with scene.unchanged():
        refused(scene.send("admin", "POST", "/item/batch", body), 400)
        # No list at all is not all of them.
        for nothing in ({}, {"operations": []}, {"operations": None}, {"operations": {}}):
            refused(scene.send("admin", "POST", "/item/batch", nothing), 400)


@attack("W32")
def decided_in_bulk(scene: Scene) -> None:
    made = [scene.receipt() for _ in range(3)]
    gone = scene.approved(made[2])
    decide = [{"op": "decide", "id": each["id"], "decision": "approve"} for each in made]
    body = {"operations": [*decide, {"op": "decide", "id": 10**9, "decision": "approve"}]}
    path = "/purchase_receipt/batch"
    by_nobody = scene.send("shixi", "POST", path, {**body, "atomic": False}).get_json()
    assert {each["status"] for each in by_nobody["results"]} <= {403, 404}
    with scene.unchanged():
        refused(scene.send("wangjianguo", "POST", path, body), 422)
    done = scene.send("wangjianguo", "POST", path, {**body, "atomic": False}).get_json()
    statuses = [each["status"] for each in done["results"]]
    assert statuses[:2] == [200, 200]
    assert set(statuses[2:]) <= {403, 404, 409}
    now = scene.api("wangjianguo").get(f"{FORMS}/purchase_receipt/records/{gone['id']}")
    assert now["version"] == gone["version"], "what was decided already is as it was"
