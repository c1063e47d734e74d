"""One run of a flow: where it stands and what happened at each visit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from runtime.kinds.node_type import Visit
from runtime.workflow.flow import Flow

State = Literal["new", "running", "approved", "rejected", "withdrawn", "terminated", "failed"]


@dataclass(frozen=True)
class Instance:
    """Where a run stands; replaying its log gives the same one."""

    flow: Flow
    state: State = "new"
    initiator_id: int | None = None
    maker_id: int | None = None
    editors: tuple[int, ...] = ()
    visits: tuple[Visit, ...] = ()
    # Before this many visits the document was another one: it has been sent back since.
    since: int = 0
    # Whom people picked for steps that let them.
    chosen: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def authors(self) -> frozenset[int]:
        """Whose document it is: whoever made it, changed it or submitted it."""
        people = (self.initiator_id, self.maker_id, *self.editors)
        return frozenset(person for person in people if person is not None)

    def visit(self, no: int) -> Visit | None:
        """The visit of that number."""
        return self.visits[no - 1] if 0 < no <= len(self.visits) else None

    def open_visits(self) -> Iterator[Visit]:
        """Where the run is: several places where ways are gone at once."""
        if self.state == "running":
            yield from (visit for visit in self.visits if visit.state == "open")

    def here(self) -> Visit | None:
        """The latest visit the run is at; None before it starts and after it has ended."""
        return max(self.open_visits(), key=lambda visit: visit.no, default=None)

    def answered(self, step_id: str, line: tuple[int, ...]) -> Visit | None:
        """The latest visit of a step that was done, as seen from a line."""
        for visit in reversed(self.visits):
            inner = line[: len(visit.at.line)]
            if visit.step_id == step_id and visit.state == "done" and visit.at.line == inner:
                return visit
        return None
