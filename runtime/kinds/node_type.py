"""What a workflow node is: the options it takes and how it answers events. No I/O, no clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Protocol

from runtime.kinds.node_events import (
    Answered,
    Approver,
    ApproversFound,
    Ask,
    CloseTask,
    Decided,
    Decision,
    Effect,
    Ended,
    Event,
    FindApprovers,
    OpenTask,
    Outcome,
    Started,
    TaskState,
    Withdrawn,
)

__all__ = [
    "Answered",
    "Approver",
    "ApproversFound",
    "Ask",
    "CloseTask",
    "Decided",
    "Decision",
    "Effect",
    "Ended",
    "Enter",
    "Event",
    "FindApprovers",
    "Leave",
    "NodeType",
    "OpenTask",
    "Outcome",
    "Place",
    "Started",
    "Step",
    "Task",
    "Turn",
    "Visit",
    "Way",
    "Withdrawn",
]

# Where the flow goes when a node is left: on to the next step, or to the end of the run.
Leave = Literal["next", "approved", "rejected"]
VisitState = Literal["open", "done", "dropped", "ended", "away"]
# Who has answered, or has been answered for: nobody waits for them any more.
SETTLED: Final = frozenset({"approved", "filled", "passed"})
# Tasks that went to somebody else count for nobody.
GONE: Final = frozenset({"reassigned", "delegated", "removed"})


@dataclass(frozen=True)
class Way:
    """Steps inside a step: one of its branches, or the body of a loop."""

    id: str
    steps: tuple["Step", ...]


@dataclass(frozen=True)
class Step:
    """One step of a definition: its id, its kind, the options of that kind, the steps in it."""

    id: str
    kind: str
    options: Mapping[str, Any]
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class Task:
    """What one person is asked within a visit.

    Tasks of one `chain` count as one voice: whoever was added before or after stands in the chain
    of who added them. It begins as the id of who was asked first.
    """

    approver: Approver
    state: TaskState
    chain: int = 0
    added_by: int | None = None


@dataclass(frozen=True)
class Place:
    """Inside which visit something stands, on which of its ways, for which lines."""

    parent: int = 0
    way: str = ""
    line: tuple[int, ...] = ()


@dataclass(frozen=True)
class Visit:
    """One stay of the flow at a step; a step that is visited again gets a new visit.

    `after` is the visit whose end led here; `data` is what was answered.
    """

    no: int
    step_id: str
    tasks: tuple[Task, ...] = ()
    at: Place = Place()
    after: int = 0
    state: VisitState = "open"
    data: Mapping[str, Any] = field(default_factory=dict)

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

    def chains(self) -> Iterator[tuple[Task, ...]]:
        """The tasks that count, voice by voice, in the order in which they are asked."""
        counting = [task for task in self.tasks if task.state not in GONE]
        for chain in dict.fromkeys(task.chain for task in counting):
            yield tuple(task for task in counting if task.chain == chain)


@dataclass(frozen=True)
class Enter:
    """Go into a way of a step; of a loop, for one line."""

    way: str
    key: int | None = None


@dataclass(frozen=True)
class Turn:
    """What a node answers: the visit as it is now, what is to be done, and whether to go on."""

    visit: Visit
    effects: tuple[Effect, ...] = ()
    leave: Leave | None = None
    enter: tuple[Enter, ...] = ()
    # Ways that nobody needs any more: the first one through has decided.
    drops_rest: bool = False


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

    @property
    def once(self) -> bool:
        """Whether what it does is done once in a run, however often the flow comes by."""
        ...

    def enter(self, step: Step, visit: Visit) -> Turn:
        """The flow arrives."""
        ...

    def on_event(self, step: Step, visit: Visit, event: Any) -> Turn:
        """Something happened at this step; the engine has checked that it may."""
        ...

    def way_ended(self, step: Step, visit: Visit, way: str, key: int | None) -> Turn:
        """One of the ways inside it has come to its end."""
        ...
