"""A person's work: what they are asked, what they have answered, what they have started."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, select

from runtime.definitions import Label
from runtime.infra.act import Act
from runtime.infra.columns import is_key
from runtime.workflow import flow
from runtime.workflow.tables import definitions, instances, tasks

PAGE: Final = 50


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
    query = _items(
        tasks.c.user_id == act.actor.user_id, tasks.c.state.in_(("approved", "rejected"))
    )
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
    ).where(instances.c.initiator_id == act.actor.user_id)
    if is_key(before):
        query = query.where(instances.c.id < before)
    rows = act.connection.execute(query.order_by(instances.c.id.desc()).limit(limit))
    return tuple(StartedItem(**row._mapping) for row in rows)


def count_to_do(act: Act) -> int:
    """How many tasks wait for the actor: the figure beside the word inbox."""
    query = select(func.count()).where(
        tasks.c.user_id == act.actor.user_id, tasks.c.state == "open"
    )
    return int(act.connection.scalar(query) or 0)


def of_record(act: Act, app: str, form: str, record_id: int) -> tuple[InboxItem, ...]:
    """Every task there has been about a document, in the order they were asked."""
    query = _items(tasks.c.app == app, tasks.c.form == form, tasks.c.record_id == record_id)
    return _read(act, query.order_by(tasks.c.id))


def task_of(act: Act, task_id: int) -> InboxItem | None:
    """One task by its id, whoever's it is."""
    items = _read(act, _items(tasks.c.id == task_id)) if is_key(task_id) else ()
    return items[0] if items else None


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
            instances.c.initiator_id,
            instances.c.definition_id,
        )
        .join(instances, instances.c.id == tasks.c.instance_id)
        .where(*conditions)
    )


def _read(act: Act, query: Select[Any]) -> tuple[InboxItem, ...]:
    rows = act.connection.execute(query).all()
    labels = _step_labels(act, {row.definition_id for row in rows})
    return tuple(_item(row, labels[row.definition_id]) for row in rows)


def _item(row: Row[Any], labels: Any) -> InboxItem:
    values = dict(row._mapping)
    del values["definition_id"]
    return InboxItem(step_label=labels[row.step], **values)


def _step_labels(act: Act, ids: set[int]) -> dict[int, Any]:
    query = select(definitions.c.id, definitions.c.definition).where(definitions.c.id.in_(ids))
    rows = act.connection.execute(query).all() if ids else ()
    return {row.id: flow.read(row.definition).labels for row in rows}
