"""What can happen to a run, and what it can want done: the two vocabularies of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Decision = Literal["approve", "reject", "fill"]
Outcome = Literal["approved", "rejected", "withdrawn", "terminated", "failed"]
TaskState = Literal[
    "waiting", "open", "approved", "rejected", "filled", "not_needed", "withdrawn",
    "sent_back", "reassigned", "delegated", "removed", "passed",
]  # fmt: skip
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Approver:
    """A person who is asked, and why it reached them; `for_id` is whose place they take."""

    user_id: int
    reason: str
    for_id: int | None = None


@dataclass(frozen=True)
class Started:
    """Somebody submitted the document; who made it, and who changed it, may be others.

    `chosen` are the people the initiator picked, by the step that asks for it.
    """

    initiator_id: int | None
    maker_id: int | None = None
    editors: tuple[int, ...] = ()
    chosen: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ApproversFound:
    """The people of a step were looked up; who was found stands in the log for ever.

    Nobody found goes on only where the definition says so (`passes`).
    """

    visit: int
    approvers: tuple[Approver, ...]
    passes: bool = False


@dataclass(frozen=True)
class Answered:
    """A question of a step was answered, or its work was done: what came of it."""

    visit: int
    answer: Json


@dataclass(frozen=True)
class Decided:
    """A person answered their task. `chosen` are whom they picked for a later step."""

    visit: int
    user_id: int
    decision: Decision
    comment: str
    chosen: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    more: Json = field(default_factory=dict)


@dataclass(frozen=True)
class SentBack:
    """A person sent the document back to a step that was passed; None: the time limit did."""

    visit: int
    user_id: int | None
    to: str
    then: Literal["rerun", "return"]
    comment: str = ""


@dataclass(frozen=True)
class Reassigned:
    """A task went to somebody else: for good, or to decide in one's name (`delegated`)."""

    visit: int
    user_id: int
    to_id: int
    how: Literal["reassigned", "delegated"]
    comment: str = ""


@dataclass(frozen=True)
class Added:
    """Somebody was asked beside those the definition names."""

    visit: int
    user_id: int
    to_id: int
    where: Literal["before", "after", "beside"]
    comment: str = ""


@dataclass(frozen=True)
class Removed:
    """Somebody who had been added is not asked any more."""

    visit: int
    user_id: int
    added_id: int
    comment: str = ""


@dataclass(frozen=True)
class TakenBack:
    """A person took back their own last answer, before anything came of it."""

    visit: int
    user_id: int
    comment: str = ""


@dataclass(frozen=True)
class Expired:
    """The time of a step was over: it goes on by itself, or to `approvers`."""

    visit: int
    do: Literal["approve", "reject", "escalate"]
    approvers: tuple[Approver, ...] = ()


@dataclass(frozen=True)
class Noted:
    """Something was said that changes nothing: a reminder, a copy, what was put aside."""

    kind: str
    user_id: int | None
    visit: int = 0
    comment: str = ""
    more: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Withdrawn:
    """The document was taken back before the flow ended."""

    user_id: int | None
    reason: str


@dataclass(frozen=True)
class Terminated:
    """An administrator ended the run."""

    user_id: int | None
    reason: str


@dataclass(frozen=True)
class Failed:
    """A step of an automation could not be done; nothing of that attempt was kept."""

    visit: int
    code: str
    params: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Reactivated:
    """An ended run goes on where it had stood; a failed one tries its step again."""

    user_id: int | None
    reason: str = ""


@dataclass(frozen=True)
class Migrated:
    """The run goes on under another definition; `steps` are the new places of its visits."""

    definition_id: int
    flow: Any = field(compare=False)
    steps: Mapping[int, str] = field(default_factory=dict)
    # The definition it had until now.
    was: int = 0


VisitEvent = (
    ApproversFound | Answered | Decided | SentBack | Reassigned | Added | Removed | TakenBack
    | Expired
)  # fmt: skip
RunEvent = Started | Noted | Withdrawn | Terminated | Failed | Reactivated | Migrated
Event = VisitEvent | RunEvent


@dataclass(frozen=True)
class FindApprovers:
    """Look up the people of a step and answer with `ApproversFound`."""

    visit: int
    step_id: str


@dataclass(frozen=True)
class Ask:
    """Evaluate, or carry out, what a step without people says, and answer with `Answered`."""

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
    state: TaskState
    comment: str = ""


@dataclass(frozen=True)
class Copy:
    """Let people know the document without asking them anything."""

    visit: int
    step_id: str
    approvers: tuple[Approver, ...]


@dataclass(frozen=True)
class Write:
    """Write into the document what the step says for this moment."""

    visit: int
    step_id: str
    moment: Literal["arrive", "approve", "reject", "send_back"]


@dataclass(frozen=True)
class Ended:
    """The run is over; the document follows."""

    outcome: Outcome


Effect = FindApprovers | Ask | OpenTask | CloseTask | Copy | Write | Ended
