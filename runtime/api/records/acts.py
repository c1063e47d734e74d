"""What is done with a document, each act as a resource of its own; and what was done with it."""

from flask import Response, request

from runtime import documents
from runtime.api.acting import allow_members, form_of, member, reading, version_given, write
from runtime.api.problems import locale
from runtime.api.records.places import RECORD, write_record
from runtime.api.routes import allow_parameters, json_answer, json_body, route
from runtime.compile.model import Form
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, NotFound
from runtime.infra.requests import Answer
from runtime.query import Record
from runtime.query.shapes import instant, record_json
from runtime.workflow import inbox


@route(f"{RECORD}/submission", "POST", "write")
def submit_record(app: str, form: str, record_id: int) -> Response:
    """Submit a draft: to its approvers, or straight to the books."""

    def submit(act: Act, found: Form, version: int) -> Record:
        return documents.submit(act, found, record_id, version=version)

    return write_record(app, form, submit)


@route(f"{RECORD}/decision", "POST", "write")
def decide_record(app: str, form: str, record_id: int) -> Response:
    """Answer the caller's open task on a document: `approve` or `reject`."""
    body = json_body()
    allow_members(body, "decision", "comment", "task")
    decision, comment = member(body, "decision", str, ""), member(body, "comment", str, "")
    if decision not in {"approve", "reject"}:
        raise BadRequest("member_invalid", {"name": "decision"})
    named = member(body, "task", int)
    version = version_given() if "If-Match" in request.headers else None

    def work(act: Act) -> Answer:
        found = form_of(act, app, form)
        task_id = own_task(act, found, record_id) if named is None else named
        record = documents.decide(
            act, found, record_id, decision, comment, task_id=task_id, version=version
        )
        # An approver may decide without the right to view.
        return Answer(200, {"id": record_id} if record is None else record_json(record))

    return write(work, key_required=True)


@route(f"{RECORD}/cancellation", "POST", "write")
def cancel_record(app: str, form: str, record_id: int) -> Response:
    """Take a document out of force; what it posted is voided."""
    body = json_body()
    allow_members(body, "reason")
    reason = member(body, "reason", str, "")

    def cancel(act: Act, found: Form, version: int) -> Record:
        return documents.cancel(act, found, record_id, version=version, reason=reason)

    return write_record(app, form, cancel)


@route(f"{RECORD}/history")
def record_history(app: str, form: str, record_id: int) -> Response:
    """What happened to a record, the latest first."""
    allow_parameters()
    with reading() as act:
        happenings = documents.history(act, form_of(act, app, form), record_id, locale=locale())
        shown = [
            {
                "at": instant(happening.at),
                "by": happening.who,
                "source": happening.source,
                "action": happening.action,
                "text": happening.text,
                "comment": happening.comment,
                "changes": list(happening.changes),
            }
            for happening in happenings
        ]
    return json_answer({"history": shown})


def own_task(act: Act, form: Form, record_id: int) -> int:
    """The caller's open task on a document."""
    for item in inbox.of_record(act, form.app_code, form.code, record_id):
        if item.state == "open" and item.user_id == act.actor.user_id:
            return item.task_id
    raise NotFound
