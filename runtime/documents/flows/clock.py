"""What time does to flows: reminders, limits that are over, waits that end. Runs as a job.

Each thing that is due has a transaction of its own: one that is refused leaves the others alone,
and what is late is done once, in the order in which it was due.
"""

from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, delete, insert, select

from runtime.catalogue import Catalogue
from runtime.documents import stored
from runtime.documents.flows import automations, failures, robots
from runtime.documents.flows.ending import carry_out, ending, noted
from runtime.documents.flows.world import DocumentWorld
from runtime.infra import clock, egress, notices, strict_json
from runtime.infra.act import SYSTEM, Act
from runtime.infra.egress import EgressError, Way
from runtime.infra.errors import AppError
from runtime.infra.jobs import Job
from runtime.infra.notices import Place
from runtime.infra.strict_json import Json
from runtime.kinds.node_events import (
    Answered,
    Approver,
    Event,
    Expired,
    Failed,
    Noted,
    SentBack,
)
from runtime.kinds.node_type import Step, Visit
from runtime.workflow import approvers, desk, directory
from runtime.workflow.approvers import Looking
from runtime.workflow.instances import Run, append, happen, load
from runtime.workflow.tables import timers
from runtime.workflow.world import NoWorld

# So many are done before the job asks for another one: nobody is kept waiting behind it.
MOST: Final = 500
TIMES: Final = 3
log: Final = structlog.get_logger("flows")


def tick(job: Job) -> Json:
    """Do what is due."""
    apps, done = Catalogue(), 0
    for timer_id in _due(job):
        with job.transaction() as connection:
            act = Act(connection, SYSTEM, clock.now())
            try:
                with connection.begin_nested():
                    _do(act, apps, timer_id)
            except AppError as error:
                # Nobody could be asked, or what was to be written is refused: look again later.
                log.warning("flow_timer_refused", timer=timer_id, code=error.code)
                _later(act, timer_id)
        done += 1
    return {"done": done}


def call(job: Job) -> Json:
    """Tell another system, and the run that waits for it how it went."""
    asked = job.kwargs
    body = asked.get("body") or _robot(asked, job.settings.public_url)
    sent = strict_json.canonical(body).encode()
    way = Way(egress.named(job.settings.egress))
    headers = {"Content-Type": "application/json"}
    status, error = 0, ""
    try:
        status, said = egress.ask(_address(job), sent, headers, way)
        error = robots.refusal(said) if "robot" in asked else ""
    except EgressError as failed:
        error = failed.code
    is_good = 200 <= status < 300 and not error
    if "robot" in asked and not is_good:
        with job.transaction() as connection:
            why = error or f"HTTP {status}"
            robots.complain(Act(connection, SYSTEM, clock.now()), str(asked["url"]), why)
    if "run" in asked:
        with job.transaction() as connection:
            _came_back(Act(connection, SYSTEM, clock.now()), asked, is_good=is_good)
    return {"status": status, "error": error}


def _address(job: Job) -> str:
    """Where the call goes; a robot that wants it signed gets a signature of this moment."""
    url = str(job.kwargs["url"])
    if job.kwargs.get("robot") != "dingtalk":
        return url
    with job.reading() as act:
        return robots.signed(act.connection, job.settings, url, clock.now())


def _robot(asked: Any, public_url: str) -> Any:
    """What the robots of these services take; the link asks for signing in."""
    text, path = str(asked.get("text", "")), str(asked.get("path", ""))
    if public_url and path:
        text = f"{text}\n{public_url.rstrip('/')}{path}"
    if asked.get("robot") in ("dingtalk", "wecom"):
        return {"msgtype": "text", "text": {"content": text}}
    return {"text": text}


def _came_back(act: Act, asked: Any, *, is_good: bool) -> None:
    run = load(act, int(asked["run"]))
    visit = run.instance.visit(int(asked["visit"]))
    if run.instance.state != "running" or visit is None or visit.state != "open":
        return
    step = run.instance.flow.step(visit.step_id)
    failed = "go_on" if is_good else step.options.get("failed", "stop")
    if failed == "stop":
        params = {"step": step.id, "about": {"url": egress.host_of(str(step.options["url"]))}}
        failures.stop(act, run, Failed(visit.no, "flow_call_failed", params))
        return
    answer = {"waits": False, "ok": is_good, "rejects": failed == "reject"}
    _through(act, Catalogue(), run, Answered(visit.no, answer))


