"""Flows and their steps: added, set, moved, copied, deleted; steps and branches by their ids."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.flow_new import beside_else, new_branch, new_flow, new_step
from builder.drafts.flow_shape import check_flow
from builder.drafts.flow_steps import (
    BRANCHES,
    STEPS,
    Spot,
    copied,
    flow_of,
    spot_of,
    steps_in,
    within,
)
from builder.drafts.naming import copied_label
from builder.drafts.ops._op import CODE, INDEX, Done, Op, shape
from builder.drafts.words import said
from builder.drafts.working import Object, Working, label_of, name_of, place, refuse

# What has operations of its own, or never changes.
_OF_FLOW: Final = frozenset({"code", "form", STEPS})
_OF_STEP: Final = frozenset({"id", "type", STEPS, BRANCHES, "else"})
# A fork is one while it leads at least two ways.
_FEWEST_BRANCHES: Final = 2


def _add_flow(work: Working, op: Mapping[str, Any]) -> Done:
    """An approval of a form, or with a `trigger` something the form sets going by itself."""
    form, trigger = work.form(op["form"]), op.get("trigger")
    is_approval = trigger is None or trigger.get("on") == "submit"
    if is_approval and form.get("workflow"):
        refuse("/form", "flow_there_already", name=str(form["workflow"]))
    flow = new_flow(work, form, None if is_approval else trigger)
    work.part("workflows").append(flow)
    if is_approval:
        place(form, "workflow", flow["code"], "form")
    check_flow(flow)
    return Done(said("draft_said_flow_added", form=label_of(form)), flow["code"])


def _set_flow(work: Working, op: Mapping[str, Any]) -> Done:
    flow = flow_of(work, op)
    if op["name"] in _OF_FLOW:
        refuse("/name", "draft_property_fixed", name=op["name"])
    # An empty list of a trigger says nothing, so it is not kept.
    is_nothing = op["name"].startswith("trigger/") and op["value"] in ([], "", False)
    _put(flow, {**op, "value": None} if is_nothing else op, "workflow")
    check_flow(flow)
    return Done(said("draft_said_flow_set", flow=label_of(flow)))


def _delete_flow(work: Working, op: Mapping[str, Any]) -> Done:
    flow = flow_of(work, op)
    flows = work.part("workflows")
    flows.remove(flow)
    if not flows:
        work.source.pop("workflows")
    for each in list(work.source["forms"]):
        if each.get("workflow") == flow["code"]:
            work.form(each["code"]).pop("workflow")
    return Done(said("draft_said_flow_deleted", flow=label_of(flow)))


def _add_step(work: Working, op: Mapping[str, Any]) -> Done:
    flow, to = flow_of(work, op), op.get("to", {})
    members = steps_in(flow, to.get("in", ""))
    at = min(to.get("index", len(members)), len(members))
    step = new_step(flow, op["step"])
    if op.get("rest"):
        _take_rest(step, members, at)
    members.insert(at, step)
    check_flow(flow)
    return Done(_said("draft_said_step_added", flow, step), step["id"])


def _take_rest(step: Object, members: list[Any], at: int) -> None:
    """Let what follows a new fork go on in its last branch instead of behind it."""
    if not step.get(BRANCHES):
        refuse("/rest", "flow_step_holds_none", name=str(step["id"]))
    step[BRANCHES][-1][STEPS].extend(members[at:])
    del members[at:]


def _add_branch(work: Working, op: Mapping[str, Any]) -> Done:
    flow = flow_of(work, op)
    fork = spot_of(flow, op["step"]).node
    if BRANCHES not in fork:
        refuse("/step", "flow_step_holds_none", name=str(op["step"]))
    branch = new_branch(flow, fork, op.get("branch", {}))
    branches = fork[BRANCHES]
    branches.insert(min(op.get("index", len(branches)), beside_else(branches)), branch)
    check_flow(flow)
    return Done(_said("draft_said_branch_added", flow, branch), branch["id"])


def _set_step(work: Working, op: Mapping[str, Any]) -> Done:
    flow = flow_of(work, op)
    spot = spot_of(flow, op["step"])
    if op["name"] in _OF_STEP or op["name"].startswith(("steps/", "branches/")):
        refuse("/name", "draft_property_fixed", name=op["name"])
    _put(spot.node, op, "step")
    check_flow(flow)
    code = "draft_said_branch_set" if spot.is_branch else "draft_said_step_set"
    return Done(_said(code, flow, spot.node))


def _put(holder: Object, op: Mapping[str, Any], what: str) -> None:
    """Set a property, or one within it (`who/level`); null removes it."""
    *way, name = op["name"].split("/")
    for part in way:
        inner = holder.get(part, {})
        if not isinstance(inner, dict):
            refuse("/name", "draft_property_fixed", name=op["name"])
        if part not in holder:
            holder[part] = inner
        holder = inner
    if op["value"] is None:
        holder.pop(name, None)
    elif what == "workflow" and not way:
        place(holder, name, op["value"], what)
    else:
        holder[name] = op["value"]


def _move_step(work: Working, op: Mapping[str, Any]) -> Done:
    flow = flow_of(work, op)
    spot = spot_of(flow, op["step"])
    node = spot.node
    if spot.is_branch:
        _move_branch(spot, op["to"])
        return Done(_said("draft_said_branch_moved", flow, node))
    target = op["to"].get("in", "")
    if target and within(node, target):
        refuse("/to/in", "flow_step_within_itself", name=target)
    members = steps_in(flow, target)
    spot.members.pop(spot.index)
    members.insert(min(op["to"].get("index", len(members)), len(members)), node)
    check_flow(flow)
    return Done(_said("draft_said_step_moved", flow, node))


def _move_branch(spot: Spot, to: Mapping[str, Any]) -> None:
    """Another priority; what is taken when nothing else is stays the last."""
    branch = spot.node
    if branch.get("else"):
        refuse("/step", "flow_else_stays", name=str(branch["id"]))
    spot.members.pop(spot.index)
    spot.members.insert(min(to.get("index", 0), beside_else(spot.members)), branch)


def _delete_step(work: Working, op: Mapping[str, Any]) -> Done:
    flow = flow_of(work, op)
    spot = spot_of(flow, op["step"])
    node = spot.node
    if not spot.is_branch:
        spot.members.pop(spot.index)
        return Done(_said("draft_said_step_deleted", flow, node))
    if node.get("else"):
        refuse("/step", "flow_else_stays", name=str(node["id"]))
    spot.members.pop(spot.index)
    if len(spot.members) < _FEWEST_BRANCHES:
        _dissolve(flow, spot)
    return Done(_said("draft_said_branch_deleted", flow, node))


def _dissolve(flow: Object, spot: Spot) -> None:
    """A fork that leads one way only is none: its steps stand where it stood."""
    assert spot.owner is not None, "a branch belongs to a step"
    fork = spot_of(flow, spot.owner["id"])
    left = [step for branch in spot.members for step in branch[STEPS]]
    fork.members[fork.index : fork.index + 1] = left


def _copy_step(work: Working, op: Mapping[str, Any]) -> Done:
    """A step or a branch once more: behind itself, or where `to` says."""
    flow = flow_of(work, op)
    spot = spot_of(flow, op["step"])
    if spot.is_branch:
        return _copy_branch(flow, spot)
    copy = copied(flow, spot.node)
    to = op.get("to")
    members = spot.members if to is None else steps_in(flow, to.get("in", ""))
    at = spot.index + 1 if to is None else to.get("index", len(members))
    members.insert(min(at, len(members)), copy)
    check_flow(flow)
    return Done(_said("draft_said_step_added", flow, copy), copy["id"])


def _copy_branch(flow: Object, spot: Spot) -> Done:
    copy = copied(flow, spot.node)
    copy.pop("else", None)
    named = {"code": spot.node["id"], "label": spot.node.get("label")}
    copy["label"] = copied_label(named, {name_of(_named(each)) for each in spot.members})
    spot.members.insert(min(spot.index + 1, beside_else(spot.members)), copy)
    check_flow(flow)
    return Done(_said("draft_said_branch_added", flow, copy), copy["id"])


def _named(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"code": node["id"], "label": node.get("label")}


def _said(code: str, flow: Object, node: Mapping[str, Any]) -> Mapping[str, Any]:
    return said(code, flow=label_of(flow), step=label_of(_named(node)))


_ID: Final = {"type": "string", "minLength": 1, "maxLength": 40}
_FLOW: Final = {"flow": {"type": "string", "maxLength": 60}}
_STEP: Final = {**_FLOW, "step": _ID}
_SET: Final = {"name": {"type": "string", "minLength": 1, "maxLength": 200}, "value": {}}
_TO: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"in": {"type": "string", "maxLength": 40}, "index": INDEX},
}
OPS: Final = (
    Op("add_flow", shape({"form": CODE, "trigger": {"type": "object"}}, "form"), _add_flow),
    Op("set_flow", shape({**_FLOW, **_SET}, "flow", "name", "value"), _set_flow),
    Op("delete_flow", shape(_FLOW, "flow"), _delete_flow),
    Op("add_step", shape({**_FLOW, "step": {"type": "object"}, "to": _TO,
                          "rest": {"type": "boolean"}}, "flow", "step"), _add_step),
    Op("add_branch", shape({**_STEP, "branch": {"type": "object"}, "index": INDEX},
                           "flow", "step"), _add_branch),
    Op("set_step", shape({**_STEP, **_SET}, "flow", "step", "name", "value"), _set_step),
    Op("move_step", shape({**_STEP, "to": _TO}, "flow", "step", "to"), _move_step),
    Op("copy_step", shape({**_STEP, "to": _TO}, "flow", "step"), _copy_step),
    Op("delete_step", shape(_STEP, "flow", "step"), _delete_step),
)  # fmt: skip
