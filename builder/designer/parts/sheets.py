"""What the sheets of parts have in common: the revision they were drawn at, and deletion."""

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from runtime.infra.errors import BadRequest
from runtime.screens.acting import carry_out
from runtime.screens.render import go


def base_of_sheet() -> int:
    """The revision of the draft a sheet was drawn at."""
    base = request.form.get("rev", type=int)
    if base is None:
        raise BadRequest("form_incomplete")
    return base


def taken_out(app_code: str, part: str, code: str) -> AnyResponse:
    """Delete a member of a part (`conversions`, `aggregates`) and go on to the list of them."""
    op = {"op": "set_part", "part": part, "code": code, "value": None}
    base = base_of_sheet()
    carry_out(lambda act: drafts.apply(act, app_code, base, [op]))
    return go(f"designer.{part}", app_code=app_code)
