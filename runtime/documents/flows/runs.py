"""The log of automations: what ran when and why, what each step read and wrote, what failed.

Administrators alone read it: a run has the rights of the system. It is kept as long as notices are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, delete, func, select

from runtime.compile.model import App
from runtime.definitions import Label
from runtime.documents.flows import automations
from runtime.documents.flows.automations import KIND, Apps
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.columns import is_key
from runtime.infra.errors import Forbidden, NotFound
from runtime.workflow import flow
from runtime.workflow.flow import Flow
from runtime.workflow.instances import definition_of, load
from runtime.workflow.tables import copies, definitions, events, instances, timers

KEPT: Final = timedelta(days=90)
PAGE: Final = 50
WEEK: Final = timedelta(days=7)
_CHUNK: Final = 500
Json = Mapping[str, Any]


@dataclass(frozen=True)
class RunRow:
    """One run. `state` is running, approved (done), rejected, failed; `error` names a message."""

    id: int
    app: str
    code: str
    label: Label
    form: str
    record_id: int
    on: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    by: str
    depth: int
    error: str | None = None
    error_params: Json = field(default_factory=dict)


@dataclass(frozen=True)
class StepRun:
    """What one step did. `state` is done, waiting, failed or undone (done, and taken back again).

    `read` are form and record, `wrote` form, record and what became of it: the codes of its fields,
    or a word such as `deleted`.
    """

    step: str
    label: Label
    kind: str
    at: datetime
    state: str
    read: tuple[tuple[str, int], ...] = ()
    wrote: tuple[tuple[str, int, Any], ...] = ()
    said: Json = field(default_factory=dict)


@dataclass(frozen=True)
class RunDetail:
    """A run step by step, with the runs that led to it, the first one first."""

    row: RunRow
    steps: tuple[StepRun, ...]
    chain: tuple[RunRow, ...]
    problems: tuple[tuple[str, str, Json], ...]
    may_retry: bool


@dataclass(frozen=True)
class AutomationRow:
    """An automation of an app, and how its runs went this week."""

    code: str
    label: Label
    form: str
    on: str
    trigger: Json
    runs: int
    failed: int
    last_at: datetime | None


def listed(  # noqa: PLR0913 - an app, and what to leave out
    act: Act,
    app: str,
    *,
    code: str | None = None,
    state: str | None = None,
    record: tuple[str, int] | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> tuple[RunRow, ...]:
    """Runs of an app, the newest first; `before` is the last run id already seen."""
    _require(act)
    query = _rows().where(instances.c.app == app, instances.c.kind == KIND)
    if code is not None:
        query = query.where(definitions.c.code == code)
    if state is not None:
        query = query.where(instances.c.state == state)
    if record is not None:
        query = query.where(instances.c.form == record[0], instances.c.record_id == record[1])
    if is_key(before):
        query = query.where(instances.c.id < before)
    return _read(act, query.order_by(instances.c.id.desc()).limit(limit))


def detail(act: Act, run_id: int) -> RunDetail:
    """One run, step by step."""
    row = found(act, run_id)
    wanted = select(instances.c.definition_id, instances.c.parent_id)
    head = act.connection.execute(wanted.where(instances.c.id == run_id)).one()
    known = flow.read(definition_of(act, head.definition_id))
    chain = automations.chain_of(act, head.parent_id)
    led = {each.id: each for each in _read(act, _rows().where(instances.c.id.in_(chain)))}
    failed = _failure(act, run_id) if row.state == "failed" else {}
    problems = tuple((each[0], each[1], each[2]) for each in failed.get("problems", ()))
    return RunDetail(
        row,
        tuple(_steps(act, run_id, known, row.state)),
        tuple(led[each] for each in chain if each in led),
        problems,
        row.state == "failed",
    )


def found(act: Act, run_id: int) -> RunRow:
    """One run by its id. Raises NotFound."""
    _require(act)
    query = _rows().where(instances.c.id == run_id, instances.c.kind == KIND)
    rows = _read(act, query) if is_key(run_id) else ()
    if not rows:
        raise NotFound
    return rows[0]


def retry(act: Act, apps: Apps, run_id: int) -> str:
    """Try a failed run again from the first step that was undone; returns its state then."""
    found(act, run_id)
    return automations.retry(act, apps, run_id)


def every(act: Act, app: App) -> tuple[AutomationRow, ...]:
    """The automations of an app, and how their runs of the last seven days went."""
    _require(act)
    query = (
        select(
            definitions.c.code,
            instances.c.state,
            func.count().label("runs"),
            func.max(instances.c.started_at, type_=instances.c.started_at.type).label("last_at"),
        )
        .join(definitions, definitions.c.id == instances.c.definition_id)
        .where(instances.c.app == app.code, instances.c.kind == KIND)
        .where(instances.c.started_at > act.now - WEEK)
        .group_by(definitions.c.code, instances.c.state)
    )
    told = act.connection.execute(query).all()
    rules = (each for each in app.workflows.values() if each.is_automation)
    return tuple(
        AutomationRow(
            rule.code,
            rule.label,
            rule.form,
            rule.trigger["on"],
            rule.trigger,
            sum(each.runs for each in told if each.code == rule.code),
            sum(each.runs for each in told if (each.code, each.state) == (rule.code, "failed")),
            max((each.last_at for each in told if each.code == rule.code), default=None),
        )
        for rule in rules
    )


def forget(act: Act) -> int:
    """Let runs go that ended long ago, with everything that was kept of them; returns how many."""
    over = select(instances.c.id).where(
        instances.c.kind == KIND,
        instances.c.state != "running",
        instances.c.ended_at < act.now - KEPT,
    )
    ids = act.connection.execute(over.order_by(instances.c.id)).scalars().all()
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        for table in (events, copies, timers):
            act.connection.execute(delete(table).where(table.c.instance_id.in_(part)))
        act.connection.execute(delete(instances).where(instances.c.id.in_(part)))
    return len(ids)


def _require(act: Act) -> None:
    if not act.actor.is_admin:
        raise Forbidden


def _rows() -> Select[Any]:
    return select(instances, definitions.c.code, definitions.c.definition).join(
        definitions, definitions.c.id == instances.c.definition_id
    )


def _read(act: Act, query: Select[Any]) -> tuple[RunRow, ...]:
    rows = act.connection.execute(query).all()
    names = users.names(act.connection, {row.initiator_id for row in rows} - {None})
    return tuple(_row(act, row, names) for row in rows)


def _row(act: Act, row: Any, names: Mapping[int, str]) -> RunRow:
    failed = _failure(act, row.id) if row.state == "failed" else {}
    return RunRow(
        id=row.id,
        app=row.app,
        code=row.code,
        label=flow.label_of(row.definition),
        form=row.form,
        record_id=row.record_id,
        on=row.begun_on,
        state=row.state,
        started_at=row.started_at,
        ended_at=row.ended_at,
        by=names.get(row.initiator_id, ""),
        depth=row.depth,
        error=failed.get("code"),
        error_params=failed.get("about", {}),
    )


def _failure(act: Act, run_id: int) -> Json:
    """What the last failure of a run says."""
    query = (
        select(events.c.body)
        .where(events.c.instance_id == run_id, events.c.kind == "failed")
        .order_by(events.c.seq.desc())
        .limit(1)
    )
    body = act.connection.scalar(query)
    return {} if body is None else {"code": body["code"], **body["params"]}


def _steps(act: Act, run_id: int, known: Flow, state: str) -> Iterator[StepRun]:
    """What is in the log, in order; of a failure also what it undid."""
    visits = {visit.no: visit for visit in load(act, run_id).instance.visits}
    query = select(events.c.kind, events.c.body, events.c.at).where(events.c.instance_id == run_id)
    for row in act.connection.execute(query.order_by(events.c.seq)):
        if row.kind == "failed":
            yield from _undone(row, known)
        visit = visits.get(row.body.get("visit", 0))
        if row.kind == "answered" and visit is not None:
            answer = row.body["answer"]
            waits = answer.get("waits") and visit.state == "open" and state == "running"
            yield _step(row, known, visit.step_id, "waiting" if waits else "done", answer)


def _undone(row: Any, known: Flow) -> Iterator[StepRun]:
    params = row.body["params"]
    for each in params.get("undone", ()):
        yield _step(row, known, each["step"], "undone", each)
    if "step" in params:
        yield _step(row, known, params["step"], "failed", {"code": row.body["code"]})


def _step(row: Any, known: Flow, step_id: str, state: str, answer: Json) -> StepRun:
    said = {key: value for key, value in answer.items() if key not in ("read", "wrote", "step")}
    return StepRun(
        step_id,
        known.labels.get(step_id) or Label(step_id),
        known.step(step_id).kind if known.has(step_id) else "",
        row.at,
        state,
        tuple((each[0], each[1]) for each in _lists(answer, "read")),
        tuple((each[0], each[1], each[2]) for each in _lists(answer, "wrote")),
        said,
    )


def _lists(answer: Json, name: str) -> Sequence[Any]:
    found_one: Sequence[Any] = answer.get(name, ())
    return found_one
