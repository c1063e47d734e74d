"""What the server says of what has been typed so far: rules it alone can ask, and its validator."""

from collections.abc import Callable

from flask import Response, jsonify, request

from runtime import documents, query
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.infra.errors import Forbidden, NotFound, ValidationFailed
from runtime.screens.acting import form_of, reading
from runtime.screens.documents import BODY
from runtime.screens.form_flow import has_task_to_fill, path_of
from runtime.screens.form_report import report_of
from runtime.screens.form_rights import may_edit
from runtime.screens.form_values import Posted, read_form
from runtime.screens.render import render
from runtime.screens.routes import permission


@permission("view", body=BODY)
def rule_states(app_code: str, form_code: str, record_id: int | None = None) -> Response:
    """Answer which rules hold, by their codes; nothing is written."""

    def said(act: Act, form: Form, posted: Posted) -> Response:
        states = documents.states_of(act, form, posted.values, record_id)
        return jsonify(held={code: list(answers) for code, answers in states.holds.items()})

    return _of_typed(app_code, form_code, record_id, said)


@permission("view", body=BODY)
def typed_problems(app_code: str, form_code: str, record_id: int | None = None) -> Response:
    """Answer what is wrong with the boxes that were filled in, by their ids; nothing is written."""

    def said(act: Act, form: Form, posted: Posted) -> Response:
        found = documents.problems_of(act, form, posted.values, record_id)
        if not found:
            return jsonify(problems={})
        report = report_of(act, form, ValidationFailed(problems=found), posted)
        return jsonify(problems=report.by_box)

    return _of_typed(app_code, form_code, record_id, said)


@permission("view", body=BODY)
def typed_path(app_code: str, form_code: str, record_id: int | None = None) -> Response:
    """Draw the way the document would take if it were submitted as it stands on the screen."""

    def said(act: Act, form: Form, posted: Posted) -> Response:
        record = None if record_id is None else query.record(act, form, record_id)
        path = path_of(act, form, posted.values, record)
        return render("document/path.html", path=path)

    return _of_typed(app_code, form_code, record_id, said)


def _of_typed(
    app_code: str,
    form_code: str,
    record_id: int | None,
    said: Callable[[Act, Form, Posted], Response],
) -> Response:
    with reading() as act:
        form = form_of(act, app_code, form_code)
        record = None if record_id is None else query.record(act, form, record_id)
        if record_id is not None and record is None:
            raise NotFound
        is_task = has_task_to_fill(act, form, record)
        if not is_task and not may_edit(act, form, record):
            raise Forbidden
        return said(act, form, read_form(act, form, request.form, is_task=is_task))
