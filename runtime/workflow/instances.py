"""Runs in the database: loaded by replaying their log, moved by events, with tasks in step."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, insert, select, update

from runtime.definitions import WorkflowDef
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.errors import Conflict
from runtime.infra.upsert import insert_into
from runtime.kinds.node_events import (
    Answered,
    ApproversFound,
    Ask,
    CloseTask,
    Copy,
    Effect,
    Ended,
    Event,
    Failed,
    FindApprovers,
    OpenTask,
    Write,
)
from runtime.workflow import approvers, desk, engine, flow, log
from runtime.workflow.approvers import Looking
from runtime.workflow.flow import Flow
from runtime.workflow.instance import Instance
from runtime.workflow.kept import Kept, read_logs
from runtime.workflow.tables import definitions, events, instances
from runtime.workflow.world import NoWorld, World, known

# A run that comes by so many steps without anybody answering does not end by itself.
MOST_STEPS: Final = 2000
# So many runs are read in one go.
CHUNK: Final = 200
# So many definitions stay read in a process; an app has some dozens.
MOST_READ: Final = 500
_flows: Final[dict[str, Flow]] = {}


@dataclass(frozen=True)
class Subject:
    """The document a run is about."""

    app: str
    form: str
    record_id: int


@dataclass(frozen=True)
class Origin:
    """What a run is: an approval, or an automation with its trigger and the runs that led to it."""

    kind: str = "approval"
    begun_on: str = ""
    chain: tuple[int, ...] = ()


@dataclass(frozen=True)
class Run:
    """A stored instance: its row, its state, and how many events its log has."""

    id: int
    subject: Subject
    instance: Instance
    length: int
    code: str = ""
    depth: int = 0
    kind: str = "approval"


def begin(
    act: Act,
    subject: Subject,
    workflow: WorkflowDef,
    others: Mapping[str, WorkflowDef] | None = None,
    origin: Origin = Origin(),
) -> Run:
    """Store a new run of a document, pinned to the definition as it is today."""
    definition = flow.pin(workflow, others)
    chain = origin.chain
    row = {
        "app": subject.app,
        "form": subject.form,
        "record_id": subject.record_id,
        "round": _next_round(act, subject, origin),
        "definition_id": keep(act, subject.app, definition),
        "state": "running",
        "initiator_id": act.actor.user_id,
        "started_at": act.now,
        "kind": origin.kind,
        "depth": len(chain),
        "begun_on": origin.begun_on,
        "parent_id": chain[-1] if chain else None,
        "root_id": chain[0] if chain else None,
    }
    run_id = act.connection.scalar(insert(instances).returning(instances.c.id), row)
    instance = Instance(flow.read(definition))
    return Run(int(run_id or 0), subject, instance, 0, workflow.code, len(chain), origin.kind)


def _next_round(act: Act, subject: Subject, origin: Origin) -> int:
    """Approvals of a document are counted from 1 on, automations from -1 down."""
    if origin.kind == "approval":
        last = select(func.max(instances.c.round)).where(*_about(subject))
        return max(act.connection.scalar(last) or 0, 0) + 1
    first = select(func.min(instances.c.round)).where(*_about(subject))
    return min(act.connection.scalar(first) or 0, 0) - 1


def running(act: Act, subject: Subject) -> Run | None:
    """The approval a document is in now; None when no flow is under way."""
    under_way = (instances.c.state == "running", instances.c.kind == "approval")
    return _one(act, *_about(subject), *under_way)


def last(act: Act, subject: Subject) -> Run | None:
    """The latest approval of a document, whatever became of it."""
    query = (
        select(instances.c.id)
        .where(*_about(subject), instances.c.kind == "approval")
        .order_by(instances.c.round.desc())
        .limit(1)
    )
    return _one(act, instances.c.id == query.scalar_subquery())


def load(act: Act, run_id: int) -> Run:
    """A run as its log has it."""
    (run,) = load_many(act, (run_id,))
    return run


def load_many(act: Act, run_ids: Sequence[int]) -> Iterator[Run]:
    """Runs as their logs have them, by their numbers, in a few queries for all."""
    flow_of = cache(partial(flow_kept, act))
    for start in range(0, len(run_ids), CHUNK):
        found = read_logs(act, instances.c.id.in_(run_ids[start : start + CHUNK]))
        for kept in sorted(found, key=lambda each: each.head.id):
            yield replayed(act, kept, flow_of)


def replayed(act: Act, kept: Kept, flow_of: log.FlowOf | None = None) -> Run:
    """What a log comes to; its first definition is the one it began with."""
    head, flow_of = kept.head, flow_of or partial(flow_kept, act)
    began = next((row.body["was"] for row in kept.log if row.event == "migrated"), None)
    first = read_kept(act, head.definition_id, head.digest) if began is None else flow_of(began)
    happened = (log.read(row.event, row.body, flow_of) for row in kept.log)
    subject = Subject(head.app, head.form, head.record_id)
    instance = engine.replay(first, happened)
    return Run(head.id, subject, instance, len(kept.log), head.code, head.depth, head.kind)


def _one(act: Act, *which: ColumnElement[bool]) -> Run | None:
    kept = next(read_logs(act, *which), None)
    return None if kept is None else replayed(act, kept)


def flow_kept(act: Act, definition_id: int) -> Flow:
    """A definition that runs have begun under, as the engine walks it."""
    query = select(definitions.c.digest).where(definitions.c.id == definition_id)
    return read_kept(act, definition_id, act.connection.execute(query).scalar_one())


def read_kept(act: Act, definition_id: int, digest: str) -> Flow:
    """A definition as the engine walks it; the digest says what stands in it, so it is read once.

    Every act on a run asks for it, and a run may be asked for several times in a request.
    """
    found = _flows.get(digest)
    if found is None:
        found = flow.read(definition_of(act, definition_id))
        if len(_flows) >= MOST_READ:
            _flows.clear()
        _flows[digest] = found
    return found


def definition_of(act: Act, definition_id: int) -> dict[str, Any]:
    """A definition that runs have begun under."""
    query = select(definitions.c.definition).where(definitions.c.id == definition_id)
    found: dict[str, Any] = act.connection.execute(query).scalar_one()
    return found


def happen(
    act: Act, run: Run, event: Event, world: World | None = None
) -> tuple[Run, tuple[Effect, ...]]:
    """Let an event happen; returns the effects that are not the flow's own to carry out.

    Looking up approvers and keeping the task rows are the flow's own. What becomes of the document
    is not: the world does what steps say, and the caller gets `Ended` and does what it means.
    """
    return _Happening(act, run, world or NoWorld()).through(event)


class _Happening:
    """An event with everything that follows from it, until somebody has to be waited for."""

    def __init__(self, act: Act, run: Run, world: World) -> None:
        self.act, self.run, self.world = act, run, world
        self.outward: list[Effect] = []
        # Events that happened and do not stand in the log yet.
        self._unwritten: list[dict[str, Any]] = []

    def through(self, event: Event) -> tuple[Run, tuple[Effect, ...]]:
        """Let it happen, and what is asked by it be answered, one after the other."""
        pending: list[Event] = [event]
        for _ in range(MOST_STEPS):
            if not pending:
                self._write_log()
                return self.run, tuple(self.outward)
            effects = self._step(pending.pop(0))
            for effect in effects:
                answer = self._carry_out(effect)
                if answer is not None:
                    pending.append(answer)
        raise Conflict("flow_does_not_end", {"limit": MOST_STEPS})

    def _step(self, event: Event) -> tuple[Effect, ...]:
        run = self.run
        try:
            instance, effects = engine.apply(run.instance, event)
        except engine.EventRefused as refusal:
            raise Conflict(refusal.code) from refusal
        self._unwritten.append(_event_row(self.act, run, event))
        self.run = replace(run, instance=instance, length=run.length + 1)
        return effects

    def _write_log(self) -> None:
        """Bring the log up to date: at the end, and before a step does anything that may read it.

        Asking people reads no log, so all that leads to them is one statement.
        """
        if self._unwritten:
            self.act.connection.execute(insert(events), self._unwritten)
            self._unwritten = []

    def _carry_out(self, effect: Effect) -> Event | None:
        run = self.run
        match effect:
            case FindApprovers(visit, step_id):
                return self._found(visit, step_id)
            case Ask(visit, step_id):
                return self._answer(visit, step_id)
            case OpenTask():
                desk.open_task(self.act, run.id, _of(run), effect)
                desk.set_limit(self.act, run, effect, self.world)
                self.outward.append(effect)
            case CloseTask():
                desk.close_task(self.act, run.id, effect)
            case Copy():
                desk.copy(self.act, run.id, _of(run), effect)
                self.outward.append(effect)
            case Write(visit, step_id, moment):
                here = run.instance.visits[visit - 1]
                self._write_log()
                self.world.write(run, run.instance.flow.step(step_id), moment, here)
            case Ended():
                self._ended(effect)
        return None

    def _found(self, visit: int, step_id: str) -> Event | None:
        instance = self.run.instance
        here = instance.visits[visit - 1]
        if here.state != "open":
            return None
        subject = self.run.subject
        looking = Looking(self.act, instance, here, self.world, subject.app, subject.form)
        found = approvers.find(looking, instance.flow.step(step_id))
        return ApproversFound(visit, found.approvers, found.passes)

    def _answer(self, visit: int, step_id: str) -> Event | None:
        instance = self.run.instance
        here, step = instance.visits[visit - 1], instance.flow.step(step_id)
        if here.state != "open":
            return None
        answer = known(step, here, instance, self.world)
        if answer is None:
            self._write_log()
            answer = self.world.work(self.run, step, here)
        return Answered(visit, answer)

    def _ended(self, effect: Ended) -> None:
        if self.run.kind == "approval":
            # An automation is over without the document being anything else for it.
            self.outward.append(effect)
        row = {"state": effect.outcome, "ended_at": self.act.now}
        self.act.connection.execute(
            update(instances).where(instances.c.id == self.run.id).values(row)
        )
        desk.clear_limits(self.act, self.run.id)


def append(act: Act, run: Run, event: Event) -> None:
    """Write an event into the log of a run, as its next one."""
    act.connection.execute(insert(events), _event_row(act, run, event))


def _event_row(act: Act, run: Run, event: Event) -> dict[str, Any]:
    kind, body = log.write(event)
    return {
        "instance_id": run.id,
        # The unique number is the last guard: of two writers at the same place one fails.
        "seq": run.length + 1,
        "at": act.now,
        "actor_id": act.actor.user_id,
        "kind": kind,
        "body": body,
    }


def fail(act: Act, run: Run, happened: Event, failed: Failed) -> Run:
    """Keep of an attempt only what began it and why it came to nothing; it may be tried again."""
    for event in (happened, failed):
        if run.instance.state not in ("new", "running", "failed"):
            return run  # there was nothing to be done in it
        instance, _ = engine.apply(run.instance, event)
        append(act, run, event)
        run = replace(run, instance=instance, length=run.length + 1)
    row = {"state": "failed", "ended_at": act.now}
    act.connection.execute(update(instances).where(instances.c.id == run.id).values(row))
    return run


def set_running(act: Act, run_id: int, definition_id: int | None = None) -> None:
    """Let a run be under way again, under another definition where one is given."""
    row: dict[str, Any] = {"state": "running", "ended_at": None}
    if definition_id is not None:
        row["definition_id"] = definition_id
    act.connection.execute(update(instances).where(instances.c.id == run_id).values(row))


def kept(act: Act, app: str, definition: dict[str, Any]) -> int | None:
    """The id of this very definition; None where no run ever used it."""
    _digest, known_one = _very(app, definition)
    found = act.connection.scalar(known_one)
    return None if found is None else int(found)


def _very(app: str, definition: dict[str, Any]) -> tuple[str, Select[Any]]:
    """The digest of a definition, and the question for it."""
    digest = hashlib.sha256(strict_json.canonical(definition).encode()).hexdigest()
    return digest, select(definitions.c.id).where(
        definitions.c.app == app,
        definitions.c.code == definition["code"],
        definitions.c.digest == digest,
    )


def keep(act: Act, app: str, definition: dict[str, Any]) -> int:
    """The id of this very definition, kept once however many runs use it."""
    digest, known_one = _very(app, definition)
    found = act.connection.scalar(known_one)
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
        found = act.connection.scalar(known_one)
    assert found is not None, "the definition has just been kept"
    return int(found)


def _of(run: Run) -> tuple[str, str, int]:
    return run.subject.app, run.subject.form, run.subject.record_id


def _about(subject: Subject) -> tuple[Any, ...]:
    return (
        instances.c.app == subject.app,
        instances.c.form == subject.form,
        instances.c.record_id == subject.record_id,
    )
