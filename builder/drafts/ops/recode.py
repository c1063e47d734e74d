"""`recode`: another code for a field that was never published; whatever names it follows."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.defaults import taken_codes
from builder.drafts.flow_fields import follow_in_flows
from builder.drafts.formulas import keep_by_ids
from builder.drafts.ops._op import FIELD, Done, Op, shape
from builder.drafts.renaming import Renaming, rename
from builder.drafts.shape import check_field
from builder.drafts.words import said
from builder.drafts.working import Refusal, Working, id_of, label_of, place
from runtime.infra.errors import Problem


def _carry_out(work: Working, op: Mapping[str, Any]) -> Done:
    field, lines, code = work.field(op), op.get("lines"), op["code"]
    old = field["code"]
    forbidden = _forbidden(work, op, field)
    if forbidden is not None and not op.get("if_free"):
        raise Refusal(forbidden)
    form = work.form(op["form"])
    done = said("draft_said_field_recoded", form=label_of(form), field=label_of(field))
    if forbidden is not None:
        return Done(done)
    keep_by_ids(work, old)
    what = Renaming(op["form"], lines, old, code)
    follow_in_flows(work, what)
    field = work.field(op)
    if "id" not in field:
        # Formulas may name it by what was its code: that stays its id.
        place(field, "id", old, "field")
    field["code"] = code
    check_field(field, "/code", of="/code")
    rename(work, what)
    return Done(done, code)


def _forbidden(work: Working, op: Mapping[str, Any], field: Mapping[str, Any]) -> Problem | None:
    """Why the field cannot have the code; `if_free` leaves it as it is then."""
    lines, old, code = op.get("lines"), field["code"], op["code"]
    if old in work.here.published(op["form"], lines):
        return Problem("/field", "draft_code_published", {"name": old})
    if code != old and code in taken_codes(work, op["form"], lines) - {id_of(field)}:
        return Problem("/code", "code_twice", {"code": code})
    return None


OP: Final = Op(
    "recode",
    shape(
        {**FIELD, "code": {"type": "string", "maxLength": 40}, "if_free": {"type": "boolean"}},
        "form", "field", "code",
    ),
    _carry_out,
)  # fmt: skip
