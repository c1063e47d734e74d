"""What a workflow is: steps in order, some of which hold steps themselves; and what begins it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from runtime.definitions.label import Label, read_label

Trigger = Literal[
    "submit", "create", "change", "delete", "schedule", "date", "webhook", "button", "call"
]
OWN_KEYS: Final = frozenset({"id", "type", "label"})
# A person can follow so many levels, and so many steps in all.
DEEPEST: Final = 8
MOST_STEPS: Final = 300
_SCHEMA: Final = Path(__file__).with_name("schemas") / "workflow.schema.json"


@dataclass(frozen=True)
class StepDef:
    """One step. `options` belong to its type (`who`, `mode`, `self` of an approval)."""

    id: str
    type: str
    label: Label
    options: Mapping[str, Any] = field(default_factory=dict)

    def ways(self) -> Iterator[tuple[str, str, tuple["StepDef", ...]]]:
        """The steps inside it, way by way: its id, where it stands in the step, its steps."""
        for index, way in enumerate(self.options.get("branches", ())):
            yield way["id"], f"/branches/{index}/steps", read_steps(way["steps"])
        if "steps" in self.options:
            yield "", "/steps", read_steps(self.options["steps"])


@dataclass(frozen=True)
class WorkflowDef:
    """The steps a submitted document goes through, top to bottom; or what a rule does by itself.

    `trigger` says what begins it; without one it is the approval of a submitted document.
    """

    code: str
    label: Label
    form: str
    steps: tuple[StepDef, ...]
    trigger: Mapping[str, Any] = field(default_factory=lambda: {"on": "submit"})
    start: Mapping[str, Any] = field(default_factory=dict)
    same_person: Literal["ask", "previous", "any"] = "ask"
    withdraw: Literal["any_time", "before_first", "never"] = "any_time"
    take_back: bool = True

    @property
    def is_approval(self) -> bool:
        """Whether submitting a document begins it; anything else is an automation or a part."""
        return bool(self.trigger["on"] == "submit")

    @property
    def is_automation(self) -> bool:
        """Whether it begins by itself, without people: by a write, the clock, a call, a button."""
        return self.trigger["on"] not in ("submit", "call")

    @property
    def runs_with(self) -> bool:
        """Whether it runs in the transaction of the write that sets it off, and may refuse it."""
        return bool(self.trigger.get("runs") == "with" and "status" not in self.trigger)


def read_workflow(source: Mapping[str, Any]) -> WorkflowDef:
    """Turn a workflow's JSON (already of the right shape) into a WorkflowDef."""
    return WorkflowDef(
        code=source["code"],
        label=read_label(source.get("label"), source["code"]),
        form=source["form"],
        steps=read_steps(source["steps"]),
        trigger=source.get("trigger", {"on": "submit"}),
        start=source.get("start", {}),
        same_person=source.get("same_person", "ask"),
        withdraw=source.get("withdraw", "any_time"),
        take_back=source.get("take_back", True),
    )


def read_steps(sources: Any) -> tuple[StepDef, ...]:
    """Turn the JSON of a list of steps into steps."""
    return tuple(
        StepDef(
            id=step["id"],
            type=step["type"],
            label=read_label(step.get("label"), step["id"]),
            options={k: v for k, v in step.items() if k not in OWN_KEYS},
        )
        for step in sources
    )


def walk(steps: tuple[StepDef, ...], pointer: str = "/steps") -> Iterator[tuple[str, StepDef]]:
    """Yield every step, those inside others too, with where it stands in the JSON."""
    for index, step in enumerate(steps):
        place = f"{pointer}/{index}"
        yield place, step
        for _, inside, inner in step.ways():
            yield from walk(inner, place + inside)


@cache
def step_options(kind: str) -> Mapping[str, Any]:
    """The JSON Schema of the keys a type of step has of its own."""
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    found = dict(schema["$defs"][f"step_{kind}"])
    found["properties"] = {k: v for k, v in found["properties"].items() if k not in OWN_KEYS}
    return found
