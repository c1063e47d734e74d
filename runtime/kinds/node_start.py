"""The initiator's own place in a flow: where a document goes that is sent back to them.

It stands in no definition and is no step of the palette; the engine alone comes by.
"""

from typing import Any, Final

from runtime.kinds import node_people
from runtime.kinds.node_events import Decided, Expired, OpenTask
from runtime.kinds.node_type import Step, Turn, Visit
from runtime.kinds.nodes.fill import count


class Start:
    """Whoever submitted the document puts it right and hands it in again."""

    kind: Final = "start"
    options: Final[dict[str, Any]] = {}
    once: Final = False

    def enter(self, step: Step, visit: Visit) -> Turn:
        """Ask the initiator, whom the engine has put into the visit."""
        opened = tuple(OpenTask(visit.no, step.id, task.approver) for task in visit.tasks)
        assert opened, "there is somebody to go back to"
        return Turn(visit, opened)

    def on_event(self, step: Step, visit: Visit, event: Any) -> Turn:
        """Go on once they have handed it in; a leaver's task may be somebody else's."""
        match event:
            case Decided():
                return node_people.decided(step, visit, event, count)
            case Expired():
                return node_people.expired(step, visit, event)
        return node_people.moved(step, visit, event, count)

    def way_ended(self, step: Step, visit: Visit, way: str, key: int | None) -> Turn:
        """There are no steps inside."""
        return node_people.no_ways(step, f"{way}@{visit.no}", key)


START_NODE: Final = Start()
