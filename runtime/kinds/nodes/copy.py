"""`copy`: people come to know the document; nothing is asked of them, nobody waits."""

from typing import Any, Final

from runtime.definitions.workflow import step_options
from runtime.kinds import node_people
from runtime.kinds.node_events import ApproversFound, Copy
from runtime.kinds.node_type import Step, Turn, Visit


class CopyTo:
    """Lets people know of the document and goes on."""

    kind: Final = "copy"
    options: Final = step_options("copy")
    once: Final = False

    def enter(self, step: Step, visit: Visit) -> Turn:
        """Ask for the people."""
        return node_people.enter(step, visit)

    def on_event(self, step: Step, visit: Visit, event: Any) -> Turn:
        """Send a copy to those found; that there is nobody stops nothing."""
        assert isinstance(event, ApproversFound), "nothing else is asked here"
        told = (Copy(visit.no, step.id, event.approvers),) if event.approvers else ()
        return Turn(visit, told, "next")

    def way_ended(self, step: Step, visit: Visit, way: str, key: int | None) -> Turn:
        """There are no steps inside."""
        return node_people.no_ways(step, f"{way}@{visit.no}", key)
