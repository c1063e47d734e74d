"""Jobs are rows: enqueued in the caller's transaction, claimed with a lease, never lost."""

from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Text,
    func,
    literal_column,
    or_,
    select,
    update,
)

from runtime.infra.act import Act
from runtime.infra.columns import Instant, JsonText, Key
from runtime.infra.db import system_table
from runtime.infra.errors import NotFound
from runtime.infra.strict_json import Json
from runtime.infra.upsert import insert_row

MAX_ATTEMPTS: Final = 3
LEASE_SECONDS: Final = 30
# A queued row this old whose message is still to come has lost it; the sweeper sends another.
SILENCE_SECONDS: Final = 60
TASK: Final = "dajian.run_job"

job_table: Final = system_table(
    "s_job",
    Column("id", Key(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kwargs", JsonText(), nullable=False),
    Column("state", Text, nullable=False),
    # The attempt is also the fence: a worker that lost its lease carries an old number.
    Column("attempt", Integer, nullable=False),
    # Seconds since 1970 by the database's clock; workers' clocks may differ.
    Column("due", Key(), nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("text", Text, nullable=False),
    Column("result", JsonText()),
    Column("error", JsonText()),
    Column("created_by", Key(), ForeignKey("s_user.id")),
    Column("created_at", Instant(), nullable=False),
    Column("finished_at", Instant()),
    Column("request_id", Text, nullable=False),
    Index("ix_s_job_state", "state", "due"),
    Index("ix_s_job_created_by", "created_by"),
)


@dataclass(frozen=True)
class JobRow:
    """A job as it stands. `state` is queued, running, done or failed; `error` = {code, params}."""

    id: int
    name: str
    kwargs: Mapping[str, Any]
    state: str
    attempt: int
    done: int
    total: int | None
    text: str
    result: Json
    error: Json
    created_by: int | None
    created_at: datetime
    finished_at: datetime | None
    request_id: str

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in {"done", "failed"}


# Ids enqueued in this context and not yet announced; announcing waits for the commit.
_quiet: ContextVar[tuple[int, ...]] = ContextVar("quiet_jobs", default=())


def enqueue(act: Act, name: str, kwargs: Mapping[str, Any] | None = None, *, delay: int = 0) -> int:
    """Ask for a task by name, not before `delay` seconds; it exists when the caller commits."""
    values = {
        "name": name,
        "kwargs": dict(kwargs or {}),
        "state": "queued",
        "attempt": 0,
        "due": clock_of(act.connection) + delay,
        "done": 0,
        "text": "",
        "created_by": act.actor.user_id,
        "created_at": act.now,
        "request_id": act.request_id,
    }
    job_id = insert_row(act.connection, job_table, values)
    _quiet.set((*_quiet.get(), job_id))
    return job_id


def enqueue_daily(act: Act, names: Iterable[str]) -> None:
    """Ask for each of these tasks unless it was asked for today; two who ask at once do no harm."""
    midnight = act.now.replace(hour=0, minute=0, second=0, microsecond=0)
    asked = select(job_table.c.name).where(job_table.c.created_at >= midnight)
    known = set(act.connection.execute(asked.distinct()).scalars())
    for name in names:
        if name not in known:
            enqueue(act, name)


def quiet_jobs() -> tuple[int, ...]:
    """Return the jobs enqueued in this context, once; one that was rolled back does no harm."""
    found = _quiet.get()
    _quiet.set(())
    return found


def announce(redis_url: str, job_ids: Sequence[int]) -> None:
    """Ring the bell for jobs: a message holds nothing but the id. Without Redis workers look."""
    if not redis_url or not job_ids:
        return
    from runtime.infra.celery_app import celery_app  # noqa: PLC0415 - heavy, and only with Redis

    app = celery_app(redis_url)
    for job_id in job_ids:
        app.send_task(TASK, args=[job_id], retry=False)


def find(connection: Connection, job_id: int) -> JobRow:
    """Return a job."""
    row = connection.execute(select(job_table).where(job_table.c.id == job_id)).mappings().first()
    if row is None:
        raise NotFound
    return _job(row)


def claim(connection: Connection, job_id: int | None = None) -> JobRow | None:
    """Take the oldest job that is due (or this one), or None; two workers never take the same.

    A running job whose lease ran out is due again: its worker is gone, or has been fenced off.
    """
    due = job_table.c.state.in_(("queued", "running")) & (job_table.c.due <= clock(connection))
    wanted = select(job_table.c.id).where(due).order_by(job_table.c.id).limit(1)
    if job_id is not None:
        wanted = wanted.where(job_table.c.id == job_id)
    chosen = connection.execute(wanted.with_for_update(skip_locked=True)).scalar()
    if chosen is None:
        return None
    connection.execute(
        update(job_table)
        .where(job_table.c.id == chosen)
        .values(
            state="running",
            attempt=job_table.c.attempt + 1,
            due=clock(connection) + LEASE_SECONDS,
        )
    )
    return find(connection, chosen)


def extend(connection: Connection, job: JobRow) -> bool:
    """Keep the lease; False when another worker has the job by now."""
    return _change(connection, job, {"due": clock(connection) + LEASE_SECONDS})


def progress(connection: Connection, job: JobRow, done: int, total: int | None, text: str) -> bool:
    """Say how far a job is; False when another worker has it by now."""
    return _change(connection, job, {"done": done, "total": total, "text": text})


def keep(connection: Connection, job: JobRow, result: Json) -> bool:
    """Keep how far a job came, for the attempt after a crash; `finish` writes over it."""
    return _change(connection, job, {"result": result})


def waiting_like(connection: Connection, name: str, kwargs: Mapping[str, Any]) -> int | None:
    """Return a job that will do just this and cannot begin before this transaction has ended."""
    waiting = (job_table.c.name == name) & (job_table.c.state == "queued")
    query = select(job_table.c.id, job_table.c.kwargs).where(waiting, job_table.c.attempt == 0)
    query = query.order_by(job_table.c.id).with_for_update(skip_locked=True)
    for row in connection.execute(query):
        if row.kwargs == dict(kwargs):
            return int(row.id)
    return None


def holds(connection: Connection, job: JobRow) -> bool:
    """Say, under lock, whether this attempt still owns the job: asked right before a commit."""
    statement = select(job_table.c.id).where(_mine(job)).with_for_update()
    return connection.execute(statement).scalar() is not None


def finish(connection: Connection, job: JobRow, result: Json, now: datetime) -> bool:
    """Write down the result."""
    return _change(connection, job, {"state": "done", "result": result, "finished_at": now})


def fail(connection: Connection, job: JobRow, error: Json, now: datetime) -> bool:
    """Give up for good."""
    return _change(connection, job, {"state": "failed", "error": error, "finished_at": now})


def retry_later(connection: Connection, job: JobRow) -> bool:
    """Put a job back, to be tried again after a pause that grows."""
    pause = 2 * 4**job.attempt
    return _change(connection, job, {"state": "queued", "due": clock(connection) + pause})


def silent(connection: Connection) -> tuple[int, ...]:
    """Return jobs that were due long ago and nobody took: their message got lost."""
    late = clock(connection) - SILENCE_SECONDS
    waiting = job_table.c.state.in_(("queued", "running")) & (job_table.c.due <= late)
    return tuple(
        connection.execute(select(job_table.c.id).where(waiting).order_by(job_table.c.id)).scalars()
    )


def waiting(connection: Connection) -> tuple[int, int]:
    """Return how many jobs wait, and for how many seconds the oldest has been due."""
    now = clock_of(connection)
    count, oldest = connection.execute(
        select(func.count(), func.min(job_table.c.due)).where(
            or_(job_table.c.state == "queued", job_table.c.state == "running"),
            job_table.c.due <= now,
        )
    ).one()
    return count, 0 if oldest is None else now - oldest


def clock(connection: Connection) -> ColumnElement[int]:
    """Return the database's own clock, in seconds since 1970, as an expression."""
    if connection.dialect.name == "sqlite":
        return literal_column("unixepoch()", Integer)
    return literal_column("CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)", Integer)


def clock_of(connection: Connection) -> int:
    """Return what the database's clock says."""
    return connection.execute(select(clock(connection))).scalar_one()


def _mine(job: JobRow) -> ColumnElement[bool]:
    return (
        (job_table.c.id == job.id)
        & (job_table.c.attempt == job.attempt)
        & (job_table.c.state == "running")
    )


def _change(connection: Connection, job: JobRow, values: Mapping[str, Any]) -> bool:
    result = connection.execute(update(job_table).where(_mine(job)).values(dict(values)))
    return result.rowcount == 1


def _job(row: RowMapping) -> JobRow:
    return JobRow(**{name: row[name] for name in JobRow.__dataclass_fields__})