def _due(job: Job) -> list[int]:
    with job.reading() as act:
        query = select(timers.c.id).where(timers.c.due_at <= act.now)
        found = act.connection.execute(query.order_by(timers.c.due_at, timers.c.id).limit(MOST))
        return [int(each) for each in found.scalars()]


def _do(act: Act, apps: Catalogue, timer_id: int) -> None:
    row = act.connection.execute(
        select(timers).where(timers.c.id == timer_id).with_for_update()
    ).first()
    if row is None or row.due_at > act.now:
        return
    act.connection.execute(delete(timers).where(timers.c.id == timer_id))
    run = load(act, row.instance_id)
    visit = run.instance.visit(row.visit)
    if run.instance.state != "running" or visit is None or visit.state != "open":
        return
    step = run.instance.flow.step(visit.step_id)
    if row.kind == "remind":
        _remind(act, run, step, visit, row)
        return
    event = _event(act, apps, run, step, visit, row.kind)
    if event is not None:
        _through(act, apps, run, event)


def _event(
    act: Act, apps: Catalogue, run: Run, step: Step, visit: Visit, kind: str
) -> Event | None:
    if kind == "at_most":
        return Answered(visit.no, {"waits": False, "late": True})
    if kind == "wait":
        if "when" not in step.options:
            return Answered(visit.no, {"waits": False})
        return Answered(visit.no, _world(act, apps, run).work(run, step, visit))
    limit = step.options["limit"]
    match limit["do"]:
        case "send_back":
            return SentBack(visit.no, None, limit.get("back_to", "start"), "rerun")
        case "escalate":
            return Expired(visit.no, "escalate", _higher(act, apps, run, step, visit))
    return Expired(visit.no, limit["do"])


def _higher(act: Act, apps: Catalogue, run: Run, step: Step, visit: Visit) -> tuple[Approver, ...]:
    """Whom the definition names, or who leads those that did not answer, or administrators."""
    world, limit = _world(act, apps, run), step.options["limit"]
    looking = Looking(act, run.instance, visit, world, run.subject.app, run.subject.form)
    late = [task.approver.user_id for task in visit.tasks if task.state == "open"]
    if "to" in limit:
        ids = sorted(approvers.within(looking, limit["to"], step))
    else:
        heads = (next(directory.managers(act.connection, each), None) for each in late)
        ids = [each for each in heads if each is not None]
    barred = {*late, *(run.instance.authors() if step.kind == "approve" else ())}
    ids = [each for each in dict.fromkeys(ids) if each not in barred]
    if not ids:
        admins = directory.administrators(act.connection)
        ids = [each for each in admins if each not in barred]
    return tuple(Approver(each, "overdue") for each in ids)


def _remind(act: Act, run: Run, step: Step, visit: Visit, row: Row[Any]) -> None:
    late = [task.approver.user_id for task in visit.tasks if task.state == "open"]
    place = Place(run.subject.app, run.subject.form, run.subject.record_id)
    label = run.instance.flow.labels[step.id].text("zh")
    notices.tell(act, late, "flow", {"text": label}, place)
    append(act, run, Noted("reminded", None, visit.no, "", {"to": late}))
    limit, times = step.options["limit"], row.times + 1
    if "every" in limit and times < int(limit.get("times", TIMES)):
        due = desk.due_at(act, {"for": limit["every"]}, NoWorld(), visit.at.line)
        values = {
            "instance_id": run.id, "visit": visit.no, "kind": "remind", "due_at": due,
            "times": times,
        }  # fmt: skip
        act.connection.execute(insert(timers), values)
        desk.wake(act, due or act.now)


def _through(act: Act, apps: Catalogue, run: Run, event: Event) -> None:
    if run.kind == automations.KIND:
        automations.go_on(act, apps, run, event)
        return
    world = _world(act, apps, run)
    _, effects = happen(act, run, event, world)
    changed = {"step": "", **ending(world.document, effects)}
    noted(act, world.document, "expire", changed)
    carry_out(act, world, effects)


def _world(act: Act, apps: Catalogue, run: Run) -> DocumentWorld:
    if run.kind == automations.KIND:
        return automations.world_of(act, apps, run)
    form = apps.form(act.connection, run.subject.app, run.subject.form)
    return DocumentWorld(act, stored.lock_for_flow(act, form, run.subject.record_id))


def _later(act: Act, timer_id: int) -> None:
    due = act.now + timedelta(hours=1)
    act.connection.execute(timers.update().where(timers.c.id == timer_id).values(due_at=due))
    desk.wake(act, due)
