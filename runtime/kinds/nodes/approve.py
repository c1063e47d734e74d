"""`approve`: people say yes or no; how many of them it takes is the mode's to say."""

from typing import Any, Final

from runtime.definitions.workflow import step_options
from runtime.kinds import node_people
from runtime.kinds.node_people import Verdict
from runtime.kinds.node_type import SETTLED, Step, Turn, Visit


class Approve:
    """One rejection ends the run, or counts as a voice against; what approves is the mode's."""

    kind: Final = "approve"
    options: Final = step_options("approve")
    once: Final = False

    def enter(self, step: Step, visit: Visit) -> Turn:
        """Ask for the people."""
        return node_people.enter(step, visit)

    def on_event(self, step: Step, visit: Visit, event: Any) -> Turn:
        """Open the tasks of those found, count a decision, hand a task on."""
        return node_people.on_event(step, visit, event, count)

    def way_ended(self, step: Step, visit: Visit, way: str, key: int | None) -> Turn:
        """There are no steps inside."""
        return node_people.no_ways(step, f"{way}@{visit.no}", key)


def count(step: Step, visit: Visit) -> Verdict:
    """Whether enough voices are for it, or too many against it."""
    voices = [_voice(chain) for chain in visit.chains()]
    against = voices.count("reject")
    if against and step.options.get("reject", "ends") == "ends":
        return "reject"
    need = needed(step, len(voices))
    if voices.count("approve") >= need:
        return "approve"
    return "reject" if len(voices) - against < need else None


def needed(step: Step, people: int) -> int:
    """How many of the people asked have to say yes."""
    mode = "in_order" if node_people.is_in_order(step) else step.options.get("mode", "any")
    match mode:
        case "any":
            return 1
        case "percent":
            return max(-(-people * int(step.options["percent"]) // 100), 1)
        case "count":
            return min(int(step.options["count"]), people)
    return people


def _voice(chain: tuple[Any, ...]) -> Verdict:
    if any(task.state == "rejected" for task in chain):
        return "reject"
    return "approve" if all(task.state in SETTLED for task in chain) else None
