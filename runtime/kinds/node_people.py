"""What steps with people have in common: who is asked when, and what becomes of their tasks."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final, Literal

from runtime.kinds.node_events import (
    Added,
    Answered,
    Approver,
    ApproversFound,
    CloseTask,
    Decided,
    Effect,
    Expired,
    FindApprovers,
    OpenTask,
    Reassigned,
    Removed,
    Write,
)
from runtime.kinds.node_type import SETTLED, Enter, Step, Task, Turn, Visit

Verdict = Literal["approve", "reject"] | None
# Counts the voices of a visit: whether it is decided, and how.
Count = Callable[[Step, Visit], Verdict]
_WAITS: Final = frozenset({"open", "waiting"})


def enter(step: Step, visit: Visit) -> Turn:
    """Ask for the people; nobody is bothered before they are known."""
    return Turn(visit, (FindApprovers(visit.no, step.id),))


def on_event(step: Step, visit: Visit, event: Any, count: Count) -> Turn:
    """Open the tasks of those found, take down an answer, hand a task on; `count` decides."""
    match event:
        case ApproversFound():
            # Whom the engine found to have answered already.
            passed = frozenset(visit.data.get("passes", ()))
            return ask(step, visit, event, count, passed)
        case Decided():
            return decided(step, visit, event, count)
        case Expired():
            return expired(step, visit, event)
        case Answered():
            return no_question(step, event)
    return moved(step, visit, event, count)


def ask(step: Step, visit: Visit, event: ApproversFound, count: Count, passed: Any) -> Turn:
    """Open the tasks of those found; who need not be asked again (`passed`) has answered."""
    if not event.approvers:
        return Turn(replace(visit, data={"nobody": True}), (), "next")
    tasks = tuple(Task(each, "waiting", each.user_id) for each in event.approvers)
    visit = replace(visit, tasks=tasks)
    effects = list(_moment(step, visit, "arrive"))
    for each in event.approvers:
        if each.user_id in passed:
            visit = visit.with_state(each.user_id, "passed")
            effects.append(OpenTask(visit.no, step.id, each))
            effects.append(CloseTask(visit.no, each.user_id, "passed"))
    return go_on(step, visit, effects, count)


def go_on(step: Step, visit: Visit, before: Iterable[Effect], count: Count) -> Turn:
    """Leave when the voices have decided; otherwise open what may be open now."""
    verdict = count(step, visit)
    if verdict is not None:
        visit, closed = close_all(visit, "not_needed")
        leave: Literal["next", "rejected"] = "next" if verdict == "approve" else "rejected"
        effects = (*before, *closed, *_moment(step, visit, verdict))
        return Turn(visit, effects, leave)
    opened: list[Effect] = []
    for task in _next(step, visit):
        visit = visit.with_state(task.approver.user_id, "open")
        opened.append(OpenTask(visit.no, step.id, task.approver))
    return Turn(visit, (*before, *opened))


def decided(step: Step, visit: Visit, event: Decided, count: Count) -> Turn:
    """Take down one answer and count again."""
    state: Any = {"approve": "approved", "reject": "rejected", "fill": "filled"}[event.decision]
    visit = visit.with_state(event.user_id, state)
    return go_on(step, visit, (CloseTask(visit.no, event.user_id, state, event.comment),), count)


def moved(step: Step, visit: Visit, event: Reassigned | Added | Removed, count: Count) -> Turn:
    """Let a task be somebody else's, or somebody be asked beside, or not any more."""
    visit, effects = _hand(visit, event)
    return go_on(step, visit, effects, count)


def expired(step: Step, visit: Visit, event: Expired) -> Turn:
    """Go on without those who did not answer in time, or ask whom they answer to."""
    if event.do == "escalate":
        visit, closed = close_all(visit, "reassigned")
        fresh = [each for each in event.approvers if not _is_asked(visit, each.user_id)]
        visit = _with(visit, [Task(each, "open", each.user_id) for each in fresh])
        opened = [OpenTask(visit.no, step.id, each) for each in fresh]
        return Turn(visit, (*closed, *opened))
    is_pass = event.do == "approve"
    visit, closed = close_all(visit, "passed" if is_pass else "not_needed")
    visit = replace(visit, data={**visit.data, "expired": event.do})
    effects = (*closed, *_moment(step, visit, event.do))
    return Turn(visit, effects, "next" if is_pass else "rejected")


