"""What keeps a flow from being published: each with the place it is put right."""

from copy import deepcopy
from typing import Any

import pytest

from builder.drafts.jumps import jump
from builder.drafts.problems import errors_of
from tests.unit.builder.test_flow_ops import APP, approve, way

Json = dict[str, Any]
ROLES = [{"code": "gm", "label": "总经理", "grants": []}]
MANAGER = {"by": "manager", "level": 1}


def app(*steps: Json, **flow: Any) -> Json:
    """An app whose only approval has these steps."""
    made = deepcopy(APP)
    made["roles"] = ROLES
    made["workflows"] = [{**made["workflows"][0], "steps": list(steps), **flow}]
    return made


def who(code: str, **asked: Any) -> Json:
    return {"id": code, "type": "approve", "who": asked}


def fork(*branches: Json) -> Json:
    return {"id": "fork", "type": "branch", "branches": list(branches)}


REST = way("rest", **{"else": True})
BIG = way("big", approve("gm"), when="{total}>=100")
# steps                                                      why                       where
WRONG: list[tuple[list[Json], str, str]] = [
    ([approve("a"), approve("a")], "code_twice", "/steps/1/id"),
    ([approve("start")], "code_twice", "/steps/0/id"),
    ([fork(BIG, way("big", **{"else": True}))], "code_twice", "/steps/0/branches/1/id"),
    ([who("a", by="role", roles=[])], "step_without_approver", "/steps/0/who/roles"),
    ([who("a", by="role", roles=["boss"])], "role_unknown", "/steps/0/who/roles"),
    ([who("a", by="users", users=[])], "step_without_approver", "/steps/0/who/users"),
    ([who("a", by="climb")], "step_without_approver", "/steps/0/who/level"),
    ([{**approve("a"), "empty": "deputy"}], "step_without_approver", "/steps/0/deputy"),
    ([{**who("a", by="users", users=["li"]), "mode": "count", "count": 2}],
     "flow_count_too_large", "/steps/0/count"),
    ([fork(REST, BIG)], "flow_else_not_last", "/steps/0/branches/0"),
    ([fork(way("c"), REST)], "flow_branch_without_condition", "/steps/0/branches/0"),
    ([fork(way("c", when="{nothing}>1"), REST)], "formula_name_unknown",
     "/steps/0/branches/0/when"),
    ([{**approve("a"), "check": [{"when": "{total}>", "message": "x"}]}], "formula_incomplete",
     "/steps/0/check/0/when"),
    ([{"id": "w", "type": "calculate", "set": {"total": "={gone}"}}], "formula_name_unknown",
     "/steps/0/set/total"),
    ([{"id": "c", "type": "convert", "conversion": "none"}], "flow_conversion_unknown",
     "/steps/0/conversion"),
    ([{"id": "f", "type": "find", "form": "none", "match": {"a": "1"}}], "form_unknown",
     "/steps/0/form"),
    ([who("a", by="step", step="b"), approve("b")], "flow_step_not_before",
     "/steps/0/who/step"),
    ([{**approve("a"), "buttons": {"send_back": {"to": ["b"]}}}, approve("b")],
     "flow_step_not_before", "/steps/0/buttons/send_back/to"),
    ([{"id": "s", "type": "subflow", "workflow": "flow"}], "workflow_unknown",
     "/steps/0/workflow"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "why", "where"), WRONG)
def test_wrong(steps: list[Json], why: str, where: str) -> None:
    source = app(*steps)
    found = [(each.code, each.pointer) for each in errors_of(source)]
    assert (f"/workflows/0{where}") in [pointer for _code, pointer in found], found
    assert next(code for code, pointer in found if pointer == f"/workflows/0{where}") == why


def test_right__says_nothing() -> None:
    steps = (approve("a"), fork(BIG, REST), who("b", by="role", roles=["gm"]),
             who("c", by="step", step="a"))  # fmt: skip
    assert errors_of(app(*steps)) == ()


