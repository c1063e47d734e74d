"""A workflow definition as the engine walks it: steps in order, each with its kind's options."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from runtime.definitions import Label, WorkflowDef
from runtime.definitions.label import read_label, write_label
from runtime.kinds.node_type import Step

_OWN_KEYS: Final = frozenset({"id", "type", "label"})


@dataclass(frozen=True)
class Flow:
    """The steps of one definition version; `after` alone knows what comes next."""

    steps: tuple[Step, ...]
    labels: Mapping[str, Label]

    def first(self) -> Step | None:
        """The step a run begins with."""
        return self.steps[0] if self.steps else None

    def step(self, step_id: str) -> Step:
        """The step of that id."""
        return next(step for step in self.steps if step.id == step_id)

    def after(self, step_id: str) -> Step | None:
        """The step that follows; None when the flow has reached its end."""
        ids = [step.id for step in self.steps]
        rest = self.steps[ids.index(step_id) + 1 :]
        return rest[0] if rest else None


def pin(workflow: WorkflowDef) -> dict[str, Any]:
    """Write the definition the way it is kept with the runs that began under it."""
    steps = [
        {"id": step.id, "type": step.type, "label": write_label(step.label), **step.options}
        for step in workflow.steps
    ]
    return {"code": workflow.code, "label": write_label(workflow.label), "steps": steps}


def read(pinned: Mapping[str, Any]) -> Flow:
    """Read what `pin` wrote."""
    steps = tuple(
        Step(step["id"], step["type"], {k: v for k, v in step.items() if k not in _OWN_KEYS})
        for step in pinned["steps"]
    )
    labels = {step["id"]: read_label(step.get("label"), step["id"]) for step in pinned["steps"]}
    return Flow(steps, labels)
