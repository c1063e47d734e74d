"""What may stand in the flow of a draft: the right shape, though its author may not be done."""

from typing import Any, Final

from builder.drafts.shape import NOT_YET
from builder.drafts.working import Object, Refusal
from runtime.definitions.loader import part_problems

# Of several things a step needs one: which, its author has not said yet.
_EITHER: Final = "property_invalid"


def check_flow(flow: Object) -> None:
    """Refuse a flow that is not of the right shape."""
    for problem in part_problems("workflow", flow):
        if problem.code not in NOT_YET and not _may_wait(problem.code, flow, problem.pointer):
            raise Refusal(problem)


def _may_wait(code: str, flow: Object, pointer: str) -> bool:
    """Whether a problem is that a step does not say yet which of several things it is about."""
    if code != _EITHER:
        return False
    found: Any = flow
    for part in pointer.strip("/").split("/"):
        found = found[int(part)] if isinstance(found, list) else found.get(part, {})
    if not isinstance(found, dict):
        return False
    is_open = pointer.endswith("/match") and found == {}
    return is_open or found.get("type") in {"wait", "loop"} or "by" in found
