"""`move`: a field to another place of the layout, a column to another place of its line table."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.layout import put_column, put_field, section_of
from builder.drafts.ops._op import FIELD, TO, Done, Op, shape
from builder.drafts.words import said
from builder.drafts.working import Working, label_of


def _carry_out(work: Working, op: Mapping[str, Any]) -> Done:
    form, field, to = work.form(op["form"]), work.field(op), dict(op["to"])
    if op.get("lines") is not None:
        put_column(work.fields(op["form"], op["lines"]), field["code"], to)
    else:
        if "section" not in to:
            # Without a section it moves within its own.
            to |= {"section": own} if (own := section_of(form, field["code"])) else {}
        put_field(form, field["code"], to)
    return Done(said("draft_said_field_moved", form=label_of(form), field=label_of(field)))


OP: Final = Op("move", shape({**FIELD, "to": TO}, "form", "field", "to"), _carry_out)
