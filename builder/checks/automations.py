"""What begins a flow is there, and an automation does nothing that takes people or a document."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runtime.definitions import AppDef, FormDef, WorkflowDef
from runtime.definitions.workflow import StepDef, walk
from runtime.infra.errors import Problem
from runtime.kinds.layout_field import LAYOUT

Json = Mapping[str, Any]
# What each trigger may say beside what it begins on.
MEMBERS: Final[Mapping[str, frozenset[str]]] = {
    "submit": frozenset(),
    "call": frozenset(),
    "create": frozenset({"when", "runs", "retry"}),
    "change": frozenset({"fields", "status", "when", "runs", "retry"}),
    "delete": frozenset({"when", "runs", "retry"}),
    "schedule": frozenset({"every", "days", "time", "each", "when", "retry"}),
    "date": frozenset({"field", "offset", "time", "when", "retry"}),
    "webhook": frozenset({"map", "key", "sign", "when", "retry"}),
    "button": frozenset({"label", "roles", "when"}),
}
_PEOPLE: Final = frozenset({"approve", "fill"})
_WRITES_DOCUMENT: Final = frozenset({"calculate", "convert", "post"})
_DAYS: Final = ("date", "datetime")
_WEEK: Final = 7
_COMPUTED: Final = frozenset({"formula", "rollup", "lookup", "document_number"})


def automations(definition: AppDef) -> Iterator[Problem]:
    """Yield triggers that never come true and steps an automation cannot take."""
    flows = {flow.code: flow for flow in definition.workflows}
    roles = frozenset(role.code for role in definition.roles)
    for index, flow in enumerate(definition.workflows):
        form = definition.form(flow.form)
        found: list[Problem] = []
        if form is not None:
            found += (each.under("/trigger") for each in _trigger(form, flow, roles))
        if flow.start and not flow.is_approval:
            found.append(Problem("/start", "flow_start_of_approval"))
        if flow.is_automation:
            found += _steps(flow, flows)
        yield from (each.under(f"/workflows/{index}") for each in found)
    yield from _circles(definition)


def _trigger(form: FormDef, flow: WorkflowDef, roles: frozenset[str]) -> Iterator[Problem]:
    trigger = flow.trigger
    on = trigger["on"]
    for name in sorted(set(trigger) - MEMBERS[on] - {"on"}):
        yield Problem(f"/{name}", "flow_trigger_member", {"name": name})
    if on == "schedule" and "when" in trigger and not trigger.get("each"):
        yield Problem("/when", "flow_without_document")
    if "status" in trigger and form.type != "document":
        yield Problem("/status", "flow_status_of_document")
    if "status" in trigger and trigger.get("runs") == "with":
        yield Problem("/runs", "flow_status_runs_after")
    for place, role in enumerate(trigger.get("roles", ())):
        if role not in roles:
            yield Problem(f"/roles/{place}", "role_unknown", {"name": role})
    yield from _moments(form, trigger)
    yield from _mapped(form, trigger)


def _moments(form: FormDef, trigger: Json) -> Iterator[Problem]:
    """A day it names is one of the week, a field of a date."""
    if trigger.get("every") == "week" and any(day > _WEEK for day in trigger.get("days", ())):
        yield Problem("/days", "flow_day_of_week")
    if "field" in trigger:
        kinds = {field.code: field.kind for field in form.fields}
        if kinds.get(trigger["field"], "date") not in _DAYS:
            yield Problem("/field", "flow_field_no_moment", {"name": trigger["field"]})


def _mapped(form: FormDef, trigger: Json) -> Iterator[Problem]:
    """What a call brings is written into fields people could fill in; one of them finds records."""
    kinds = {field.code: field.kind for field in form.fields}
    for code in trigger.get("map", ()):
        if kinds.get(code) in _COMPUTED | LAYOUT | {"lines"}:
            yield Problem(f"/map/{code}", "field_computed", {"label": code})
    if "key" in trigger and trigger["key"] not in trigger.get("map", ()):
        yield Problem("/key", "flow_key_not_mapped", {"name": trigger["key"]})


def _steps(flow: WorkflowDef, flows: Mapping[str, WorkflowDef]) -> Iterator[Problem]:
    trigger = flow.trigger
    lacks = trigger["on"] == "delete" or (trigger["on"] == "schedule" and not trigger.get("each"))
    for pointer, step in walk(flow.steps):
        inner = tuple(_called(step, flows, frozenset({flow.code})))
        for each in (step, *inner):
            if each.type in _PEOPLE:
                yield Problem(pointer, "flow_people_in_automation")
            elif lacks and _needs_document(each):
                yield Problem(pointer, "flow_without_document")


def _called(
    step: StepDef, flows: Mapping[str, WorkflowDef], seen: frozenset[str]
) -> Iterator[StepDef]:
    """The steps of the sub-flows a step calls, however deep."""
    code = str(step.options.get("workflow", ""))
    if step.type != "subflow" or code not in flows or code in seen:
        return
    for _pointer, each in walk(flows[code].steps):
        yield each
        yield from _called(each, flows, seen | {code})


def _needs_document(step: StepDef) -> bool:
    of_document = step.options.get("of") == "document"
    return step.type in _WRITES_DOCUMENT or of_document or "lines" in step.options


def _circles(definition: AppDef) -> Iterator[Problem]:
    """Automations that make, whatever happens, what sets them off: they would never end."""
    rules = [
        (index, flow)
        for index, flow in enumerate(definition.workflows)
        if flow.trigger["on"] == "create" and "when" not in flow.trigger
    ]
    makes = {
        flow.code: {step.options["form"] for step in flow.steps if step.type == "create"}
        for _, flow in rules
    }
    for index, flow in rules:
        seen: set[str] = set()
        waiting = sorted(makes[flow.code])
        while waiting:
            form = waiting.pop()
            if form not in seen:
                seen.add(form)
                begun = (each for _, each in rules if each.form == form)
                waiting += [made for each in begun for made in makes[each.code]]
        if flow.form in seen:
            yield Problem(f"/workflows/{index}/trigger", "flow_sets_itself_off")
