"""The engine: (instance, event) -> (instance, effects). Pure, so the event log is the truth.

Replaying the log of a run gives the same instance on any machine at any time: whatever came from
outside (who was found, who decided) stands in the events.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from runtime.kinds.node_type import (
    ApproversFound,
    CloseTask,
    Decided,
    Effect,
    Ended,
    Event,
    Outcome,
    Started,
    Step,
    Turn,
    Visit,
    Withdrawn,
)
from runtime.kinds.nodes import NODE_TYPES
from runtime.workflow.flow import Flow

State = Literal["new", "running", "approved", "rejected", "withdrawn"]


@dataclass(frozen=True)
class Instance:
    """One run of a flow: where it stands and what happened at each visit."""

    flow: Flow
    state: State = "new"
    initiator_id: int | None = None
    maker_id: int | None = None
    editors: tuple[int, ...] = ()
    visits: tuple[Visit, ...] = ()

    def authors(self) -> frozenset[int]:
        """Whose document it is: whoever made it, changed it or submitted it."""
        people = (self.initiator_id, self.maker_id, *self.editors)
        return frozenset(person for person in people if person is not None)

    def visit(self, no: int) -> Visit | None:
        """The visit of that number."""
        return self.visits[no - 1] if 0 < no <= len(self.visits) else None

    def here(self) -> Visit | None:
        """The visit the run is at; None before it starts and after it has ended."""
        return self.visits[-1] if self.state == "running" and self.visits else None


class EventRefused(Exception):  # noqa: N818 - a refusal is not an error
    """The event cannot happen now; `code` names why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def apply(instance: Instance, event: Event) -> tuple[Instance, tuple[Effect, ...]]:
    """Let one event happen, or refuse it and leave everything as it was."""
    if isinstance(event, Started):
        if instance.state != "new":
            raise EventRefused("flow_already_started")
        begun = replace(
            instance,
            state="running",
            initiator_id=event.initiator_id,
            maker_id=event.maker_id,
            editors=event.editors,
        )
        return _arrive(begun, instance.flow.first(), ())
    if instance.state != "running":
        raise EventRefused("flow_has_ended")
    if isinstance(event, Withdrawn):
        return _withdraw(instance)
    visit = instance.here()
    if visit is None or visit.no != event.visit:
        raise EventRefused("task_is_closed")
    _check(visit, event)
    step = instance.flow.step(visit.step_id)
    turn = NODE_TYPES[step.kind].on_event(step, visit, event)
    return _follow(instance, step, turn)


def replay(flow: Flow, events: Iterable[Event]) -> Instance:
    """The instance a log leads to."""
    instance = Instance(flow)
    for event in events:
        instance, _ = apply(instance, event)
    return instance


def _check(visit: Visit, event: ApproversFound | Decided) -> None:
    if isinstance(event, ApproversFound):
        if visit.tasks:
            raise EventRefused("approvers_already_known")
        if not event.approvers:
            raise EventRefused("no_approver")
        return
    task = visit.task_of(event.user_id)
    if task is None or task.state != "open":
        raise EventRefused("task_is_closed")


def _arrive(
    instance: Instance, step: Step | None, effects: tuple[Effect, ...]
) -> tuple[Instance, tuple[Effect, ...]]:
    if step is None:
        return _end(instance, "approved", effects)
    visit = Visit(no=len(instance.visits) + 1, step_id=step.id)
    instance = replace(instance, visits=(*instance.visits, visit))
    turn = NODE_TYPES[step.kind].enter(step, visit)
    return _follow(instance, step, replace(turn, effects=effects + turn.effects))


def _follow(instance: Instance, step: Step, turn: Turn) -> tuple[Instance, tuple[Effect, ...]]:
    """Keep what the node made of its visit, then go where it says."""
    instance = replace(instance, visits=(*instance.visits[:-1], turn.visit))
    if turn.leave is None:
        return instance, turn.effects
    if turn.leave == "next":
        return _arrive(instance, instance.flow.after(step.id), turn.effects)
    return _end(instance, turn.leave, turn.effects)


def _withdraw(instance: Instance) -> tuple[Instance, tuple[Effect, ...]]:
    visit = instance.visits[-1]
    effects: list[Effect] = []
    for task in visit.tasks:
        if task.state == "open":
            effects.append(CloseTask(visit.no, task.approver.user_id, "withdrawn"))
        if task.state in ("open", "waiting"):
            visit = visit.with_state(task.approver.user_id, "withdrawn")
    instance = replace(instance, visits=(*instance.visits[:-1], visit))
    return _end(instance, "withdrawn", tuple(effects))


def _end(
    instance: Instance, outcome: Outcome, effects: tuple[Effect, ...]
) -> tuple[Instance, tuple[Effect, ...]]:
    return replace(instance, state=outcome), (*effects, Ended(outcome))
