"""`end`: the run is over here, with the outcome the definition says."""

from typing import Any, Final

from runtime.definitions.workflow import step_options
from runtime.kinds import node_people
from runtime.kinds.node_type import Step, Turn, Visit


class End:
    """Steps after it are never reached; inside a sub-flow it ends the sub-flow."""

    kind: Final = "end"
    options: Final = step_options("end")
    once: Final = False

    def enter(self, step: Step, visit: Visit) -> Turn:
        """End the whole run."""
        return Turn(visit, (), step.options.get("outcome", "approved"))

    def on_event(self, step: Step, visit: Visit, event: Any) -> Turn:
        """Nothing is ever asked here."""
        raise AssertionError(f"{step.id} has ended and cannot take {event} at visit {visit.no}")

    def way_ended(self, step: Step, visit: Visit, way: str, key: int | None) -> Turn:
        """There are no steps inside."""
        return node_people.no_ways(step, f"{way}@{visit.no}", key)
