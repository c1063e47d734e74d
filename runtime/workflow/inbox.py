"""A person's work: what they are asked, what they have answered, what they have started."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, select, update

from runtime.definitions import Label
from runtime.infra.act import Act
from runtime.infra.columns import is_key
from runtime.infra.statements import at_most
from runtime.workflow.instances import read_kept
from runtime.workflow.tables import copies, definitions, instances, tasks

PAGE: Final = 50
# One more than is ever said: of more tasks a page says that there are more.
MOST_COUNTED: Final = 1000
# What somebody has done with a task; what was not needed was not done.
ANSWERED: Final = ("approved", "rejected", "filled", "sent_back", "reassigned", "delegated")
_COPIED: Final = ("instance_id", "app", "form", "record_id", "step", "by_id", "at", "read_at")


@dataclass(frozen=True)
class InboxItem:
    """One line of an inbox. The document's own words are the reader's to look up."""

    task_id: int
    instance_id: int
    visit: int
    app: str
    form: str
    record_id: int
    step: str
    step_label: Label
    user_id: int
    reason: str
    state: str
    comment: str
    initiator_id: int | None
    opened_at: datetime
    closed_at: datetime | None
    # In whose place they were asked.
    for_id: int | None = None


@dataclass(frozen=True)
class CopiedItem:
    """One document a person was let know of."""

    copy_id: int
    instance_id: int
    app: str
    form: str
    record_id: int
    step: str
    by_id: int | None
    at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class StartedItem:
    """One document a person has put into a flow."""

    instance_id: int
    app: str
    form: str
    record_id: int
    state: str
    started_at: datetime
    ended_at: datetime | None


def to_do(act: Act, *, after: int | None = None, limit: int = PAGE) -> tuple[InboxItem, ...]:
    """Open tasks of the actor, the oldest first; `after` is the last task id already seen."""
    query = _items(tasks.c.user_id == act.actor.user_id, tasks.c.state == "open")
    if is_key(after):
        query = query.where(tasks.c.id > after)
    return _read(act, query.order_by(tasks.c.id).limit(limit))


def done(act: Act, *, before: int | None = None, limit: int = PAGE) -> tuple[InboxItem, ...]:
    """Tasks the actor has answered, the newest first."""
    query = _items(tasks.c.user_id == act.actor.user_id, tasks.c.state.in_(ANSWERED))
    if is_key(before):
        query = query.where(tasks.c.id < before)
    return _read(act, query.order_by(tasks.c.id.desc()).limit(limit))


def started(act: Act, *, before: int | None = None, limit: int = PAGE) -> tuple[StartedItem, ...]:
    """Runs the actor has started, the newest first."""
    query = select(
        instances.c.id.label("instance_id"),
        instances.c.app,
        instances.c.form,
        instances.c.record_id,
        instances.c.state,
        instances.c.started_at,
        instances.c.ended_at,
    ).where(instances.c.initiator_id == act.actor.user_id, instances.c.kind == "approval")
    if is_key(before):
        query = query.where(instances.c.id < before)
    rows = act.connection.execute(query.order_by(instances.c.id.desc()).limit(limit))
    return tuple(StartedItem(**row._mapping) for row in rows)


def copied(act: Act, *, before: int | None = None, limit: int = PAGE) -> tuple[CopiedItem, ...]:
    """Documents the actor was let know of, the newest first."""
    query = select(
        copies.c.id.label("copy_id"),
        *(copies.c[name] for name in _COPIED),
    ).where(copies.c.user_id == act.actor.user_id)
    if is_key(before):
        query = query.where(copies.c.id < before)
    rows = act.connection.execute(query.order_by(copies.c.id.desc()).limit(limit))
    return tuple(CopiedItem(**row._mapping) for row in rows)


def mark_read(act: Act, copy_ids: Collection[int]) -> None:
    """Note that the actor has seen these copies; somebody else's stay as they are."""
    wanted = sorted(filter(is_key, copy_ids))
    reading = update(copies).where(
        copies.c.id.in_(wanted), copies.c.user_id == act.actor.user_id, copies.c.read_at.is_(None)
    )
    act.connection.execute(reading.values(read_at=act.now))


def waiting(user_id: Any) -> Select[Any]:
    """How many tasks wait for somebody, up to MOST_COUNTED, as a query.

    Every page asks for it, beside the word inbox: it must not take longer the more there is to do.
    """
    theirs = select(tasks.c.id).where(tasks.c.user_id == user_id, tasks.c.state == "open")
    return select(func.count()).select_from(theirs.limit(at_most(MOST_COUNTED)).subquery())


def count_to_do(act: Act) -> int:
    """How many tasks wait for the actor, up to MOST_COUNTED."""
    return int(act.connection.scalar(waiting(act.actor.user_id)) or 0)


def of_record(act: Act, app: str, form: str, record_id: int) -> tuple[InboxItem, ...]:
    """Every task there has been about a document, in the order they were asked."""
    query = _items(tasks.c.app == app, tasks.c.form == form, tasks.c.record_id == record_id)
    return _read(act, query.order_by(tasks.c.id))


def open_of(act: Act, user_id: int) -> tuple[InboxItem, ...]:
    """Every open task of somebody: for whoever hands over what a leaver leaves behind."""
    query = _items(tasks.c.user_id == user_id, tasks.c.state == "open")
    return _read(act, query.order_by(tasks.c.id))


def task_of(act: Act, task_id: int) -> InboxItem | None:
    """One task by its id, whoever's it is."""
    items = _read(act, _items(tasks.c.id == task_id)) if is_key(task_id) else ()
    return items[0] if items else None


def tasks_of(act: Act, task_ids: Collection[int]) -> tuple[InboxItem, ...]:
    """These tasks, whoever's they are, in one query; what is none is left out."""
    wanted = sorted(filter(is_key, task_ids))
    return _read(act, _items(tasks.c.id.in_(wanted)).order_by(tasks.c.id)) if wanted else ()


def _items(*conditions: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            tasks.c.id.label("task_id"),
            tasks.c.instance_id,
            tasks.c.visit,
            tasks.c.app,
            tasks.c.form,
            tasks.c.record_id,
            tasks.c.step,
            tasks.c.user_id,
            tasks.c.reason,
            tasks.c.state,
            tasks.c.comment,
            tasks.c.opened_at,
            tasks.c.closed_at,
            tasks.c.for_id,
            instances.c.initiator_id,
            instances.c.definition_id,
            definitions.c.digest,
        )
        .join(instances, instances.c.id == tasks.c.instance_id)
        .join(definitions, definitions.c.id == instances.c.definition_id)
        .where(*conditions)
    )


def _read(act: Act, query: Select[Any]) -> tuple[InboxItem, ...]:
    return tuple(_item(act, row) for row in act.connection.execute(query).all())


def _item(act: Act, row: Row[Any]) -> InboxItem:
    values = dict(row._mapping)
    known = read_kept(act, values.pop("definition_id"), values.pop("digest"))
    label = known.labels.get(row.step) or Label(row.step)
    return InboxItem(step_label=label, **values)
