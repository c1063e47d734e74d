"""Runs that came to nothing: what is kept of them, who is told, when they are tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select

from runtime.documents.flows.world import Answer
from runtime.infra import notices, queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.errors import AppError
from runtime.kinds.node_events import Event, Failed
from runtime.kinds.node_type import Step, Visit
from runtime.workflow import directory
from runtime.workflow.instances import Run, definition_of, fail, happen
from runtime.workflow.tables import definitions, events, instances

RETRY: Final = "flows.retry"
# Minutes until a run is tried again by itself: what was in the way may be gone soon, or tomorrow.
PAUSES: Final = (1, 10, 60, 60, 60)
TIMES: Final = 2
# What would only fail again.
FINAL: Final = frozenset({"flow_loop", "flow_broke"})
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
# Administrators hear of one failure of an automation within so long, not of each.
QUIET: Final = timedelta(hours=1)
LONGEST: Final = 300
# The page of a run.
RUN: Final = "/flows/runs/{}"
Trail = Sequence[tuple[Step, Visit, Answer | None]]


def keep(act: Act, run: Run, event: Event, error: AppError, trail: Trail) -> None:
    """Write down an attempt that was undone: the step that failed, and what had been done."""
    at = trail[-1][1].no if trail and trail[-1][2] is None else 0
    failed = fail(act, run, event, Failed(at, error.code, _params(error, trail)))
    if failed.instance.state == "failed":
        _see_to(act, failed, error.code)


def stop(act: Act, run: Run, failed: Failed) -> None:
    """Let a run stand still at a step that another system has let down."""
    stopped, _ = happen(act, run, failed)
    _see_to(act, stopped, failed.code)


def _see_to(act: Act, run: Run, code: str) -> None:
    """Try it again by itself as often as its trigger says, then tell administrators."""
    times, trigger = _times(act, run.id), _trigger(act, run)
    most = int(trigger.get("retry", TIMES)) if trigger.get("on", "submit") != "submit" else 0
    system = replace(act, actor=SYSTEM, chain=())
    if code not in FINAL and times <= most:
        delay = PAUSES[min(times, len(PAUSES)) - 1] * 60
        queue.enqueue(system, RETRY, {"run": run.id}, delay=delay)
    else:
        _trouble(system, run)


def told(act: Act, chain: Sequence[int]) -> str:
    """Runs that led to each other, in words: each by its automation and its record."""
    query = (
        select(instances.c.id, instances.c.record_id, definitions.c.definition)
        .join(definitions, definitions.c.id == instances.c.definition_id)
        .where(instances.c.id.in_(list(chain)))
    )
    rows = {row.id: row for row in act.connection.execute(query)}
    names = (_name(rows[each]) for each in chain if each in rows)
    return " → ".join(names)


def _name(row: Any) -> str:
    label = row.definition.get("label") or row.definition["code"]
    name = label if isinstance(label, str) else label.get("zh", row.definition["code"])
    return f"{name} #{row.record_id}" if row.record_id else str(name)


def _params(error: AppError, trail: Trail) -> dict[str, Any]:
    """Why, in the words of the refusal, and what of the attempt is undone."""
    found: dict[str, Any] = {"about": _plain(error.params)}
    if trail and trail[-1][2] is None:
        found["step"] = trail[-1][0].id
    if error.problems:
        found["problems"] = [
            [each.pointer, each.code, _plain(each.params)] for each in error.problems[:20]
        ]
    undone = [
        {"step": step.id, "wrote": answer.get("wrote", []), "read": answer.get("read", [])}
        for step, _, answer in trail
        if answer is not None
    ]
    return found | ({"undone": undone} if undone else {})


def _plain(params: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value)[:LONGEST] for name, value in params.items()}


def _times(act: Act, run_id: int) -> int:
    query = select(func.count()).where(events.c.instance_id == run_id, events.c.kind == "failed")
    return int(act.connection.scalar(query) or 0)


def _trigger(act: Act, run: Run) -> Mapping[str, Any]:
    query = select(instances.c.definition_id).where(instances.c.id == run.id)
    definition = definition_of(act, act.connection.execute(query).scalar_one())
    found: Mapping[str, Any] = definition.get("trigger", {})
    return found


def _trouble(act: Act, run: Run) -> None:
    """Tell administrators, unless they have heard of this automation a moment ago."""
    query = (
        select(func.count())
        .select_from(instances)
        .join(definitions, definitions.c.id == instances.c.definition_id)
        .where(
            instances.c.app == run.subject.app,
            definitions.c.code == run.code,
            instances.c.kind == run.kind,
            instances.c.state == "failed",
            instances.c.ended_at > act.now - QUIET,
            instances.c.id != run.id,
        )
    )
    if act.connection.scalar(query):
        return
    people = directory.administrators(act.connection)
    notices.tell(act, people, "trouble", {"what": told(act, [run.id])}, RUN.format(run.id))
