"""What a run asks of the world around it, and what the storage answers by itself.

The engine is pure: conditions, lines, people and work are questions. Whoever carries a run knows
the document (`World`); whoever tries a flow out knows only values (`Facts`).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple, Protocol

from runtime.infra.errors import Conflict
from runtime.kinds.node_events import Approver
from runtime.kinds.node_type import Step, Visit
from runtime.workflow.instance import Instance

Line = tuple[int, ...]


class Person(NamedTuple):
    """Whom a field names: a `user` or a `department`."""

    kind: str
    id: int


class Facts(Protocol):
    """What is known of the document."""

    @property
    def zone(self) -> tzinfo:
        """Where its days begin."""
        ...

    def moment(self, field: str, line: Line) -> datetime | None:
        """The date a field names: the beginning of that day."""
        ...

    def holds(self, formula: str, line: Line) -> bool:
        """Whether a condition is true; what cannot be told is not."""
        ...

    def text(self, formula: str, line: Line) -> str:
        """What a formula says, as text."""
        ...

    def people(self, path: str, line: Line) -> Sequence[Person]:
        """Whom a field of the document names, or one of a record it refers to."""
        ...

    def lines(self, code: str) -> Sequence[int]:
        """The lines of a table: their ids, in order."""
        ...


class Found(NamedTuple):
    """Who was found for a step; where nobody was, whether the flow goes on."""

    approvers: tuple[Approver, ...]
    passes: bool = False


class World(Facts, Protocol):
    """The document itself: things can be done to it."""

    def work(self, run: Any, step: Step, visit: Visit) -> Mapping[str, Any]:
        """Carry out what a step says; what came of it is kept in the log."""
        ...

    def write(self, run: Any, step: Step, moment: str, visit: Visit) -> None:
        """Write what a step says for a moment into the document."""
        ...


class NoWorld:
    """For flows whose steps ask nothing but people by name and role."""

    zone: tzinfo = UTC

    def moment(self, field: str, line: Line) -> datetime | None:
        """Nothing is known."""
        raise self._unknown(field, line)

    def holds(self, formula: str, line: Line) -> bool:
        """Nothing is known."""
        raise self._unknown(formula, line)

    def text(self, formula: str, line: Line) -> str:
        """Nothing is known."""
        raise self._unknown(formula, line)

    def people(self, path: str, line: Line) -> Sequence[Person]:
        """Nothing is known."""
        raise self._unknown(path, line)

    def lines(self, code: str) -> Sequence[int]:
        """Nothing is known."""
        raise self._unknown(code, ())

    def work(self, run: Any, step: Step, visit: Visit) -> Mapping[str, Any]:
        """Nothing can be done."""
        raise self._unknown(f"{step.id} of {run}", visit.at.line)

    def write(self, run: Any, step: Step, moment: str, visit: Visit) -> None:
        """Nothing can be written."""
        raise self._unknown(f"{step.id} at {moment} of {run}", visit.at.line)

    def _unknown(self, what: str, line: Line) -> AssertionError:
        return AssertionError(f"there is no document that knows {what} {line}")


def known(step: Step, visit: Visit, instance: Instance, facts: Facts) -> Mapping[str, Any] | None:
    """The answer to a question that values alone answer; None where something is to be done."""
    if step.kind == "branch":
        return _holding(step, visit, facts)
    if step.kind not in ("loop", "subflow"):
        return None
    if "lines" in step.options:
        return {"keys": list(facts.lines(step.options["lines"]))}
    return {"keys": records_of(instance, step.options["of"], visit.at.line)}


def records_of(instance: Instance, step_id: str, line: Line) -> list[int]:
    """The records that a step before found or made."""
    visit = instance.answered(step_id, line)
    if visit is None:
        raise Conflict("flow_step_not_done", {"step": step_id})
    return list(visit.data.get("records", ()))


def turn_of(instance: Instance, step_id: str, visit: Visit) -> int | None:
    """The record of a step whose records are gone through, in the turn a visit stands in."""
    at = visit.at
    while at.parent:
        holder = instance.visits[at.parent - 1]
        loop = instance.flow.step(holder.step_id)
        if loop.kind == "loop" and loop.options.get("of") == step_id:
            return at.line[len(holder.at.line)]
        at = holder.at
    return None


def _holding(step: Step, visit: Visit, facts: Facts) -> Mapping[str, Any]:
    """Which ways hold; of the first match nothing after it is asked."""
    is_first = step.options.get("match", "first") == "first"
    holds: list[str] = []
    for way in step.options["branches"]:
        if "when" in way and not way.get("else") and facts.holds(way["when"], visit.at.line):
            holds.append(way["id"])
            if is_first:
                break
    return {"holds": holds}
