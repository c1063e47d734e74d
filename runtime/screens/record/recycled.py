"""The recycle bin of a form: what lies in it, one of them looked at, brought back, let go."""

from datetime import timedelta
from math import ceil
from typing import Final

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from runtime import documents
from runtime.compile import Form
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.errors import AppError
from runtime.screens.acting import carry_out, form_of, reading
from runtime.screens.documents import ANSWERED_HERE, go_to_record
from runtime.screens.form_fields import numbers
from runtime.screens.form_page import Content, page_of
from runtime.screens.form_report import Report, report_of
from runtime.screens.i18n import label
from runtime.screens.render import go, render
from runtime.screens.routes import permission

DAY: Final = timedelta(days=1)


@permission("delete")
def recycle_bin(app_code: str, form_code: str) -> Response:
    """Show what of a form can be brought back."""
    with reading() as act:
        return _list(act, form_of(act, app_code, form_code))


@permission("delete")
def deleted_record(app_code: str, form_code: str, record_id: int) -> Response:
    """Show a deleted record as it would come back."""
    with reading() as act:
        return _one(act, form_of(act, app_code, form_code), record_id)


@permission("delete")
def undelete_record(app_code: str, form_code: str, record_id: int) -> AnyResponse:
    """Bring a record back."""

    def work(act: Act) -> None:
        documents.undelete(act, form_of(act, app_code, form_code), record_id)

    try:
        carry_out(work)
    except ANSWERED_HERE as error:
        with reading() as act:
            return _one(act, form_of(act, app_code, form_code), record_id, error)
    return go_to_record(app_code, form_code, record_id)


@permission("admin")
def purge_records(app_code: str, form_code: str) -> AnyResponse:
    """Let records go for good."""
    chosen = numbers(request.form.getlist("id"))

    def work(act: Act) -> None:
        documents.purge(act, form_of(act, app_code, form_code), chosen)

    carry_out(work)
    return go("screens.recycle_bin", app_code=app_code, form_code=form_code)


def _list(act: Act, form: Form) -> Response:
    found = documents.deleted(act, form)
    keys = {each.deleted_by for each in found if each.deleted_by is not None}
    return render(
        "record/bin.html",
        form=form,
        form_label=label(form.label),
        rows=found,
        days={each.id: max(ceil((each.gone_at - act.now) / DAY), 0) for each in found},
        names=users.names(act.connection, keys),
        is_admin=act.actor.is_admin,
        list_url=url_for("screens.list_records", app_code=form.app_code, form_code=form.code),
    )


def _one(act: Act, form: Form, record_id: int, refused: AppError | None = None) -> Response:
    record = documents.look(act, form, record_id)
    report: Report | None = None if refused is None else report_of(act, form, refused)
    content = Content(record.values, record.lines, record.labels)
    return render(
        "record/deleted.html",
        status=200 if refused is None else refused.status,
        form=form,
        form_label=label(form.label),
        record=record,
        page=page_of(act, form, record, content, mode="past"),
        report=report,
    )