def close_all(visit: Visit, state: Any) -> tuple[Visit, list[Effect]]:
    """Close every task that still waits."""
    effects: list[Effect] = []
    for task in visit.tasks:
        if task.state == "open":
            effects.append(CloseTask(visit.no, task.approver.user_id, state))
        if task.state in _WAITS:
            visit = visit.with_state(task.approver.user_id, state)
    return visit, effects


def no_question(step: Step, event: Answered) -> Turn:
    """Steps with people ask for people and for nothing else."""
    raise AssertionError(f"{step.id} asked nothing that {event} answers")


def no_ways(step: Step, way: str, key: int | None) -> Turn:
    """Only steps that hold steps have ways that end."""
    raise AssertionError(f"{step.id} has no way {way} {key}")


def entered(ways: Iterable[str]) -> tuple[Enter, ...]:
    """Go into each of these ways."""
    return tuple(Enter(way) for way in ways)


def is_in_order(step: Step) -> bool:
    """Whether one is asked after the other; those who stand above one another always are."""
    climbs = step.options.get("who", {}).get("by") == "climb"
    return bool(step.options.get("mode", "in_order" if climbs else "any") == "in_order")


def _next(step: Step, visit: Visit) -> list[Task]:
    """Whose turn it is: in each voice one after the other, and in order one voice at a time."""
    found: list[Task] = []
    for chain in visit.chains():
        rest = [task for task in chain if task.state not in SETTLED]
        if not rest or any(task.state == "rejected" for task in chain):
            continue
        if rest[0].state == "waiting":
            found.append(rest[0])
        if is_in_order(step):
            break
    return found


def _hand(visit: Visit, event: Reassigned | Added | Removed) -> tuple[Visit, list[Effect]]:
    match event:
        case Reassigned():
            return _reassigned(visit, event)
        case Added():
            return _added(visit, event)
    was_open = any(
        task.state == "open" for task in visit.tasks if task.approver.user_id == event.added_id
    )
    closed: list[Effect] = [CloseTask(visit.no, event.added_id, "removed", event.comment)]
    return visit.with_state(event.added_id, "removed"), closed if was_open else []


def _reassigned(visit: Visit, event: Reassigned) -> tuple[Visit, list[Effect]]:
    task = visit.task_of(event.user_id)
    assert task is not None, "the engine has looked"
    is_delegated = event.how == "delegated"
    principal = event.user_id if is_delegated else task.approver.for_id
    approver = Approver(event.to_id, event.how, principal)
    fresh = Task(approver, "waiting", task.chain, task.added_by)
    visit = _without(visit.with_state(event.user_id, event.how), event.to_id)
    place = [each.approver.user_id for each in visit.tasks].index(event.user_id)
    tasks = (*visit.tasks[:place], fresh, *visit.tasks[place:])
    closed: Effect = CloseTask(visit.no, event.user_id, event.how, event.comment)
    return replace(visit, tasks=tasks), [closed]


def _added(visit: Visit, event: Added) -> tuple[Visit, list[Effect]]:
    """Before: whoever adds waits for them. After: both are one voice. Beside: a voice more."""
    visit = _without(visit, event.to_id)
    own = visit.task_of(event.user_id)
    assert own is not None, "the engine has looked"
    approver = Approver(event.to_id, "added")
    if event.where == "beside":
        return _with(visit, [Task(approver, "waiting", event.to_id, event.user_id)]), []
    fresh = Task(approver, "waiting", own.chain, event.user_id)
    place = visit.tasks.index(own)
    effects: list[Effect] = []
    if event.where == "before":
        visit = visit.with_state(event.user_id, "waiting")
        effects.append(CloseTask(visit.no, event.user_id, "waiting", event.comment))
    else:
        place += 1
    return replace(visit, tasks=(*visit.tasks[:place], fresh, *visit.tasks[place:])), effects


def _is_asked(visit: Visit, user_id: int) -> bool:
    task = visit.task_of(user_id)
    return task is not None and task.state in _WAITS | SETTLED


def _with(visit: Visit, tasks: list[Task]) -> Visit:
    for task in tasks:
        visit = _without(visit, task.approver.user_id)
    return replace(visit, tasks=(*visit.tasks, *tasks))


def _without(visit: Visit, user_id: int) -> Visit:
    """Forget a task of an earlier moment: nobody has two in one visit."""
    kept = tuple(each for each in visit.tasks if each.approver.user_id != user_id)
    return replace(visit, tasks=kept)


def _moment(step: Step, visit: Visit, moment: Any) -> tuple[Effect, ...]:
    named = step.options.get("updates", {})
    return (Write(visit.no, step.id, moment),) if moment in named else ()
