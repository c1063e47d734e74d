"""Records: list, read, create, update, delete, and the acts on documents as resources."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from runtime import documents, query
from runtime.api.acting import (
    allow_members,
    etag,
    flag,
    form_of,
    member,
    reading,
    version_given,
    write,
)
from runtime.api.problems import locale
from runtime.api.routes import (
    allow_parameters,
    json_answer,
    json_body,
    parameter,
    route,
    whole_number,
)
from runtime.api.shapes import instant, page_json, record_json
from runtime.compile.model import Form
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, NotFound
from runtime.infra.requests import Answer
from runtime.query import Filter, PageRequest, Record
from runtime.workflow import inbox

FORM: Final = "/apps/<app>/forms/<form>"
RECORDS: Final = f"{FORM}/records"
RECORD: Final = f"{RECORDS}/<int:record_id>"
DEFAULT_SIZE: Final = 50
LARGEST_SIZE: Final = 200
MOST_FILTERS: Final = 50
FILTER: Final = "filter."


@route(RECORDS)
def list_records(app: str, form: str) -> Response:
    """One page of records; `next` is the cursor of the following one, empty at the end."""
    allow_parameters("columns", "sort", "search", "cursor", "limit", prefix=FILTER)
    wanted = _page_request()
    with reading() as act:
        page = query.page(act, form_of(act, app, form), wanted)
    return json_answer({"records": page_json(page), "next": _signed(page.next)})


@route(RECORDS, "POST", "write")
def create_record(app: str, form: str) -> Response:
    """Create a record; with `"submit": true` a document is complete and submitted at once."""
    body = json_body()
    allow_members(body, "values", "submit")
    values = member(body, "values", dict, {})
    create = documents.create_and_submit if flag(body, "submit") else documents.create

    def work(act: Act) -> Answer:
        with _pointing():
            return Answer(201, record_json(create(act, form_of(act, app, form), values)))

    response = write(work, key_required=True)
    made: Any = response.get_json()
    response.headers["Location"] = f"{request.path}/{made['id']}"
    return response


@route(RECORD)
def get_record(app: str, form: str, record_id: int) -> Response:
    """A record with its lines; `ETag` is its version."""
    allow_parameters()
    with reading() as act:
        found = query.record(act, form_of(act, app, form), record_id)
    if found is None:
        raise NotFound
    return json_answer(record_json(found), ETag=etag(found.version))


@route(RECORD, "PATCH", "write")
def update_record(app: str, form: str, record_id: int) -> Response:
    """Change the named values; a line table that is named is replaced as a whole."""
    body = json_body()
    allow_members(body, "values")
    values = member(body, "values", dict, {})

    def change(act: Act, found: Form, version: int) -> Record:
        return documents.update(act, found, record_id, values, version=version)

    return _write_record(app, form, change, key_required=False)


@route(RECORD, "DELETE", "write")
def delete_record(app: str, form: str, record_id: int) -> Response:
    """Remove a draft, or master data nothing points to."""
    version = version_given()

    def work(act: Act) -> Answer:
        documents.delete(act, form_of(act, app, form), record_id, version=version)
        return Answer(204, None)

    return write(work, key_required=False)


@route(f"{RECORD}/submission", "POST", "write")
def submit_record(app: str, form: str, record_id: int) -> Response:
    """Submit a draft: to its approvers, or straight to the books."""

    def submit(act: Act, found: Form, version: int) -> Record:
        return documents.submit(act, found, record_id, version=version)

    return _write_record(app, form, submit)


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
        task_id = _own_task(act, app, form, record_id) if named is None else named
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

    return _write_record(app, form, cancel)


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


def _write_record(
    app: str, form: str, verb: Callable[[Act, Form, int], Record], *, key_required: bool = True
) -> Response:
    version = version_given()

    def work(act: Act) -> Answer:
        with _pointing():
            return Answer(200, record_json(verb(act, form_of(act, app, form), version)))

    return write(work, key_required=key_required)


@contextmanager
def _pointing() -> Iterator[None]:
    """Let problems point into the body that was sent, where values stand under `/values`."""
    try:
        yield
    except AppError as error:
        error.problems = tuple(problem.under("/values") for problem in error.problems)
        raise


def _own_task(act: Act, app: str, form: str, record_id: int) -> int:
    for item in inbox.of_record(act, app, form, record_id):
        if item.state == "open" and item.user_id == act.actor.user_id:
            return item.task_id
    raise NotFound


def _page_request() -> PageRequest:
    filters = tuple(_filter(name) for name in request.args if name.startswith(FILTER))
    if len(filters) > MOST_FILTERS:
        raise BadRequest("too_many_parameters", {"limit": MOST_FILTERS})
    columns = parameter("columns")
    return PageRequest(
        columns=tuple(columns.split(",")) if columns else (),
        filters=filters,
        sort=parameter("sort"),
        search=parameter("search")[:200],
        after=_unsigned(parameter("cursor")),
        size=whole_number("limit", DEFAULT_SIZE, highest=LARGEST_SIZE),
    )


def _filter(name: str) -> Filter:
    """Read `filter.<field>.<operator>=a,b`."""
    field, _, operator = name.removeprefix(FILTER).partition(".")
    text = parameter(name)
    several = operator in {"any_of", "none_of", "between", "has_any"} or field == "status"
    values = tuple(text.split(",")) if several else (text,) if text else ()
    if len(values) > 500:
        raise BadRequest("too_many_parameters", {"limit": 500})
    return Filter(field, operator or "equals", values)


def _serializer() -> URLSafeSerializer:
    # A cursor is good for the one who got it and for the list it was made for.
    asked = sorted((k, v) for k, v in request.args.items() if k not in {"cursor", "limit"})
    salt = f"cursor {g.actor.user_id} {request.path} {asked}"
    return URLSafeSerializer(current_app.secret_key or "", salt=salt)


def _signed(cursor: str) -> str:
    return str(_serializer().dumps(cursor)) if cursor else ""


def _unsigned(text: str) -> str:
    if not text:
        return ""
    try:
        return str(_serializer().loads(text))
    except BadSignature as error:
        raise BadRequest("cursor_invalid") from error
