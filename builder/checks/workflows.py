"""Every approval has an approver, every flow belongs to a document."""

from collections.abc import Iterator

from runtime.definitions import AppDef, WorkflowDef
from runtime.infra.errors import Problem


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
    elif form.workflow != flow.code:
        yield Problem("/form", "workflow_not_used", {"form": flow.form})
    roles = {role.code for role in definition.roles}
    seen: set[str] = set()
    for index, step in enumerate(flow.steps):
        if step.id in seen:
            yield Problem(f"/steps/{index}/id", "code_twice", {"code": step.id})
        seen.add(step.id)
        who = step.options.get("who", {})
        if who.get("by") == "role" and who.get("role") not in roles:
            yield Problem(
                f"/steps/{index}/who/role", "role_unknown", {"name": str(who.get("role"))}
            )
        if who.get("by") == "users" and not who.get("users"):
            yield Problem(f"/steps/{index}/who/users", "step_without_approver")
