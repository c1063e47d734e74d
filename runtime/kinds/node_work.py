"""What steps without people have in common: something is carried out, then the flow goes on."""

from dataclasses import replace
from typing import Any

from runtime.kinds.node_events import Answered, Ask
from runtime.kinds.node_people import no_ways
from runtime.kinds.node_type import Leave, Step, Turn, Visit


class Work:
    """A step that asks for its work to be done and goes on once it is."""

    def enter(self, step: Step, visit: Visit) -> Turn:
        """Ask for it to be done."""
        return Turn(visit, (Ask(visit.no, step.id),))

    def on_event(self, step: Step, visit: Visit, event: Any) -> Turn:
        """Keep what came of it; `waits` stays here, `rejects` ends the run."""
        assert isinstance(event, Answered), f"nothing else is asked at {step.id}"
        visit = replace(visit, data={**visit.data, **event.answer})
        if event.answer.get("waits"):
            return Turn(visit)
        leave: Leave = "rejected" if event.answer.get("rejects") else "next"
        return Turn(visit, (), leave)

    def way_ended(self, step: Step, visit: Visit, way: str, key: int | None) -> Turn:
        """There are no steps inside."""
        return no_ways(step, f"{way}@{visit.no}", key)
