"""`delete`: a field goes to the bin with every place it stood in."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.access import decide
from builder.drafts.layout import take_out
from builder.drafts.model import Removed
from builder.drafts.ops._op import FIELD, Done, Op, shape
from builder.drafts.words import said
from builder.drafts.working import Working, id_of, label_of


def _carry_out(work: Working, op: Mapping[str, Any]) -> Done:
    form = work.form(op["form"])
    field, places = take_out(work, op)
    here = work.here
    work.removed.append(
        Removed(
            kind="field",
            form=op["form"],
            lines=op.get("lines"),
            code=field["code"],
            id=id_of(field),
            source=field,
            places=places,
            by=here.by,
            at=here.at,
            version=here.version,
        )
    )
    decide(work, op["form"], op.get("lines"), id_of(field))
    return Done(said("draft_said_field_deleted", form=label_of(form), field=label_of(field)))


OP: Final = Op("delete", shape(FIELD, "form", "field"), _carry_out)
