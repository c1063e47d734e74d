"""What people may do with a document in a flow beside answering a task."""

from dataclasses import dataclass

from runtime.infra.act import Act
from runtime.infra.errors import AppError
from runtime.kinds.node_events import TakenBack
from runtime.workflow import acts, engine
from runtime.workflow.dossier import Dossier
from runtime.workflow.inbox import InboxItem
from runtime.workflow.instance import Instance
from runtime.workflow.instances import Run

_WAITS = frozenset({"open", "waiting"})


@dataclass(frozen=True)
class Beside:
    """What the actor may do now; `run` is the latest approval of the document, if there is one."""

    run: Run | None = None
    withdraw: bool = False
    # The task whose answer can be taken back.
    take_back: int | None = None
    # Whoever is waited for can be reminded.
    urge: bool = False
    copy: bool = False
    # Whom the actor has added: the task they did it from, and the people who have not answered.
    added: tuple[tuple[int, int], ...] = ()
    terminate: bool = False
    reactivate: bool = False


def beside(act: Act, dossier: Dossier, status: str) -> Beside:
    """Say what the actor may do with a document, whoever's turn it is."""
    run = dossier.latest
    if run is None:
        return Beside()
    me, is_admin = act.actor.user_id, act.actor.is_admin
    if run.instance.state != "running":
        ended = run.instance.state in ("rejected", "terminated", "failed")
        again = is_admin and ended and status in ("rejected", "submitted")
        return Beside(run, reactivate=again)
    items = dossier.of_run(run.id)
    is_part = is_admin or me in run.instance.authors() or any(each.user_id == me for each in items)
    return Beside(
        run,
        withdraw=_may_withdraw(act, run),
        take_back=_taken_back(act, run, items),
        urge=is_part and any(each.state == "open" and each.user_id != me for each in items),
        copy=is_part,
        added=tuple(_added(run.instance, items, me)),
        terminate=is_admin,
    )


def _may_withdraw(act: Act, run: Run) -> bool:
    try:
        acts.require_one_may_withdraw(act, run)
    except AppError:
        return False
    return True


def _taken_back(act: Act, run: Run, items: list[InboxItem]) -> int | None:
    """The latest answer of the actor's, as long as nothing came of it."""
    me = act.actor.user_id
    answered = [
        each for each in items if each.user_id == me and each.state in ("approved", "filled")
    ]
    if not answered or me is None or not run.instance.flow.rule("take_back"):
        return None
    task = answered[-1]
    try:
        engine.apply(run.instance, TakenBack(task.visit, me))
    except engine.EventRefused:
        return None
    return task.task_id


def _added(instance: Instance, items: list[InboxItem], me: int | None) -> list[tuple[int, int]]:
    mine = {each.visit: each.task_id for each in items if each.user_id == me}
    return [
        (mine[visit.no], task.approver.user_id)
        for visit in instance.open_visits()
        if visit.no in mine
        for task in visit.tasks
        if task.added_by == me and task.state in _WAITS
    ]
