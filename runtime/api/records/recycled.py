"""The recycle bin of a form: what lies in it, one look at it, back again, and gone for good."""

from typing import Final

from flask import Response

from runtime import documents
from runtime.api.acting import form_of, reading, write
from runtime.api.records.places import FORM, pointing
from runtime.api.routes import allow_parameters, json_answer, route
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.infra.requests import Answer
from runtime.query.shapes import instant, record_json

BIN: Final = f"{FORM}/bin"
DELETED: Final = f"{BIN}/<int:record_id>"


@route(BIN)
def list_deleted(app: str, form: str) -> Response:
    """What of a form was deleted and can be brought back by the caller, the latest first."""
    allow_parameters()
    with reading() as act:
        found = documents.deleted(act, form_of(act, app, form))
    shown = [
        {
            "id": each.id,
            "title": each.title,
            "status": each.status,
            "deleted_by": each.deleted_by,
            "deleted_at": instant(each.deleted_at),
            "gone_at": instant(each.gone_at),
        }
        for each in found
    ]
    return json_answer({"records": shown})


@route(DELETED)
def get_deleted(app: str, form: str, record_id: int) -> Response:
    """A deleted record as it would be if it were there."""
    allow_parameters()
    with reading() as act:
        body = record_json(documents.look(act, form_of(act, app, form), record_id))
    return json_answer(body)


@route(f"{DELETED}/restoration", "POST", "write")
def undelete_record(app: str, form: str, record_id: int) -> Response:
    """Bring a deleted record back, with its id and those of its lines."""

    def work(act: Act) -> Answer:
        with pointing():
            back = documents.undelete(act, form_of(act, app, form), record_id)
        return Answer(200, record_json(back))

    return write(work, key_required=True)


@route(DELETED, "DELETE", "write", permission="admin")
def purge_record(app: str, form: str, record_id: int) -> Response:
    """Let a deleted record go for good; for administrators."""

    def work(act: Act) -> Answer:
        if documents.purge(act, form_of(act, app, form), [record_id]) == 0:
            raise NotFound
        return Answer(204, None)

    return write(work, key_required=False)
