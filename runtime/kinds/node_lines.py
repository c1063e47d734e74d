"""What steps that are gone through line by line have in common."""

from dataclasses import replace
from typing import Any

from runtime.kinds.node_events import Answered, Ask
from runtime.kinds.node_type import Enter, Step, Turn, Visit


class Lines:
    """One line after the other, or all of them at once."""

    def enter(self, step: Step, visit: Visit) -> Turn:
        """Ask for the lines there are now; lines that come later are not gone through."""
        return Turn(visit, (Ask(visit.no, step.id),))

    def on_event(self, step: Step, visit: Visit, event: Any) -> Turn:
        """Go in for the first line, or for all of them."""
        assert isinstance(event, Answered), f"nothing else is asked at {step.id}"
        keys = list(event.answer["keys"])
        visit = replace(visit, data={**event.answer, "left": keys})
        if not keys:
            return Turn(visit, (), "next")
        now = keys if step.options.get("order") == "together" else keys[:1]
        return Turn(visit, enter=tuple(Enter("", key) for key in now))

    def way_ended(self, step: Step, visit: Visit, way: str, key: int | None) -> Turn:
        """Go in for the next line; on, when there is none."""
        del way
        left = [each for each in visit.data["left"] if each != key]
        visit = replace(visit, data={**visit.data, "left": left})
        if not left:
            return Turn(visit, (), "next")
        is_together = step.options.get("order") == "together"
        return Turn(visit, enter=() if is_together else (Enter("", left[0]),))
