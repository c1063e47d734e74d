"""`convert_type`: a field becomes one of another kind; options it has no use for are left behind.

Values are converted when the draft is published, after a dry run has said what becomes of them.
"""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.defaults import new_options
from builder.drafts.ops._op import FIELD, Done, Op, shape
from builder.drafts.ops.add_field import NOT_IN_LINES
from builder.drafts.shape import check_field
from builder.drafts.words import said
from builder.drafts.working import Working, label_of, put, refuse
from runtime.kinds.fields import FIELD_TYPES


def _carry_out(work: Working, op: Mapping[str, Any]) -> Done:
    form, field, kind = work.form(op["form"]), work.field(op), op["kind"]
    if kind not in FIELD_TYPES:
        refuse("/kind", "field_kind_unknown", kind=kind)
    if op.get("lines") is not None and kind in NOT_IN_LINES:
        refuse("/kind", f"{kind}_inside_lines")
    if "lines" in {kind, field["kind"]} and kind != field["kind"]:
        # Rows are not a value: one does not become the other.
        refuse("/kind", "draft_lines_stay_lines")
    known = FIELD_TYPES[kind].options.get("properties", {})
    kept = {name: value for name, value in field.get("options", {}).items() if name in known}
    options = {**new_options(kind), **kept, **(op.get("options") or {})}
    field["kind"] = kind
    put(field, "options", options or None, "field")
    check_field(field, "/options", of="/options")
    done = said("draft_said_field_converted", form=label_of(form), field=label_of(field))
    return Done(done)


OP: Final = Op(
    "convert_type",
    shape(
        {**FIELD, "kind": {"type": "string", "maxLength": 40}, "options": {"type": "object"}},
        "form", "field", "kind",
    ),
    _carry_out,
)  # fmt: skip
