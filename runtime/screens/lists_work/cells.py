"""One cell of a list edited in place: the box, and the saving of what was typed into it."""

from typing import Final

from flask import Response, jsonify, request

from runtime import documents, query
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.infra.errors import (
    AppError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    ValidationFailed,
)
from runtime.screens.acting import carry_out, form_of, reading
from runtime.screens.form_fields import field_view
from runtime.screens.form_rights import may_edit
from runtime.screens.form_values import read_some
from runtime.screens.i18n import said
from runtime.screens.lists_work.boxes import box_of, editable_fields, shown, words_of
from runtime.screens.render import render
from runtime.screens.routes import permission

MOST_COLUMNS: Final = 200


@permission("update")
def cell_box(app_code: str, form_code: str, record_id: int, field_code: str) -> Response:
    """Answer the box for one field of one record; what may not be typed over says why not."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        record = _record(act, form, record_id)
        item = _field(act, form, field_code)
        _require_open(act, form, record)
        view = field_view(act, form, item)
        cell = box_of(act, item, record)
        return render("lists_work/cell.html", f=view, c=cell, version=record.version)


@permission("update")
def save_cell(app_code: str, form_code: str, record_id: int, field_code: str) -> Response:
    """Save one field; the answer is what the row's cells show now, or what is wrong."""
    version = request.form.get("version", type=int)
    if version is None:
        raise BadRequest("form_incomplete")

    def work(act: Act) -> None:
        form = form_of(act, app_code, form_code)
        item = _field(act, form, field_code)
        values = read_some(act, form, request.form, [item])
        documents.update(act, form, record_id, values, version=version)

    try:
        carry_out(work)
    except (ValidationFailed, Conflict) as error:
        return _refused(app_code, form_code, error)
    codes = request.form.get("columns", "").split(",")[:MOST_COLUMNS]
    with reading() as act:
        form = form_of(act, app_code, form_code)
        record = query.record(act, form, record_id)
        cells = shown(act, form, record_id, codes) if record is not None else {}
        return jsonify({"cells": cells, "version": record.version if record else 0})


def _refused(app_code: str, form_code: str, error: AppError) -> Response:
    with reading() as act:
        words = words_of(form_of(act, app_code, form_code), error)
    answer = jsonify({"problems": words})
    answer.status_code = error.status
    return answer


def _record(act: Act, form: Form, record_id: int) -> query.Record:
    record = query.record(act, form, record_id)
    if record is None:
        raise NotFound
    return record


def _field(act: Act, form: Form, code: str) -> Field:
    for item in editable_fields(act, form, in_cell=True):
        if item.code == code:
            return item
    raise NotFound("cell_not_editable")


def _require_open(act: Act, form: Form, record: query.Record) -> None:
    """Refuse at once, in words, what saving would refuse."""
    if may_edit(act, form, record):
        return
    if form.is_document and record.status not in {"draft", "rejected"}:
        raise Conflict("not_editable", {"status": record.status})
    raise Forbidden("form_forbidden", {"verb": "update", "form": said(form.label.zh)})
