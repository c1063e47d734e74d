"""Hostile flows of the catalogue: each is refused with problems, or kept harmless."""

import time
from pathlib import Path
from typing import Any

import pytest

from builder.checks import check_app
from builder.drafts.problems import errors_of
from builder.drafts.shape import require_shape
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.infra.errors import AppError, ValidationFailed
from tests.unit.definitions.test_attacks import CASES, _source, adapted

ROOT = Path(__file__).parents[3]
FLOWS = [case for case in CASES if case["group"] == "workflow"]
# Refused by what only an installation knows, and tried with one.
ELSEWHERE = {"D306": "tests/unit/builder/test_named_people.py"}
ACTIONS = {
    "set": lambda act: {"type": "calculate", "set": {act["field"]: act["value"]}},
    "post_stock": lambda act: {**act, "type": "post"},
    "webhook": lambda act: {**act, "type": "http"},
    "create_record": lambda act: {"type": "create", "form": act["form"], "set": act["values"]},
}
SECONDS = 5


def flow_of(source: dict[str, Any]) -> dict[str, Any]:
    """Bring a graph of states into our list of steps; what a list cannot say stays and is strange.

    A transition out of the first state is the submission; every other one is a step, in the order
    of the states it leads to. One that leads back, or from nowhere, keeps its `from` and `to`.
    """
    graph = source["workflow"]
    states = graph["states"]
    flow: dict[str, Any] = {"code": "demo_flow", "label": "Demo", "form": source["form"]["code"]}
    flow["steps"] = [] if len(states) == len(set(states)) else [{"id": "x", "states": states}]
    reached = {graph["initial"]} & set(states)
    for number, one in enumerate(graph["transitions"]):
        is_further = one["from"] in reached and one["to"] not in reached and one["to"] in states
        strange = {} if is_further else {"from": one["from"], "to": one["to"]}
        reached |= {one["to"]} if is_further else set()
        if one["from"] != graph["initial"] or "auto" in one or "actions" in one:
            flow["steps"] += _steps(one, number, strange)
    for step in flow["steps"]:
        if step.get("type") == "schedule":
            flow["trigger"] = {"on": "schedule", "every": step["cron"]}
    flow["steps"] = [step for step in flow["steps"] if step.get("type") != "schedule"]
    return flow


def _steps(one: dict[str, Any], number: int, strange: dict[str, Any]) -> list[dict[str, Any]]:
    own: dict[str, Any] = {"id": f"n_{number}", "type": "calculate", "set": {}, **strange}
    if not one.get("auto"):
        kind, _colon, name = one["who"].rpartition(":")
        who = {"by": "users", "users": [name]} if kind == "user" else {"by": "role", "role": name}
        own = {"id": f"n_{number}", "type": "approve", "who": who, **strange}
    if "quorum" in one:
        own |= {"mode": "count", "count": one["quorum"]}
    if "on_timeout" in one:
        own["limit"] = {"for": {"n": 1, "unit": "days"}, "do": one["on_timeout"]}
    actions = one.get("actions", [])
    if isinstance(actions, str):
        return [{**own, "actions": actions}]
    after = [
        {"id": f"m_{number}_{index}", **ACTIONS.get(act["type"], dict)(act)}
        for index, act in enumerate(actions)
    ]
    if "guard" in one:
        ways = [
            {"id": f"w_{number}", "when": one["guard"], "steps": [own, *after]},
            {"id": f"e_{number}", "else": True, "steps": []},
        ]
        return [{"id": f"b_{number}", "type": "branch", "branches": ways}]
    return [own, *after]


def app_of(source: dict[str, Any], flow: dict[str, Any]) -> dict[str, Any]:
    """An app with the form of a case as a document, in this flow."""
    form = {**adapted(source["form"]), "type": "document"}
    if "trigger" not in flow:
        form["workflow"] = flow["code"]
    roles = [{"code": code, "label": code, "grants": []} for code in ("clerk", "manager")]
    return {
        "format": "dajian-app/1", "code": "demo", "label": "Demo", "forms": [form],
        "roles": roles, "workflows": [flow],
    }  # fmt: skip


