"""What lies on people's desks: their tasks, copies, and when what is due."""

import math
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update

from runtime.infra import mailboxes, queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.upsert import insert_into
from runtime.kinds.node_events import CloseTask, Copy, OpenTask
from runtime.workflow import spans
from runtime.workflow.tables import copies, stashes, tasks, timers
from runtime.workflow.world import Facts

About = tuple[str, str, int]
TICK: Final = "flows.tick"


def open_task(act: Act, run_id: int, about: About, effect: OpenTask) -> None:
    """Ask somebody; whoever has been asked at this visit before is asked again."""
    approver = effect.approver
    state = {
        "reason": approver.reason,
        "for_id": approver.for_id,
        "state": "open",
        "comment": "",
        "opened_at": act.now,
        "closed_at": None,
    }
    mailboxes.ask(act, [approver.user_id])
    app, form, record_id = about
    place = {"instance_id": run_id, "visit": effect.visit, "step": effect.step_id}
    subject = {"app": app, "form": form, "record_id": record_id, "user_id": approver.user_id}
    asking = insert_into(act.connection, tasks).on_conflict_do_update(
        index_elements=["instance_id", "visit", "user_id"], set_=state
    )
    act.connection.execute(asking, place | subject | state)


def close_task(act: Act, run_id: int, effect: CloseTask) -> None:
    """Take a task off a desk, with what became of it."""
    row = {"state": effect.state, "comment": effect.comment, "closed_at": act.now}
    closing = update(tasks).where(
        tasks.c.instance_id == run_id,
        tasks.c.visit == effect.visit,
        tasks.c.user_id == effect.user_id,
        tasks.c.state == "open",
    )
    changed = act.connection.execute(closing.values(row)).rowcount
    assert changed == 1, f"the task of {effect.user_id} at visit {effect.visit} is not open"


def copy(act: Act, run_id: int, about: About, effect: Copy) -> None:
    """Put a copy on the desks of people who have none of this step yet."""
    app, form, record_id = about
    row = {
        "instance_id": run_id,
        "app": app,
        "form": form,
        "record_id": record_id,
        "step": effect.step_id,
        "by_id": act.actor.user_id,
        "at": act.now,
        "read_at": None,
    }
    for approver in effect.approvers:
        adding = insert_into(act.connection, copies).on_conflict_do_nothing()
        act.connection.execute(adding, row | {"user_id": approver.user_id})


def set_limit(act: Act, run: Any, effect: OpenTask, facts: Facts) -> None:
    """Note when a step is due, once for a visit; a field without a date sets no limit."""
    limit = run.instance.flow.step(effect.step_id).options.get("limit")
    if limit is None:
        return
    due = due_at(act, limit, facts, run.instance.visits[effect.visit - 1].at.line)
    if due is not None:
        kind = "remind" if limit["do"] == "remind" else "limit"
        set_timer(act, run.id, effect.visit, kind, due)


def due_at(act: Act, limit: Any, facts: Facts, line: tuple[int, ...]) -> datetime | None:
    """When something with `for` or `until` is over; without either, a day later."""
    if "until" in limit:
        day = facts.moment(limit["until"]["field"], line)
        return None if day is None else spans.at(limit["until"], day, facts.zone)
    return spans.after(limit.get("for", {"n": 1, "unit": "days"}), act.now, facts.zone)


def set_timer(act: Act, run_id: int, visit: int, kind: str, due: datetime) -> None:
    """Let the clock come back to a visit; one that is set already stays as it is."""
    row = {"instance_id": run_id, "visit": visit, "kind": kind, "due_at": due, "times": 0}
    act.connection.execute(insert_into(act.connection, timers).on_conflict_do_nothing(), row)
    wake(act, due)


def wake(act: Act, due: datetime) -> None:
    """Let somebody look at what is due once its moment has come; it is nobody's own work."""
    delay = max(math.ceil((due - act.now).total_seconds()), 1)
    queue.enqueue(replace(act, actor=SYSTEM), TICK, delay=delay)


def clear_limits(act: Act, run_id: int) -> None:
    """Forget what was due in a run that is over."""
    act.connection.execute(delete(timers).where(timers.c.instance_id == run_id))


def stash(act: Act, task_id: int, comment: str, typed: dict[str, Any]) -> None:
    """Keep what somebody has written about a task and not sent yet."""
    act.connection.execute(delete(stashes).where(stashes.c.task_id == task_id))
    row = {"task_id": task_id, "comment": comment, "typed": typed, "at": act.now}
    act.connection.execute(insert(stashes), row)


def stashed(act: Act, task_id: int) -> tuple[str, dict[str, Any]] | None:
    """What was put aside about a task: the comment, and the values typed."""
    query = select(stashes.c.comment, stashes.c.typed).where(stashes.c.task_id == task_id)
    row = act.connection.execute(query).first()
    return None if row is None else (row.comment, row.typed)


def waiting(act: Act, run_id: int) -> int:
    """How many tasks of a run are open."""
    query = select(func.count()).where(tasks.c.instance_id == run_id, tasks.c.state == "open")
    return int(act.connection.scalar(query) or 0)
