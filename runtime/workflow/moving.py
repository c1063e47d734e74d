"""A run while an event happens to it: visits begin and end, and what is to be done is gathered.

From outside nothing of this is seen: `engine.apply` takes an instance and gives one.
"""

from collections.abc import Iterator
from dataclasses import replace

from runtime.kinds import node_people
from runtime.kinds.node_events import Approver, Effect, Ended, Outcome
from runtime.kinds.node_start import START_NODE
from runtime.kinds.node_type import Enter, NodeType, Place, Step, Task, Turn, Visit
from runtime.kinds.nodes import NODE_TYPES
from runtime.workflow.flow import START, Flow
from runtime.workflow.instance import Instance, State


def node(step: Step) -> NodeType:
    """What a step does."""
    return START_NODE if step.kind == START.kind else NODE_TYPES[step.kind]


class Moving:
    """The visits of a run and the effects of what happens."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.visits = list(instance.visits)
        self.state: State = instance.state
        self.effects: list[Effect] = []

    @property
    def flow(self) -> Flow:
        """The steps of the run."""
        return self.instance.flow

    def result(self) -> tuple[Instance, tuple[Effect, ...]]:
        """The instance as it is now, and everything that is to be done."""
        found = replace(self.instance, state=self.state, visits=tuple(self.visits))
        return found, tuple(self.effects)

    def visit(self, no: int) -> Visit:
        """The visit of that number as it is now."""
        return self.visits[no - 1]

    def put(self, visit: Visit) -> None:
        """Keep what became of a visit."""
        self.visits[visit.no - 1] = visit

    def arrive(self, step: Step | None, at: Place, after: int) -> None:
        """Come to a step; past the last one of a way, to whoever waits for that way."""
        if self.state != "running":
            return
        if step is None:
            if at.parent == 0:
                self.end("approved")
            else:
                self.way_ended(at, after)
            return
        visit = Visit(no=len(self.visits) + 1, step_id=step.id, at=at, after=after)
        done = self._done_before(step, at)
        if done is not None:
            # What was made stays made: coming by again makes no second one.
            self.visits.append(replace(visit, state="done", data={**done.data, "again": True}))
            self.arrive(self.flow.after(step.id), at, visit.no)
            return
        self.visits.append(visit)
        self.follow(step, node(step).enter(step, visit))

    def ask_initiator(self, at: Place, after: int) -> None:
        """Come to the initiator's own place."""
        assert self.instance.initiator_id is not None, "the engine has looked"
        initiator = Approver(self.instance.initiator_id, "start")
        tasks = (Task(initiator, "open", initiator.user_id),)
        visit = Visit(len(self.visits) + 1, START.id, tasks, at=at, after=after)
        self.visits.append(visit)
        self.follow(START, START_NODE.enter(START, visit))

    def follow(self, step: Step, turn: Turn) -> None:
        """Keep what a node made of its visit, then go where it says."""
        self.put(turn.visit)
        self.effects.extend(turn.effects)
        visit = turn.visit
        if turn.drops_rest:
            self.drop(each for each in self.under(visit.no) if each.state == "open")
        if turn.leave == "next":
            self.put(replace(visit, state="done"))
            self._next(step, visit)
        elif turn.leave is not None:
            self.put(replace(visit, state="done" if turn.leave == "approved" else "ended"))
            self._finish(turn.leave, visit)
        for entry in turn.enter:
            self._enter(step, visit, entry)

    def way_ended(self, at: Place, after: int) -> None:
        """Tell the step that holds a way that it has come to its end."""
        holder = self.visit(at.parent)
        if holder.state == "away":
            # Whoever sent the document back is asked again, where they were.
            self.put(replace(holder, state="done"))
            self.arrive(self.flow.step(holder.step_id), holder.at, after)
            return
        step = self.flow.step(holder.step_id)
        key = at.line[-1] if len(at.line) > len(holder.at.line) else None
        turn = node(step).way_ended(step, holder, at.way, key)
        self.put(replace(turn.visit, data={**turn.visit.data, "last": after}))
        self.follow(step, replace(turn, visit=self.visit(holder.no)))

    def end(self, outcome: Outcome) -> None:
        """End the run; what was open says so, so that it can go on from there."""
        for visit in [each for each in self.visits if each.state in ("open", "away")]:
            state = "withdrawn" if outcome in ("withdrawn", "terminated") else "not_needed"
            closed, effects = node_people.close_all(visit, state)
            self.put(replace(closed, state="ended"))
            self.effects.extend(effects)
        self.state = outcome
        self.effects.append(Ended(outcome))

    def drop(self, visits: Iterator[Visit], state: str = "not_needed") -> None:
        """Let visits be over that nobody comes back to."""
        for visit in list(visits):
            closed, effects = node_people.close_all(visit, state)
            self.put(replace(closed, state="dropped"))
            self.effects.extend(effects)

    def under(self, no: int) -> Iterator[Visit]:
        """Every visit inside another one, however deep."""
        inside = {no}
        for visit in self.visits:
            if visit.at.parent in inside:
                inside.add(visit.no)
                yield self.visit(visit.no)

    def above(self, at: Place) -> Iterator[Visit]:
        """The visits a place is inside of, the nearest first."""
        while at.parent:
            holder = self.visit(at.parent)
            yield holder
            at = holder.at

    def _next(self, step: Step, visit: Visit) -> None:
        """On to what follows: after the initiator's place, to where they were sent back from."""
        is_detour = visit.at.parent and self.visit(visit.at.parent).state == "away"
        if is_detour:
            self.way_ended(visit.at, visit.no)
        else:
            self.arrive(self.flow.after(step.id), visit.at, visit.no)

    def _enter(self, step: Step, visit: Visit, entry: Enter) -> None:
        line = visit.at.line if entry.key is None else (*visit.at.line, entry.key)
        steps = self.flow.way(step.id, entry.way)
        place = Place(visit.no, entry.way, line)
        if self.visit(visit.no).state == "open":
            self.arrive(steps[0] if steps else None, place, visit.no)

    def _finish(self, outcome: Outcome, visit: Visit) -> None:
        """An end inside a sub-flow is the sub-flow's, unless it refuses the document as such."""
        at = visit.at
        while at.parent:
            holder = self.visit(at.parent)
            step = self.flow.step(holder.step_id)
            goes_on = outcome == "approved" or step.options.get("rejected") == "go_on"
            if step.kind == "subflow" and goes_on:
                self.drop(self._of_way(at))
                self.way_ended(at, visit.no)
                return
            at = holder.at
        self.end(outcome)

    def _of_way(self, at: Place) -> Iterator[Visit]:
        """What is open on one way of a step, for one of its lines."""
        depth = len(at.line)
        for each in self.under(at.parent):
            if each.state in ("open", "away") and each.at.line[:depth] == at.line:
                yield each

    def _done_before(self, step: Step, at: Place) -> Visit | None:
        if not node(step).once:
            return None
        same = (
            each
            for each in reversed(self.visits)
            if each.step_id == step.id and each.at.line == at.line
        )
        return next((each for each in same if each.state == "done"), None)
