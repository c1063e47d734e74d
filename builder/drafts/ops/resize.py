"""`resize`: how many of the twelve columns a field takes."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.ops._op import FIELD, Done, Op, shape
from builder.drafts.shape import check_field
from builder.drafts.words import said
from builder.drafts.working import Working, label_of, put


def _carry_out(work: Working, op: Mapping[str, Any]) -> Done:
    form, field = work.form(op["form"]), work.field(op)
    put(field, "width", op["width"], "field")
    check_field(field, "/width", of="/width")
    return Done(said("draft_said_field_resized", form=label_of(form), field=label_of(field)))


OP: Final = Op(
    "resize",
    shape({**FIELD, "width": {"type": ["integer", "null"]}}, "form", "field", "width"),
    _carry_out,
)
