"""`restore`: a deleted field comes back to where it stood."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.layout import put_back
from builder.drafts.ops._op import CODE, LINES, Done, Op, shape
from builder.drafts.words import said
from builder.drafts.working import Working, id_of, label_of, refuse


def _carry_out(work: Working, op: Mapping[str, Any]) -> Done:
    form, lines = work.form(op["form"]), op.get("lines")
    wanted = op["field_id"]
    found = next(
        (
            each
            for each in reversed(work.removed)
            if each.kind == "field" and each.form == op["form"] and each.id == wanted
            and ("lines" not in op or each.lines == lines)
        ),
        None,
    )  # fmt: skip
    if found is None:
        refuse("/field_id", "field_unknown", name=wanted)
    for each in work.fields(found.form, found.lines):
        if found.code == each["code"] or found.id == id_of(each):
            refuse("/field_id", "code_twice", code=found.code)
    put_back(work, found)
    work.removed.remove(found)
    done = said("draft_said_field_restored", form=label_of(form), field=label_of(found.source))
    return Done(done, found.code)


OP: Final = Op(
    "restore",
    shape(
        {"form": CODE, "lines": LINES, "field_id": {"type": "string", "maxLength": 64}},
        "form", "field_id",
    ),
    _carry_out,
)  # fmt: skip
