"""Operations on flows: where steps go, what holds together, and what is refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from builder.drafts.flow_new import NAMES
from builder.drafts.model import Draft
from builder.drafts.ops import carry_out
from builder.drafts.patch import difference, patched
from builder.drafts.working import Surroundings, Working, opened
from runtime.definitions import load_app
from runtime.infra import strict_json
from runtime.infra.errors import ValidationFailed

Json = dict[str, Any]


def approve(code: str) -> Json:
    return {"id": code, "type": "approve", "who": {"by": "manager", "level": 1}}


def way(code: str, *steps: Json, **more: Any) -> Json:
    return {"id": code, **more, "steps": list(steps)}


ORDER: Json = {
    "code": "order", "label": "订单", "type": "document", "workflow": "flow",
    "fields": [{"code": "number", "kind": "document_number", "label": "单号"},
               {"code": "total", "kind": "money", "label": "合计"}],
}  # fmt: skip
FLOW: Json = {
    "code": "flow", "label": "订单审批", "form": "order",
    "steps": [
        approve("a"),
        {"id": "fork", "type": "branch", "match": "first", "branches": [
            way("big", approve("gm"), label="大额", when="{total}>=100"),
            way("low", approve("pc"), approve("pd"), label="低价", when="{total}<1"),
            way("rest", **{"else": True}),
        ]},
        approve("b"),
    ],
}  # fmt: skip
APP: Json = {"format": "dajian-app/1", "code": "demo", "label": "演示",
             "forms": [ORDER, {**ORDER, "code": "plain", "workflow": None}],
             "workflows": [FLOW]}  # fmt: skip
APP["forms"][1].pop("workflow")
UNTOUCHED = strict_json.dumps(APP)


def done(*ops: Json, work: Working | None = None) -> tuple[Working, list[str]]:
    """Carry operations out on the flow, and prove on the way that the way back is exact."""
    work = work or opened(Draft("demo", 1, 1, APP), Surroundings())
    before = strict_json.dumps(work.source)
    kept = strict_json.loads(before)
    made = carry_out(work, [{"flow": "flow", **op} if op["op"] != "add_flow" else op for op in ops])
    after = strict_json.loads(strict_json.dumps(work.source))
    assert strict_json.dumps(patched(after, difference(after, kept))) == before
    assert strict_json.dumps(APP) == UNTOUCHED, "an operation changed what it was given"
    return work, [each.created for each in made if each.created]


def refused(**op: Any) -> str:
    with pytest.raises(ValidationFailed) as error:
        done(op)
    assert strict_json.dumps(APP) == UNTOUCHED
    return str(error.value.problems[0].code)


def drawn(steps: list[Mapping[str, Any]], known: Mapping[str, str]) -> str:
    """A flow in one line: `a fork(big:gm low:pc,pd rest:) b`; what is new by its place in time."""
    return " ".join(_drawn(each, known) for each in steps)


def _drawn(step: Mapping[str, Any], known: Mapping[str, str]) -> str:
    name = known.get(step["id"], str(step["id"]))
    if "branches" in step:
        return f"{name}({' '.join(_way(each, known) for each in step['branches'])})"
    return name


def _way(branch: Mapping[str, Any], known: Mapping[str, str]) -> str:
    steps = ",".join(_drawn(each, known) for each in branch["steps"])
    return f"{known.get(branch['id'], branch['id'])}:{steps}"


def flow_of(work: Working) -> Any:
    return next(each for each in work.source["workflows"] if each["code"] == "flow")


ADD: Json = {"op": "add_step", "step": {"type": "approve"}}
MOVE: Json = {"op": "move_step"}
START = "a fork(big:gm low:pc,pd rest:) b"
# op                                                       the flow afterwards; N is what was made
PLACES: list[tuple[Json, str]] = [
    ({**ADD, "to": {"index": 0}}, "N a fork(big:gm low:pc,pd rest:) b"),
    (ADD, "a fork(big:gm low:pc,pd rest:) b N"),
    ({**ADD, "to": {"in": "rest", "index": 0}}, "a fork(big:gm low:pc,pd rest:N) b"),
    ({**ADD, "to": {"in": "low", "index": 1}}, "a fork(big:gm low:pc,N,pd rest:) b"),
    ({**ADD, "to": {"in": "low", "index": 99}}, "a fork(big:gm low:pc,pd,N rest:) b"),
    ({**MOVE, "step": "a", "to": {"index": 2}}, "fork(big:gm low:pc,pd rest:) b a"),
    ({**MOVE, "step": "a", "to": {"in": "rest", "index": 0}}, "fork(big:gm low:pc,pd rest:a) b"),
    ({**MOVE, "step": "pd", "to": {"index": 0}}, "pd a fork(big:gm low:pc rest:) b"),
    ({**MOVE, "step": "low", "to": {"index": 0}}, "a fork(low:pc,pd big:gm rest:) b"),
    # What is taken otherwise stays behind all others.
    ({**MOVE, "step": "big", "to": {"index": 9}}, "a fork(low:pc,pd big:gm rest:) b"),
    ({"op": "add_branch", "step": "fork"}, "a fork(big:gm low:pc,pd N: rest:) b"),
    ({"op": "add_branch", "step": "fork", "index": 0}, "a fork(N: big:gm low:pc,pd rest:) b"),
    ({"op": "copy_step", "step": "pc"}, "a fork(big:gm low:pc,N,pd rest:) b"),
    ({"op": "copy_step", "step": "pc", "to": {"index": 0}}, "N a fork(big:gm low:pc,pd rest:) b"),
    ({"op": "delete_step", "step": "b"}, "a fork(big:gm low:pc,pd rest:)"),
    ({"op": "delete_step", "step": "fork"}, "a b"),
    ({"op": "delete_step", "step": "low"}, "a fork(big:gm rest:) b"),
]


@pytest.mark.parametrize(("op", "expected"), PLACES)
def test_places(op: Json, expected: str) -> None:
    work, made = done(op)
    assert drawn(flow_of(work)["steps"], dict.fromkeys(made, "N")) == expected
    load_app(work.source)


def test_fork__that_leads_one_way_only_is_none() -> None:
    work, _ = done({"op": "delete_step", "step": "low"}, {"op": "delete_step", "step": "big"})
    assert drawn(flow_of(work)["steps"], {}) == "a b"
    kept = {"op": "add_step", "step": {"type": "approve"}, "to": {"in": "rest", "index": 0}}
    work, made = done(kept, {"op": "delete_step", "step": "low"},
                      {"op": "delete_step", "step": "big"})  # fmt: skip
    assert drawn(flow_of(work)["steps"], {made[0]: "N"}) == "a N b"


def test_fork__in_the_middle_takes_the_rest_along_where_that_is_asked_for() -> None:
    op = {"op": "add_step", "step": {"type": "branch"}, "to": {"index": 1}, "rest": True}
    work, (fork,) = done(op)
    steps = flow_of(work)["steps"]
    assert [each["id"] for each in steps] == ["a", fork]
    first, otherwise = steps[1]["branches"]
    assert otherwise["else"] is True
    assert [each["id"] for each in otherwise["steps"]] == ["fork", "b"]
    assert first["steps"] == []


def test_branch__copied_has_ids_of_its_own_and_leads_to_its_own() -> None:
    back = {"op": "set_step", "step": "pd", "name": "buttons",
            "value": {"send_back": {"to": ["pc", "a"]}}}  # fmt: skip
    work, (copy,) = done(back, {"op": "copy_step", "step": "low"})
    fork = flow_of(work)["steps"][1]
    assert [each["id"] for each in fork["branches"]] == ["big", "low", copy, "rest"]
    made = fork["branches"][2]
    assert made["label"] == "低价 2"
    assert made["when"] == "{total}<1"
    first, second = made["steps"]
    assert {first["id"], second["id"]}.isdisjoint({"pc", "pd"})
    # A step it could be sent back to was copied along: the copy leads there.
    assert second["buttons"]["send_back"]["to"] == [first["id"], "a"]


@pytest.mark.parametrize("kind", NAMES)
def test_new_step__of_each_type_may_stand_in_a_draft(kind: str) -> None:
    work, (made,) = done({"op": "add_step", "step": {"type": kind}})
    step = flow_of(work)["steps"][-1]
    assert (step["id"], step["type"], step["label"]) == (made, kind, NAMES[kind])
    _work, (again,) = done({"op": "add_step", "step": {"type": kind}}, work=work)
    assert again != made
    assert flow_of(work)["steps"][-1]["label"]["zh"] == f"{NAMES[kind]['zh']} 2"


def test_set__a_property_within_one() -> None:
    level = {"op": "set_step", "step": "gm", "name": "who/level", "value": 2}
    access = {"op": "set_step", "step": "gm", "name": "access/total", "value": "hide"}
    work, _ = done(level, access)
    gm = flow_of(work)["steps"][1]["branches"][0]["steps"][0]
    assert gm["who"] == {"by": "manager", "level": 2}
    assert gm["access"] == {"total": "hide"}
    done({**access, "value": None}, work=work)
    assert gm["access"] == {}


def test_flow__comes_and_goes_with_its_form() -> None:
    work, (code,) = done({"op": "add_flow", "form": "plain"})
    made = next(each for each in work.source["workflows"] if each["code"] == code)
    assert (made["form"], made["steps"]) == ("plain", [])
    assert work.source["forms"][1]["workflow"] == code
    carry_out(work, [{"op": "delete_flow", "flow": code}])
    assert [each["code"] for each in work.source["workflows"]] == ["flow"]
    assert "workflow" not in work.source["forms"][1]


# op                                                                          why not
REFUSED: list[tuple[Json, str]] = [
    ({"op": "add_flow", "form": "order"}, "flow_there_already"),
    ({"op": "delete_step", "step": "none"}, "flow_step_unknown"),
    ({"op": "delete_step", "step": "rest"}, "flow_else_stays"),
    ({**MOVE, "step": "rest", "to": {"index": 0}}, "flow_else_stays"),
    ({**MOVE, "step": "fork", "to": {"in": "low", "index": 0}}, "flow_step_within_itself"),
    ({**MOVE, "step": "a", "to": {"in": "gm", "index": 0}}, "flow_step_holds_none"),
    ({"op": "add_branch", "step": "a"}, "flow_step_holds_none"),
    ({**ADD, "step": {"type": "fly"}}, "flow_step_type_unknown"),
    ({**ADD, "step": {"type": "approve", "id": "a"}}, "draft_property_fixed"),
    ({**ADD, "rest": True}, "flow_step_holds_none"),
    ({**ADD, "to": {"in": "none"}}, "flow_step_unknown"),
    ({"op": "set_step", "step": "a", "name": "id", "value": "b"}, "draft_property_fixed"),
    ({"op": "set_step", "step": "fork", "name": "branches/0", "value": 1}, "draft_property_fixed"),
    ({"op": "set_step", "step": "a", "name": "mode", "value": "loud"}, "property_not_allowed"),
    ({"op": "set_step", "step": "a", "name": "who/by", "value": "moon"}, "property_not_allowed"),
    ({"op": "set_step", "step": "a", "name": "colour", "value": "red"}, "property_unknown"),
    ({"op": "set_flow", "name": "steps", "value": []}, "draft_property_fixed"),
    ({"op": "set_flow", "flow": "none", "name": "take_back", "value": False}, "workflow_unknown"),
]


@pytest.mark.parametrize(("op", "why"), REFUSED)
def test_refused(op: Json, why: str) -> None:
    assert refused(**op) == why
