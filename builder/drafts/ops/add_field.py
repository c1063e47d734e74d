"""`add_field`: a new field, in the layout or as a column of a line table."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.access import note_new_field
from builder.drafts.defaults import new_code, new_id, new_label, new_options, taken_codes
from builder.drafts.layout import put_column, put_field
from builder.drafts.ops._op import CODE, LINES, TO, Done, Op, shape
from builder.drafts.shape import check_field
from builder.drafts.words import said
from builder.drafts.working import Object, Working, label_of, place, refuse
from runtime.kinds.fields import FIELD_TYPES

# Kinds a line of a line table cannot have.
NOT_IN_LINES: Final = frozenset({"lines", "rollup"})


def _carry_out(work: Working, op: Mapping[str, Any]) -> Done:
    form, lines = work.form(op["form"]), op.get("lines")
    fields = work.fields(op["form"], lines)
    field = _made(work, op, form)
    fields.append(field)
    if lines is None:
        put_field(form, field["code"], op.get("to", {}))
    else:
        put_column(fields, field["code"], op.get("to", {}))
    note_new_field(work, op["form"], lines, field)
    done = said("draft_said_field_added", form=label_of(form), field=label_of(field))
    return Done(done, field["code"])


def _made(work: Working, op: Mapping[str, Any], form: Object) -> Object:
    given, lines = dict(op["field"]), op.get("lines")
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in FIELD_TYPES:
        refuse("/field/kind", "field_kind_unknown", kind=str(kind))
    if lines is not None and kind in NOT_IN_LINES:
        refuse("/field/kind", f"{kind}_inside_lines")
    given.setdefault("label", new_label(kind, work.fields(op["form"], lines)))
    # Of the right shape first: a code is made of the label.
    check_field({"code": "any", **given}, "/field")
    taken = taken_codes(work, op["form"], lines)
    code = given.get("code") or new_code(work, op["form"], lines, given)
    if code in taken:
        refuse("/field/code", "code_twice", code=code)
    own_id = given.get("id") or new_id(work, form)
    field: Object = {"id": own_id, "code": code, "kind": kind, "label": given["label"]}
    options = {**new_options(kind), **given.get("options", {})}
    if options:
        field["options"] = options
    for name, value in given.items():
        if name not in field and name != "options":
            place(field, name, value, "field")
    return field


OP: Final = Op(
    "add_field",
    shape({"form": CODE, "lines": LINES, "field": {"type": "object"}, "to": TO}, "form", "field"),
    _carry_out,
)
