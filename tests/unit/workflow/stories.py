"""Flows told in words: a definition, who is there, what they do; and what is heard of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from runtime.definitions.loader import part_problems
from runtime.definitions.workflow import read_workflow
from runtime.kinds.node_events import (
    Added,
    Answered,
    Approver,
    ApproversFound,
    Ask,
    CloseTask,
    Copy,
    Decided,
    Effect,
    Ended,
    Event,
    Expired,
    FindApprovers,
    OpenTask,
    Reactivated,
    Reassigned,
    Removed,
    SentBack,
    Started,
    TakenBack,
    Terminated,
    Withdrawn,
    Write,
)
from runtime.workflow import flow, log
from runtime.workflow.engine import Instance, apply, replay

NAMES = ("clerk", "wang", "li", "zhao", "qian", "sun", "boss")
NUMBERS = {name: number for number, name in enumerate(NAMES, start=1)}
_SIGNS: Mapping[str, Any] = {"+": "approve", "-": "reject", "*": "fill"}


def by(*names: str) -> dict[str, Any]:
    """People by their sign-in names."""
    return {"by": "users", "users": list(names)}


def flow_of(*steps: Mapping[str, Any], **rules: Any) -> flow.Flow:
    """A flow out of JSON, of the right shape as the schema has it."""
    source = {"code": "w", "form": "f", "steps": list(steps), **rules}
    assert not list(part_problems("workflow", source)), list(part_problems("workflow", source))
    return flow.of(read_workflow(source))


class Story:
    """A run: what is said goes in, what happens comes out."""

    def __init__(
        self, of: flow.Flow, *, holds: str = "", keys: Sequence[int] = (1, 2), start: bool = True
    ) -> None:
        self.instance = Instance(of)
        self.holds, self.keys = set(holds.split()), list(keys)
        self.events: list[Event] = []
        self.heard: list[str] = []
        if start:
            self.say(Started(NUMBERS["clerk"], NUMBERS["clerk"]))

    def say(self, event: Event) -> None:
        """Let an event happen, and answer what the engine asks by itself."""
        self.instance, effects = apply(self.instance, event)
        self.events.append(event)
        for effect in effects:
            self._hear(effect)

    def _hear(self, effect: Effect) -> None:
        match effect:
            case FindApprovers(visit, step_id):
                self._people(visit, step_id)
            case Ask(visit, step_id):
                self._answer(visit, step_id)
            case OpenTask(_, step_id, approver):
                self.heard.append(f"{step_id}?{NAMES[approver.user_id - 1]}")
            case CloseTask(_, user_id, state):
                self.heard.append(f"{NAMES[user_id - 1]}:{state}")
            case Copy(_, step_id, approvers):
                told = ",".join(NAMES[each.user_id - 1] for each in approvers)
                self.heard.append(f"{step_id}>{told}")
            case Write(_, step_id, moment):
                self.heard.append(f"{step_id}={moment}")
            case Ended(outcome):
                self.heard.append(outcome.upper())

    def _people(self, visit: int, step_id: str) -> None:
        if self.instance.visits[visit - 1].state != "open":
            return
        step = self.instance.flow.step(step_id)
        names = step.options["who"].get("users", ())
        found = tuple(Approver(NUMBERS[name], "user") for name in names)
        passes = not found and step.options.get("empty") == "pass"
        self.say(ApproversFound(visit, found, passes))

    def _answer(self, visit: int, step_id: str) -> None:
        step = self.instance.flow.step(step_id)
        if self.instance.visits[visit - 1].state != "open":
            return
        answer: dict[str, Any] = {"records": [7]}
        if step.kind == "branch":
            answer = {"holds": sorted(self.holds)}
        elif step.kind in ("loop", "subflow"):
            answer = {"keys": self.keys}
        elif step.kind == "wait":
            answer = {"waits": True}
        if step.kind not in ("branch", "loop", "subflow"):
            self.heard.append(f"{step_id}!")
        self.say(Answered(visit, answer))

    def visit_of(self, user_id: int) -> int:
        """The visit somebody is asked at; the latest they were, when they are asked nowhere."""
        own = [visit for visit in self.instance.visits if visit.task_of(user_id)]
        asked = [v.no for v in own if (t := v.task_of(user_id)) and t.state == "open"]
        return asked[0] if asked else max((visit.no for visit in own), default=0)

    def tell(self, act: str) -> None:
        """Let one act happen: who, a sign, and what it is about.

        `wang+` approves, `wang-` rejects, `wang*` hands in; `wang<a` sends back to step a and runs
        again, `wang^a` comes straight back; `wang>li` reassigns, `wang~li` delegates; `wang(li`,
        `wang)li`, `wang|li` adds before, after, beside; `wang\\li` removes; `wang?` takes back;
        `clerk!` withdraws, `boss#` ends it, `boss@` lets it go on; `.a` ends a wait; `,a` `;a` the
        time of step a is over: it passes, it rejects; `:a=boss` it escalates.
        """
        if act[0] in ".,;:":
            self._clock(act[0], act[1:])
            return
        place = next(index for index, sign in enumerate(act) if not sign.isalpha())
        name, sign, rest = act[:place], act[place], act[place + 1 :]
        self._person(NUMBERS[name], sign, rest)

    def _person(self, who: int, sign: str, rest: str) -> None:
        visit, to = self.visit_of(who), NUMBERS.get(rest, 0)
        if sign in _SIGNS:
            self.say(Decided(visit, who, _SIGNS[sign], ""))
            return
        wheres: Mapping[str, Any] = {"(": "before", ")": "after", "|": "beside"}
        made: Mapping[str, Event] = {
            "<": SentBack(visit, who, rest, "rerun"),
            "^": SentBack(visit, who, rest, "return"),
            ">": Reassigned(visit, who, to, "reassigned"),
            "~": Reassigned(visit, who, to, "delegated"),
            "\\": Removed(visit, who, to),
            "?": TakenBack(visit, who),
            "!": Withdrawn(who, ""),
            "#": Terminated(who, ""),
            "@": Reactivated(who),
        }
        self.say(made[sign] if sign in made else Added(visit, who, to, wheres[sign]))

    def _clock(self, sign: str, rest: str) -> None:
        step_id, _, name = rest.partition("=")
        visit = next(v.no for v in self.instance.open_visits() if v.step_id == step_id)
        if sign == ".":
            self.say(Answered(visit, {"waits": False}))
            return
        dos: Mapping[str, Any] = {",": "approve", ";": "reject", ":": "escalate"}
        people = (Approver(NUMBERS[name], "overdue"),) if name else ()
        self.say(Expired(visit, dos[sign], people))

    def check(self) -> None:
        """What holds of every run at every moment."""
        instance = self.instance
        waits = [visit for visit in instance.open_visits() if visit.data.get("waits")]
        asked = [t for v in instance.visits for t in v.tasks if t.state == "open"]
        assert bool(asked or waits) == (instance.state == "running"), "waits for nobody"
        for visit in instance.visits:
            people = [task.approver.user_id for task in visit.tasks]
            assert len(people) == len(set(people)), "nobody has two tasks in one visit"
            if visit.state != "open":
                assert all(task.state not in ("open", "waiting") for task in visit.tasks)
        stored = [log.read(*log.write(event)) for event in self.events]
        assert replay(instance.flow, stored) == instance, "the log is the truth"
