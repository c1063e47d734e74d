"""Fields in flows: every place is known, followed by a new code, and kept by ids."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from builder.designer.draft_app import app_of_draft
from builder.designer.field_uses import uses_in
from builder.drafts import Draft
from builder.drafts.ops import carry_out
from builder.drafts.problems import errors_of
from builder.drafts.working import Surroundings, Working, opened
from builder.flow_places import FlowFormula, flow_places
from builder.publish import publish
from runtime import documents
from runtime.catalogue import active_definition
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.users import NewUser, create
from runtime.query import records_by_id
from runtime.workflow import inbox
from tests.conftest import Fill
from tests.prepared import tables

Json = dict[str, Any]
SCHEMA = Path(__file__).parents[3] / "runtime/definitions/schemas/workflow.schema.json"
ROLE = {"by": "role", "role": "gm"}


def fields(kind: str, *codes: str) -> list[Json]:
    return [{"code": each, "kind": kind, "label": f"名{each}"} for each in codes]


LINES: Json = {
    "code": "items", "kind": "lines", "label": "明细",
    "options": {"fields": [
        *fields("number", "l_access", "l_loop", "l_rows", "l_wait"),
        *fields("date", "l_until"),
    ]},
}  # fmt: skip
ORDER: Json = {
    "code": "order", "label": "订单", "type": "document", "workflow": "flow",
    "fields": [
        {"code": "no", "kind": "document_number", "label": "单号"},
        *fields("number", "f_branch", "f_check", "f_wait", "f_calc", "f_calc_to", "f_update",
                "f_update_to", "f_arrive", "f_arrive_to", "f_match", "f_make", "f_send", "f_back",
                "f_text", "f_access", "f_require", "f_trigger", "f_begin", "f_twice"),
        *fields("date", "f_limit", "f_until"),
        *fields("user", "f_who", "f_within", "f_of", "f_deputy", "f_to", "f_add", "f_told"),
        *fields("text", "f_people"),
        {"code": "f_via", "kind": "reference", "label": "仓库", "options": {"form": "store"}},
        LINES,
    ],
}  # fmt: skip
STORE: Json = {
    "code": "store", "label": "仓库档案", "type": "record", "title": "s_name",
    "fields": [*fields("text", "s_name"), *fields("user", "s_keeper"),
               *fields("number", "s_found", "s_sort", "s_made", "s_from", "s_set"),
               {"code": "rows", "kind": "lines", "label": "行",
                "options": {"fields": fields("number", "r_set")}}],
}  # fmt: skip
STEPS: list[Json] = [
    {"id": "n_one", "type": "approve", "who": {"by": "field", "field": "f_who"},
     "empty": "deputy", "deputy": {"by": "field", "field": "f_deputy"},
     "access": {"f_access": "hide", "f_require": "require", "items.l_access": "edit"},
     "lines": {"items": {"add": True}},
     "check": [{"when": "={f_check}>0", "message": "不行"}],
     "updates": {"arrive": {"f_arrive_to": "={f_arrive}+1"},
                 "send_back": {"f_arrive_to": "={f_back}"}},
     "buttons": {"add": {"within": {"by": "field", "field": "f_add"}}},
     "limit": {"until": {"field": "f_limit"}, "do": "escalate",
               "to": {"by": "field", "field": "f_to"}}},
    {"id": "n_two", "type": "fill", "who": {"by": "several", "of": [
        {"by": "chosen", "within": {"by": "field", "field": "f_within"}},
        {"by": "field", "field": "f_of"}, {"by": "field", "field": "f_via.s_keeper"},
        {"by": "formula", "formula": "={f_people}"}]}},
    {"id": "b", "type": "branch", "match": "first", "branches": [
        {"id": "c_if", "when": "={f_branch}>1", "steps": []},
        {"id": "c_else", "else": True, "steps": []}]},
    {"id": "w_when", "type": "wait", "when": "={f_wait}>2"},
    {"id": "w_until", "type": "wait", "until": {"field": "f_until"}},
    {"id": "d_find", "type": "find", "form": "store", "match": {"s_found": "={f_match}"},
     "sort": "-s_sort"},
    {"id": "d_make", "type": "create", "form": "store",
     "set": {"s_made": "={f_make}", "s_name": {"from": "d_find", "field": "s_from"}},
     "rows": {"to": "rows", "from": "items", "set": {"r_set": "={l_rows}"}}},
    {"id": "d_set", "type": "update", "of": "d_make", "set": {"s_set": "3"}},
    {"id": "d_own", "type": "update", "of": "document", "set": {"f_update_to": "={f_update}"}},
    {"id": "d_calc", "type": "calculate", "set": {"f_calc_to": "={f_calc}*2"}},
    {"id": "l", "type": "loop", "lines": "items", "steps": [
        {"id": "l_calc", "type": "wait", "when": "={l_loop}>0"},
        {"id": "l_time", "type": "wait", "until": {"field": "l_until"}},
        {"id": "l_sub", "type": "branch", "branches": [
            {"id": "l_if", "when": "={l_wait}+{f_twice}>{f_twice}", "steps": []},
            {"id": "l_else", "else": True, "steps": []}]}]},
    {"id": "m", "type": "notify", "who": {"by": "field", "field": "f_told"},
     "text": "={f_text}&\"!\""},
    {"id": "h", "type": "http", "url": "https://example.com/x", "send": {"x": "={f_send}"}},
]  # fmt: skip
FLOW: Json = {"code": "flow", "label": "审批", "form": "order", "steps": STEPS}
RULE: Json = {
    "code": "rule", "label": "自动", "form": "order",
    "trigger": {"on": "change", "fields": ["f_trigger"], "when": "={f_begin}>0"},
    "steps": [{"id": "z", "type": "end"}],
}  # fmt: skip
APP: Json = {
    "format": "dajian-app/1", "code": "demo", "label": "演示", "forms": [ORDER, STORE],
    "roles": [{"code": "gm", "label": "总经理", "grants": [
        {"form": "order", "verbs": ["view"]}]},
        {"code": "staff", "label": "员工", "grants": [
            {"form": "order", "verbs": ["view", "create", "update", "submit"]}]}],
    "workflows": [FLOW, RULE],
}  # fmt: skip
PLANTED = sorted(
    [("order", each["code"]) for each in ORDER["fields"] if each["code"] not in {"no", "items"}]
    + [("order", f"items.{each['code']}") for each in LINES["options"]["fields"]]
    + [("store", each["code"]) for each in STORE["fields"]]
    + [("store", "rows.r_set"), ("order", "items")]
)


@pytest.fixture
def source() -> Json:
    return deepcopy(APP)


def test_app_of_the_tests__is_in_order(source: Json) -> None:
    found = {(each.code, each.pointer) for each in errors_of(source)}
    assert found <= {("flow_part_to_come", "/workflows/1/trigger/on")}


def test_planted_reference__is_found_by_its_field(source: Json) -> None:
    app = app_of_draft(Draft("demo", 0, 0, source))
    steps = set(ids({"steps": STEPS}))
    for form, path in PLANTED:
        found = [each for each in uses_in(source, app, form, path) if each.sort == "flow"]
        assert found, (form, path)
        for use in found:
            assert (use.tab, use.form) == ("flow", "order")
            assert (use.flow == "flow" and use.path in steps) or (use.flow, use.path) == (
                "rule",
                "",
            )


def ids(holder: Mapping[str, Any]) -> Iterator[str]:
    for part in ("steps", "branches"):
        for each in holder.get(part, ()):
            yield each["id"]
            yield from ids(each)


def test_every_formula_the_format_knows__was_planted() -> None:
    """A new member of the format that holds a formula has to be planted here too."""
    known = {
        (part, name) for part, name, inner in members() if inner.get("$ref") == "#/$defs/formula"
    }
    assert known == {
        ("who", "formula"), ("checks", "when"), ("step_wait", "when"), ("step_notify", "text"),
        ("branches", "when"), ("trigger", "when"),
    }  # fmt: skip
    valued = {
        (part, name)
        for part, name, inner in members()
        if inner.get("$ref") in {"#/$defs/set", "#/$defs/match"}
    }
    assert valued == {
        ("start", "updates"), ("step_find", "match"), ("step_create", "set"), ("rows", "set"),
        ("step_update", "set"), ("step_calculate", "set"), ("step_http", "send"),
        ("updates", "arrive"), ("updates", "approve"), ("updates", "reject"),
        ("updates", "send_back"),
    }  # fmt: skip
    sorts = {each.sort for each in flow_places(APP)}
    assert sorts == {
        "condition", "check", "people", "time", "access", "lines", "written", "value", "match",
        "text", "trigger",
    }  # fmt: skip


def members() -> Iterator[tuple[str, str, Json]]:
    """Every property of the format: the part it is of, its name, what it holds."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    for part, body in {**schema["properties"], **schema["$defs"]}.items():
        for name, inner in (body.get("properties") or {}).items():
            if isinstance(inner, dict):
                yield part, name, inner
        items = body.get("items", {})
        for name, inner in items.get("properties", {}).items() if isinstance(items, dict) else ():
            yield part, name, inner


