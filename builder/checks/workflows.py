"""Every flow can be started, every step knows whom it asks, and what it names is there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from runtime.definitions import AppDef, WorkflowDef
from runtime.definitions.workflow import DEEPEST, MOST_STEPS, StepDef, walk
from runtime.infra import egress
from runtime.infra.errors import Problem

Json = Mapping[str, Any]
# Ids that mean something else where steps are named.
TAKEN: Final = frozenset({"start", "document"})
_LISTS: Final = {"users": "users", "department": "departments"}


def workflows(definition: AppDef) -> Iterator[Problem]:
    """Yield flows nobody can start and steps nobody can take."""
    codes = {flow.code for flow in definition.workflows}
    for index, form in enumerate(definition.forms):
        if form.workflow is not None:
            if form.workflow not in codes:
                pointer = f"/forms/{index}/workflow"
                yield Problem(pointer, "workflow_unknown", {"name": form.workflow})
            if form.type != "document":
                yield Problem(f"/forms/{index}/workflow", "workflow_needs_document")
    for index, flow in enumerate(definition.workflows):
        yield from (problem.under(f"/workflows/{index}") for problem in _flow(definition, flow))


def _flow(definition: AppDef, flow: WorkflowDef) -> Iterator[Problem]:
    form = definition.form(flow.form)
    if form is None:
        yield Problem("/form", "form_unknown", {"name": flow.form})
    elif flow.is_approval and form.workflow != flow.code:
        yield Problem("/form", "workflow_not_used", {"form": flow.form})
    steps = tuple(walk(flow.steps))
    if len(steps) > MOST_STEPS:
        yield Problem("/steps", "flow_too_many_steps", {"limit": MOST_STEPS})
    yield from _ids(steps)
    roles = frozenset(role.code for role in definition.roles)
    before: set[str] = {"start"}
    for pointer, step in steps:
        if pointer.count("/steps/") > DEEPEST:
            yield Problem(pointer, "flow_too_deep", {"limit": DEEPEST})
        found = (*_people(step, roles), *_ways(step), *_names(definition, flow, step, before))
        yield from (problem.under(pointer) for problem in found)
        before.add(step.id)


def _ids(steps: Sequence[tuple[str, StepDef]]) -> Iterator[Problem]:
    """Steps and branches go by one kind of id, each its own."""
    seen: set[str] = set()
    for pointer, step in steps:
        branches = step.options.get("branches", ())
        places = ((f"{pointer}/branches/{i}", each["id"]) for i, each in enumerate(branches))
        for place, code in ((pointer, step.id), *places):
            if code in seen | TAKEN:
                yield Problem(f"{place}/id", "code_twice", {"code": code})
            seen.add(code)


def _people(step: StepDef, roles: frozenset[str]) -> Iterator[Problem]:
    """Whom a step asks is somebody; several of them are enough for the votes it wants."""
    for name in ("who", "deputy"):
        who = step.options.get(name)
        if isinstance(who, Mapping):
            yield from (each.under(f"/{name}") for each in _who(who, roles))
    if step.options.get("empty") == "deputy" and "deputy" not in step.options:
        yield Problem("/deputy", "step_without_approver")
    who = step.options.get("who") or {}
    count, users = step.options.get("count", 0), who.get("users", ())
    if step.options.get("mode") == "count" and who.get("by") == "users" and count > len(users) > 0:
        yield Problem("/count", "flow_count_too_large", {"count": count, "people": len(users)})


def _who(who: Json, roles: frozenset[str]) -> Iterator[Problem]:
    by = who["by"]
    named = [*([who["role"]] if "role" in who else ()), *who.get("roles", ())]
    for role in (*named, *([who["until"]] if "until" in who else ())):
        if role not in roles:
            yield Problem("/roles" if role in who.get("roles", ()) else "/role", "role_unknown",
                          {"name": str(role)})  # fmt: skip
    if by == "role" and not named:
        yield Problem("/roles", "step_without_approver")
    if by in _LISTS and not who.get(_LISTS[by]):
        yield Problem(f"/{_LISTS[by]}", "step_without_approver")
    if by == "climb" and "level" not in who and "until" not in who:
        yield Problem("/level", "step_without_approver")
    if by == "chosen":
        yield from (each.under("/within") for each in _who(who["within"], roles))
    for index, each in enumerate(who.get("of", ())):
        yield from (problem.under(f"/of/{index}") for problem in _who(each, roles))


def _ways(step: StepDef) -> Iterator[Problem]:
    """Every branch says when it is taken; what takes the rest is one, and the last."""
    if step.type != "branch":
        return
    branches = step.options["branches"]
    for index, branch in enumerate(branches):
        if branch.get("else") and index < len(branches) - 1:
            yield Problem(f"/branches/{index}", "flow_else_not_last")
        if not branch.get("else") and not branch.get("when"):
            yield Problem(f"/branches/{index}", "flow_branch_without_condition")


def _names(
    definition: AppDef, flow: WorkflowDef, step: StepDef, before: set[str]
) -> Iterator[Problem]:
    """What a step names is there: forms, conversions, sub-flows, steps that come before it."""
    options = step.options
    if options.get("form") and definition.form(options["form"]) is None:
        yield Problem("/form", "form_unknown", {"name": options["form"]})
    conversions = {each.code for each in definition.conversions if each.source == flow.form}
    if step.type == "convert" and options["conversion"] not in conversions:
        yield Problem("/conversion", "flow_conversion_unknown", {"name": options["conversion"]})
    if step.type == "subflow":
        yield from _subflow(definition, flow, options["workflow"])
    for name, value in _steps_named(options):
        if value not in before | {"document"}:
            yield Problem(name, "flow_step_not_before", {"name": value})
    if "url" in options and not egress.is_outside(str(options["url"])):
        yield Problem("/url", "flow_url_wrong")


def _steps_named(options: Json) -> Iterator[tuple[str, str]]:
    """Where a step names another one, with its id."""
    if "of" in options:
        yield "/of", str(options["of"])
    who = options.get("who") or {}
    if who.get("by") == "step":
        yield "/who/step", str(who["step"])
    back = options.get("buttons", {}).get("send_back", {})
    for code in back.get("to", ()) if isinstance(back, Mapping) else ():
        yield "/buttons/send_back/to", str(code)
    if options.get("limit", {}).get("back_to"):
        yield "/limit/back_to", str(options["limit"]["back_to"])


def _subflow(definition: AppDef, flow: WorkflowDef, code: str) -> Iterator[Problem]:
    """A part of the flow is one of the same form that is called, and never leads back here."""
    known = {each.code: each for each in definition.workflows}
    part = known.get(code)
    if part is None or part.form != flow.form or part.trigger["on"] != "call":
        yield Problem("/workflow", "workflow_unknown", {"name": code})
        return
    seen, waiting = set[str](), [part]
    while waiting:
        here = waiting.pop()
        if here.code == flow.code:
            yield Problem("/workflow", "flow_circle", {"name": code})
            return
        if here.code not in seen:
            seen.add(here.code)
            called = (s.options["workflow"] for _p, s in walk(here.steps) if s.type == "subflow")
            waiting += [known[each] for each in called if each in known]
