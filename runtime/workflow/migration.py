"""Running instances under a new definition: where they stand, what would become of them, undo."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, insert, select, update

from runtime.definitions import Label, WorkflowDef
from runtime.infra import audit
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, Forbidden, NotFound
from runtime.infra.upsert import insert_row
from runtime.kinds.node_events import Migrated
from runtime.workflow import engine, flow
from runtime.workflow.flow import Flow
from runtime.workflow.instances import (
    CHUNK,
    Run,
    append,
    definition_of,
    keep,
    kept,
    load_many,
    set_running,
)
from runtime.workflow.tables import definitions, instances, migrated, migrations, tasks

# A definition and a step of it at which somebody is asked; an empty step: nobody is, it waits.
Stop = tuple[int, str]
WAITING: Final = ""


@dataclass(frozen=True)
class Standing:
    """So many runs stand at a step of a definition; without a step they wait for no person."""

    definition_id: int
    step: str
    label: Label
    count: int
    # When the first run began under the definition.
    since: datetime | None = None


@dataclass(frozen=True)
class Move:
    """One run: where its open visits would stand, or why it cannot be moved."""

    instance_id: int
    steps: Mapping[int, str]
    problem: str = ""
    record_id: int = 0
    # Where they stand now.
    before: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Runs that were moved together: when, by whom, how many, and whether they were put back."""

    id: int
    at: datetime
    by_id: int | None
    count: int
    undone_at: datetime | None


@dataclass(frozen=True)
class Plan:
    """What would become of the running instances of a workflow."""

    app: str
    code: str
    workflow: WorkflowDef
    others: Mapping[str, WorkflowDef]
    moves: tuple[Move, ...]

    @property
    def movable(self) -> tuple[Move, ...]:
        """Those that go over."""
        return tuple(each for each in self.moves if not each.problem)


def standing(act: Act, app: str, code: str) -> tuple[Standing, ...]:
    """Where the running instances of a workflow stand, definition by definition.

    A run that asks people at two steps at once is counted at both.
    """
    query = (
        select(
            instances.c.definition_id,
            tasks.c.step,
            func.count(tasks.c.instance_id.distinct()).label("runs"),
        )
        .join(instances, instances.c.id == tasks.c.instance_id)
        .join(definitions, definitions.c.id == instances.c.definition_id)
        .where(*_under_way(app, code), tasks.c.state == "open")
        .group_by(instances.c.definition_id, tasks.c.step)
        .order_by(instances.c.definition_id, tasks.c.step)
    )
    found: dict[Stop, int] = {
        (row.definition_id, row.step): row.runs for row in act.connection.execute(query)
    }
    found |= {(key, WAITING): count for key, count in _waiting(act, app, code)}
    said = {key: _said(act, key) for key in {definition for definition, _step in found}}
    return tuple(
        Standing(key, step, said[key][0].get(step) or Label(step), count, said[key][1])
        for (key, step), count in sorted(found.items())
    )


def running_in(act: Act, app: str, code: str) -> int:
    """How many instances of a workflow are under way."""
    query = (
        select(func.count())
        .select_from(instances)
        .join(definitions, definitions.c.id == instances.c.definition_id)
        .where(*_under_way(app, code))
    )
    return int(act.connection.execute(query).scalar_one())


def plan(  # noqa: PLR0913 - what is moved where, and how much of it
    act: Act,
    app: str,
    workflow: WorkflowDef,
    step_map: Mapping[str, str],
    others: Mapping[str, WorkflowDef] | None = None,
    *,
    only: Collection[Stop] | None = None,
    most: int | None = None,
) -> Plan:
    """Say of running instances where each would stand; nothing is written.

    `step_map` names the new step of a step that has another id now, or is gone. Those that run
    under this very definition already are left out. `only` are the places runs are taken from: one
    that stands at several goes over when all of them are named. `most` of them at once.
    """
    pinned = flow.pin(workflow, others)
    wanted = flow.read(pinned)
    ids = _running(act, app, workflow.code, kept(act, app, pinned), only)[:most]
    found = ((run, *_stops(run)) for run in load_many(act, ids))
    heads = _definitions(act, ids)
    moves = tuple(
        _move(run, before, wanted, step_map)
        for run, before, stops in found
        if only is None or all((heads[run.id], stop) in only for stop in stops)
    )
    return Plan(app, workflow.code, workflow, others or {}, moves)


def migrate(act: Act, planned: Plan) -> int:
    """Move the runs that go over; the others finish under their own definition."""
    if not act.actor.is_admin:
        raise Forbidden("not_your_task")
    pinned = flow.pin(planned.workflow, planned.others)
    definition_id = keep(act, planned.app, pinned)
    row = {
        "app": planned.app,
        "code": planned.code,
        "definition_id": definition_id,
        "by_id": act.actor.user_id,
        "at": act.now,
        "undone_at": None,
    }
    batch = insert_row(act.connection, migrations, row)
    wanted, moves = flow.read(pinned), {each.instance_id: each for each in planned.movable}
    heads = _definitions(act, list(moves))
    for run in load_many(act, list(moves)):
        move = moves[run.id]
        event = Migrated(definition_id, wanted, move.steps, heads[run.id])
        if _happens(act, run, event, definition_id):
            before = {str(visit): step for visit, step in move.before.items()}
            told = {"migration_id": batch, "instance_id": run.id, "from_id": heads[run.id]}
            act.connection.execute(insert(migrated), {**told, "steps": before})
    audit.write(act, "migrate", "workflow", batch, {"code": planned.code})
    return batch


