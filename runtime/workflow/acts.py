"""What people do to a flow: start it, answer a task, hand it on, withdraw it.

Effects go back to the caller, who knows the document. Whose task it is, and whether the right to
it still holds, is looked at here, at the moment of the act.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from runtime.definitions import WorkflowDef
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, Forbidden
from runtime.kinds.node_events import (
    Added,
    Decided,
    Decision,
    Effect,
    Event,
    Noted,
    Reactivated,
    Reassigned,
    Removed,
    SentBack,
    Started,
    TakenBack,
    Terminated,
    Withdrawn,
)
from runtime.kinds.node_type import Step, Visit
from runtime.workflow import directory
from runtime.workflow.approvers import Looking, may_still_decide, within
from runtime.workflow.inbox import InboxItem
from runtime.workflow.instances import (
    Origin,
    Run,
    Subject,
    append,
    begin,
    happen,
    last,
    load,
    running,
    set_running,
)
from runtime.workflow.world import NoWorld, World

_ANSWERED: Final = frozenset({"approved", "rejected", "filled", "sent_back"})


@dataclass(frozen=True)
class Begun:
    """What a run begins with beside its document."""

    maker_id: int | None = None
    editors: tuple[int, ...] = ()
    chosen: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    others: Mapping[str, WorkflowDef] = field(default_factory=dict)
    origin: Origin = field(default_factory=Origin)


@dataclass(frozen=True)
class Mine:
    """Somebody's open task, where it stands in its run."""

    task: InboxItem
    run: Run
    step: Step
    visit: Visit


def start(  # noqa: PLR0913 - the document, its flow, and who wrote it
    act: Act,
    subject: Subject,
    workflow: WorkflowDef,
    *,
    maker_id: int | None = None,
    editors: tuple[int, ...] = (),
    begun: Begun | None = None,
    world: World | None = None,
) -> tuple[Effect, ...]:
    """Begin a new run of a document under the definition as it is today.

    None of those who wrote it decides about it: its maker, its editors and who submits it.
    """
    given = begun or Begun(maker_id, editors)
    if given.origin.kind == "approval" and running(act, subject) is not None:
        raise Conflict("flow_already_started")
    run = begin(act, subject, workflow, given.others, given.origin)
    event = Started(act.actor.user_id, given.maker_id, given.editors, given.chosen)
    _, effects = happen(act, run, event, world)
    return effects


def answer(
    act: Act, mine: Mine, decision: Decision, comment: str, **more: Any
) -> tuple[Effect, ...]:
    """Answer one's own open task, as it was found with the rights of this moment."""
    world = more.pop("world", None)
    event = Decided(mine.visit.no, mine.task.user_id, decision, comment, **more)
    return happen(act, mine.run, event, world)[1]


def own(act: Act, task: InboxItem, run: Run | None = None) -> Mine:
    """The actor's own open task; anybody else's, and one that is over, is refused.

    `run`: its run, for whoever has just loaded it.
    """
    if task.user_id != act.actor.user_id:
        raise Forbidden("not_your_task")
    run = run or load(act, task.instance_id)
    assert run.id == task.instance_id, "a task is answered in its own run"
    visit = run.instance.visit(task.visit)
    asked = visit and visit.task_of(task.user_id)
    # A task of an earlier round belongs to a run that has ended.
    if run.instance.state != "running" or not visit or not asked or asked.state != "open":
        raise Conflict("task_is_closed")
    step = run.instance.flow.step(visit.step_id)
    if not may_still_decide(act, step, asked.approver, act.actor):
        raise Forbidden("right_withdrawn")
    return Mine(task, run, step, visit)


def send_back(
    act: Act, mine: Mine, to: str, then: Any, comment: str, world: World | None = None
) -> tuple[Effect, ...]:
    """Send the document back from one's own task."""
    event = SentBack(mine.visit.no, mine.task.user_id, to, then, comment)
    return happen(act, mine.run, event, world)[1]


def hand_on(
    act: Act,
    mine: Mine,
    to_id: int,
    how: Any,
    comment: str,
    world: World | None = None,
) -> tuple[Effect, ...]:
    """Let somebody else decide: in one's place, or in one's name."""
    _require_reachable(act, mine, to_id, "delegate" if how == "delegated" else "reassign", world)
    event = Reassigned(mine.visit.no, mine.task.user_id, to_id, how, comment)
    return happen(act, mine.run, event, world)[1]


def add(
    act: Act,
    mine: Mine,
    to_id: int,
    where: Any,
    comment: str,
    world: World | None = None,
) -> tuple[Effect, ...]:
    """Ask somebody before, after or beside oneself."""
    _require_reachable(act, mine, to_id, "add", world)
    event = Added(mine.visit.no, mine.task.user_id, to_id, where, comment)
    return happen(act, mine.run, event, world)[1]