TOTAL: Json = {"id": "c", "type": "calculate", "set": {"total": "=1"}}
# trigger, steps, why, where in the automation
RULES: list[tuple[Json, list[Json], str, str]] = [
    ({"on": "create", "every": "day"}, [TOTAL], "flow_trigger_member", "/trigger/every"),
    ({"on": "change", "fields": ["total", "ghost"]}, [TOTAL], "field_unknown", "/trigger/fields/1"),
    ({"on": "change", "status": ["approved"], "runs": "with"}, [TOTAL], "flow_status_runs_after",
     "/trigger/runs"),
    ({"on": "schedule", "every": "week", "days": [8], "each": True}, [TOTAL], "flow_day_of_week",
     "/trigger/days"),
    ({"on": "schedule", "every": "day"}, [TOTAL], "flow_without_document", "/steps/0"),
    ({"on": "delete"}, [TOTAL], "flow_without_document", "/steps/0"),
    ({"on": "date", "field": "total"}, [TOTAL], "flow_field_no_moment", "/trigger/field"),
    ({"on": "webhook", "map": {"ghost": "/a"}}, [TOTAL], "field_unknown", "/trigger/map/ghost"),
    ({"on": "webhook", "map": {"total": "/a"}, "key": "number"}, [TOTAL], "flow_key_not_mapped",
     "/trigger/key"),
    ({"on": "button", "label": "x", "roles": ["ghost"]}, [TOTAL], "role_unknown",
     "/trigger/roles/0"),
    ({"on": "create"}, [approve("b")], "flow_people_in_automation", "/steps/0"),
    ({"on": "create"}, [{"id": "m", "type": "create", "form": "order", "set": {}}],
     "flow_sets_itself_off", "/trigger"),
]  # fmt: skip


@pytest.mark.parametrize(("trigger", "steps", "why", "where"), RULES)
def test_automation__wrong(trigger: Json, steps: list[Json], why: str, where: str) -> None:
    found = [(each.code, each.pointer) for each in errors_of(with_rule(trigger, *steps))]
    assert found == [(why, f"/workflows/1{where}")]


def test_automation__right() -> None:
    made = {"id": "m", "type": "create", "form": "order", "set": {}}
    for trigger, steps in (
        ({"on": "create", "when": "{total}>1", "runs": "with"}, (made, TOTAL)),
        ({"on": "change", "fields": ["total"], "status": ["approved"]}, (TOTAL,)),
        ({"on": "schedule", "every": "month", "days": [31], "time": "08:00"}, (made,)),
        ({"on": "webhook", "map": {"total": "/a/b"}, "key": "total"}, (TOTAL,)),
    ):
        assert errors_of(with_rule(trigger, *steps)) == ()


def test_start__belongs_to_an_approval() -> None:
    source = with_rule({"on": "create"}, TOTAL)
    source["workflows"][1]["start"] = {"updates": {"total": "=1"}}
    source["workflows"][0]["start"] = {"access": {"ghost": "hide"}, "updates": {"total": "=1"}}
    assert {(each.code, each.pointer) for each in errors_of(source)} == {
        ("flow_start_of_approval", "/workflows/1/start"),
        ("field_unknown", "/workflows/0/start/access/ghost"),
    }


def with_rule(trigger: Json, *steps: Json) -> Json:
    """The app with an automation beside its approval."""
    source = app(approve("a"))
    flow: Json = {"code": "rule", "label": "rule", "form": "order", "trigger": trigger}
    source["workflows"].append({**flow, "steps": list(steps)})
    return source


def test_circle__of_parts_that_call_one_another() -> None:
    source = app(approve("a"))
    call: Json = {"trigger": {"on": "call"}, "form": "order"}
    for code, other in (("one", "two"), ("two", "one")):
        step = {"id": "s", "type": "subflow", "workflow": other}
        source["workflows"].append({"code": code, "label": code, **call, "steps": [step]})
    assert [each.code for each in errors_of(source)] == ["flow_circle", "flow_circle"]


def test_problem__leads_to_its_step() -> None:
    source = app(approve("a"), fork(way("c", approve("gm"), when="{total}>1"), REST))
    place = jump(source, "/workflows/0/steps/1/branches/0/steps/0/who")
    assert (place.tab, place.form, place.flow, place.step) == ("flow", "order", "flow", "gm")
    assert jump(source, "/workflows/0/steps/1/branches/0/when").step == "c"
    assert jump(source, "/workflows/0/label").step is None
