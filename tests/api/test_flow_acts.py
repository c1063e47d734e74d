"""Acts of a flow by the API: each by whoever may, about what they saw, once however often sent."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from builder.publish import publish
from runtime.infra.act import SYSTEM, Act
from runtime.infra.jobs import run_one
from runtime.platform import Platform
from runtime.tasks import TASKS
from tests.api.conftest import Api

WANG = {"by": "users", "users": ["wang"]}
RECORDS = "/apps/acts/forms/ask/records"
ACTS: dict[str, Any] = {
    "format": "dajian-app/1",
    "code": "acts",
    "label": "办",
    "forms": [
        {"code": "ask", "label": "申请", "type": "document", "title": "why", "workflow": "flow",
         "fields": [{"code": "why", "kind": "text", "label": "事由", "required": True},
                    {"code": "note", "kind": "text", "label": "批注"}]},
        {"code": "mark", "label": "记", "type": "record", "title": "why",
         "fields": [{"code": "why", "kind": "text", "label": "事", "required": True,
                     "unique": True}]},
    ],
    "workflows": [
        {"code": "flow", "label": "审批", "form": "ask", "steps": [
            {"id": "a", "type": "approve", "who": WANG, "access": {"note": "edit"}},
            {"id": "b", "type": "approve", "who": {"by": "users", "users": ["zhou"]}}]},
        {"code": "log", "label": "记录", "form": "ask",
         "trigger": {"on": "change", "status": ["approved"], "retry": 0},
         "steps": [{"id": "m", "type": "create", "form": "mark", "set": {"why": "={why}"}}]},
        {"code": "press", "label": "按钮", "form": "ask",
         "trigger": {"on": "button", "label": "记一笔", "when": '{note}=""'},
         "steps": [{"id": "c", "type": "calculate", "set": {"note": "按过"}}]},
    ],
    "roles": [{"code": role, "label": role, "grants": [
        {"form": "*", "verbs": ["view", "create", "update", "submit"]}]}
        for role in ("buyer", "warehouse_lead", "sales")],
}  # fmt: skip


@pytest.fixture
def here(app: Flask, now: datetime) -> Platform:
    found: Platform = app.extensions["dajian"]
    with found.database.transaction() as connection:
        publish(Act(connection, SYSTEM, now), ACTS, "test")
    return found


def sent(api: Callable[..., Api], why: str = "买") -> dict[str, Any]:
    made: dict[str, Any] = api("li").post(RECORDS, {"values": {"why": why}, "submit": True})
    return made


def task(way: Api) -> dict[str, Any]:
    found: dict[str, Any] = way.get("/inbox")["tasks"][-1]
    return found


def place(way: Api, rest: str) -> str:
    found = task(way)
    return f"{RECORDS}/{found['record']}/tasks/{found['task']}{rest}"


def test_decided__as_seen_once_and_only_by_who_is_asked(
    here: Platform, api: Callable[..., Api]
) -> None:
    made, wang, zhou = sent(api), api("wang"), api("zhou")
    assert task(wang)["code"] == "a"
    at = place(wang, "/decision")
    yes = {"decision": "approve", "comment": "好", "values": {"note": "急"}}

    def tried(way: Api, body: Any, key: str = "k1", **headers: str) -> TestResponse:
        return way.send("POST", at, body, Idempotency_Key=key, **headers)

    assert tried(zhou, yes).status_code == 403
    assert tried(wang, yes, If_Match='"9"').status_code == 409
    for wrong in ("APPROVE", "approve ", ["approve"], None):
        assert tried(wang, {"decision": wrong}, "k2").status_code == 400
    assert (
        tried(wang, {"decision": "approve", "values": {"why": "x"}}, "k3").get_json()["errors"][0][
            "pointer"
        ]
        == "/values/why"
    )
    done = tried(wang, yes, If_Match=f'"{made["version"]}"')
    assert (done.status_code, done.get_json()["values"]["note"]) == (200, "急")
    again = tried(wang, yes, If_Match=f'"{made["version"]}"')
    assert again.headers["Idempotency-Replayed"] == "true"
    assert tried(wang, yes, "k4").status_code == 409
    assert wang.get("/inbox?box=done")["tasks"][0]["state"] == "approved"
    assert api("li").get("/inbox?box=started")["documents"][0]["record"] == made["id"]
    rounds = api("li").get(f"{RECORDS}/{made['id']}/flow")["rounds"]
    assert [(each["step"], each["person"], each["comment"]) for each in rounds[0]["entries"]] == [
        ("a", "Wang", "好"), ("b", "Zhou", ""),
    ]  # fmt: skip
    zhou.post(place(zhou, "/decision"), {"decision": "approve"})
    while run_one(here.database, here.settings, TASKS):
        pass
    (run,) = api("admin").get("/apps/acts/runs")["runs"]
    assert (run["code"], run["state"], run["record"]) == ("log", "approved", made["id"])
    assert wang.send("GET", "/apps/acts/runs").status_code == 403


def test_ways_of_a_task(here: Platform, api: Callable[..., Api]) -> None:
    assert here is not None
    made, wang, zhou, li, admin = sent(api), api("wang"), api("zhou"), api("li"), api("admin")
    wang.post(place(wang, "/decision"), {"decision": "approve"})
    first = wang.get("/inbox?box=done")["tasks"][0]["task"]
    at = f"{RECORDS}/{made['id']}/tasks/{first}/decision"
    assert wang.send("DELETE", at).status_code == 200, "nothing came of it yet"
    assert task(wang)["code"] == "a"
    wang.post(place(wang, "/return"), {"to": "start", "comment": "改"})
    assert task(li)["code"] == "start"
    li.post(place(li, "/decision"), {"decision": "fill", "values": {"why": "再买"}})
    answer = wang.send("PUT", place(wang, "/stash"), {"comment": "想想"})
    assert answer.status_code == 200
    assert li.post(f"{RECORDS}/{made['id']}/flow/reminders", {})["reminded"] == 1
    refused = wang.send("POST", place(wang, "/reassignment"), {"to": True}, Idempotency_Key="t1")
    assert refused.status_code == 400
    withdrawn = li.post(f"{RECORDS}/{made['id']}/flow/withdrawal", {"comment": "不买了"})
    assert withdrawn["status"] == "draft"
    again = sent(api, "又")
    ended = admin.post(f"{RECORDS}/{again['id']}/flow/termination", {})
    assert ended["status"] == "rejected"
    assert li.send("POST", f"{RECORDS}/{again['id']}/flow/reactivation", {},
                   Idempotency_Key="t2").status_code == 403  # fmt: skip
    assert admin.post(f"{RECORDS}/{again['id']}/flow/reactivation", {})["status"] == "submitted"
    assert zhou.get("/inbox")["tasks"] == []


def test_many_at_once__each_by_itself(here: Platform, api: Callable[..., Api]) -> None:
    assert here is not None
    records = [sent(api, f"第{n}") for n in range(3)]
    wang = api("wang")
    tasks = [each["task"] for each in wang.get("/inbox")["tasks"]]
    wanted = [{"task": tasks[0], "version": records[0]["version"]},
              {"task": tasks[1], "version": 9}, {"task": 99}]  # fmt: skip
    found = wang.post("/inbox/decisions", {"decision": "approve", "tasks": wanted})["results"]
    assert [each.get("problem", {}).get("code") for each in found] == [
        None, "version_conflict", "not_found",
    ]  # fmt: skip
    assert [each["record"] for each in wang.get("/inbox")["tasks"]] == [
        records[1]["id"], records[2]["id"],
    ]  # fmt: skip


def test_preview_and_button(here: Platform, api: Callable[..., Api]) -> None:
    assert here is not None
    li = api("li")
    path = li.post("/apps/acts/forms/ask/flow/preview", {"values": {"why": "试"}})
    assert [(each["step"], each["people"]) for each in path["steps"]] == [
        ("a", ["Wang"]), ("b", ["Zhou"]),
    ]  # fmt: skip
    made = li.post(RECORDS, {"values": {"why": "按", "note": ""}})
    at = f"{RECORDS}/{made['id']}/buttons/press"
    pressed = li.send("POST", at, None, Idempotency_Key="p1", If_Match='"1"')
    assert pressed.status_code == 200
    assert li.get(f"{RECORDS}/{made['id']}")["values"]["note"] == "按过"
    stale = li.send("POST", at, None, Idempotency_Key="p2", If_Match='"1"')
    assert stale.status_code == 409
