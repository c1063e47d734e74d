"""`end`: the run is over here, with the outcome the definition says."""

from collections.abc import Mapping
from typing import Any, Final

from runtime.kinds.node_type import ApproversFound, Decided, Step, Turn, Visit

OPTIONS: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"outcome": {"enum": ["approved", "rejected"], "default": "approved"}},
}


class End:
    """Steps after it are never reached."""

    kind: Final = "end"
    options: Final = OPTIONS

    def enter(self, step: Step, visit: Visit) -> Turn:
        """End the whole run."""
        return Turn(visit, (), step.options.get("outcome", "approved"))

    def on_event(self, step: Step, visit: Visit, event: ApproversFound | Decided) -> Turn:
        """Nothing is ever asked here."""
        raise AssertionError(f"{step.id} has ended and cannot take {event} at visit {visit.no}")