def remove_added(
    act: Act, task: InboxItem, added_id: int, comment: str, world: World | None = None
) -> tuple[Effect, ...]:
    """Ask somebody no more whom one had added; one's own task may wait for them meanwhile."""
    if task.user_id != act.actor.user_id:
        raise Forbidden("not_your_task")
    run = _under_way(act, task.instance_id)
    event = Removed(task.visit, task.user_id, added_id, comment)
    return happen(act, run, event, world)[1]


def take_back(
    act: Act, task: InboxItem, comment: str, world: World | None = None
) -> tuple[Effect, ...]:
    """Take back one's own last answer, as long as nothing came of it."""
    if task.user_id != act.actor.user_id:
        raise Forbidden("not_your_task")
    run = _under_way(act, task.instance_id)
    if not run.instance.flow.rule("take_back"):
        raise Forbidden("take_back_not_offered")
    return happen(act, run, TakenBack(task.visit, task.user_id, comment), world)[1]


def withdraw(act: Act, subject: Subject, reason: str) -> None:
    """Take a document back out of its flow; nothing happens when it is in none."""
    run = running(act, subject)
    if run is not None:
        happen(act, run, Withdrawn(act.actor.user_id, reason))


def require_withdrawable(act: Act, subject: Subject) -> Run:
    """The run its initiator may still withdraw."""
    run = running(act, subject)
    if run is None:
        raise Conflict("flow_has_ended")
    require_one_may_withdraw(act, run)
    return run


def require_one_may_withdraw(act: Act, run: Run) -> None:
    """A run under way is its initiator's to withdraw, as long as its flow lets them."""
    if run.instance.initiator_id != act.actor.user_id:
        raise Forbidden("not_your_document")
    rule = run.instance.flow.rule("withdraw")
    states = (task.state for visit in run.instance.visits for task in visit.tasks)
    if rule == "never" or (rule == "before_first" and any(each in _ANSWERED for each in states)):
        raise Conflict("withdraw_too_late")


def note(act: Act, subject: Subject, noted: Noted) -> Run:
    """Write into the log what changes nothing."""
    run = running(act, subject)
    if run is None:
        raise Conflict("flow_has_ended")
    append(act, run, noted)
    return run


def terminate(act: Act, subject: Subject, reason: str) -> tuple[Effect, ...]:
    """End a run, as an administrator."""
    run = running(act, subject)
    if run is None:
        raise Conflict("flow_has_ended")
    return happen(act, run, Terminated(act.actor.user_id, reason))[1]


def reactivate(
    act: Act, subject: Subject, reason: str, world: World | None = None
) -> tuple[Effect, ...]:
    """Let the latest run of a document go on where it had ended, as an administrator."""
    run = last(act, subject)
    if run is None:
        raise Conflict("not_reactivatable")
    return again(act, run, reason, world)


def again(act: Act, run: Run, reason: str, world: World | None = None) -> tuple[Effect, ...]:
    """Let a run that has ended go on."""
    set_running(act, run.id)
    return happen(act, run, Reactivated(act.actor.user_id, reason), world)[1]


def hand_over(act: Act, task: InboxItem, to_id: int) -> tuple[Effect, ...]:
    """Give somebody's open task to another, as an administrator: they have left."""
    run = _under_way(act, task.instance_id)
    event = Reassigned(task.visit, task.user_id, to_id, "reassigned")
    return happen(act, run, event)[1]


def let_happen(act: Act, run: Run, event: Event, world: World | None = None) -> tuple[Effect, ...]:
    """Let the clock's own events happen."""
    return happen(act, run, event, world)[1]


def _under_way(act: Act, run_id: int) -> Run:
    run = load(act, run_id)
    if run.instance.state != "running":
        raise Conflict("flow_has_ended")
    return run


def _require_reachable(
    act: Act, mine: Mine, user_id: int, button: str, world: World | None
) -> None:
    """Whoever is given a task works here, and is in the range the step names."""
    if not directory.working(act.connection, [user_id]):
        raise Conflict("nobody_to_ask")
    option = mine.step.options.get("buttons", {}).get(button)
    who = option.get("within") if isinstance(option, Mapping) else None
    if who is None:
        return
    subject = mine.run.subject
    facts = world or NoWorld()
    looking = Looking(act, mine.run.instance, mine.visit, facts, subject.app, subject.form)
    if user_id not in within(looking, who, mine.step):
        raise Forbidden("out_of_range")
