"""`branch`: the flow takes the first way whose condition holds, or every one of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_events import Answered, Ask
from runtime.kinds.node_people import entered
from runtime.kinds.node_type import Step, Turn, Visit


class Branch:
    """What holds is asked of the document at the moment the flow comes by."""

    kind: Final = "branch"
    options: Final = step_options("branch")
    once: Final = False

    def enter(self, step: Step, visit: Visit) -> Turn:
        """Ask which conditions hold."""
        return Turn(visit, (Ask(visit.no, step.id),))

    def on_event(self, step: Step, visit: Visit, event: Any) -> Turn:
        """Go into the ways that were found; where there is none, the branch is passed over."""
        assert isinstance(event, Answered), "nothing else is asked here"
        holding = set(event.answer["holds"])
        ways = taken(step, holding)
        visit = replace(visit, data={**event.answer, "ways": ways, "left": ways})
        if not ways:
            return Turn(visit, (), "next")
        return Turn(visit, enter=entered(ways))

    def way_ended(self, step: Step, visit: Visit, way: str, key: int | None) -> Turn:
        """Go on once every way that was taken has come to its end."""
        del step, key
        left = [each for each in visit.data["left"] if each != way]
        visit = replace(visit, data={**visit.data, "left": left})
        return Turn(visit, (), None if left else "next")


def taken(step: Step, holding: set[str]) -> list[str]:
    """The ways the flow takes where these conditions hold; `else` takes what nobody else does."""
    branches: list[Mapping[str, Any]] = step.options["branches"]
    ways = [each["id"] for each in branches if each["id"] in holding and not each.get("else")]
    if not ways:
        return [each["id"] for each in branches if each.get("else")][:1]
    return ways[:1] if step.options.get("match", "first") == "first" else ways
