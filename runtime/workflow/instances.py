"""Runs in the database: loaded by replaying their log, moved by events, with tasks in step."""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update

from runtime.definitions import WorkflowDef
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.errors import Conflict
from runtime.infra.upsert import insert_into
from runtime.kinds.node_type import (
    ApproversFound,
    CloseTask,
    Effect,
    Ended,
    Event,
    FindApprovers,
    OpenTask,
)
from runtime.workflow import approvers, engine, flow, log
from runtime.workflow.engine import Instance
from runtime.workflow.tables import definitions, events, instances, tasks


@dataclass(frozen=True)
class Subject:
    """The document a run is about."""

    app: str
    form: str
    record_id: int


@dataclass(frozen=True)
class Run:
    """A stored instance: its row, its state, and how many events its log has."""

    id: int
    subject: Subject
    instance: Instance
    length: int


def begin(act: Act, subject: Subject, workflow: WorkflowDef) -> Run:
    """Store a new run of a document, pinned to the definition as it is today."""
    definition = flow.pin(workflow)
    last = select(func.max(instances.c.round)).where(*_about(subject))
    row = {
        "app": subject.app,
        "form": subject.form,
        "record_id": subject.record_id,
        "round": (act.connection.scalar(last) or 0) + 1,
        "definition_id": _keep(act, subject.app, definition),
        "state": "running",
        "initiator_id": act.actor.user_id,
        "started_at": act.now,
    }
    run_id = act.connection.scalar(insert(instances).returning(instances.c.id), row)
    return Run(int(run_id or 0), subject, Instance(flow.read(definition)), 0)


def running(act: Act, subject: Subject) -> Run | None:
    """The run a document is in now; None when no flow is under way."""
    query = (
        select(instances.c.id, definitions.c.definition)
        .join(definitions, definitions.c.id == instances.c.definition_id)
        .where(*_about(subject), instances.c.state == "running")
    )
    row = act.connection.execute(query).one_or_none()
    return None if row is None else _load(act, row.id, subject, row.definition)


def happen(act: Act, run: Run, event: Event) -> tuple[Run, tuple[Effect, ...]]:
    """Let an event happen; returns the effects that are not the flow's own to carry out.

    Looking up approvers and keeping the task rows are the flow's own. What becomes of the document
    is not: the caller gets `Ended` and does what it means.
    """
    pending: list[Event] = [event]
    outward: list[Effect] = []
    while pending:
        run, effects = _step(act, run, pending.pop(0))
        for effect in effects:
            match effect:
                case FindApprovers(visit, step_id):
                    step = run.instance.flow.step(step_id)
                    found = approvers.find(act, step, run.instance.authors())
                    pending.append(ApproversFound(visit, found))
                case OpenTask():
                    _open(act, run, effect)
                    outward.append(effect)
                case CloseTask():
                    _close(act, run, effect)
                case Ended(outcome):
                    row = {"state": outcome, "ended_at": act.now}
                    act.connection.execute(
                        update(instances).where(instances.c.id == run.id).values(row)
                    )
                    outward.append(effect)
    return run, tuple(outward)


def _step(act: Act, run: Run, event: Event) -> tuple[Run, tuple[Effect, ...]]:
    try:
        instance, effects = engine.apply(run.instance, event)
    except engine.EventRefused as refusal:
        raise Conflict(refusal.code) from refusal
    kind, body = log.write(event)
    row = {
        "instance_id": run.id,
        # The unique number is the last guard: of two writers at the same place one fails.
        "seq": run.length + 1,
        "at": act.now,
        "actor_id": act.actor.user_id,
        "kind": kind,
        "body": body,
    }
    act.connection.execute(insert(events), row)
    return Run(run.id, run.subject, instance, run.length + 1), effects


def _open(act: Act, run: Run, effect: OpenTask) -> None:
    row = {
        "instance_id": run.id,
        "visit": effect.visit,
        "app": run.subject.app,
        "form": run.subject.form,
        "record_id": run.subject.record_id,
        "step": effect.step_id,
        "user_id": effect.approver.user_id,
        "reason": effect.approver.reason,
        "state": "open",
        "opened_at": act.now,
    }
    act.connection.execute(insert(tasks), row)


def _close(act: Act, run: Run, effect: CloseTask) -> None:
    row = {"state": effect.state, "comment": effect.comment, "closed_at": act.now}
    closing = update(tasks).where(
        tasks.c.instance_id == run.id,
        tasks.c.visit == effect.visit,
        tasks.c.user_id == effect.user_id,
        tasks.c.state == "open",
    )
    changed = act.connection.execute(closing.values(row)).rowcount
    assert changed == 1, f"the task of {effect.user_id} at visit {effect.visit} is not open"


def _load(act: Act, run_id: int, subject: Subject, definition: Any) -> Run:
    query = select(events.c.kind, events.c.body).where(events.c.instance_id == run_id)
    rows = act.connection.execute(query.order_by(events.c.seq)).all()
    instance = engine.replay(flow.read(definition), (log.read(row.kind, row.body) for row in rows))
    return Run(run_id, subject, instance, len(rows))


def _keep(act: Act, app: str, definition: dict[str, Any]) -> int:
    """The id of this very definition, kept once however many runs use it."""
    digest = hashlib.sha256(strict_json.canonical(definition).encode()).hexdigest()
    known = select(definitions.c.id).where(
        definitions.c.app == app,
        definitions.c.code == definition["code"],
        definitions.c.digest == digest,
    )
    found = act.connection.scalar(known)
    if found is None:
        row = {
            "app": app,
            "code": definition["code"],
            "digest": digest,
            "definition": definition,
            "created_at": act.now,
        }
        # Somebody else may keep the same definition at the same moment; either row will do.
        keeping = insert_into(act.connection, definitions).on_conflict_do_nothing()
        act.connection.execute(keeping, row)
        found = act.connection.scalar(known)
    assert found is not None, "the definition has just been kept"
    return int(found)


def _about(subject: Subject) -> tuple[Any, ...]:
    return (
        instances.c.app == subject.app,
        instances.c.form == subject.form,
        instances.c.record_id == subject.record_id,
    )
