"""A workflow definition as the engine walks it: steps in order, some with steps inside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

from runtime.definitions import Label, StepDef, WorkflowDef
from runtime.definitions.label import read_label, write_label
from runtime.definitions.workflow import OWN_KEYS
from runtime.infra.errors import Conflict
from runtime.kinds.node_type import Step, Way

# The initiator's own place: where a document goes that is sent back to whoever submitted it.
START: Final = Step("start", "start", {})
_DEFAULTS: Final[Mapping[str, Any]] = {
    "trigger": {"on": "submit"},
    "start": {},
    "same_person": "ask",
    "withdraw": "any_time",
    "take_back": True,
}


class Spot(NamedTuple):
    """Where a step stands: in which step, on which of its ways, as which of its steps."""

    inside: str | None
    way: str
    place: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Flow:
    """The steps of one definition version; `after` alone knows what comes next."""

    steps: tuple[Step, ...]
    labels: Mapping[str, Label]
    # What the workflow says beside its steps, where it says something else than most.
    rules: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def _spots(self) -> Mapping[str, Spot]:
        return dict(_spots(None, "", self.steps))

    def rule(self, name: str) -> Any:
        """What the workflow says about that, or what is usual."""
        return self.rules.get(name, _DEFAULTS[name])

    def first(self) -> Step | None:
        """The step a run begins with."""
        return self.steps[0] if self.steps else None

    def has(self, step_id: str) -> bool:
        """Whether there is a step of that id."""
        return step_id == START.id or step_id in self._spots

    def step(self, step_id: str) -> Step:
        """The step of that id."""
        if step_id == START.id:
            access = self.rule("start").get("access")
            return replace(START, options={"access": access}) if access else START
        spot = self._spots[step_id]
        return spot.steps[spot.place]

    def after(self, step_id: str) -> Step | None:
        """The step that follows on the same way; None when it has reached its end."""
        if step_id == START.id:
            return self.first()
        spot = self._spots[step_id]
        return spot.steps[spot.place + 1] if spot.place + 1 < len(spot.steps) else None

    def inside(self, step_id: str) -> tuple[str | None, str]:
        """The step it stands in, and on which of its ways; None at the top."""
        if step_id == START.id:
            return None, ""
        spot = self._spots[step_id]
        return spot.inside, spot.way

    def way(self, step_id: str, way: str) -> tuple[Step, ...]:
        """The steps on a way of a step."""
        return next(each.steps for each in self.step(step_id).ways if each.id == way)

    def every(self) -> Iterator[Step]:
        """Every step, those inside others too, in the order in which they are written."""
        for spot in self._spots.values():
            yield spot.steps[spot.place]


def pin(workflow: WorkflowDef, others: Mapping[str, WorkflowDef] | None = None) -> dict[str, Any]:
    """Write the definition the way it is kept with the runs that began under it.

    Sub-flows are kept with it, as they are now. What is usual is not written, so that a definition
    that has not changed is still the same one.
    """
    found = {
        "code": workflow.code,
        "label": write_label(workflow.label),
        "steps": [_written(step, others or {}, (workflow.code,)) for step in workflow.steps],
    }
    given = {name: getattr(workflow, name) for name in _DEFAULTS}
    return found | {name: each for name, each in given.items() if each != _DEFAULTS[name]}


def read(pinned: Mapping[str, Any]) -> Flow:
    """Read what `pin` wrote."""
    labels = {"start": Label("发起人", "Initiator")}
    steps = tuple(_step(step, labels) for step in pinned["steps"])
    return Flow(steps, labels, {name: pinned[name] for name in _DEFAULTS if name in pinned})


def label_of(pinned: Mapping[str, Any]) -> Label:
    """What people call a flow that is kept with its runs."""
    return read_label(pinned.get("label"), pinned["code"])


def of(workflow: WorkflowDef, others: Mapping[str, WorkflowDef] | None = None) -> Flow:
    """The flow of a definition that is not kept with any run yet."""
    return read(pin(workflow, others))


def _spots(inside: str | None, way: str, steps: tuple[Step, ...]) -> Iterator[tuple[str, Spot]]:
    for index, step in enumerate(steps):
        yield step.id, Spot(inside, way, index, steps)
        for each in step.ways:
            yield from _spots(step.id, each.id, each.steps)


def _step(source: Mapping[str, Any], labels: dict[str, Label]) -> Step:
    labels[source["id"]] = read_label(source.get("label"), source["id"])
    ways = [
        Way(each["id"], tuple(_step(inner, labels) for inner in each["steps"]))
        for each in source.get("branches", ())
    ]
    if "steps" in source:
        ways.append(Way("", tuple(_step(inner, labels) for inner in source["steps"])))
    for each in source.get("branches", ()):
        labels.setdefault(each["id"], read_label(each.get("label"), each["id"]))
    options = {key: value for key, value in source.items() if key not in OWN_KEYS}
    return Step(source["id"], source["type"], options, tuple(ways))


def _written(
    step: StepDef, others: Mapping[str, WorkflowDef], within: tuple[str, ...]
) -> dict[str, Any]:
    own = {"id": step.id, "type": step.type, "label": write_label(step.label), **step.options}
    if step.type != "subflow":
        return own | _inner(step, others, within)
    code = str(step.options["workflow"])
    if code not in others or code in within:
        raise Conflict("subflow_not_there", {"name": code})
    inner = [_written(each, others, (*within, code)) for each in others[code].steps]
    return own | {"steps": [_renamed(each, step.id) for each in inner]}


def _inner(
    step: StepDef, others: Mapping[str, WorkflowDef], within: tuple[str, ...]
) -> dict[str, Any]:
    """The steps inside a step, each written in turn."""
    found: dict[str, Any] = {}
    for way, _, steps in step.ways():
        written = [_written(each, others, within) for each in steps]
        if "branches" not in step.options:
            return {"steps": written}
        rest = next(each for each in step.options["branches"] if each["id"] == way)
        found.setdefault("branches", []).append({**rest, "steps": written})
    return found


def _renamed(source: dict[str, Any], prefix: str) -> dict[str, Any]:
    """A step of a sub-flow, under the name of the step that calls it: it may be called twice."""
    found = {**source, "id": f"{prefix}.{source['id']}"}
    for name in ("of", "back_to", "step"):
        if name in found and found[name] != "document":
            found[name] = f"{prefix}.{found[name]}"
    if "steps" in found:
        found["steps"] = [_renamed(each, prefix) for each in found["steps"]]
    if "branches" in found:
        found["branches"] = [
            {
                **way,
                "id": f"{prefix}.{way['id']}",
                "steps": [_renamed(each, prefix) for each in way["steps"]],
            }
            for way in found["branches"]
        ]
    return found
