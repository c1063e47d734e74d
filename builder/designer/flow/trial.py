"""The engine over values that were typed: nothing is stored, and figures may be said outright."""

from collections.abc import Mapping
from typing import Any

from runtime.compile.model import Form
from runtime.documents.flows.facts import DocumentFacts
from runtime.infra.act import Act
from runtime.kinds.node_events import Started
from runtime.kinds.node_type import Step, Visit
from runtime.workflow import approvers, flow
from runtime.workflow.approvers import Looking
from runtime.workflow.instance import Instance
from runtime.workflow.simulate import Path, simulate
from runtime.workflow.world import Found


def trial_of(act: Act, form: Form, code: str, values: Mapping[str, Any], initiator_id: int) -> Path:
    """The way a document of these values would go.

    Unlike the preview on a form nothing is computed: who tries a flow out says what a total comes
    to, without the lines that would make it.
    """
    facts = DocumentFacts(act, form, values, initiator_id)

    def people(instance: Instance, visit: Visit, step: Step) -> Found:
        return approvers.find(Looking(act, instance, visit, facts, form.app_code, form.code), step)

    chosen = form.workflows[code]
    return simulate(
        flow.of(chosen, form.workflows), facts, people, Started(initiator_id, initiator_id)
    )
