"""Running a job: claim it, keep the lease while it works, write down how it ended."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from runtime.infra import clock, queue, users
from runtime.infra.act import SYSTEM, Act, Actor, Source
from runtime.infra.db import Database
from runtime.infra.errors import AppError, Conflict, Forbidden, Unavailable
from runtime.infra.queue import LEASE_SECONDS, MAX_ATTEMPTS, JobRow
from runtime.infra.settings import Settings
from runtime.infra.strict_json import Json

HEARTBEAT_SECONDS: Final = LEASE_SECONDS / 3
log: Final = structlog.get_logger("jobs")


@dataclass(frozen=True)
class Job:
    """A job in hand: what a task function is given.

    A task may be started again from its beginning after a crash, so each of its transactions must
    be safe to meet twice.
    """

    row: JobRow
    database: Database
    settings: Settings

    @property
    def id(self) -> int:
        """The number people follow."""
        return self.row.id

    @property
    def kwargs(self) -> Mapping[str, Any]:
        """What it was enqueued with."""
        return self.row.kwargs

    def progress(self, done: int, total: int | None, text: str = "") -> None:
        """Say how far it is, in a transaction of its own."""
        with self.database.transaction() as connection:
            if not queue.progress(connection, self.row, done, total, text):
                raise Conflict("job_lost", {"id": self.row.id})

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write transaction that commits only while this worker still owns the job."""
        with self.database.transaction() as connection:
            yield connection
            if not queue.holds(connection, self.row):
                raise Conflict("job_lost", {"id": self.row.id})

    @contextmanager
    def acting(self, source: Source = "system") -> Iterator[Act]:
        """An act of the person who asked for the job, with the rights he has now."""
        with self.transaction() as connection:
            yield Act(connection, self._actor(connection, source), clock.now(), self.row.request_id)

    @contextmanager
    def reading(self, source: Source = "system") -> Iterator[Act]:
        """The same on a read-only snapshot."""
        with self.database.reading() as connection:
            yield Act(connection, self._actor(connection, source), clock.now(), self.row.request_id)

    def _actor(self, connection: Connection, source: Source) -> Actor:
        if self.row.created_by is None:
            return SYSTEM
        user = users.get(connection, self.row.created_by)
        if user.is_disabled:
            raise Forbidden
        return user.actor(source)


Task = Callable[[Job], Json]


def run_one(
    database: Database, settings: Settings, tasks: Mapping[str, Task], job_id: int | None = None
) -> bool:
    """Run the next job that is due (or this one); False when there was none to take."""
    with database.transaction() as connection:
        row = queue.claim(connection, job_id)
    if row is None:
        return False
    with structlog.contextvars.bound_contextvars(job=row.id, request_id=row.request_id):
        _run(Job(row, database, settings), tasks)
    queue.announce(settings.redis, queue.quiet_jobs())
    return True


def _run(job: Job, tasks: Mapping[str, Task]) -> None:
    if job.row.attempt > MAX_ATTEMPTS:
        # It took its worker down each time, so nobody saw an exception.
        _give_up(job, {"code": "job_gave_up", "params": {"attempts": MAX_ATTEMPTS}})
        return
    log.info("job_started", name=job.row.name, attempt=job.row.attempt)
    try:
        with _kept_alive(job):
            result = tasks[job.row.name](job)
        with job.database.transaction() as connection:
            queue.finish(connection, job.row, result, clock.now())
        log.info("job_done", name=job.row.name)
    except Unavailable:
        _try_again(job, "unavailable")
    except AppError as error:
        _give_up(job, _error(error))
    except Exception:  # the last resort of a worker: say so and go on
        log.exception("job_broke", name=job.row.name)
        _try_again(job, "job_broke")


def _try_again(job: Job, code: str) -> None:
    if job.row.attempt >= MAX_ATTEMPTS:
        _give_up(job, {"code": code, "params": {"id": job.row.id}})
        return
    with job.database.transaction() as connection:
        queue.retry_later(connection, job.row)


def _give_up(job: Job, error: Json) -> None:
    log.warning("job_failed", name=job.row.name, error=error["code"])
    with job.database.transaction() as connection:
        queue.fail(connection, job.row, error, clock.now())


def _error(error: AppError) -> Json:
    problems = [
        {"pointer": problem.pointer, "code": problem.code, "params": dict(problem.params)}
        for problem in error.problems
    ]
    return {"code": error.code, "params": dict(error.params), "problems": problems}


@contextmanager
def _kept_alive(job: Job) -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(job, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(job: Job, over: threading.Event) -> None:
    while not over.wait(HEARTBEAT_SECONDS):
        try:
            with job.database.transaction() as connection:
                if not queue.extend(connection, job.row):
                    return
        except (SQLAlchemyError, Unavailable):
            # A missed beat is made up by the next; a lease that ran out is fenced at commit.
            log.warning("heartbeat_missed", exc_info=True)