def test_new_codes__break_nothing(source: Json) -> None:
    """Every field that a flow names gets another code, in one go."""
    before, ops = deepcopy(source), []
    for form, path in PLANTED:
        lines, _, code = path.rpartition(".")
        op = {"op": "recode", "form": form, "field": code, "code": f"x_{code}"}
        ops.append(op | ({"lines": lines} if lines else {}))
    # The tables themselves come last: their columns are told by their codes.
    after = changed(source, *sorted(ops, key=lambda each: "lines" not in each))
    assert source == before
    assert {each.code for each in errors_of(after)} <= {"flow_part_to_come"}
    assert len(list(flow_places(after))) == len(list(flow_places(before)))
    app = app_of_draft(Draft("demo", 0, 0, after))
    for form, path in PLANTED:
        new = ".".join(f"x_{each}" for each in path.split("."))
        assert any(each.sort == "flow" for each in uses_in(after, app, form, new)), path


def changed(source: Json, *ops: Json) -> Json:
    work: Working = opened(Draft("demo", 1, 1, source), Surroundings())
    carry_out(work, list(ops))
    found: Json = json.loads(json.dumps(work.source))
    return found


def test_deleted_field__is_a_problem_at_its_step_or_goes(source: Json, sample: Any) -> None:
    app = app_of_draft(Draft("demo", 0, 0, source))
    for form, path in sample(PLANTED):
        lines, _, code = path.rpartition(".")
        uses = uses_in(source, app, form, path)
        blows = any(each.blow and each.sort == "flow" for each in uses)
        op = {"op": "delete", "form": form, "field": code, **({"lines": lines} if lines else {})}
        after = changed(source, op)
        problems = {each.pointer for each in errors_of(after) if each.code != "flow_part_to_come"}
        assert any(each.startswith("/workflows") for each in problems) == blows, (path, problems)


