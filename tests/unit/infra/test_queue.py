import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update

from runtime.infra import jobs, queue
from runtime.infra.act import SYSTEM
from runtime.infra.db import Database
from runtime.infra.errors import Conflict, NotFound, Refused, Unavailable
from runtime.infra.jobs import Job
from runtime.infra.queue import JobRow, job_table
from runtime.infra.settings import Settings
from runtime.infra.users import User
from tests.unit.infra.conftest import Acting


def enqueue(acting: Acting, name: str = "count", **kwargs: Any) -> int:
    with acting() as act:
        return queue.enqueue(act, name, kwargs)


def row(database: Database, job_id: int) -> JobRow:
    with database.reading() as connection:
        return queue.find(connection, job_id)


def make_due(database: Database, job_id: int) -> None:
    """Let the pause or the lease of a job be over."""
    with database.transaction() as connection:
        connection.execute(update(job_table).where(job_table.c.id == job_id).values(due=0))


def claim(database: Database) -> JobRow:
    with database.transaction() as connection:
        found = queue.claim(connection)
    assert found is not None
    return found


def count(job: Job) -> Any:
    job.progress(1, job.kwargs["upto"], "half-way")
    return {"counted": job.kwargs["upto"]}


def test_enqueue__only_with_the_caller(acting: Acting, ready: Database) -> None:
    with suppress(ZeroDivisionError), acting() as act:
        queue.enqueue(act, "count", {})
        raise ZeroDivisionError
    with ready.reading() as connection, pytest.raises(NotFound):
        queue.find(connection, 1)


def test_run(acting: Acting, ready: Database, settings: Settings) -> None:
    job_id = enqueue(acting, upto=2)
    assert jobs.run_one(ready, settings, {"count": count})
    done = row(ready, job_id)
    assert (done.state, done.result, done.done, done.total, done.text) == (
        "done",
        {"counted": 2},
        1,
        2,
        "half-way",
    )
    assert done.is_over
    assert not jobs.run_one(ready, settings, {"count": count})


def test_claim__each_job_once_however_many_ask(acting: Acting, ready: Database) -> None:
    wanted = {enqueue(acting, upto=n) for n in range(12)}
    taken: list[int] = []

    def take() -> None:
        while True:
            with ready.transaction() as connection:
                found = queue.claim(connection)
            if found is None:
                return
            taken.append(found.id)

    workers = [threading.Thread(target=take) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken) == sorted(wanted)


def test_claim__a_named_job_delivered_twice_runs_once(
    acting: Acting, ready: Database, settings: Settings
) -> None:
    job_id = enqueue(acting, upto=1)
    ran = [jobs.run_one(ready, settings, {"count": count}, job_id) for _ in range(3)]
    assert ran == [True, False, False]
    assert not jobs.run_one(ready, settings, {"count": count}, 4711)


def test_lease__a_dead_worker_loses_its_job_and_is_fenced_off(
    acting: Acting, ready: Database, settings: Settings, now: datetime
) -> None:
    job_id = enqueue(acting, upto=1)
    first = claim(ready)
    with ready.transaction() as connection:
        assert queue.claim(connection) is None
    make_due(ready, job_id)
    second = claim(ready)
    assert (second.id, second.attempt) == (job_id, 2)
    late = Job(first, ready, settings)
    with pytest.raises(Conflict):
        late.progress(9, 9)
    with pytest.raises(Conflict), late.acting() as act:
        queue.enqueue(act, "count", {"from": "the dead"})
    with ready.transaction() as connection:
        assert not queue.finish(connection, first, {"stale": True}, now)
        assert not queue.extend(connection, first)
        assert queue.finish(connection, second, {"fresh": True}, now)
    assert row(ready, job_id).result == {"fresh": True}
    with ready.reading() as connection:
        assert queue.waiting(connection) == (0, 0)


# what the task raises              how it stands after each run         and why it failed
@pytest.mark.parametrize(
    ("error", "wanted", "code"),
    [
        (lambda: Refused("posting_refused"), ["failed"], "posting_refused"),
        (Unavailable, ["queued", "queued", "failed"], "unavailable"),
        (lambda: ZeroDivisionError("by zero"), ["queued", "queued", "failed"], "job_broke"),
    ],
)
def test_failure(
    acting: Acting,
    ready: Database,
    settings: Settings,
    error: Callable[[], Exception],
    wanted: list[str],
    code: str,
) -> None:
    def break_down(_job: Job) -> Any:
        raise error()

    job_id = enqueue(acting, "break")
    states = []
    for _ in range(queue.MAX_ATTEMPTS):
        jobs.run_one(ready, settings, {"break": break_down})
        states.append(row(ready, job_id).state)
        if states[-1] == "failed":
            break
        assert not jobs.run_one(ready, settings, {"break": break_down}), "it pauses first"
        make_due(ready, job_id)
    assert states == wanted
    assert row(ready, job_id).error["code"] == code


def test_poison__a_job_that_takes_its_worker_down_is_given_up(
    acting: Acting, ready: Database, settings: Settings
) -> None:
    job_id = enqueue(acting, upto=1)
    for _ in range(queue.MAX_ATTEMPTS):
        claim(ready)
        make_due(ready, job_id)
    assert jobs.run_one(ready, settings, {"count": count})
    assert row(ready, job_id).error["code"] == "job_gave_up"


def test_acting__with_the_rights_of_who_asked(
    acting: Acting, ready: Database, settings: Settings, li: User
) -> None:
    with acting(li.actor("screen")) as act:
        mine = queue.enqueue(act, "who")
    with acting(SYSTEM) as act:
        ours = queue.enqueue(act, "who")

    def who(job: Job) -> Any:
        with job.acting("import") as act:
            return [act.actor.name, sorted(act.actor.roles), act.actor.source]

    while jobs.run_one(ready, settings, {"who": who}):
        pass
    assert row(ready, mine).result == ["李伟", ["clerk"], "import"]
    assert row(ready, ours).result == ["system", [], "system"]


def test_silent__queued_long_ago_and_never_taken(acting: Acting, ready: Database) -> None:
    fresh, lost = enqueue(acting), enqueue(acting)
    make_due(ready, lost)
    with ready.reading() as connection:
        assert queue.silent(connection) == (lost,)
        assert queue.waiting(connection)[0] == 2
    assert fresh != lost


def test_quiet_jobs__told_once(acting: Acting) -> None:
    queue.quiet_jobs()
    wanted = (enqueue(acting), enqueue(acting))
    assert queue.quiet_jobs() == wanted
    assert queue.quiet_jobs() == ()
    queue.announce("", wanted)
