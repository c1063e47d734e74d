"""The draft of an app over HTTP: what the designer does, a program may do."""

from collections.abc import Callable
from typing import Any

from tests.api.conftest import Api

Way = Callable[..., Api]
DRAFT = "/apps/jxc/draft"


def add(label: str) -> dict[str, Any]:
    return {"op": "add_field", "form": "delivery", "field": {"kind": "text", "label": label}}


def change(api: Api, rev: int, *ops: dict[str, Any]) -> Any:
    answer = api.send("POST", f"{DRAFT}/operations", {"ops": list(ops)}, If_Match=f'"{rev}"')
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.headers["ETag"] == f'"{rev + 1}"'
    return answer.get_json()


def test_draft__changed_undone_and_published(api: Way) -> None:
    designer = api("admin", "design")
    before = designer.get(DRAFT)
    assert (before["rev"], before["base_version"], before["changed"]) == (0, 1, False)
    made = change(designer, 0, add("承运人"), add("车牌"))
    assert made["created"] == ["cheng_yun_ren", "che_pai"]
    assert designer.get(DRAFT)["undecided"][0]["form"] == "delivery"
    change(designer, 1, {"op": "delete", "form": "delivery", "field": "attachments"})
    assert [each["code"] for each in designer.get(DRAFT)["removed"]] == ["attachments"]
    undone = designer.send("POST", f"{DRAFT}/undo", None, If_Match='"2"').get_json()
    assert (undone["rev"], undone["can_undo"], undone["can_redo"]) == (3, True, True)
    designer.send("POST", f"{DRAFT}/redo", None, If_Match='"3"')
    problems = designer.get(f"{DRAFT}/problems")["problems"]
    assert {each["severity"] for each in problems} == {"warning"}
    assert problems[0]["jump"] == {
        "tab": "access", "form": "delivery", "lines": None, "field": "cheng_yun_ren",
        "section": None,
    }  # fmt: skip
    assert "承运人" in problems[0]["message"]
    answer = designer.send("POST", f"{DRAFT}/publication", {"note": "承运人"}, If_Match='"4"')
    assert answer.status_code == 200
    assert answer.get_json()["number"] == 2
    assert answer.headers["ETag"] == '"5"'
    forms = {form["code"]: form for form in designer.get("/apps/jxc")["forms"]}
    codes = {field["code"] for field in forms["delivery"]["fields"]}
    assert {"cheng_yun_ren", "che_pai"} <= codes
    assert "attachments" not in codes


def test_draft__as_a_whole_and_back(api: Way) -> None:
    designer = api("admin", "design")
    source = designer.get(DRAFT)["source"]
    source["label"] = {"zh": "进销存二"}
    answer = designer.send("PUT", DRAFT, {"source": source, "why": "改名"}, If_Match='"0"')
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    assert designer.get(DRAFT)["source"] == source
    back = designer.send("DELETE", DRAFT, If_Match='"1"')
    assert (back.status_code, back.get_json()["changed"]) == (200, False)
    assert designer.get(DRAFT)["source"]["label"] == {"zh": "进销存", "en": "Inventory"}


