"""Runs of automations that follow a commit: taken up one after the other, each in its transaction.

A row stays until its run is kept. Whoever takes it up counts that first, so that what brings a
worker down does not bring down the next one for ever.
"""

from collections.abc import Callable
from typing import Any, Final

import structlog
from sqlalchemy import delete, select, update

from runtime import posting
from runtime.catalogue import Catalogue
from runtime.documents import triggers
from runtime.documents.flows import automations, failures
from runtime.documents.flows.automations import Apps, Cause
from runtime.infra import clock
from runtime.infra.act import SYSTEM, Act
from runtime.infra.errors import Conflict, NotFound
from runtime.infra.jobs import Job
from runtime.infra.strict_json import Json
from runtime.kinds.node_events import Started
from runtime.workflow.instances import Origin, Subject, begin
from runtime.workflow.tables import pending

# So many are run before the job asks for another one: nobody is kept waiting behind it.
MOST: Final = 200
ATTEMPTS: Final = 3
log: Final = structlog.get_logger("flows")


def automate(job: Job) -> Json:
    """Run what writes and the clock have set off, the oldest first."""
    apps, done = Catalogue(), 0
    while done < MOST:
        taken = posting.until_done(lambda: _taken(job))
        if taken is None:
            return {"done": done}
        _run(job, apps, *taken)
        done += 1
    with job.transaction() as connection:
        triggers.wake(Act(connection, SYSTEM, clock.now()))
    return {"done": done}


def again(job: Job) -> Json:
    """Try a failed run again; one that somebody else has tried meanwhile is left alone."""
    run_id, apps = int(job.kwargs["run"]), Catalogue()

    def attempt() -> str:
        with job.transaction() as connection:
            return automations.retry(Act(connection, SYSTEM, clock.now()), apps, run_id)

    try:
        return {"state": posting.until_done(attempt)}
    except (Conflict, NotFound) as error:
        return {"state": error.code}


def _taken(job: Job) -> tuple[int, int] | None:
    """The oldest row nobody else is at, with how often it was taken up."""
    with job.transaction() as connection:
        query = select(pending.c.id, pending.c.attempt).order_by(pending.c.id).limit(1)
        row = connection.execute(query.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        taking = update(pending).where(pending.c.id == row.id)
        connection.execute(taking.values(attempt=row.attempt + 1))
        return int(row.id), int(row.attempt) + 1


def _run(job: Job, apps: Apps, row_id: int, attempt: int) -> None:
    try:
        doing = carry_out if attempt <= ATTEMPTS else give_up
        posting.until_done(lambda: _once(job, apps, row_id, doing))
    except Conflict as error:
        if error.code == "job_lost":
            raise
        log.exception("flow_pending_refused", row=row_id)
        posting.until_done(lambda: _once(job, apps, row_id, give_up))
    except Exception:  # whatever breaks here must not keep the others waiting
        log.exception("flow_run_broke", row=row_id)
        posting.until_done(lambda: _once(job, apps, row_id, give_up))


def _once(job: Job, apps: Apps, row_id: int, doing: Callable[[Act, Apps, Any], None]) -> None:
    with job.transaction() as connection:
        query = select(pending).where(pending.c.id == row_id).with_for_update()
        row = connection.execute(query).first()
        if row is not None:
            connection.execute(delete(pending).where(pending.c.id == row_id))
            doing(Act(connection, SYSTEM, clock.now(), chain=tuple(row.chain)), apps, row)


def carry_out(act: Act, apps: Apps, row: Any) -> None:
    """Run what a row says; an automation that has been taken out meanwhile does nothing."""
    try:
        form = apps.form(act.connection, row.app, row.form)
    except NotFound:
        return
    rule = form.workflows.get(row.code)
    if rule is not None and rule.is_automation and rule.form == form.code:
        cause = Cause(row.begun_on, row.record_id, row.by_id)
        automations.start(act, form, rule, cause, keeps_failure=True)


def give_up(act: Act, apps: Apps, row: Any) -> None:
    """Write down that a run could not even be tried."""
    try:
        form = apps.form(act.connection, row.app, row.form)
    except NotFound:
        return
    rule = form.workflows.get(row.code)
    if rule is None:
        return
    subject = Subject(row.app, row.form, row.record_id)
    origin = Origin(automations.KIND, row.begun_on, act.chain)
    run = begin(act, subject, rule, form.workflows, origin)
    broke = Conflict("flow_broke")
    failures.keep(act, run, Started(row.by_id), broke, ())
