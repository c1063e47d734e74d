"""`parallel`: the flow takes all ways at once and waits for all of them, or for the first."""

from dataclasses import replace
from typing import Any, Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_people import entered
from runtime.kinds.node_type import Step, Turn, Visit


class Parallel:
    """Where the first one through decides, what is under way on the others is dropped."""

    kind: Final = "parallel"
    options: Final = step_options("parallel")
    once: Final = False

    def enter(self, step: Step, visit: Visit) -> Turn:
        """Go into every way."""
        ways = [each["id"] for each in step.options["branches"]]
        return Turn(replace(visit, data={"ways": ways, "left": ways}), enter=entered(ways))

    def on_event(self, step: Step, visit: Visit, event: Any) -> Turn:
        """Nothing is ever asked here."""
        raise AssertionError(f"{step.id} cannot take {event} at visit {visit.no}")

    def way_ended(self, step: Step, visit: Visit, way: str, key: int | None) -> Turn:
        """Join."""
        del key
        left = [each for each in visit.data["left"] if each != way]
        visit = replace(visit, data={**visit.data, "left": left})
        if step.options.get("join", "all") == "any":
            return Turn(visit, (), "next", drops_rest=True)
        return Turn(visit, (), None if left else "next")