def undo(act: Act, batch: int) -> int:
    """Let the runs of a migration stand where they stood; those that have gone on since stay."""
    if not act.actor.is_admin:
        raise Forbidden("not_your_task")
    found = act.connection.execute(select(migrations).where(migrations.c.id == batch)).first()
    if found is None:
        raise NotFound
    if found.undone_at is not None:
        raise Conflict("already_undone")
    count = 0
    query = select(migrated).where(migrated.c.migration_id == batch)
    rows = {row.instance_id: row for row in act.connection.execute(query)}
    heads = _definitions(act, list(rows))
    # Who was moved once more since then stays where that put them.
    here = [key for key in rows if heads[key] == found.definition_id]
    flows = {key: flow.read(definition_of(act, key)) for key in {r.from_id for r in rows.values()}}
    for run in load_many(act, here):
        row = rows[run.id]
        back = {int(visit): step for visit, step in row.steps.items()}
        event = Migrated(row.from_id, flows[row.from_id], back, found.definition_id)
        if run.instance.state == "running" and _happens(act, run, event, row.from_id):
            count += 1
    act.connection.execute(
        update(migrations).where(migrations.c.id == batch).values(undone_at=act.now)
    )
    audit.write(act, "migrate", "workflow", batch, {"undone": count})
    return count


def batches(act: Act, app: str, code: str) -> tuple[Batch, ...]:
    """The migrations of a workflow, the latest first."""
    count = func.count(migrated.c.instance_id)
    query = (
        select(migrations.c.id, migrations.c.at, migrations.c.by_id, migrations.c.undone_at, count)
        .outerjoin(migrated, migrated.c.migration_id == migrations.c.id)
        .where(migrations.c.app == app, migrations.c.code == code)
        .group_by(migrations.c.id, migrations.c.at, migrations.c.by_id, migrations.c.undone_at)
        .order_by(migrations.c.id.desc())
    )
    return tuple(
        Batch(key, at, by_id, moved, undone_at)
        for key, at, by_id, undone_at, moved in act.connection.execute(query)
    )


def _under_way(app: str, code: str) -> Iterator[ColumnElement[bool]]:
    """Of rows of instances with their definitions, those of a workflow that are running."""
    yield instances.c.app == app
    yield definitions.c.code == code
    yield instances.c.state == "running"


def _waiting(act: Act, app: str, code: str) -> Iterator[tuple[int, int]]:
    """How many runs of each definition ask nobody now."""
    asked = select(tasks.c.id).where(tasks.c.instance_id == instances.c.id, tasks.c.state == "open")
    query = (
        select(instances.c.definition_id, func.count())
        .join(definitions, definitions.c.id == instances.c.definition_id)
        .where(*_under_way(app, code), ~asked.exists())
        .group_by(instances.c.definition_id)
    )
    yield from ((key, count) for key, count in act.connection.execute(query))


def _said(act: Act, definition_id: int) -> tuple[Mapping[str, Label], datetime]:
    """What the steps of a definition are called, and when it was first used."""
    query = select(definitions.c.definition, definitions.c.created_at)
    row = act.connection.execute(query.where(definitions.c.id == definition_id)).one()
    return flow.read(row.definition).labels, row.created_at


def _running(
    act: Act, app: str, code: str, target: int | None, only: Collection[Stop] | None
) -> Sequence[int]:
    """Running instances of a workflow, but for those under the target already."""
    query = (
        select(instances.c.id)
        .join(definitions, definitions.c.id == instances.c.definition_id)
        .where(*_under_way(app, code))
        .order_by(instances.c.id)
    )
    if target is not None:
        query = query.where(instances.c.definition_id != target)
    if only is not None:
        steps = sorted({step for _definition, step in only})
        query = query.where(
            instances.c.definition_id.in_(sorted({definition for definition, _step in only}))
        )
        if WAITING not in steps:
            asked = select(tasks.c.instance_id).where(
                tasks.c.step.in_(steps), tasks.c.state == "open"
            )
            query = query.where(instances.c.id.in_(asked))
    return act.connection.execute(query).scalars().all()


def _definitions(act: Act, ids: Sequence[int]) -> Mapping[int, int]:
    """The definition each run is under."""
    found: dict[int, int] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(instances.c.id, instances.c.definition_id)
        rows = act.connection.execute(query.where(instances.c.id.in_(ids[start : start + CHUNK])))
        found |= {row.id: row.definition_id for row in rows}
    return found


def _stops(run: Run) -> tuple[Mapping[int, str], frozenset[str]]:
    """The visits of a run that are open, and at which steps people are asked."""
    visits = [each for each in run.instance.visits if each.state in ("open", "away")]
    asked = {each.step_id for each in visits if any(task.state == "open" for task in each.tasks)}
    return {each.no: each.step_id for each in visits}, frozenset(asked or {WAITING})


def _move(run: Run, before: Mapping[int, str], wanted: Flow, step_map: Mapping[str, str]) -> Move:
    steps = {visit: step_map.get(step, step) for visit, step in before.items()}
    found = Move(run.id, steps, "", run.subject.record_id, before)
    try:
        engine.apply(run.instance, Migrated(0, wanted, steps))
    except engine.EventRefused as refusal:
        return replace(found, problem=refusal.code)
    return found


def _happens(act: Act, run: Run, event: Migrated, definition_id: int) -> bool:
    """Write it down, and let tasks say the step they are of now; False when it does not fit."""
    try:
        instance, _ = engine.apply(run.instance, event)
    except engine.EventRefused:
        return False
    append(act, run, event)
    set_running(act, run.id, definition_id)
    moved = replace(run, instance=instance)
    for visit, step in event.steps.items():
        of_visit = (tasks.c.instance_id == moved.id) & (tasks.c.visit == visit)
        act.connection.execute(update(tasks).where(of_visit).values(step=step))
    return True
