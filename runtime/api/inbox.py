"""The caller's work in flows: lists, several answers at once; the story of a document; the log."""

from typing import Any, Final

from flask import Response

from runtime import access, query
from runtime.api.acting import allow_members, app_of, form_of, member, platform, reading, write
from runtime.api.apps import label_json
from runtime.api.problems import document, locale
from runtime.api.records.cursors import LARGEST_SIZE
from runtime.api.records.places import FORM, RECORD
from runtime.api.records.tasks import said, word
from runtime.api.routes import (
    allow_parameters,
    json_answer,
    json_body,
    parameter,
    route,
    whole_number,
)
from runtime.documents.flows import acts, runs
from runtime.documents.flows.preview import preview
from runtime.documents.flows.runs import RunRow
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.columns import LARGEST_KEY, is_key
from runtime.infra.errors import BadRequest, NotFound
from runtime.infra.messages import message
from runtime.infra.requests import Answer
from runtime.infra.strict_json import Json
from runtime.query.shapes import instant
from runtime.workflow import inbox, timeline
from runtime.workflow.inbox import InboxItem

BOXES: Final = ("to_do", "done", "started", "copied")
MOST_TASKS: Final = 500
RUNS: Final = "/apps/<app>/runs"


@route("/inbox")
def list_inbox() -> Response:
    """What waits for the caller (`box=to_do`), what they did, began, and were let know of."""
    allow_parameters("box", "from", "limit")
    box = parameter("box", "to_do")
    if box not in BOXES:
        raise BadRequest("parameter_unknown", {"name": "box"})
    limit = whole_number("limit", inbox.PAGE, highest=LARGEST_SIZE)
    since = whole_number("from", 1, highest=LARGEST_KEY) if parameter("from") else None
    with reading() as act:
        items = _box(act, box, since, limit)
    name = "tasks" if box in ("to_do", "done") else "documents"
    last = items[-1]["task" if name == "tasks" else "id"] if len(items) == limit else None
    return json_answer({name: items, "next": last})


def _box(act: Act, box: str, since: int | None, limit: int) -> list[Json]:
    if box == "started":
        found = inbox.started(act, before=since, limit=limit)
        return [
            {"id": each.instance_id, **_about(each), "state": each.state,
             "started_at": instant(each.started_at), "ended_at": instant(each.ended_at)}
            for each in found
        ]  # fmt: skip
    if box == "copied":
        copies = inbox.copied(act, before=since, limit=limit)
        return [
            {"id": each.copy_id, **_about(each), "at": instant(each.at),
             "read_at": instant(each.read_at)}
            for each in copies
        ]  # fmt: skip
    if box == "done":
        return [_task(each) for each in inbox.done(act, before=since, limit=limit)]
    return [_task(each) for each in inbox.to_do(act, after=since, limit=limit)]


def _about(item: Any) -> dict[str, Json]:
    return {"app": item.app, "form": item.form, "record": item.record_id}


def _task(item: InboxItem) -> Json:
    return {
        "task": item.task_id,
        **_about(item),
        "step": label_json(item.step_label),
        "code": item.step,
        "state": item.state,
        "reason": item.reason,
        "comment": item.comment,
        "opened_at": instant(item.opened_at),
        "closed_at": instant(item.closed_at),
    }


@route("/inbox/decisions", "POST", "write")
def decide_tasks() -> Response:
    """Answer several tasks alike, each by itself; what is refused leaves the others alone."""
    body = json_body()
    allow_members(body, "decision", "comment", "tasks")
    decision, given = word(body, "decision", acts.DECISIONS), member(body, "tasks", list, [])
    wanted = [_named(each) for each in given]
    if not 0 < len(wanted) <= MOST_TASKS:
        raise BadRequest("member_invalid", {"name": "tasks"})

    def work(act: Act) -> Answer:
        results: list[Json] = []
        for task_id, version in wanted:
            task = inbox.task_of(act, task_id)
            if task is None or task.user_id != act.actor.user_id:
                results.append({"task": task_id, "problem": document(NotFound(), locale())})
                continue
            form = form_of(act, task.app, task.form)
            one = [(form, task.record_id, task_id, version)]
            ((_, error),) = acts.decide_many(act, one, decision, said(body))
            told = {} if error is None else {"problem": document(error, locale())}
            results.append({"task": task_id, **told})
        return Answer(200, {"results": results})

    return write(work, key_required=True)


def _named(given: Any) -> tuple[int, int | None]:
    if not isinstance(given, dict):
        raise BadRequest("member_invalid", {"name": "tasks"})
    allow_members(given, "task", "version")
    task_id, version = member(given, "task", int), member(given, "version", int)
    if task_id is None or not is_key(task_id):
        raise BadRequest("member_invalid", {"name": "task"})
    return task_id, version


