"""`recode`: another code for a field that was never published; whatever names it follows."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.defaults import taken_codes
from builder.drafts.formulas import keep_by_ids
from builder.drafts.ops._op import FIELD, Done, Op, shape
from builder.drafts.renaming import Renaming, rename
from builder.drafts.shape import check_field
from builder.drafts.words import said
from builder.drafts.working import Working, id_of, label_of, place, refuse


def _carry_out(work: Working, op: Mapping[str, Any]) -> Done:
    field, lines, code = work.field(op), op.get("lines"), op["code"]
    old = field["code"]
    if old in work.here.published(op["form"], lines):
        refuse("/field", "draft_code_published", name=old)
    if code != old and code in taken_codes(work, op["form"], lines) - {id_of(field)}:
        refuse("/code", "code_twice", code=code)
    keep_by_ids(work, old)
    field = work.field(op)
    if "id" not in field:
        # Formulas may name it by what was its code: that stays its id.
        place(field, "id", old, "field")
    field["code"] = code
    check_field(field, "/code", of="/code")
    rename(work, Renaming(op["form"], lines, old, code))
    form = work.form(op["form"])
    return Done(said("draft_said_field_recoded", form=label_of(form), field=label_of(field)), code)


OP: Final = Op(
    "recode",
    shape({**FIELD, "code": {"type": "string", "maxLength": 40}}, "form", "field", "code"),
    _carry_out,
)
