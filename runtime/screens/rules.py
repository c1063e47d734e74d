"""What the rules say of what has been typed so far: for conditions a page cannot ask by itself."""

from flask import Response, jsonify, request

from runtime import documents, query
from runtime.infra.errors import Forbidden, NotFound
from runtime.screens.acting import form_of, reading
from runtime.screens.documents import BODY
from runtime.screens.form_rights import may_edit
from runtime.screens.form_values import read_form
from runtime.screens.routes import permission


@permission("view", body=BODY)
def rule_states(app_code: str, form_code: str, record_id: int | None = None) -> Response:
    """Answer which rules hold, by their codes; nothing is written."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        record = None if record_id is None else query.record(act, form, record_id)
        if record_id is not None and record is None:
            raise NotFound
        if not may_edit(act, form, record):
            raise Forbidden
        posted = read_form(act, form, request.form)
        said = documents.states_of(act, form, posted.values, record_id)
        return jsonify(held={code: list(answers) for code, answers in said.holds.items()})