@route(f"{RECORD}/flow")
def get_flow(app: str, form: str, record_id: int) -> Response:
    """The rounds of a document: who was asked when and why, what they said, how long it took."""
    allow_parameters()
    with reading() as act:
        found = form_of(act, app, form)
        if query.record(act, found, record_id) is None and not _is_asked(act, app, form, record_id):
            raise NotFound
        rounds = timeline.rounds(act, app, form, record_id)
        entries = (entry for each in rounds for entry in each.entries)
        people = {each.user_id for each in entries if each.user_id is not None}
        names = users.names(act.connection, people)
    return json_answer({"rounds": [_round(each, names) for each in rounds]})


def _is_asked(act: Act, app: str, form: str, record_id: int) -> bool:
    tasks = inbox.of_record(act, app, form, record_id)
    return any(each.user_id == act.actor.user_id for each in tasks)


def _round(found: timeline.Round, names: Any) -> Json:
    return {
        "number": found.number,
        "state": found.state,
        "started_at": instant(found.started_at),
        "ended_at": instant(found.ended_at),
        "entries": [
            {
                "step": each.step,
                "label": each.label.text(locale()),
                "task": each.task_id,
                "person": names.get(each.user_id, ""),
                "state": each.state,
                "reason": each.reason,
                "comment": each.comment,
                "opened_at": instant(each.opened_at),
                "closed_at": instant(each.closed_at),
                "seconds": each.seconds,
            }
            for each in found.entries
        ],
    }


@route(f"{FORM}/flow/preview", "POST", "read")
def preview_flow(app: str, form: str) -> Response:
    """The way a document would take if it were submitted as it is typed, and whom it would ask."""
    body = json_body()
    allow_members(body, "values", "record")
    values, record_id = member(body, "values", dict, {}), member(body, "record", int)
    with reading() as act:
        found = form_of(act, app, form)
        access.require(act.actor, "submit", found)
        if record_id is not None and query.record(act, found, record_id) is None:
            raise NotFound
        path = preview(act, found, values, record_id=record_id)
        asked = {each.user_id for step in path.steps for each in step.people}
        names = users.names(act.connection, asked)
    steps = [
        {
            "step": each.step_id,
            "label": path.named(each.step_id, locale()),
            "kind": each.kind,
            "depth": each.depth,
            "people": [names.get(one.user_id, "") for one in each.people],
            "ways": list(each.ways),
            "state": each.state,
        }
        for each in path.steps
    ]
    problem = None if path.problem is None else document(path.problem, locale())
    return json_answer({"steps": steps, "outcome": path.outcome, "problem": problem})


@route(RUNS, permission="admin")
def list_runs(app: str) -> Response:
    """What the automations of an app did, the latest first."""
    allow_parameters("code", "state", "from", "limit")
    limit = whole_number("limit", runs.PAGE, highest=LARGEST_SIZE)
    before = whole_number("from", 1, highest=LARGEST_KEY) if parameter("from") else None
    with reading() as act:
        code, state = parameter("code") or None, parameter("state") or None
        found = runs.listed(
            act, app_of(act, app).code, code=code, state=state, before=before, limit=limit
        )
    return json_answer({"runs": [_run(each) for each in found]})


@route(f"{RUNS}/<int:run_id>", permission="admin")
def get_run(app: str, run_id: int) -> Response:
    """One run: what each step read and wrote, what failed, which runs led to it."""
    allow_parameters()
    with reading() as act:
        found = runs.detail(act, run_id)
    if found.row.app != app:
        raise NotFound
    steps = [
        {"step": each.step, "label": each.label.text(locale()), "kind": each.kind,
         "at": instant(each.at), "state": each.state, "read": [list(one) for one in each.read],
         "wrote": [list(one) for one in each.wrote]}
        for each in found.steps
    ]  # fmt: skip
    problems = [
        {"pointer": pointer, "code": code, "message": message(code, params, locale())}
        for pointer, code, params in found.problems
    ]
    chain = [_run(each) for each in found.chain]
    return json_answer({**_run(found.row), "steps": steps, "problems": problems, "chain": chain})


@route(f"{RUNS}/<int:run_id>/retry", "POST", "write", permission="admin")
def retry_run(app: str, run_id: int) -> Response:
    """Try a failed run again, from the first step that was undone."""

    def work(act: Act) -> Answer:
        if runs.found(act, run_id).app != app:
            raise NotFound
        return Answer(200, {"state": runs.retry(act, platform().catalogue, run_id)})

    return write(work, key_required=True)


def _run(row: RunRow) -> dict[str, Json]:
    error = None if row.error is None else message(row.error, row.error_params, locale())
    return {
        "id": row.id,
        "code": row.code,
        "label": row.label.text(locale()),
        "form": row.form,
        "record": row.record_id or None,
        "on": row.on,
        "state": row.state,
        "by": row.by,
        "depth": row.depth,
        "started_at": instant(row.started_at),
        "ended_at": instant(row.ended_at),
        "error": error,
    }