def test_rights_of_a_step__go_with_the_field_and_come_back(source: Json) -> None:
    work = opened(Draft("demo", 1, 1, source), Surroundings())
    carry_out(work, [{"op": "delete", "form": "order", "field": "f_require"}])
    first = work.source["workflows"][0]["steps"][0]
    assert list(first["access"]) == ["f_access", "items.l_access"]
    carry_out(work, [{"op": "restore", "form": "order", "field_id": "f_require"}])
    first = work.source["workflows"][0]["steps"][0]
    assert first["access"] == STEPS[0]["access"]
    assert list(first["access"]) == list(STEPS[0]["access"])


# kind it gets            why it is refused      where
WRONG_KINDS = [
    ("f_who", "text", "flow_field_no_people", "/steps/0/who/field"),
    ("f_limit", "number", "flow_field_no_moment", "/steps/0/limit/until/field"),
    ("f_check", "attachment", "formula_", "/steps/0/check/0/when"),
]


@pytest.mark.parametrize(("field", "kind", "why", "where"), WRONG_KINDS)
def test_field_of_another_kind__is_refused_where_it_is_used(
    source: Json, field: str, kind: str, why: str, where: str
) -> None:
    after = changed(source, {"op": "convert_type", "form": "order", "field": field, "kind": kind})
    found = {each.pointer: each.code for each in errors_of(after)}
    assert found[f"/workflows/0{where}"].startswith(why), found


def test_formula_of_a_row__reads_the_row(source: Json) -> None:
    rows = [each for each in flow_places(source) if each.text == "={l_rows}"]
    assert [each.lines for each in rows if isinstance(each, FlowFormula)] == ["items"]


@pytest.fixture
def ready(database: Database, fill: Fill) -> Database:
    fill("tables", tables)
    return database


def test_labels_that_change__leave_flows_and_runs_whole(
    ready: Database, source: Json, now: datetime
) -> None:
    """A flow that names a field by its label is kept by its id, and so are its runs."""
    source["workflows"] = [{**FLOW, "steps": [
        {"id": "n_one", "type": "approve", "who": ROLE,
         "updates": {"approve": {"f_calc_to": "={名f_calc}*2"}}},
        {"id": "b", "type": "branch", "branches": [
            {"id": "c_if", "when": "{名f_branch}>1", "steps": [
                {"id": "n_two", "type": "approve", "who": ROLE}]},
            {"id": "c_else", "else": True, "steps": []}]}]}]  # fmt: skip
    with ready.transaction() as connection:
        system = Act(connection, SYSTEM, now)
        boss, clerk = (
            replace(
                system, actor=create(system, NewUser(name, "long-enough-x9", roles)).actor("screen")
            )
            for name, roles in (("boss", frozenset({"gm"})), ("clerk", frozenset({"staff"})))
        )
        form = publish(system, source, "").app.forms["order"]
        kept = active_definition(connection, "demo")
        assert kept is not None
        assert "名f_" not in json.dumps(kept[0]["workflows"], ensure_ascii=False)
        record = documents.create_and_submit(clerk, form, {"f_branch": "5", "f_calc": "4"})
        renamed = json.loads(json.dumps(kept[0]))
        for field in renamed["forms"][0]["fields"]:
            field["label"] = f"新{field['code']}"
        form = publish(system, renamed, "").app.forms["order"]
        for _step in ("n_one", "n_two"):
            (task,) = inbox.to_do(boss)
            acts.decide(boss, form, record.id, "approve", Said(), task_id=task.task_id)
        assert inbox.to_do(boss) == ()
        after = records_by_id(connection, form, [record.id])[record.id]
        assert (after.status, after.values["f_calc_to"]) == ("approved", 8)
