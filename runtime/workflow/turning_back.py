"""The ways back: sent back to a step, an answer taken back, a run that goes on again, migrated."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from runtime.kinds import node_people
from runtime.kinds.node_events import (
    CloseTask,
    Effect,
    Migrated,
    OpenTask,
    SentBack,
    TakenBack,
    Write,
)
from runtime.kinds.node_type import Place, Task, Visit, VisitState
from runtime.workflow.flow import START
from runtime.workflow.instance import Instance
from runtime.workflow.moving import Moving, node
from runtime.workflow.refusal import EventRefused

_ANSWERS: Final = frozenset({"approved", "rejected", "filled", "sent_back"})
# Steps that may have been come by when an answer is taken back: nothing was done there.
_HARMLESS: Final = frozenset({"approve", "fill", "copy", "branch", "parallel", "wait", START.kind})
_ASKS: Final = frozenset({"approve", "fill"})


def sent_back(
    instance: Instance, visit: Visit, event: SentBack
) -> tuple[Instance, tuple[Effect, ...]]:
    """Go back to a step that was passed, or to the initiator.

    `rerun` goes through everything again from there; `return` comes straight back to here.
    """
    target = None if event.to == START.id else _passed(instance, visit, event.to)
    if target is None and instance.initiator_id is None:
        raise EventRefused("step_not_behind")
    moving = Moving(instance)
    _leave(moving, visit, event)
    if event.then == "return":
        place = Place(visit.no, "", visit.at.line)
        moving.put(replace(moving.visit(visit.no), state="away"))
    else:
        place = Place() if target is None else target.at
        moving.drop(_behind(moving, visit, place))
        for holder, way, line in _holders(moving, place):
            _reopen(moving, holder, way, line)
    # What was approved before was another document.
    moving.instance = replace(moving.instance, since=len(moving.visits))
    if target is None:
        moving.ask_initiator(place, visit.no)
    else:
        moving.arrive(instance.flow.step(target.step_id), place, visit.no)
    return moving.result()


def targets(instance: Instance, visit: Visit) -> Iterator[str]:
    """The steps a visit can be sent back to, the latest first, the initiator last."""
    seen: set[str] = set()
    for each in reversed(instance.visits[: visit.no - 1]):
        if each.step_id not in seen | {START.id, visit.step_id}:
            seen.add(each.step_id)
            if _can_go_back(instance, visit, each):
                yield each.step_id
    if instance.initiator_id is not None and visit.step_id != START.id:
        yield START.id


def taken_back(
    instance: Instance, visit: Visit, event: TakenBack
) -> tuple[Instance, tuple[Effect, ...]]:
    """Let an answer not have been given, as long as nothing came of it."""
    task = visit.task_of(event.user_id)
    known = instance.flow.has(visit.step_id)
    if task is None or task.state not in ("approved", "filled") or not known:
        raise EventRefused("nothing_to_take_back")
    if visit.state not in ("open", "done"):
        raise EventRefused("taken_back_too_late")
    moving = Moving(instance)
    if visit.state == "done":
        _undo_leaving(moving, visit)
    step = instance.flow.step(visit.step_id)
    visit = replace(moving.visit(visit.no), state="open").with_state(event.user_id, "open")
    for other in visit.tasks:
        if other.state == "not_needed":
            visit = visit.with_state(other.approver.user_id, "waiting")
    later = _opened_after(visit, event.user_id, in_order=node_people.is_in_order(step))
    visit, closed = _waiting_again(visit, later)
    effects: list[Effect] = [OpenTask(visit.no, step.id, task.approver), *closed]
    moving.follow(step, node_people.go_on(step, visit, effects, lambda *_: None))
    return moving.result()


def reactivated(instance: Instance) -> tuple[Instance, tuple[Effect, ...]]:
    """Let an ended run go on where it stood; a failed one tries its step again."""
    if instance.state not in ("rejected", "terminated", "failed"):
        raise EventRefused("not_reactivatable")
    was_failed = instance.state == "failed"
    moving = Moving(replace(instance, state="running"))
    stood = [each for each in instance.visits if each.state == ("open" if was_failed else "ended")]
    leaves = [each for each in stood if not _has_children(stood, each)]
    if not any(instance.flow.step(each.step_id).kind != "end" for each in leaves):
        raise EventRefused("not_reactivatable")
    if was_failed:
        _try_again(moving, leaves)
    else:
        _stand_again(moving, stood, leaves)
    return moving.result()


def _try_again(moving: Moving, leaves: list[Visit]) -> None:
    for each in leaves:
        step = moving.flow.step(each.step_id)
        # What another system was asked and did not refuse is not asked again; a wait is set again.
        if not each.tasks and (step.kind == "wait" or not each.data.get("waits")):
            moving.follow(step, node(step).enter(step, each))


def _stand_again(moving: Moving, stood: list[Visit], leaves: list[Visit]) -> None:
    """Come anew to every step that was under way, in the steps it stood in."""
    moving.instance = replace(moving.instance, since=len(moving.visits))
    for each in stood:
        # Whoever had sent the document back still waits for it.
        asks = moving.flow.step(each.step_id).kind in _ASKS
        state: VisitState = "dropped" if each in leaves else "away" if asks else "open"
        moving.put(replace(each, state=state))
    for each in leaves:
        step = moving.flow.step(each.step_id)
        if step.id == START.id:
            moving.ask_initiator(each.at, each.no)
        else:
            moving.arrive(step, each.at, each.no)


def migrated(instance: Instance, event: Migrated) -> Instance:
    """The same run under another definition; what has been done keeps the names it had."""
    if instance.state != "running":
        raise EventRefused("flow_has_ended")
    visits = tuple(
        replace(each, step_id=event.steps.get(each.no, each.step_id)) for each in instance.visits
    )
    for before, visit in zip(instance.visits, visits, strict=True):
        if visit.state in ("open", "away"):
            is_other = not _same_kind(instance, event, before.step_id, visit.step_id)
            if is_other or not _fits(event, visits, visit):
                raise EventRefused("step_map_does_not_fit")
    return replace(instance, flow=event.flow, visits=visits)


def _same_kind(instance: Instance, event: Migrated, before: str, after: str) -> bool:
    """Whether what was asked at the one step can be answered at the other."""
    if not event.flow.has(after):
        return False
    found: bool = instance.flow.step(before).kind == event.flow.step(after).kind
    return found


def _fits(event: Migrated, visits: tuple[Visit, ...], visit: Visit) -> bool:
    """Whether a visit can stand where the new definition has its step."""
    if visit.step_id == START.id or (
        visit.at.parent and visits[visit.at.parent - 1].state == "away"
    ):
        return True
    inside, way = event.flow.inside(visit.step_id)
    if inside is None:
        return visit.at.parent == 0
    return bool(visit.at.parent) and (visits[visit.at.parent - 1].step_id, visit.at.way) == (
        inside,
        way,
    )


def _passed(instance: Instance, visit: Visit, step_id: str) -> Visit:
    """The visit of a step that was passed on the way here."""
    for each in reversed(instance.visits[: visit.no - 1]):
        if each.step_id == step_id and _can_go_back(instance, visit, each):
            return each
    raise EventRefused("step_not_behind")


def _can_go_back(instance: Instance, visit: Visit, target: Visit) -> bool:
    flow = instance.flow
    if not target.tasks or not flow.has(target.step_id) or target.step_id == visit.step_id:
        return False
    answered = target.state == "done" or any(task.state in _ANSWERS for task in target.tasks)
    if flow.step(target.step_id).kind not in _ASKS or not answered:
        return False
    moving = Moving(instance)
    if any(each.state == "away" for each in moving.above(target.at)):
        # A stop on the way back from somewhere is no step that was passed.
        return False
    mine, theirs = _ways_up(moving, visit.at), _ways_up(moving, target.at)
    shared = next(each for each in mine if each in theirs)
    above_mine, above_theirs = mine.index(shared), theirs.index(shared)
    if above_mine and above_theirs:
        # In two ways of one step that are gone at once, neither lies behind the other.
        return mine[above_mine - 1].parent != theirs[above_theirs - 1].parent
    return True


def _ways_up(moving: Moving, at: Place) -> list[Place]:
    return [at, *(holder.at for holder in moving.above(at))]


def _leave(moving: Moving, visit: Visit, event: SentBack) -> None:
    """Close what is asked here; whoever sends back has answered by that."""
    effects: list[Effect] = []
    if event.user_id is not None:
        visit = visit.with_state(event.user_id, "sent_back")
        effects.append(CloseTask(visit.no, event.user_id, "sent_back", event.comment))
    visit, closed = node_people.close_all(visit, "not_needed")
    moving.put(replace(visit, state="dropped"))
    moving.effects.extend((*effects, *closed))
    step = moving.flow.step(visit.step_id)
    if "send_back" in step.options.get("updates", {}):
        moving.effects.append(Write(visit.no, step.id, "send_back"))


def _behind(moving: Moving, visit: Visit, place: Place) -> Iterator[Visit]:
    """What is under way after the place the flow goes back to."""
    mine, theirs = _ways_up(moving, visit.at), _ways_up(moving, place)
    shared = next(each for each in mine if each in theirs)
    for each in list(moving.visits):
        if each.state in ("open", "away") and shared in _ways_up(moving, each.at):
            yield each


def _holders(moving: Moving, place: Place) -> Iterator[tuple[Visit, str, tuple[int, ...]]]:
    """The steps a place stands in, with the way and the lines it stands on."""
    at = place
    while at.parent:
        holder = moving.visit(at.parent)
        yield holder, at.way, at.line
        at = holder.at


def _reopen(moving: Moving, holder: Visit, way: str, line: tuple[int, ...]) -> None:
    """Let a step that holds steps be under way again, on that way alone."""
    if holder.state == "open":
        return
    left: list[object] = [way]
    if "keys" in holder.data:
        keys = list(holder.data["keys"])
        left = keys[keys.index(line[len(holder.at.line)]) :]
    elif moving.flow.step(holder.step_id).kind == "subflow":
        left = [None]
    moving.put(replace(holder, state="open", data={**holder.data, "left": left}))


def _undo_leaving(moving: Moving, visit: Visit) -> None:
    """Drop what came of leaving a visit, where nobody has answered and nothing was done."""
    came = list(_came_of(moving, visit))
    for each in came:
        kind = moving.flow.step(each.step_id).kind
        if kind not in _HARMLESS or any(task.state in _ANSWERS for task in each.tasks):
            raise EventRefused("taken_back_too_late")
    moving.drop((each for each in came if each.state == "open"), "withdrawn")
    for each in came:
        moving.put(replace(moving.visit(each.no), state="dropped"))
    at, last = visit.at, visit.no
    while at.parent:
        holder = moving.visit(at.parent)
        if holder.data.get("last") != last:
            break
        if "keys" in holder.data or moving.flow.step(holder.step_id).kind == "subflow":
            raise EventRefused("taken_back_too_late")
        left = [*holder.data["left"], at.way]
        is_over = holder.state == "done"
        moving.put(replace(holder, state="open", data={**holder.data, "left": left, "last": 0}))
        if not is_over:
            break
        at, last = holder.at, holder.no


def _came_of(moving: Moving, visit: Visit) -> Iterator[Visit]:
    """Every visit that there would not be had this one not been left."""
    for each in moving.visits:
        if each.after == visit.no and each.at == visit.at:
            yield each
            yield from moving.under(each.no)
            yield from _came_of(moving, each)
    if visit.at.parent:
        holder = moving.visit(visit.at.parent)
        if holder.data.get("last") == visit.no and holder.state == "done":
            yield from _came_of(moving, holder)


def _opened_after(visit: Visit, user_id: int, *, in_order: bool) -> list[Task]:
    """Tasks that were opened because this person had answered."""
    own = visit.task_of(user_id)
    assert own is not None, "whoever takes back has answered"
    place = visit.tasks.index(own)
    later = visit.tasks[place + 1 :]
    return [each for each in later if in_order or each.chain == own.chain]


def _waiting_again(visit: Visit, later: list[Task]) -> tuple[Visit, list[Effect]]:
    """Let those wait again whose turn it was because of the answer."""
    effects: list[Effect] = []
    for each in later:
        if each.state in _ANSWERS:
            raise EventRefused("taken_back_too_late")
        if each.state == "open":
            effects.append(CloseTask(visit.no, each.approver.user_id, "waiting"))
            visit = visit.with_state(each.approver.user_id, "waiting")
    return visit, effects


def _has_children(visits: list[Visit], visit: Visit) -> bool:
    return any(each.at.parent == visit.no for each in visits)
