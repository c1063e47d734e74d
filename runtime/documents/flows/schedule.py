"""What the clock sets off: schedules, and dates in records. A job that looks asks for the next.

Since when a rule was looked at is kept with what it set off, so nothing is set off twice; what was
missed while nobody looked is set off once.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from runtime import posting
from runtime.catalogue import APP, Catalogue
from runtime.compile.field import Field
from runtime.compile.model import App, Form
from runtime.definitions import WorkflowDef
from runtime.documents import triggers
from runtime.documents.flows import runs
from runtime.infra import clock, queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.columns import Instant
from runtime.infra.errors import NotFound
from runtime.infra.jobs import Job
from runtime.infra.strict_json import Json
from runtime.infra.upsert import insert_into
from runtime.workflow import moments
from runtime.workflow.tables import deliveries, fired

TASK: Final = "flows.clock"
# A moment in a record may be typed at any time: so often it is looked for.
OFTEN: Final = timedelta(minutes=5)
# Signatures are good for minutes; what was delivered is remembered for longer.
REMEMBERED: Final = timedelta(days=2)
# So far the clocks of two machines may be apart.
SKEW: Final = timedelta(hours=1)
_TIMED: Final = ("schedule", "date")


def look(job: Job) -> Json:
    """Set off what is due in an app, and come back when the next thing is."""
    code, apps = str(job.kwargs["app"]), Catalogue()

    def once() -> Json:
        with job.transaction() as connection:
            act = Act(connection, SYSTEM, clock.now())
            try:
                app = apps.app(connection, code)
            except NotFound:
                return {"due": 0}
            return {"due": look_at(act, app)}

    return posting.until_done(once)


def keep_house(job: Job) -> Json:
    """Once a day: let no app's clock stand still, run what lies about, forget what is old."""
    with job.transaction() as connection:
        act = Act(connection, SYSTEM, clock.now())
        for code in connection.execute(select(APP.c.code).order_by(APP.c.id)).scalars().all():
            ask(act, code, act.now)
        triggers.wake(act)
        connection.execute(delete(deliveries).where(deliveries.c.at < act.now - REMEMBERED))
        return {"forgotten": runs.forget(act)}


def timed(app: App) -> tuple[WorkflowDef, ...]:
    """The automations of an app that the clock begins."""
    return tuple(each for each in app.workflows.values() if each.trigger["on"] in _TIMED)


def look_at(act: Act, app: App) -> int:
    """Set off what has become due; returns how many runs, and asks to be asked again."""
    rules, count = timed(app), 0
    _forget_others(act, app.code, [rule.code for rule in rules])
    for rule in rules:
        form = app.forms[rule.form]
        looked = _looked(act, form, rule)
        if looked is None:
            continue  # it is new: its first moment is yet to come
        for record_id in _due(act, form, rule, looked):
            triggers.put(act, form, rule.code, rule.trigger["on"], record_id)
            count += 1
    if rules:
        ask(act, app.code, min(next_look(act.now, app.forms[each.form], each) for each in rules))
    return count


def ask(act: Act, app: str, due: datetime) -> None:
    """See to it that the clock of an app is looked at by then."""
    wanted, jobs = {"app": app}, queue.job_table.c
    seconds = max(math.ceil((due - act.now).total_seconds()), 0)
    at = queue.clock_of(act.connection) + seconds
    asked = (jobs.name == TASK) & (jobs.state == "queued") & (jobs.due <= at)
    if not any(each == wanted for each in act.connection.scalars(select(jobs.kwargs).where(asked))):
        queue.enqueue(replace(act, actor=SYSTEM), TASK, wanted, delay=seconds)


def next_look(now: datetime, form: Form, rule: WorkflowDef) -> datetime:
    """When a rule is to be looked at next."""
    trigger, zone = rule.trigger, ZoneInfo(form.zone)
    if trigger["on"] == "schedule":
        return moments.next_after(trigger, now, zone)
    if "time" not in trigger and _is_instant(form.by_code.get(trigger["field"])):
        return now + OFTEN
    return moments.next_after({"every": "day", "time": trigger.get("time", "00:00")}, now, zone)


def _forget_others(act: Act, app: str, codes: list[str]) -> None:
    """A rule that was taken out and comes again is a new one."""
    gone = (fired.c.app == app, fired.c.code.not_in(codes))
    act.connection.execute(delete(fired).where(*gone))


def _looked(act: Act, form: Form, rule: WorkflowDef) -> datetime | None:
    """Since when a rule was looked at, noting that it is now; None the first time."""
    key = {"app": form.app_code, "code": rule.code, "record_id": 0}
    here = (fired.c.app == key["app"], fired.c.code == key["code"], fired.c.record_id == 0)
    before: datetime | None = act.connection.scalar(
        select(fired.c.at).where(*here).with_for_update()
    )
    if before is None:
        adding = insert_into(act.connection, fired).on_conflict_do_nothing()
        act.connection.execute(adding, {**key, "at": act.now})
    elif act.now > before or before - act.now > SKEW:
        # A clock that had been set to next year by mistake does not silence a rule until then.
        act.connection.execute(fired.update().where(*here).values(at=act.now))
    return before


def _due(act: Act, form: Form, rule: WorkflowDef, looked: datetime) -> Iterable[int]:
    trigger, zone = rule.trigger, ZoneInfo(form.zone)
    if trigger["on"] == "date":
        return _dated(act, form, trigger, looked)
    if not moments.is_due(trigger, looked, act.now, zone):
        return ()
    return _every(act, form) if trigger.get("each") else (0,)


def _every(act: Act, form: Form) -> list[int]:
    """All records that are in force."""
    columns = form.table.c
    query = select(columns.id).order_by(columns.id)
    if form.is_document:
        query = query.where(columns.status != "cancelled")
    return list(act.connection.execute(query).scalars())


def _dated(act: Act, form: Form, trigger: Mapping[str, Any], looked: datetime) -> Iterator[int]:
    """Records whose moment, so many days from a date of theirs, has come since."""
    field = form.by_code.get(trigger["field"])
    if field is None or field.column is None:
        return
    zone, away = ZoneInfo(form.zone), timedelta(days=int(trigger.get("offset", 0)))
    columns = form.table.c
    query = select(columns.id, field.column.label("day")).where(field.column.is_not(None))
    # A day more on either side: what is due to the minute is looked at below.
    first, last = looked - away - timedelta(days=2), act.now - away + timedelta(days=2)
    low, high = (first, last) if _is_instant(field) else (first.date(), last.date())
    query = query.where(field.column >= low, field.column <= high)
    if form.is_document:
        query = query.where(columns.status != "cancelled")
    for row in act.connection.execute(query.order_by(columns.id)).all():
        if looked < _moment(trigger, row.day, away, zone) <= act.now:
            yield row.id


def _moment(trigger: Mapping[str, Any], day: Any, away: timedelta, zone: ZoneInfo) -> datetime:
    local = day.astimezone(zone) if isinstance(day, datetime) else datetime.combine(day, time())
    hour = time.fromisoformat(trigger["time"]) if "time" in trigger else local.time()
    return datetime.combine(local.date() + away, hour, zone)


def _is_instant(field: Field | None) -> bool:
    return field is not None and field.column is not None and isinstance(field.column.type, Instant)
