"""The operations a draft is changed by: the tuple is the list."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, Final

from builder.drafts.ops import (
    access,
    add_field,
    app,
    convert_type,
    delete,
    duplicate,
    flows,
    forms,
    move,
    recode,
    resize,
    restore,
    sections,
    set_field,
    set_form,
)
from builder.drafts.ops._op import Done, Op
from builder.drafts.working import Working
from runtime.definitions.loader import schema_problems
from runtime.infra.errors import Problem, ValidationFailed
from runtime.infra.registry import Registry

OPS: Final[Registry[Op]] = Registry(
    "operation",
    (
        add_field.OP,
        move.OP,
        resize.OP,
        set_field.OP,
        delete.OP,
        restore.OP,
        duplicate.OP,
        convert_type.OP,
        recode.OP,
        *sections.OPS,
        set_form.OP,
        *forms.OPS,
        *access.OPS,
        *flows.OPS,
        *app.OPS,
    ),
)
MOST_OPS: Final = 500


def carry_out(work: Working, ops: Sequence[Any]) -> list[Done]:
    """Carry out operations in order. Refuses with the pointer of the one that cannot be."""
    if not 0 < len(ops) <= MOST_OPS:
        params = {"limit": MOST_OPS}
        raise ValidationFailed(
            "draft_op_refused", problems=[Problem("/ops", "draft_ops_number", params)]
        )
    # Values of an operation become part of the app, which later ones may change.
    return [_carry_out(work, op, f"/ops/{index}") for index, op in enumerate(deepcopy(list(ops)))]


def _carry_out(work: Working, op: Any, pointer: str) -> Done:
    kind = op.get("op") if isinstance(op, Mapping) else None
    if not isinstance(kind, str) or kind not in OPS:
        params = {"name": str(kind)[:60]}
        problem = Problem(f"{pointer}/op", "draft_op_unknown", params)
        raise ValidationFailed("draft_op_refused", problems=[problem])
    wrong = [each.under(pointer) for each in schema_problems(OPS[kind].schema, op)]
    if wrong:
        raise ValidationFailed("draft_op_refused", problems=wrong)
    before = work.here.bound(work.source)
    try:
        done = OPS[kind].carry_out(work, op)
    except ValidationFailed as error:
        found = [each.under(pointer) for each in error.problems]
        raise ValidationFailed(error.code, error.params, problems=found) from error
    _require_bound(work, before, pointer)
    return done


def _require_bound(work: Working, before: Sequence[Problem], pointer: str) -> None:
    """Refuse to take from the books what they are bound to."""
    known = {(each.code, str(each.params)) for each in before}
    taken = [
        Problem(pointer, each.code, each.params)
        for each in work.here.bound(work.source)
        if (each.code, str(each.params)) not in known
    ]
    if taken:
        raise ValidationFailed("draft_op_refused", problems=taken)
