"""`fill`: people complete the document; there is nothing to be refused."""

from typing import Any, Final

from runtime.definitions.workflow import step_options
from runtime.kinds import node_people
from runtime.kinds.node_people import Verdict
from runtime.kinds.node_type import SETTLED, Step, Turn, Visit


class Fill:
    """Whoever is asked fills in what the step asks for and hands the document on."""

    kind: Final = "fill"
    options: Final = step_options("fill")
    once: Final = False

    def enter(self, step: Step, visit: Visit) -> Turn:
        """Ask for the people."""
        return node_people.enter(step, visit)

    def on_event(self, step: Step, visit: Visit, event: Any) -> Turn:
        """Open the tasks of those found, take down who is through, hand a task on."""
        return node_people.on_event(step, visit, event, count)

    def way_ended(self, step: Step, visit: Visit, way: str, key: int | None) -> Turn:
        """There are no steps inside."""
        return node_people.no_ways(step, f"{way}@{visit.no}", key)


def count(step: Step, visit: Visit) -> Verdict:
    """Whether one of them has done it, or everybody."""
    through = [all(task.state in SETTLED for task in chain) for chain in visit.chains()]
    enough = any(through) if step.options.get("mode", "any") == "any" else all(through)
    return "approve" if enough else None
