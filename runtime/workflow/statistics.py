"""How long flows take: by step, by person, what is overdue, where documents wait the longest.

Who may see it is the caller's to ask. What people answered since a moment is read, up to a bound:
the latest of it, where there is more.
"""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select

from runtime.definitions import Label
from runtime.infra.act import Act
from runtime.workflow import flow
from runtime.workflow.tables import definitions, events, instances, tasks, timers

MOST: Final = 50_000
# Of so many runs the log is asked in one query; of many more PostgreSQL would read all of it.
CHUNK: Final = 500
ANSWERS: Final = frozenset({"approved", "rejected", "filled", "sent_back"})
_LATE: Final = ("remind", "limit")
# What is read of each task.
_READ: Final = tuple(
    tasks.c[name]
    for name in ("instance_id", "visit", "step", "user_id", "state", "opened_at", "closed_at")
)
Rows = Sequence[Any]
Visits = set[tuple[int, int]]


@dataclass(frozen=True)
class StepFigures:
    """A step: how often it was answered, how long that took in seconds, what waits there now."""

    step: str
    label: Label
    answered: int
    open: int
    seconds_median: int | None
    seconds_mean: int | None
    seconds_longest: int | None
    overdue: int
    open_seconds_longest: int | None
    sent_back: int


@dataclass(frozen=True)
class PersonFigures:
    """A person: how many tasks they answered and how fast, how many wait for them."""

    user_id: int
    answered: int
    open: int
    seconds_median: int | None
    overdue: int


@dataclass(frozen=True)
class Overdue:
    """An open task whose time is over."""

    task_id: int
    app: str
    form: str
    record_id: int
    step: str
    user_id: int
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class Figures:
    """A flow: its runs since a moment, how they ended, and the step that takes most of the time."""

    started: int
    running: int
    approved: int
    rejected: int
    withdrawn: int
    failed: int
    seconds_median: int | None
    bottleneck: str | None


@dataclass(frozen=True)
class Times:
    """How long a flow takes: its runs, its steps in their order, its people, the slowest first."""

    whole: Figures
    steps: tuple[StepFigures, ...]
    people: tuple[PersonFigures, ...]


def times(act: Act, app: str, code: str, *, since: datetime) -> Times:
    """Everything there is to say about a flow since a moment."""
    rows = _tasks(act, app, code, since)
    late = _late_visits(act, rows)
    return Times(
        _summary(act, app, code, since, rows),
        tuple(_steps(act, _labels(act, app, code), rows, late)),
        tuple(sorted(_people(rows, late), key=lambda each: -(each.seconds_median or 0))),
    )


def _steps(
    act: Act, labels: Mapping[str, Label], rows: Rows, late: Visits
) -> Iterator[StepFigures]:
    by_step = _grouped(rows, "step")
    order = [step for step in labels if step in by_step]
    for step in (*order, *sorted(by_step.keys() - set(order))):
        yield _step(act, step, labels.get(step) or Label(step), by_step[step], late)


def _people(rows: Rows, late: Visits) -> Iterator[PersonFigures]:
    for user_id, own in sorted(_grouped(rows, "user_id").items()):
        spans = _seconds(_answered(own))
        waiting = sum(_is_open(row) for row in own)
        yield PersonFigures(user_id, len(spans), waiting, _median(spans), _count_late(own, late))


def overdue(act: Act, app: str, code: str | None = None) -> tuple[Overdue, ...]:
    """Open tasks whose time is over, the one that is late the longest first."""
    query = (
        select(tasks, timers.c.due_at)
        .join(
            timers,
            (timers.c.instance_id == tasks.c.instance_id) & (timers.c.visit == tasks.c.visit),
        )
        .where(tasks.c.app == app, tasks.c.state == "open", timers.c.kind.in_(_LATE))
        .where(timers.c.due_at <= act.now)
    )
    if code is not None:
        query = _with_code(query.join(instances, instances.c.id == tasks.c.instance_id), code)
    rows = act.connection.execute(query.order_by(timers.c.due_at, tasks.c.id).limit(MOST))
    return tuple(
        Overdue(
            row.id, row.app, row.form, row.record_id, row.step, row.user_id, row.opened_at,
            row.due_at,
        )
        for row in rows
    )  # fmt: skip


