"""What a workflow node is: the options it takes and how it answers events. No I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

Decision = Literal["approve", "reject"]
Outcome = Literal["approved", "rejected", "withdrawn"]
# Where the flow goes when a node is left: on to the next step, or to the end of the whole run.
Leave = Literal["next", "approved", "rejected"]


@dataclass(frozen=True)
class Step:
    """One step of a definition: its id, its kind and the options of that kind."""

    id: str
    kind: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Approver:
    """A person who is asked, and why it reached them: `role`, `user` or `escalated`."""

    user_id: int
    reason: str


@dataclass(frozen=True)
class Task:
    """What one person is asked within a visit."""

    approver: Approver
    state: Literal["waiting", "open", "approved", "rejected", "not_needed", "withdrawn"]


@dataclass(frozen=True)
class Visit:
    """One stay of the flow at a step; a step that is visited again gets a new visit."""

    no: int
    step_id: str
    tasks: tuple[Task, ...] = ()

    def task_of(self, user_id: int) -> Task | None:
        """The task of a person; nobody has two in one visit."""
        return next((task for task in self.tasks if task.approver.user_id == user_id), None)

    def with_state(self, user_id: int, state: Any) -> "Visit":
        """The same visit with the task of one person in another state."""
        return replace(
            self,
            tasks=tuple(
                replace(task, state=state) if task.approver.user_id == user_id else task
                for task in self.tasks
            ),
        )


@dataclass(frozen=True)
class Started:
    """Somebody submitted the document; who made it, and who changed it, may be others."""

    initiator_id: int | None
    maker_id: int | None = None
    editors: tuple[int, ...] = ()


@dataclass(frozen=True)
class ApproversFound:
    """The people of a step were looked up; who was found stands in the log for ever."""

    visit: int
    approvers: tuple[Approver, ...]


@dataclass(frozen=True)
class Decided:
    """A person answered their task."""

    visit: int
    user_id: int
    decision: Decision
    comment: str


@dataclass(frozen=True)
class Withdrawn:
    """The document was taken back before the flow ended."""

    user_id: int | None
    reason: str


Event = Started | ApproversFound | Decided | Withdrawn


@dataclass(frozen=True)
class FindApprovers:
    """Look up the people of a step and answer with `ApproversFound`."""

    visit: int
    step_id: str


@dataclass(frozen=True)
class OpenTask:
    """Put a task into somebody's inbox."""

    visit: int
    step_id: str
    approver: Approver


@dataclass(frozen=True)
class CloseTask:
    """Take a task out of an inbox, with what became of it."""

    visit: int
    user_id: int
    state: Literal["approved", "rejected", "not_needed", "withdrawn"]
    comment: str = ""


@dataclass(frozen=True)
class Ended:
    """The run is over; the document follows."""

    outcome: Outcome


Effect = FindApprovers | OpenTask | CloseTask | Ended


@dataclass(frozen=True)
class Turn:
    """What a node answers: the visit as it is now, what is to be done, and whether to go on."""

    visit: Visit
    effects: tuple[Effect, ...] = ()
    leave: Leave | None = None


class NodeType(Protocol):
    """A kind of step."""

    @property
    def kind(self) -> str:
        """The value of `type` in a definition."""
        ...

    @property
    def options(self) -> Mapping[str, Any]:
        """The JSON Schema of the step's own keys."""
        ...

    def enter(self, step: Step, visit: Visit) -> Turn:
        """The flow arrives."""
        ...

    def on_event(self, step: Step, visit: Visit, event: ApproversFound | Decided) -> Turn:
        """Something happened at this step; the engine has checked that it may."""
        ...
