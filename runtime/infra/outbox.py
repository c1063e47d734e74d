"""What others are to be told: rows written with the change itself, and sent after it.

A row is claimed with a lease, like a job: whoever holds it may die, then the next one sends it
again under the same delivery id. `due` is in seconds since 1970 by the database's own clock.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from runtime.infra import queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.columns import Flag, Instant, JsonText, Key
from runtime.infra.db import system_table

TASK: Final = "webhooks.deliver"
EVENTS: Final = (
    "create", "update", "submit", "approve", "reject", "post", "cancel", "delete", "undelete",
    "purge",
)  # fmt: skip
# A test of a webhook is no event of a record, and nobody can subscribe to it.
PING: Final = "ping"
LEASE_SECONDS: Final = 60
KEPT: Final = timedelta(days=30)

webhook_table: Final = system_table(
    "s_webhook",
    Column("id", Key(), primary_key=True),
    Column("label", Text, nullable=False),
    Column("app", Text, nullable=False),
    # Empty: every form of the app.
    Column("form", Text, nullable=False),
    Column("events", JsonText(), nullable=False),
    Column("url", Text, nullable=False),
    # What is told is what this person may see.
    Column("owner_id", Key(), ForeignKey("s_user.id"), nullable=False),
    # The signing secret follows from the server's own key and this; it is kept nowhere.
    Column("salt", Text, nullable=False),
    Column("key_print", Text, nullable=False),
    Column("is_active", Flag(), nullable=False),
    Column("created_at", Instant(), nullable=False),
    Index("ix_s_webhook_app", "app", "form"),
)
outbox_table: Final = system_table(
    "s_outbox",
    Column("id", Key(), primary_key=True),
    Column("delivery", Text, nullable=False),
    Column("webhook_id", Key(), ForeignKey("s_webhook.id", ondelete="CASCADE"), nullable=False),
    Column("event", Text, nullable=False),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("record_id", Key()),
    # Codes of fields that changed; values are read when it is sent.
    Column("changed", JsonText(), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant(), nullable=False),
    Column("request_id", Text, nullable=False),
    # waiting, sending, delivered, withheld (not theirs to see), dead
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("due", Key(), nullable=False),
    UniqueConstraint("delivery"),
    Index("ix_s_outbox_webhook_id", "webhook_id", "id"),
    Index("ix_s_outbox_due", "webhook_id", "state", "due"),
)
attempt_table: Final = system_table(
    "s_outbox_attempt",
    Column("id", Key(), primary_key=True),
    Column("outbox_id", Key(), ForeignKey("s_outbox.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Instant(), nullable=False),
    Column("status", Integer),
    Column("error", Text, nullable=False),
    Column("ms", Integer, nullable=False),
    Index("ix_s_outbox_attempt_outbox_id", "outbox_id", "id"),
)


# Asked at every write, so it is put together once.
_ASKED: Final = select(webhook_table.c.id, webhook_table.c.events).where(
    webhook_table.c.app == bindparam("in_app"),
    webhook_table.c.form.in_((bindparam("of_form"), "")),
    webhook_table.c.is_active,
)


@dataclass(frozen=True)
class Parcel:
    """One thing one webhook is told."""

    id: int
    delivery: str
    webhook_id: int
    event: str
    app: str
    form: str
    record_id: int | None
    changed: Sequence[str]
    by: str
    at: datetime
    request_id: str
    state: str
    attempt: int
    due: int


@dataclass(frozen=True)
class Attempt:
    """How it went to tell it once: the status that was answered, or what came between."""

    number: int
    at: datetime
    status: int | None
    error: str
    ms: int


def note(act: Act, about: tuple[str, str, int], event: str, changed: Sequence[str] = ()) -> None:
    """Put an event into the outbox of every webhook that asked for it, in the same transaction.

    It is about the record of a form of an app; `changed` are codes of its fields.
    """
    app, form, _record_id = about
    for webhook_id in _who_asked(act, app, form, event):
        put(act, webhook_id, event, about, changed)


def note_many(act: Act, app: str, form: str, event: str, record_ids: Sequence[int]) -> None:
    """Put one event of many records of a form into the outboxes; who asked is looked up once."""
    for webhook_id in _who_asked(act, app, form, event):
        for record_id in record_ids:
            put(act, webhook_id, event, (app, form, record_id))


def _who_asked(act: Act, app: str, form: str, event: str) -> list[int]:
    rows = act.connection.execute(_ASKED, {"in_app": app, "of_form": form}).all()
    return [row.id for row in rows if event in row.events]


def put(
    act: Act,
    webhook_id: int,
    event: str,
    about: tuple[str, str, int | None],
    changed: Sequence[str] = (),
) -> int:
    """Put one parcel for one webhook into the outbox, and see to it that it is sent."""
    app, form, record_id = about
    values = {
        "delivery": f"msg_{uuid.uuid4().hex}",
        "webhook_id": webhook_id,
        "event": event,
        "app": app,
        "form": form,
        "record_id": record_id,
        "changed": sorted(changed),
        "by": act.actor.name,
        "at": act.now,
        "request_id": act.request_id,
        "state": "waiting",
        "attempt": 0,
        "due": queue.clock_of(act.connection),
    }
    adding = insert(outbox_table).values(values).returning(outbox_table.c.id)
    parcel_id = int(act.connection.execute(adding).scalar_one())
    wake(act, webhook_id)
    return parcel_id


def wake(act: Act, webhook_id: int, *, delay: int = 0) -> None:
    """Ask for the delivery of what waits for a webhook; it is work of the system's, not theirs."""
    system = replace(act, actor=SYSTEM)
    asked = {"webhook": webhook_id}
    if delay:
        queue.enqueue(system, TASK, {**asked, "again": True}, delay=delay)
    elif queue.waiting_like(act.connection, TASK, asked) is None:
        queue.enqueue(system, TASK, asked)