def published(app: dict[str, Any]) -> None:
    """Go the way of a package: shape, checks, compilation."""
    definition = load_app(app)
    problems = check_app(definition)
    if problems:
        raise ValidationFailed("definition_invalid", problems=problems)
    compile_app(definition, 1)


def drafted(app: dict[str, Any]) -> None:
    """Go the way of a draft that is replaced as a whole."""
    require_shape(app, "demo")
    problems = errors_of(app)
    if problems:
        raise ValidationFailed("definition_invalid")


def is_taken(way: Any, app: dict[str, Any]) -> bool:
    """Whether it could be published; quickly, whatever it is."""
    begun = time.perf_counter()
    try:
        way(app)
    except AppError:
        return False
    else:
        return True
    finally:
        assert time.perf_counter() - begun < SECONDS


@pytest.mark.parametrize("way", [published, drafted])
@pytest.mark.parametrize("case", FLOWS, ids=lambda case: case["id"])
def test_hostile_flow(case: dict[str, Any], way: Any) -> None:
    source = _source(case)
    found = is_taken(way, app_of(source, flow_of(source)))
    if case["expect"] == "reject" and case["id"] not in ELSEWHERE:
        assert not found, case["why"]


def test_hostile_flows_tried_elsewhere__are() -> None:
    for number, place in ELSEWHERE.items():
        assert f"test_attack_{number.lower()}__" in (ROOT / place).read_text(encoding="utf-8")


PLAIN: dict[str, Any] = {
    "form": {
        "code": "demo_order",
        "title": "Demo order",
        "fields": [{"code": "qty", "type": "number", "label": "Quantity"}],
    },
    "workflow": {
        "initial": "draft",
        "states": ["draft", "submitted", "approved"],
        "transitions": [
            {"code": "submit", "from": "draft", "to": "submitted", "who": "role:clerk"},
            {"code": "approve", "from": "submitted", "to": "approved", "who": "role:manager"},
        ],
    },
}


# what is added to the plain approval                                             is it taken
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, True),
        ({"guard": "{qty}>1"}, True),
        ({"quorum": 2}, True),
        ({"on_timeout": "approve"}, True),
        ({"actions": [{"type": "set", "field": "qty", "value": "={qty}+1"}]}, True),
        ({"actions": [{"type": "set", "field": "updated_by", "value": "1"}]}, False),
        ({"actions": [{"type": "webhook", "url": "https://example.com/a?b=1"}]}, True),
        ({"actions": [{"type": "webhook", "url": "https://192.0.43.8:8443/"}]}, True),
    ],
)
@pytest.mark.parametrize("way", [published, drafted])
def test_plain_flow__is_taken(more: dict[str, Any], expected: bool, way: Any) -> None:
    """The test above would pass if nothing ever could be published."""
    submit, approve = PLAIN["workflow"]["transitions"]
    source = {**PLAIN, "workflow": {**PLAIN["workflow"], "transitions": [submit, approve | more]}}
    assert is_taken(way, app_of(source, flow_of(source))) is expected


INSIDE = (
    "https://169.254.169.254/latest/meta-data/",
    "https://127.0.0.1/",
    "https://10.0.0.5/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://localhost/",
    "https://a.localhost./",
    "https://user:pw@example.com/",
    "https://example.com@127.0.0.1/",
    "https://example.com\\@127.0.0.1/",
    "https://{{record.host}}/",
    "https://example..com/",
    "https://example.com:99999/",
    "https://example.com:0/",
    "https://[::1/",
    "https:///etc/passwd",
)


@pytest.mark.parametrize("url", INSIDE)
@pytest.mark.parametrize("kind", ["http", "notify"])
def test_address_that_is_not_out_there__is_a_problem(url: str, kind: str) -> None:
    step = {"id": "n_1", "type": kind, "url": url}
    if kind == "notify":
        step |= {"by": ["webhook"], "text": '="x"'}
    flow = {"code": "demo_flow", "label": "Demo", "form": "demo_order", "steps": [step]}
    assert not is_taken(published, app_of(PLAIN, flow))
    step["url"] = "https://example.com/"
    assert is_taken(published, app_of(PLAIN, flow))
