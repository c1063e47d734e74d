"""The engine: (instance, event) -> (instance, effects). Pure, so the event log is the truth.

Replaying the log of a run gives the same instance on any machine at any time: whatever came from
outside (who was found, what held, who decided) stands in the events.
"""

from collections.abc import Iterable
from dataclasses import replace

from runtime.kinds.node_events import (
    Added,
    Answered,
    ApproversFound,
    Decided,
    Effect,
    Ended,
    Event,
    Expired,
    Failed,
    Migrated,
    Noted,
    Reactivated,
    Reassigned,
    Removed,
    SentBack,
    Started,
    TakenBack,
    Terminated,
    VisitEvent,
    Withdrawn,
)
from runtime.kinds.node_type import SETTLED, Place, Visit
from runtime.workflow import turning_back
from runtime.workflow.flow import START, Flow
from runtime.workflow.instance import Instance, State
from runtime.workflow.moving import Moving, node
from runtime.workflow.refusal import EventRefused
from runtime.workflow.same_person import passes

__all__ = ["EventRefused", "Instance", "State", "apply", "replay"]

_PEOPLE = frozenset({"approve", "fill", START.kind})
_DECISIONS = {"approve": {"approve", "reject"}, "fill": {"fill"}, START.kind: {"fill"}}
_WAITS = frozenset({"open", "waiting"})


def apply(instance: Instance, event: Event) -> tuple[Instance, tuple[Effect, ...]]:
    """Let one event happen, or refuse it and leave everything as it was."""
    match event:
        case Started():
            return _start(instance, event)
        case Reactivated():
            return turning_back.reactivated(instance)
        case Migrated():
            return turning_back.migrated(instance, event), ()
        case Noted():
            return instance, ()
    if instance.state != "running":
        raise EventRefused("flow_has_ended")
    match event:
        case Withdrawn() | Terminated() | Failed():
            return _ended(instance, event)
    return _at_visit(instance, event)


def replay(flow: Flow, events: Iterable[Event]) -> Instance:
    """The instance a log leads to."""
    instance = Instance(flow)
    for event in events:
        instance, _ = apply(instance, event)
    return instance


def _start(instance: Instance, event: Started) -> tuple[Instance, tuple[Effect, ...]]:
    if instance.state != "new":
        raise EventRefused("flow_already_started")
    begun = replace(
        instance,
        state="running",
        initiator_id=event.initiator_id,
        maker_id=event.maker_id,
        editors=event.editors,
        chosen=event.chosen,
    )
    moving = Moving(begun)
    moving.arrive(begun.flow.first(), Place(), 0)
    return moving.result()


def _ended(
    instance: Instance, event: Withdrawn | Terminated | Failed
) -> tuple[Instance, tuple[Effect, ...]]:
    if isinstance(event, Failed):
        # What was under way stays as it is, to be tried again; nobody answers what failed.
        visits = tuple(
            replace(each, data={**each.data, "waits": False}) if each.no == event.visit else each
            for each in instance.visits
        )
        return replace(instance, state="failed", visits=visits), (Ended("failed"),)
    moving = Moving(instance)
    moving.end("withdrawn" if isinstance(event, Withdrawn) else "terminated")
    return moving.result()


def _at_visit(instance: Instance, event: VisitEvent) -> tuple[Instance, tuple[Effect, ...]]:
    visit = instance.visit(event.visit)
    if isinstance(event, TakenBack) and visit is not None:
        return turning_back.taken_back(instance, visit, event)
    if visit is None or visit.state != "open":
        raise EventRefused("task_is_closed")
    _check(instance, visit, event)
    if isinstance(event, SentBack):
        return turning_back.sent_back(instance, visit, event)
    step = instance.flow.step(visit.step_id)
    if isinstance(event, ApproversFound):
        passed = passes(instance, step, visit, event.approvers)
        visit = replace(visit, data={**visit.data, "passes": sorted(passed)}) if passed else visit
    if isinstance(event, Decided) and event.chosen:
        instance = replace(instance, chosen={**instance.chosen, **event.chosen})
    moving = Moving(instance)
    moving.follow(step, node(step).on_event(step, visit, event))
    return moving.result()


def _check(instance: Instance, visit: Visit, event: VisitEvent) -> None:
    """Whether this can happen at the visit, by whoever it names."""
    kind = instance.flow.step(visit.step_id).kind
    match event:
        case ApproversFound():
            _check_found(kind, visit, event)
        case Answered() if kind in _PEOPLE or kind == "copy":
            raise EventRefused("nothing_asked")
        case Answered():
            return
        case Removed():
            _check_removed(visit, event)
        case Expired():
            _check_expired(visit, event)
        case _:
            _check_answer(instance, visit, event)


def _check_answer(
    instance: Instance, visit: Visit, event: Decided | SentBack | Reassigned | Added | TakenBack
) -> None:
    """Whoever acts has a task here; whom they name may have one."""
    kind = instance.flow.step(visit.step_id).kind
    if event.user_id is not None:
        _require_open(visit, event.user_id)
    if isinstance(event, Decided) and event.decision not in _DECISIONS.get(kind, ()):
        raise EventRefused("decision_unknown")
    if isinstance(event, Reassigned | Added):
        _require_free(instance, visit, event.to_id)


def _check_expired(visit: Visit, event: Expired) -> None:
    if not any(task.state == "open" for task in visit.tasks):
        raise EventRefused("task_is_closed")
    if event.do == "escalate" and not _newcomers(visit, event):
        raise EventRefused("no_approver")


def _check_found(kind: str, visit: Visit, event: ApproversFound) -> None:
    if kind not in _PEOPLE | {"copy"}:
        raise EventRefused("nothing_asked")
    if visit.tasks:
        raise EventRefused("approvers_already_known")
    if not event.approvers and not event.passes and kind != "copy":
        raise EventRefused("no_approver")
    if len({each.user_id for each in event.approvers}) != len(event.approvers):
        raise EventRefused("asked_twice")


def _require_open(visit: Visit, user_id: int) -> None:
    task = visit.task_of(user_id)
    if task is None or task.state != "open":
        raise EventRefused("task_is_closed")


def _require_free(instance: Instance, visit: Visit, user_id: int) -> None:
    """Nobody is asked twice, and nobody about their own document where the step does not say so."""
    task = visit.task_of(user_id)
    if task is not None and task.state in _WAITS | SETTLED | {"rejected"}:
        raise EventRefused("asked_twice")
    step = instance.flow.step(visit.step_id)
    is_own = step.kind == "approve" and user_id in instance.authors()
    if is_own and not step.options.get("self"):
        raise EventRefused("own_document")


def _check_removed(visit: Visit, event: Removed) -> None:
    added = visit.task_of(event.added_id)
    if added is None or added.added_by != event.user_id or added.state not in _WAITS:
        raise EventRefused("not_removable")


def _newcomers(visit: Visit, event: Expired) -> list[int]:
    """Those who would be asked and are not asked already."""
    known = {
        task.approver.user_id
        for task in visit.tasks
        if task.state in SETTLED | {"rejected"} or task.state in _WAITS
    }
    return [each.user_id for each in event.approvers if each.user_id not in known]
