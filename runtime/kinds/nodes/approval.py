"""`approve`: people say yes or no; any one of them, all of them, or one after the other."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from runtime.kinds.node_type import (
    ApproversFound,
    CloseTask,
    Decided,
    Effect,
    FindApprovers,
    OpenTask,
    Step,
    Task,
    Turn,
    Visit,
)

OPTIONS: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["who"],
    "additionalProperties": False,
    "properties": {
        "who": {
            "type": "object",
            "required": ["by"],
            "additionalProperties": False,
            "properties": {
                "by": {"enum": ["role", "users"]},
                "role": {"type": "string"},
                "users": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            },
        },
        "mode": {"enum": ["any", "all", "in_order"], "default": "any"},
        "self": {"type": "boolean", "default": False},
    },
}


class Approval:
    """One rejection ends the run; what approves is the mode's to say."""

    kind: Final = "approve"
    options: Final = OPTIONS

    def enter(self, step: Step, visit: Visit) -> Turn:
        """Ask for the people; nobody is bothered before they are known."""
        return Turn(visit, (FindApprovers(visit.no, step.id),))

    def on_event(self, step: Step, visit: Visit, event: ApproversFound | Decided) -> Turn:
        """Open the tasks of those found, or count a decision."""
        if isinstance(event, ApproversFound):
            return _ask(step, visit, event)
        if event.decision == "reject":
            return _close(visit, event, "rejected")
        voted = visit.with_state(event.user_id, "approved")
        if _enough(step, voted):
            return _close(visit, event, "approved")
        done = CloseTask(visit.no, event.user_id, "approved", event.comment)
        return _open_next(step, voted, (done,))


def _ask(step: Step, visit: Visit, event: ApproversFound) -> Turn:
    tasks = tuple(Task(approver, "waiting") for approver in event.approvers)
    return _open_next(step, replace(visit, tasks=tasks), ())


def _open_next(step: Step, visit: Visit, before: tuple[Effect, ...]) -> Turn:
    """Open what the mode lets be open now: one after the other, or everybody at once."""
    waiting = [task.approver for task in visit.tasks if task.state == "waiting"]
    if step.options.get("mode") == "in_order":
        waiting = waiting[:1]
    for approver in waiting:
        visit = visit.with_state(approver.user_id, "open")
    opened = tuple(OpenTask(visit.no, step.id, approver) for approver in waiting)
    return Turn(visit, before + opened)


def _enough(step: Step, visit: Visit) -> bool:
    if step.options.get("mode", "any") == "any":
        return True
    return all(task.state == "approved" for task in visit.tasks)


def _close(visit: Visit, event: Decided, outcome: Any) -> Turn:
    """Close the decider's task with the outcome and everybody else's as not needed any more."""
    effects: list[Effect] = [CloseTask(visit.no, event.user_id, outcome, event.comment)]
    closed = visit.with_state(event.user_id, outcome)
    for task in closed.tasks:
        if task.state == "open":
            effects.append(CloseTask(visit.no, task.approver.user_id, "not_needed"))
        if task.state in ("open", "waiting"):
            closed = closed.with_state(task.approver.user_id, "not_needed")
    return Turn(closed, tuple(effects), "next" if outcome == "approved" else "rejected")
