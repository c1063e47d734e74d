"""Automations: the engine without people. A run is one transaction, or one between two waits.

What runs after a write has a transaction of its own: what is refused there is undone, kept in the
log as failed, and tried again. What runs with a write, or at a button, is refused together with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from sqlalchemy import Connection, func, or_, select

from runtime.compile.model import Form
from runtime.definitions import WorkflowDef
from runtime.documents import recycle, stored
from runtime.documents.flows import failures
from runtime.documents.flows.world import DocumentWorld
from runtime.infra import users
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.errors import AppError, Conflict, NotFound, Problem
from runtime.kinds.node_events import Event, Reactivated, Started
from runtime.query import Record
from runtime.workflow.instances import (
    Origin,
    Run,
    Subject,
    begin,
    happen,
    load,
    set_running,
)
from runtime.workflow.tables import instances

KIND: Final = "automation"
# So many runs may set each other off one after the other, and so many may follow from one.
DEEPEST: Final = 10
MOST_RUNS: Final = 500
NO_RECORD: Final = 0
# Any number will do, as long as every process of ours takes the same.
_LOCK: Final = 7_204_534


class Apps(Protocol):
    """Where the published forms are."""

    def form(self, connection: Connection, app: str, form: str, /) -> Form:
        """A form of a running app. Raises NotFound."""
        ...


@dataclass(frozen=True)
class Cause:
    """What sets a run off: its trigger, about which record (0: none), by whom."""

    on: str
    record_id: int
    by_id: int | None


def run_with(act: Act, form: Form, rule: WorkflowDef, on: str, record_id: int) -> None:
    """Run what a write sets off in its own transaction; what refuses the one refuses the other."""
    try:
        start(act, form, rule, Cause(on, record_id, act.actor.user_id), keeps_failure=False)
    except AppError as error:
        problems = error.problems or [Problem("", error.code, error.params)]
        named = {"flow": rule.label.zh}
        raise Conflict("flow_refused_write", named, problems=problems) from error


def start(
    act: Act, form: Form, rule: WorkflowDef, cause: Cause, *, keeps_failure: bool
) -> int | None:
    """Begin a run; returns its id, or None where its condition does not hold.

    A run that is refused is kept as failed (`keeps_failure`), or the refusal is the caller's.
    """
    document = document_of(act, form, cause.on, cause.record_id)
    if document is None:
        return None
    acting = replace(act, actor=_actor(act, cause.by_id, rule))
    wrong: AppError | None = None
    try:
        if not _wanted(acting, rule, document):
            return None
    except AppError as error:
        if not keeps_failure:
            raise
        wrong = error
    subject = Subject(form.app_code, form.code, cause.record_id)
    origin = Origin(KIND, cause.on, act.chain)
    run = begin(acting, subject, rule, form.workflows, origin)
    acting = replace(acting, chain=(*act.chain, run.id))
    event = Started(cause.by_id, document.created_by)
    if wrong is not None:
        failures.keep(acting, run, event, wrong, ())
    else:
        _attempt(acting, run, event, document, keeps_failure)
    return run.id


def _wanted(act: Act, rule: WorkflowDef, document: Record) -> bool:
    """Whether the condition of a trigger holds for what it is about, as it is now."""
    condition = rule.trigger.get("when")
    return condition is None or DocumentWorld(act, document).holds(condition, ())


def go_on(act: Act, apps: Apps, run: Run, event: Event) -> None:
    """Let something happen to a run under way: a wait is over, an answer came back."""
    world = world_of(act, apps, run)
    acting = acting_for(act, world.form, run)
    _attempt(acting, run, event, world.document, keeps_failure=True)


def world_of(act: Act, apps: Apps, run: Run) -> DocumentWorld:
    """What a run under way is about; where the record is gone, nothing is left of it."""
    form = apps.form(act.connection, run.subject.app, run.subject.form)
    begun_on = _head(act, run.id).begun_on
    found = document_of(act, form, begun_on, run.subject.record_id)
    document = _nothing(form) if found is None else found
    return DocumentWorld(act, document, is_there=_is_there(document, begun_on))


def retry(act: Act, apps: Apps, run_id: int) -> str:
    """Try a failed run again from the first step that was undone; returns its state then."""
    head = _head(act, run_id, lock=True)
    if head.kind != KIND or head.state != "failed":
        raise Conflict("flow_not_failed")
    run = load(act, run_id)
    form = apps.form(act.connection, run.subject.app, run.subject.form)
    document = document_of(act, form, head.begun_on, run.subject.record_id)
    if document is None:
        raise NotFound
    again = Reactivated(act.actor.user_id)
    _attempt(acting_for(act, form, run), run, again, document, keeps_failure=True)
    return str(_head(act, run_id).state)


def acting_for(act: Act, form: Form, run: Run) -> Act:
    """The act of a run that is under way: in whose name it began, and the runs that led to it."""
    head = _head(act, run.id)
    rule = form.workflows.get(run.code)
    chain = (*chain_of(act, head.parent_id), run.id)
    return replace(act, actor=_actor(act, head.initiator_id, rule), chain=chain)


def chain_of(act: Act, run_id: int | None) -> tuple[int, ...]:
    """A run and the runs that set it off, the first one first."""
    found: list[int] = []
    while run_id is not None and len(found) <= DEEPEST:
        found.append(run_id)
        run_id = act.connection.scalar(
            select(instances.c.parent_id).where(instances.c.id == run_id)
        )
    return tuple(reversed(found))


def document_of(act: Act, form: Form, on: str, record_id: int) -> Record | None:
    """What a run is about, locked: a record, what was deleted, or nothing; None when it is gone."""
    if record_id == NO_RECORD:
        _take_turn(act, form)
        return _nothing(form)
    if on == "delete":
        return recycle.kept(act, form, record_id)
    try:
        return stored.lock_for_flow(act, form, record_id)
    except NotFound:
        return None


def _attempt(
    act: Act,
    run: Run,
    event: Event,
    document: Record,
    keeps_failure: bool,  # noqa: FBT001
) -> None:
    """Let an event happen with all that follows from it, or nothing of it."""
    is_there = _is_there(document, _head(act, run.id).begun_on)
    world = DocumentWorld(act, document, is_there=is_there)
    try:
        with act.connection.begin_nested():
            _require_bounded(act)
            if isinstance(event, Reactivated):
                set_running(act, run.id)
            happen(act, run, event, world)
    except AppError as error:
        if not keeps_failure:
            raise
        failures.keep(act, run, event, error, world.trail)


def _is_there(document: Record, begun_on: str) -> bool:
    return document.id != NO_RECORD and begun_on != "delete"


def _require_bounded(act: Act) -> None:
    """Runs that set each other off come to an end, and say how they hang together."""
    chain = act.chain
    if len(chain) > DEEPEST:
        raise Conflict("flow_loop", {"chain": failures.told(act, chain), "most": DEEPEST})
    root = or_(instances.c.root_id == chain[0], instances.c.id == chain[0])
    count = act.connection.scalar(select(func.count()).select_from(instances).where(root)) or 0
    if count > MOST_RUNS:
        raise Conflict("flow_loop", {"chain": failures.told(act, chain), "most": MOST_RUNS})


def _actor(act: Act, by_id: int | None, rule: WorkflowDef | None) -> Actor:
    """An automation has the rights of the system, in the name of whoever set it off."""
    name = SYSTEM.name if rule is None else rule.label.zh
    if by_id is not None:
        name = users.names(act.connection, [by_id]).get(by_id, name)
    return Actor(by_id, name, frozenset(), "flow", is_admin=True)


def _take_turn(act: Act, form: Form) -> None:
    """There is no record to be locked: runs without one are counted one after the other."""
    if act.connection.dialect.name == "postgresql":
        name = f"{form.app_code}.{form.code}"
        act.connection.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(name))))


def _nothing(form: Form) -> Record:
    """A document where there is none: every field of it is empty."""
    values: Mapping[str, Any] = dict(_empty(form))
    moment = failures.LONG_AGO
    lines = {table.code: () for table in form.lines}
    return Record(form, NO_RECORD, 0, "", values, lines, None, moment, None, moment)


def _empty(form: Form) -> Iterator[tuple[str, Any]]:
    for field in form.fields:
        if field.column is not None:
            yield field.code, None


def _head(act: Act, run_id: int, *, lock: bool = False) -> Any:
    query = select(instances).where(instances.c.id == run_id)
    row = act.connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound
    return row