def test_draft__what_is_refused(api: Way) -> None:
    designer = api("admin", "design")
    change(designer, 0, add("承运人"))
    operations = f"{DRAFT}/operations"
    resize = {"op": "resize", "form": "delivery", "field": "customer", "width": 5}
    table: list[tuple[str, str, Any, dict[str, str], int, str]] = [
        ("POST", operations, {"ops": [add("x")]}, {}, 428, "if_match_missing"),
        ("POST", operations, {"ops": [add("x")]}, {"If_Match": '"0"'}, 409, "draft_changed"),
        ("POST", operations, {"ops": [resize]}, {"If_Match": '"1"'}, 422, "draft_op_refused"),
        ("POST", operations, {"ops": []}, {"If_Match": '"1"'}, 422, "draft_op_refused"),
        ("POST", operations, {"ops": [5]}, {"If_Match": '"1"'}, 400, "member_invalid"),
        ("POST", operations, {"ops": [], "x": 1}, {"If_Match": '"1"'}, 400, "member_unknown"),
        ("POST", f"{DRAFT}/redo", None, {"If_Match": '"1"'}, 409, "draft_nothing_to_redo"),
        ("PUT", DRAFT, {"source": {"code": "jxc"}}, {"If_Match": '"1"'}, 422, "definition_invalid"),
        ("PUT", DRAFT, {}, {"If_Match": '"1"'}, 400, "member_invalid"),
        ("DELETE", DRAFT, None, {}, 428, "if_match_missing"),
        ("DELETE", DRAFT, None, {"If_Match": '"0"'}, 409, "draft_changed"),
        ("POST", f"{DRAFT}/publication", {}, {"If_Match": '"0"'}, 409, "draft_changed"),
        ("GET", "/apps/none/draft", None, {}, 404, "app_not_found"),
        ("POST", "/apps", {"label": "x", "code": "jxc"}, {}, 409, "app_code_taken"),
        ("POST", "/apps", {"label": "x", "code": "x" * 13}, {}, 422, "definition_invalid"),
        ("POST", "/apps", {"label": 5}, {}, 422, "definition_invalid"),
    ]
    for method, path, body, headers, status, code in table:
        answer = designer.send(method, path, body, **headers)
        assert (answer.status_code, answer.get_json()["code"]) == (status, code), (path, body)
    behind = designer.send("POST", operations, {"ops": [add("x")]}, If_Match='"0"').get_json()
    assert behind["params"]["what"] == ["在“销售出库”加了“承运人”"]


def test_draft__the_same_key_is_one_change(api: Way) -> None:
    designer = api("admin", "design")
    sent = {"If_Match": '"0"', "Idempotency_Key": "one"}
    answers = [
        designer.send("POST", f"{DRAFT}/operations", {"ops": [add("承运人")]}, **sent)
        for _ in range(2)
    ]
    assert [each.headers["ETag"] for each in answers] == ['"1"', '"1"']
    assert answers[0].get_json() == answers[1].get_json()
    assert designer.get(DRAFT)["rev"] == 1


def test_app__made_from_nothing(api: Way) -> None:
    designer = api("admin", "design")
    made = designer.post("/apps", {"label": "客户拜访"})
    assert (made["code"], made["base_version"]) == ("ke_hu_bai", 0)
    draft = "/apps/ke_hu_bai/draft"
    ops = [
        {"op": "add_form", "form": {"label": "拜访"}},
        {"op": "add_field", "form": "bai_fang", "field": {"kind": "text", "label": "客户"}},
    ]
    designer.send("POST", f"{draft}/operations", {"ops": ops}, If_Match='"0"')
    answer = designer.send("POST", f"{draft}/publication", {}, If_Match='"1"')
    assert answer.status_code == 201
    record = designer.post("/apps/ke_hu_bai/forms/bai_fang/records", {"values": {"ke_hu": "甲"}})
    assert record["values"]["ke_hu"] == "甲"
    designer.post("/apps", {"label": "x", "code": "gone"})
    assert designer.send("DELETE", "/apps/gone/draft", If_Match='"0"').status_code == 204
    assert designer.send("GET", "/apps/gone/draft").status_code == 404


def test_draft__is_for_who_designs(api: Way) -> None:
    for name, scope in (("zhou", "design"), ("admin", "write"), ("admin", "read")):
        way = api(name, scope)
        for method, path in (("GET", DRAFT), ("DELETE", DRAFT), ("GET", f"{DRAFT}/problems")):
            assert way.send(method, path).status_code == 403, (name, scope, path)
        answer = way.send("POST", f"{DRAFT}/operations", {"ops": [add("x")]}, If_Match='"0"')
        assert answer.status_code == 403
