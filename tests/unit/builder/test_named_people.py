"""A flow names people and departments: those nowhere to be found forbid publishing, by place."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from builder import drafts
from builder.publish import publish
from runtime.infra import departments, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import ValidationFailed
from runtime.infra.users import NewUser
from tests.conftest import Fill
from tests.prepared import tables
from tests.unit.definitions.test_attacks import CASES, _source
from tests.unit.definitions.test_flow_attacks import app_of, flow_of

Json = dict[str, Any]
Do = Callable[..., Any]
LI: Json = {"by": "users", "users": ["Li "]}
NOBODY: Json = {"by": "users", "users": ["li", "999999"]}
LEFT: Json = {"by": "users", "users": ["left"]}
SALES: Json = {"by": "department", "departments": ["销售部"], "heads": True}
NOWHERE: Json = {"by": "department", "departments": ["销售部", "无此部门"]}
CLOSED: Json = {"by": "department", "departments": ["老部门"]}


def app(*steps: Json) -> Json:
    form = {
        "code": "ask", "label": "申请", "type": "document", "workflow": "flow", "title": "why",
        "fields": [{"code": "why", "kind": "text", "label": "事由"}],
    }  # fmt: skip
    flow = {"code": "flow", "label": "审批", "form": "ask", "steps": list(steps)}
    return {
        "format": "dajian-app/1", "code": "demo", "label": "演示", "forms": [form],
        "workflows": [flow], "roles": [],
    }  # fmt: skip


def approve(who: Json, **more: Any) -> Json:
    return {"id": "a", "type": "approve", "who": who, **more}


def inside(step: Json) -> Json:
    ways = [{"id": "c", "when": '{why}="x"', "steps": [step]},
            {"id": "r", "else": True, "steps": []}]  # fmt: skip
    return {"id": "b", "type": "branch", "branches": ways}


@pytest.fixture
def do(database: Database, fill: Fill, now: datetime) -> Do:
    """`do(verb, …)` in a transaction; Li signs in, somebody left, a department was closed."""
    fill("tables", tables)

    def carry_out(verb: Callable[..., Any], *given: Any, **more: Any) -> Any:
        with database.transaction() as connection:
            return verb(Act(connection, SYSTEM, now), *given, **more)

    carry_out(users.create, NewUser("li", "a long password of Li"))
    left = carry_out(users.create, NewUser("left", "a long password of another"))
    carry_out(users.set_disabled, left.id, is_disabled=True)
    carry_out(departments.create, "销售部")
    closed = carry_out(departments.create, "老部门")
    carry_out(departments.set_disabled, closed.id, is_disabled=True)
    return carry_out


def draft_with(do: Do, source: Json) -> Any:
    started = do(drafts.create_app, "demo", "演示")
    return do(drafts.replace, "demo", started.rev, source, "test").draft


# who stands where                                              what forbids it, and its place
WRONG: list[tuple[Json, str, str]] = [
    (approve(NOBODY), "flow_person_unknown", "/steps/0/who/users/1"),
    (approve(NOWHERE), "flow_department_unknown", "/steps/0/who/departments/1"),
    (inside(approve(NOBODY)), "flow_person_unknown",
     "/steps/0/branches/0/steps/0/who/users/1"),
    (approve(LI, empty="deputy", deputy=NOBODY), "flow_person_unknown",
     "/steps/0/deputy/users/1"),
    (approve({"by": "several", "of": [LI, NOBODY]}), "flow_person_unknown",
     "/steps/0/who/of/1/users/1"),
    (approve({"by": "chosen", "within": NOBODY}), "flow_person_unknown",
     "/steps/0/who/within/users/1"),
    (approve(LI, limit={"for": {"n": 1, "unit": "days"}, "do": "escalate", "to": NOBODY}),
     "flow_person_unknown", "/steps/0/limit/to/users/1"),
    (approve(LI, buttons={"reassign": {"within": NOWHERE}}), "flow_department_unknown",
     "/steps/0/buttons/reassign/within/departments/1"),
    ({"id": "a", "type": "fill", "who": NOBODY}, "flow_person_unknown", "/steps/0/who/users/1"),
    ({"id": "a", "type": "copy", "who": NOBODY}, "flow_person_unknown", "/steps/0/who/users/1"),
    ({"id": "a", "type": "notify", "who": NOBODY, "text": '="x"'},
     "flow_person_unknown", "/steps/0/who/users/1"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "code", "place"), WRONG)
def test_who_is_nowhere__forbids_publishing(step: Json, code: str, place: str, do: Do) -> None:
    where = f"/workflows/0{place}"
    with pytest.raises(ValidationFailed) as refused:
        do(publish, app(step), "test")
    assert [(each.code, each.pointer) for each in refused.value.problems] == [(code, where)]
    draft = draft_with(do, app(step))
    errors = [each for each in do(drafts.problems, draft) if each.severity == "error"]
    assert [(each.code, each.pointer, each.jump.step) for each in errors] == [(code, where, "a")]
    with pytest.raises(ValidationFailed):
        do(drafts.publish, "demo", draft.rev, "test")


def test_who_is_there__is_asked_and_who_has_left_is_a_caution(do: Do) -> None:
    fine = app(approve({"by": "several", "of": [LI, SALES, LEFT, CLOSED]}))
    draft = draft_with(do, fine)
    told = [each for each in do(drafts.problems, draft) if each.code.startswith("flow_")]
    at = "/workflows/0/steps/0/who/of"
    assert [(each.severity, each.code, each.pointer) for each in told] == [
        ("warning", "flow_person_gone", f"{at}/2/users/0"),
        ("warning", "flow_department_gone", f"{at}/3/departments/0"),
    ]
    assert do(drafts.publish, "demo", draft.rev, "test").changed


def test_a_draft_of_no_shape__says_only_that(do: Do) -> None:
    draft = draft_with(
        do, app(approve({"by": "several", "of": []}), {**approve(NOBODY), "id": "b"})
    )
    errors = [each.code for each in do(drafts.problems, draft) if each.severity == "error"]
    assert errors == ["property_empty"]


def test_attack_d306__an_approver_who_does_not_exist_is_refused(do: Do) -> None:
    (case,) = (each for each in CASES if each["id"] == "D306")
    source = _source(case)
    hostile = app_of(source, flow_of(source))
    with pytest.raises(ValidationFailed) as refused:
        do(publish, hostile, "test")
    (problem,) = refused.value.problems
    assert (problem.code, problem.params) == ("flow_person_unknown", {"name": "999999"})
    # With somebody who is there the same app goes live: it was the approver.
    do(users.create, NewUser("999999", "a long password of this one"))
    assert do(publish, hostile, "test").changed
