"""What an approval flow is: steps in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runtime.definitions.label import Label, read_label


@dataclass(frozen=True)
class StepDef:
    """One step. `options` belong to its type (`who`, `mode`, `self` of an approval)."""

    id: str
    type: str
    label: Label
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WorkflowDef:
    """The steps a submitted document goes through, top to bottom."""

    code: str
    label: Label
    form: str
    steps: tuple[StepDef, ...]


def read_workflow(source: Mapping[str, Any]) -> WorkflowDef:
    """Turn a workflow's JSON (already of the right shape) into a WorkflowDef."""
    steps = tuple(
        StepDef(
            id=step["id"],
            type=step["type"],
            label=read_label(step.get("label"), step["id"]),
            options={k: v for k, v in step.items() if k not in {"id", "type", "label"}},
        )
        for step in source["steps"]
    )
    label = read_label(source.get("label"), source["code"])
    return WorkflowDef(code=source["code"], label=label, form=source["form"], steps=steps)