def _summary(act: Act, app: str, code: str, since: datetime, rows: Rows) -> Figures:
    """The runs of a flow since a moment, and where its tasks took the longest."""
    query = select(instances.c.state, func.count().label("runs"))
    query = _with_code(query.select_from(instances), code)
    query = query.where(instances.c.app == app, instances.c.started_at >= since)
    counted = {row.state: row.runs for row in act.connection.execute(query.group_by("state"))}
    ended = select(instances.c.started_at, instances.c.ended_at).where(
        _of_flow(act, app, code), instances.c.started_at >= since, instances.c.ended_at.is_not(None)
    )
    spans = [
        int((row.ended_at - row.started_at).total_seconds())
        for row in act.connection.execute(ended.order_by(instances.c.id.desc()).limit(MOST))
    ]
    return Figures(
        sum(counted.values()),
        counted.get("running", 0),
        counted.get("approved", 0),
        counted.get("rejected", 0),
        counted.get("withdrawn", 0) + counted.get("terminated", 0),
        counted.get("failed", 0),
        _median(spans),
        _bottleneck(rows),
    )


def _bottleneck(rows: Rows) -> str | None:
    """The step where finished answers took the most time in all."""
    total: dict[str, int] = {}
    for row in _answered(rows):
        total[row.step] = total.get(row.step, 0) + sum(_seconds([row]))
    longest = max(total, key=lambda step: total[step], default=None)
    return longest if longest is not None and total[longest] > 0 else None


def _step(act: Act, step: str, label: Label, rows: Rows, late: Visits) -> StepFigures:
    spans = _seconds(_answered(rows))
    waiting = [int((act.now - row.opened_at).total_seconds()) for row in rows if _is_open(row)]
    return StepFigures(
        step=step,
        label=label,
        answered=len(spans),
        open=len(waiting),
        seconds_median=_median(spans),
        seconds_mean=sum(spans) // len(spans) if spans else None,
        seconds_longest=max(spans, default=None),
        overdue=_count_late(rows, late),
        open_seconds_longest=max(waiting, default=None),
        sent_back=sum(row.state == "sent_back" for row in rows),
    )


def _tasks(act: Act, app: str, code: str, since: datetime) -> Rows:
    """The latest tasks of a flow, walked from the end: what is older than them is not looked at."""
    query = select(*_READ).join(instances, instances.c.id == tasks.c.instance_id)
    query = query.where(_of_flow(act, app, code), tasks.c.opened_at >= since)
    return act.connection.execute(query.order_by(tasks.c.id.desc()).limit(MOST)).all()


def _late_visits(act: Act, rows: Rows) -> Visits:
    """Visits somebody was reminded at, or that ended because their time was over."""
    ids = sorted({row.instance_id for row in rows})
    query = select(events.c.instance_id, events.c.kind, events.c.body)
    query = query.where(events.c.kind.in_(("noted", "expired", "sent_back")))
    found: Visits = set()
    for start in range(0, len(ids), CHUNK):
        told = query.where(events.c.instance_id.in_(ids[start : start + CHUNK]))
        for row in act.connection.execute(told):
            by_clock = row.body.get("user_id") is None
            is_told = row.kind == "expired" or row.body.get("kind") == "reminded"
            if is_told or (row.kind == "sent_back" and by_clock):
                found.add((row.instance_id, int(row.body.get("visit", 0))))
    return found


def _labels(act: Act, app: str, code: str) -> dict[str, Label]:
    """What the steps are called in the definition that was kept last, in their order."""
    here = (definitions.c.app == app, definitions.c.code == code)
    query = select(definitions.c.definition).where(*here).order_by(definitions.c.id.desc())
    found = act.connection.scalar(query.limit(1))
    return {} if found is None else dict(flow.read(found).labels)


def _of_flow(act: Act, app: str, code: str) -> ColumnElement[bool]:
    """Of a flow, whichever of its definitions."""
    query = select(definitions.c.id).where(definitions.c.app == app, definitions.c.code == code)
    ids = act.connection.scalars(query).all()
    if act.connection.dialect.name == "postgresql":
        return instances.c.definition_id.in_(ids)
    # SQLite knows no better than to take the index, fetch every run there ever was and sort them.
    return (instances.c.definition_id + 0).in_(ids)


def _with_code(query: Select[Any], code: str) -> Select[Any]:
    joined = query.join(definitions, definitions.c.id == instances.c.definition_id)
    return joined.where(definitions.c.code == code)


def _grouped(rows: Rows, name: str) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return found


def _answered(rows: Iterable[Any]) -> list[Any]:
    return [row for row in rows if row.state in ANSWERS and row.closed_at is not None]


def _is_open(row: Any) -> bool:
    return bool(row.state == "open")


def _seconds(rows: Iterable[Any]) -> list[int]:
    return [int((row.closed_at - row.opened_at).total_seconds()) for row in rows]


def _median(spans: Sequence[int]) -> int | None:
    return statistics.median_low(spans) if spans else None


def _count_late(rows: Iterable[Any], late: Visits) -> int:
    return len({(row.instance_id, row.visit) for row in rows} & late)
