"""The way a document would take if it were submitted now: live on the form, and in the designer."""

from collections.abc import Mapping
from typing import Any

from runtime.compile.model import Form
from runtime.definitions import WorkflowDef
from runtime.documents.flows.facts import DocumentFacts
from runtime.documents.flows.standing import Standing
from runtime.documents.prepare import as_typed
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, NotFound, ValidationFailed
from runtime.kinds.node_events import Event, Started
from runtime.kinds.node_type import Step, Visit
from runtime.query import records_by_id
from runtime.workflow import approvers, flow
from runtime.workflow.acts import Mine
from runtime.workflow.approvers import Looking
from runtime.workflow.instance import Instance
from runtime.workflow.instances import Run
from runtime.workflow.simulate import Next, Path, People, after, onward, simulate
from runtime.workflow.world import Found


def preview(
    act: Act,
    form: Form,
    values: Mapping[str, Any],
    *,
    initiator_id: int | None = None,
    workflow: WorkflowDef | None = None,
    record_id: int | None = None,
) -> Path:
    """The path of a document as it stands, or as it was typed over so far.

    Rights to the record are the caller's to ask. What cannot be read yet counts as empty.
    """
    chosen = workflow or form.workflow
    if chosen is None:
        raise Conflict("workflow_unknown", {"name": ""})
    initiator = act.actor.user_id if initiator_id is None else initiator_id
    made_by = initiator if record_id is None else _maker(act, form, record_id)
    wanted = flow.of(chosen, {**form.workflows, chosen.code: chosen})
    try:
        facts = DocumentFacts(act, form, as_typed(act, form, values, record_id), made_by)
    except ValidationFailed as error:
        # A figure too large to be kept: what hangs on it cannot be said.
        return Path(wanted, (), None, error)

    return simulate(wanted, facts, _finder(act, form, facts), Started(initiator, made_by))


def ahead(standing: Standing, run: Run) -> Path:
    """The steps a run has still before it, with whom they would ask as the document stands."""
    return onward(run.instance, standing.facts, standing.people)


def comes_of(standing: Standing, run: Run, event: Event) -> Next:
    """What an act on a run would lead to at once; nothing happens."""
    return after(run.instance, standing.facts, standing.people, event)


def reachable(standing: Standing, run: Run, visit: Visit, step: Step) -> frozenset[int]:
    """Whom a step may be given to that lets people choose: its range, as it is today."""
    looking = standing.looking(run.instance, visit)
    return approvers.within(looking, step.options["who"]["within"], step)


def within(standing: Standing, mine: Mine, who: Mapping[str, Any]) -> frozenset[int]:
    """Whom the range of a button reaches, for somebody's own task."""
    return approvers.within(standing.looking(mine.run.instance, mine.visit), who, mine.step)


def _finder(act: Act, form: Form, facts: DocumentFacts) -> People:
    def people(instance: Instance, visit: Visit, step: Step) -> Found:
        looking = Looking(act, instance, visit, facts, form.app_code, form.code)
        return approvers.find(looking, step)

    return people


def _maker(act: Act, form: Form, record_id: int) -> int | None:
    found = records_by_id(act.connection, form, [record_id]).get(record_id)
    if found is None:
        raise NotFound
    return found.created_by