def claim(connection: Connection, webhook_id: int) -> Parcel | None:
    """Take the oldest parcel of a webhook that is due; two workers never take the same."""
    columns = outbox_table.c
    due = columns.state.in_(("waiting", "sending")) & (columns.due <= queue.clock(connection))
    wanted = (
        select(columns.id)
        .where(columns.webhook_id == webhook_id, due)
        .order_by(columns.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    chosen = connection.execute(wanted).scalar()
    if chosen is None:
        return None
    taking = update(outbox_table).where(columns.id == chosen)
    until = queue.clock(connection) + LEASE_SECONDS
    connection.execute(taking.values(state="sending", attempt=columns.attempt + 1, due=until))
    return find(connection, chosen)


def settle(
    connection: Connection, parcel: Parcel, went: Attempt, state: str, *, pause: int = 0
) -> bool:
    """Write down how an attempt went; False when somebody else has the parcel by now."""
    columns = outbox_table.c
    mine = (columns.id == parcel.id, columns.attempt == parcel.attempt, columns.state == "sending")
    due = queue.clock(connection) + pause
    settling = update(outbox_table).where(*mine).values(state=state, due=due)
    if connection.execute(settling).rowcount != 1:
        return False
    values = {
        "outbox_id": parcel.id,
        "number": went.number,
        "at": went.at,
        "status": went.status,
        "error": went.error,
        "ms": went.ms,
    }
    connection.execute(insert(attempt_table).values(values))
    return True


def postpone(connection: Connection, webhook_id: int, pause: int) -> None:
    """Let everything for a webhook wait that would go now: nobody is there to take it."""
    columns = outbox_table.c
    until = queue.clock(connection) + pause
    waiting = (columns.webhook_id == webhook_id, columns.state == "waiting", columns.due < until)
    connection.execute(update(outbox_table).where(*waiting).values(due=until))


def again(connection: Connection, parcel_id: int) -> None:
    """Let a parcel be sent anew from its first attempt, under the delivery id it has."""
    values = {"state": "waiting", "attempt": 0, "due": queue.clock(connection)}
    connection.execute(update(outbox_table).where(outbox_table.c.id == parcel_id).values(values))


def find(connection: Connection, parcel_id: int) -> Parcel | None:
    """Return a parcel, or None."""
    query = select(outbox_table).where(outbox_table.c.id == parcel_id)
    row = connection.execute(query).first()
    return None if row is None else _parcel(row)


def of_webhook(
    connection: Connection, webhook_id: int, *, before: int | None = None, limit: int = 50
) -> tuple[Parcel, ...]:
    """Return what a webhook was told and is to be told, the latest first."""
    columns = outbox_table.c
    query = select(outbox_table).where(columns.webhook_id == webhook_id)
    if before is not None:
        query = query.where(columns.id < before)
    rows = connection.execute(query.order_by(columns.id.desc()).limit(limit))
    return tuple(_parcel(row) for row in rows)


def counts(connection: Connection) -> Mapping[int, Mapping[str, int]]:
    """Return how many parcels of each state a webhook has."""
    columns = outbox_table.c
    query = select(columns.webhook_id, columns.state, func.count().label("count"))
    found: dict[int, dict[str, int]] = {}
    for row in connection.execute(query.group_by(columns.webhook_id, columns.state)):
        found.setdefault(row.webhook_id, {})[row.state] = row._mapping["count"]
    return found


def attempts(
    connection: Connection, parcels: Sequence[Parcel]
) -> Mapping[int, tuple[Attempt, ...]]:
    """Return how it went to send these, in order."""
    columns = attempt_table.c
    keys = [parcel.id for parcel in parcels]
    query = select(attempt_table).where(columns.outbox_id.in_(keys)).order_by(columns.id)
    found: dict[int, tuple[Attempt, ...]] = {}
    for row in connection.execute(query):
        one = Attempt(row.number, row.at, row.status, row.error, row.ms)
        found[row.outbox_id] = (*found.get(row.outbox_id, ()), one)
    return found


def sweep(act: Act) -> int:
    """Forget what was over long ago, and ask again for what nobody sends; return how many went."""
    columns = outbox_table.c
    over = columns.state.in_(("delivered", "withheld", "dead"))
    gone = delete(outbox_table).where(over, columns.at < act.now - KEPT)
    count = act.connection.execute(gone).rowcount
    late = columns.state.in_(("waiting", "sending")) & (
        columns.due < queue.clock(act.connection) - LEASE_SECONDS
    )
    for webhook_id in act.connection.execute(select(columns.webhook_id).where(late).distinct()):
        wake(act, webhook_id[0])
    return count


def _parcel(row: Row[Any]) -> Parcel:
    return Parcel(**{name: row._mapping[name] for name in Parcel.__dataclass_fields__})
