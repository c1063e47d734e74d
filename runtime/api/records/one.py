"""One record: made, read, changed, removed."""

from datetime import datetime

from flask import Response, request

from runtime import documents, query
from runtime.api.acting import (
    allow_members,
    etag_of,
    flag,
    form_of,
    member,
    reading,
    version_given,
    write,
)
from runtime.api.records.past import instant_of
from runtime.api.records.places import RECORD, RECORDS, pointing, write_record
from runtime.api.routes import allow_parameters, json_answer, json_body, parameter, route
from runtime.compile.model import Form
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.infra.requests import Answer
from runtime.query import Record
from runtime.query.shapes import record_json


@route(RECORDS, "POST", "write")
def create_record(app: str, form: str) -> Response:
    """Create a record; with `"submit": true` a document is complete and submitted at once."""
    body = json_body()
    allow_members(body, "values", "submit")
    values = member(body, "values", dict, {})
    create = documents.create_and_submit if flag(body, "submit") else documents.create

    def work(act: Act) -> Answer:
        with pointing():
            return Answer(201, record_json(create(act, form_of(act, app, form), values)))

    return write(work, key_required=True, located=request.path)


@route(RECORD)
def get_record(app: str, form: str, record_id: int) -> Response:
    """A record with its lines; `ETag` begins with its version, `If-None-Match` answers 304.

    With `as_of`, an instant with its zone, it is the record as it was then.
    """
    allow_parameters("as_of")
    moment = instant_of(parameter("as_of", ""))
    with reading() as act:
        found = _found(act, form_of(act, app, form), record_id, moment)
    if found is None:
        raise NotFound
    body = record_json(found)
    answer = json_answer(body, ETag=etag_of(found.version, body))
    if request.if_none_match.contains_weak(answer.headers["ETag"].strip('"')):
        return Response(status=304, headers={"ETag": answer.headers["ETag"]})
    return answer


def _found(act: Act, form: Form, record_id: int, moment: datetime | None) -> Record | None:
    if moment is None:
        return query.record(act, form, record_id)
    return documents.as_of(act, form, record_id, moment=moment)


@route(RECORD, "PATCH", "write")
def update_record(app: str, form: str, record_id: int) -> Response:
    """Change the named values; a line table that is named is replaced as a whole."""
    body = json_body()
    allow_members(body, "values")
    values = member(body, "values", dict, {})

    def change(act: Act, found: Form, version: int) -> Record:
        return documents.update(act, found, record_id, values, version=version)

    return write_record(app, form, change, key_required=False)


@route(RECORD, "DELETE", "write")
def delete_record(app: str, form: str, record_id: int) -> Response:
    """Remove a draft, or master data nothing points to."""
    version = version_given()

    def work(act: Act) -> Answer:
        documents.delete(act, form_of(act, app, form), record_id, version=version)
        return Answer(204, None)

    return write(work, key_required=False)
