"""Who need not be asked again: they have said yes in this run already."""

from collections.abc import Iterable

from runtime.kinds.node_events import Approver
from runtime.kinds.node_type import Step, Visit
from runtime.workflow.instance import Instance


def passes(
    instance: Instance, step: Step, visit: Visit, approvers: Iterable[Approver]
) -> frozenset[int]:
    """Those of the people found who are taken to have answered.

    Where something is demanded of whoever decides, or a field is to be filled, everybody is asked.
    """
    found = frozenset(each.user_id for each in approvers)
    if step.kind != "approve" or demands(step):
        return frozenset()
    passed: frozenset[int] = frozenset()
    if step.options.get("self") == "pass":
        passed |= found & instance.authors()
    rule = step.options.get("same_person", instance.flow.rule("same_person"))
    if rule != "ask":
        passed |= found & frozenset(_approved(instance, visit, is_any=rule == "any"))
    return passed


def demands(step: Step) -> bool:
    """Whether a step wants more of people than yes or no."""
    demanded = step.options.get("demand", {}).get("approve")
    return bool(demanded) or "require" in step.options.get("access", {}).values()


def _approved(instance: Instance, here: Visit, *, is_any: bool) -> Iterable[int]:
    """Who approved since the document was last sent back: anywhere, or just before."""
    for visit in reversed(instance.visits[instance.since : here.no - 1]):
        people = [task.approver.user_id for task in visit.tasks if task.state == "approved"]
        yield from people
        if people and not is_any:
            return
