"""Trying a flow out: which way a document would take, whom it would ask, and why.

Nothing is stored and nothing is done: the engine runs as it does in earnest, people and conditions
are looked up as they are in earnest, everybody says yes, and work is taken as done.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from runtime.infra.errors import AppError, Conflict
from runtime.kinds.node_events import (
    Answered,
    Approver,
    ApproversFound,
    Ask,
    Copy,
    Decided,
    Effect,
    Ended,
    Event,
    FindApprovers,
    OpenTask,
    Started,
)
from runtime.kinds.node_type import Step, Visit
from runtime.workflow import engine
from runtime.workflow.flow import Flow
from runtime.workflow.instance import Instance
from runtime.workflow.world import Facts, Found, known

State = Literal["asked", "done", "passed", "nobody", "waits", "refused"]
People = Callable[[Instance, Visit, Step], Found]
MOST_EVENTS: Final = 1000
_ANSWERS: Final[Mapping[str, Any]] = {"approve": "approve", "fill": "fill", "start": "fill"}
# What a run waits at without asking anybody.
_WAITS: Final = frozenset({"wait", "http"})


@dataclass(frozen=True)
class PathStep:
    """One step the document would come by."""

    step_id: str
    kind: str
    depth: int
    line: tuple[int, ...]
    people: tuple[Approver, ...] = ()
    # Of a branch: the ways it takes.
    ways: tuple[str, ...] = ()
    why: str = ""
    state: State = "done"


@dataclass(frozen=True)
class Path:
    """The whole way, as far as it goes; `problem` is where and why it does not go on."""

    flow: Flow
    steps: tuple[PathStep, ...]
    outcome: str | None
    problem: AppError | None = None

    def named(self, step_id: str, language: str = "zh") -> str:
        """What a step is called."""
        label = self.flow.labels.get(step_id)
        return step_id if label is None else label.text(language)


@dataclass(frozen=True)
class Next:
    """What comes of an act at once: the run after it, and where and why it goes no further."""

    instance: Instance
    problem: AppError | None = None

    def asked(self) -> Iterator[tuple[Step, Approver]]:
        """Everybody who would be asked then, step by step."""
        for visit in self.instance.visits:
            for task in visit.tasks if visit.state == "open" else ():
                if task.state == "open":
                    yield self.instance.flow.step(visit.step_id), task.approver


class _Trial:
    """A run that leaves no trace."""

    def __init__(self, flow: Flow, facts: Facts, people: People) -> None:
        self.instance = Instance(flow)
        self.facts, self.people = facts, people
        self.problem: AppError | None = None
        self.refused_at = 0
        self.copied: dict[int, tuple[Approver, ...]] = {}

    def run(self, event: Event) -> None:
        """Let everything happen that would, until somebody is missing or the end is there."""
        pending: list[Event] = [event]
        for _ in range(MOST_EVENTS):
            if not pending or self.problem is not None:
                return
            next_one = pending.pop(0)
            if self._is_late(next_one):
                continue
            self.instance, effects = engine.apply(self.instance, next_one)
            for effect in effects:
                if self.problem is None:
                    pending += self._answers(effect)

    def _answers(self, effect: Effect) -> list[Event]:
        try:
            answer = self._answer(effect)
        except AppError as error:
            self.problem, self.refused_at = error, _place(effect)
            return []
        return [] if answer is None else [answer]

    def _answer(self, effect: Effect) -> Event | None:
        match effect:
            case FindApprovers(visit, step_id):
                here = self._open(visit)
                step = self.instance.flow.step(step_id)
                found = None if here is None else self.people(self.instance, here, step)
                return found and ApproversFound(visit, found.approvers, found.passes)
            case Ask(visit, step_id):
                return self._asked(visit, self.instance.flow.step(step_id))
            case OpenTask(visit, step_id, approver):
                return self._decided(visit, step_id, approver)
            case Copy(visit, _, approvers):
                self.copied[visit] = approvers
            case Ended():
                return None
        return None

    def _asked(self, visit: int, step: Step) -> Event | None:
        here = self._open(visit)
        if here is None:
            return None
        found = None
        if step.kind != "loop" or "lines" in step.options:
            found = known(step, here, self.instance, self.facts)
        # What a step before would find is not there to be gone through.
        usual: Mapping[str, Any] = {"keys": []} if step.kind == "loop" else {}
        return Answered(visit, usual if found is None else found)

    def _decided(self, visit: int, step_id: str, approver: Approver) -> Event | None:
        kind = self.instance.flow.step(step_id).kind
        return Decided(visit, approver.user_id, _ANSWERS[kind], "")

    def _is_late(self, event: Event) -> bool:
        """Whether somebody else has decided meanwhile."""
        number = getattr(event, "visit", 0)
        if not number:
            return False
        here = self._open(number)
        if here is None or not isinstance(event, Decided):
            return here is None
        task = here.task_of(event.user_id)
        return task is None or task.state != "open"

    def _open(self, visit: int) -> Visit | None:
        here = self.instance.visits[visit - 1]
        return here if here.state == "open" else None


def simulate(flow: Flow, facts: Facts, people: People, started: Started) -> Path:
    """Go the way a document would go that was submitted now, with everybody saying yes."""
    trial = _Trial(flow, facts, people)
    trial.run(started)
    steps = tuple(_step(trial, visit) for visit in trial.instance.visits)
    ended = trial.instance.state not in ("new", "running")
    return Path(flow, steps, trial.instance.state if ended else None, trial.problem)


class _Pause(_Trial):
    """A run that waits for people, as it does in earnest."""

    def _decided(self, visit: int, step_id: str, approver: Approver) -> Event | None:
        del visit, step_id, approver
        return None


def after(instance: Instance, facts: Facts, people: People, event: Event) -> Next:
    """What would come of an event now, up to whoever has to be waited for."""
    trial = _Pause(instance.flow, facts, people)
    trial.instance = instance
    try:
        trial.run(event)
    except engine.EventRefused as refusal:
        return Next(instance, Conflict(refusal.code))
    return Next(trial.instance, trial.problem)


def onward(instance: Instance, facts: Facts, people: People) -> Path:
    """The steps a run has still before it when everybody says yes; only those not yet begun."""
    trial = _Trial(instance.flow, facts, people)
    trial.instance = instance
    for event in _pending(instance):
        if trial.problem is None:
            trial.run(event)
    came = trial.instance.visits[len(instance.visits) :]
    steps = tuple(_step(trial, visit) for visit in came)
    ended = trial.instance.state not in ("new", "running")
    return Path(instance.flow, steps, trial.instance.state if ended else None, trial.problem)


def _pending(instance: Instance) -> Iterator[Event]:
    """A yes of everybody who is asked now, and the end of every wait."""
    for visit in instance.visits:
        if visit.state != "open":
            continue
        kind = instance.flow.step(visit.step_id).kind
        for task in visit.tasks:
            if task.state == "open":
                yield Decided(visit.no, task.approver.user_id, _ANSWERS[kind], "")
        if kind in _WAITS:
            yield Answered(visit.no, {"waits": False})


def _step(trial: _Trial, visit: Visit) -> PathStep:
    step = trial.instance.flow.step(visit.step_id)
    depth, at = 0, visit.at
    while at.parent:
        depth, at = depth + 1, trial.instance.visits[at.parent - 1].at
    ways = tuple(visit.data.get("ways", ()))
    whens = {each["id"]: each.get("when", "") for each in step.options.get("branches", ())}
    found = PathStep(
        step_id=step.id,
        kind=step.kind,
        depth=depth,
        line=visit.at.line,
        people=tuple(task.approver for task in visit.tasks) or trial.copied.get(visit.no, ()),
        ways=ways,
        why="; ".join(whens[way] for way in ways if whens.get(way)),
        state=_state(visit),
    )
    if visit.no != trial.refused_at or trial.problem is None:
        return found
    return replace(found, state="nobody" if trial.problem.code == "no_approver" else "refused")


def _state(visit: Visit) -> State:
    if visit.data.get("nobody"):
        return "passed"
    if visit.tasks:
        passed = all(task.state in ("passed", "not_needed") for task in visit.tasks)
        return "passed" if passed else "asked"
    return "done" if visit.state == "done" else "waits"


def _place(effect: Effect) -> int:
    return int(getattr(effect, "visit", 0))
