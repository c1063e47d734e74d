"""The operations a draft is changed by: the tuple is the list."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from builder.drafts.ops import add_field, delete, move, resize, restore, set, set_form  # noqa: A004
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
        set.OP,
        delete.OP,
        restore.OP,
        set_form.OP,
    ),
)
MOST_OPS: Final = 500


def carry_out(work: Working, ops: Sequence[Mapping[str, Any]]) -> list[Done]:
    """Carry out operations in order. Refuses with the pointer of the one that cannot be."""
    if not 0 < len(ops) <= MOST_OPS:
        params = {"limit": MOST_OPS}
        raise ValidationFailed(
            "draft_op_refused", problems=[Problem("/ops", "draft_ops_number", params)]
        )
    return [_carry_out(work, op, f"/ops/{index}") for index, op in enumerate(ops)]


def _carry_out(work: Working, op: Mapping[str, Any], pointer: str) -> Done:
    kind = op.get("op")
    if not isinstance(kind, str) or kind not in OPS:
        params = {"name": str(kind)[:60]}
        problem = Problem(f"{pointer}/op", "draft_op_unknown", params)
        raise ValidationFailed("draft_op_refused", problems=[problem])
    wrong = [each.under(pointer) for each in schema_problems(OPS[kind].schema, op)]
    if wrong:
        raise ValidationFailed("draft_op_refused", problems=wrong)
    try:
        return OPS[kind].carry_out(work, op)
    except ValidationFailed as error:
        found = [each.under(pointer) for each in error.problems]
        raise ValidationFailed(error.code, error.params, problems=found) from error
