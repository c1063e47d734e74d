"""The engine as tables: who is asked, what they say, what becomes of the document."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.kinds.node_type import (
    Approver,
    ApproversFound,
    CloseTask,
    Decided,
    Ended,
    Event,
    FindApprovers,
    OpenTask,
    Started,
    Step,
    Withdrawn,
)
from runtime.workflow import log
from runtime.workflow.engine import EventRefused, Instance, apply, replay
from runtime.workflow.flow import Flow

CLERK = 1
PEOPLE = {"wang": 11, "li": 12, "zhao": 13}
NAMES = {number: name for name, number in PEOPLE.items()}


def flow_of(*modes: str) -> Flow:
    """A flow with one approval step per mode, called s1, s2, …; `end` ends as rejected."""
    steps = [
        Step(f"s{number}", "end", {"outcome": "rejected"})
        if mode == "end"
        else Step(f"s{number}", "approve", {"who": {"by": "role", "role": "x"}, "mode": mode})
        for number, mode in enumerate(modes, start=1)
    ]
    return Flow(tuple(steps), {})


class Story:
    """A run told in words: what is said goes in, what happens comes out."""

    def __init__(self, flow: Flow, people: str) -> None:
        self.instance = Instance(flow)
        self.people = tuple(Approver(PEOPLE[name], "role") for name in people.split())
        self.events: list[Event] = []
        self.heard: list[str] = []
        self.say(Started(CLERK))

    def say(self, event: Event) -> None:
        """Let an event happen, and answer the engine's question for people by itself."""
        self.instance, effects = apply(self.instance, event)
        self.events.append(event)
        for effect in effects:
            match effect:
                case FindApprovers(visit, _):
                    self.say(ApproversFound(visit, self.people))
                case OpenTask(_, step_id, approver):
                    self.heard.append(f"{step_id}?{NAMES[approver.user_id]}")
                case CloseTask(_, user_id, state):
                    self.heard.append(f"{NAMES[user_id]}:{state}")
                case Ended(outcome):
                    self.heard.append(outcome.upper())

    def tell(self, act: str) -> None:
        """`wang+` approves, `wang-` rejects, `clerk<` withdraws."""
        name, sign = act[:-1], act[-1]
        if sign == "<":
            self.say(Withdrawn(CLERK, ""))
            return
        visit = self.instance.visits[-1].no
        self.say(Decided(visit, PEOPLE[name], "approve" if sign == "+" else "reject", ""))


# modes          people        acts                   what happens, in order
RUNS = """
any            | wang        | wang+                | s1?wang wang:approved APPROVED
any            | wang        | wang-                | s1?wang wang:rejected REJECTED
any            | wang li     | li+                  | s1?wang s1?li li:approved wang:not_needed \
APPROVED
any            | wang li     | li-                  | s1?wang s1?li li:rejected wang:not_needed \
REJECTED
all            | wang li     | li+ wang+            | s1?wang s1?li li:approved wang:approved \
APPROVED
all            | wang li     | li+ wang-            | s1?wang s1?li li:approved wang:rejected \
REJECTED
all            | wang li     | wang-                | s1?wang s1?li wang:rejected li:not_needed \
REJECTED
all            | wang li     | wang+                | s1?wang s1?li wang:approved
in_order       | wang li     | wang+ li+            | s1?wang wang:approved s1?li li:approved \
APPROVED
in_order       | wang li     | wang-                | s1?wang wang:rejected REJECTED
in_order       | wang li     | wang+ li-            | s1?wang wang:approved s1?li li:rejected \
REJECTED
any any        | wang        | wang+ wang+          | s1?wang wang:approved s2?wang wang:approved \
APPROVED
any any        | wang        | wang+ wang-          | s1?wang wang:approved s2?wang wang:rejected \
REJECTED
any any        | wang        | wang-                | s1?wang wang:rejected REJECTED
any all        | wang li     | wang+ li+ wang+      | s1?wang s1?li wang:approved li:not_needed \
s2?wang s2?li li:approved wang:approved APPROVED
any end any    | wang        | wang+                | s1?wang wang:approved REJECTED
any            | wang li     | clerk<               | s1?wang s1?li wang:withdrawn li:withdrawn \
WITHDRAWN
all            | wang li     | wang+ clerk<         | s1?wang s1?li wang:approved li:withdrawn \
WITHDRAWN
in_order       | wang li     | clerk<               | s1?wang wang:withdrawn WITHDRAWN
"""


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()]


@pytest.mark.parametrize(("modes", "people", "acts", "expected"), _rows(RUNS))
def test_run(modes: str, people: str, acts: str, expected: str) -> None:
    story = Story(flow_of(*modes.split()), people)
    for act in acts.split():
        story.tell(act)
    assert " ".join(story.heard) == expected


# modes     people     acts before    then    why not
REFUSALS = """
any       | wang     | wang+        | wang+  | flow_has_ended
any       | wang     | wang-        | wang+  | flow_has_ended
any       | wang     | clerk<       | wang+  | flow_has_ended
any       | wang     | wang+        | clerk< | flow_has_ended
any       | wang     |              | li+    | task_is_closed
all       | wang li  | wang+        | wang+  | task_is_closed
all       | wang li  | wang+        | wang-  | task_is_closed
in_order  | wang li  |              | li+    | task_is_closed
in_order  | wang li  | wang+        | wang+  | task_is_closed
"""


@pytest.mark.parametrize(("modes", "people", "acts", "then", "code"), _rows(REFUSALS))
def test_refused(modes: str, people: str, acts: str, then: str, code: str) -> None:
    story = Story(flow_of(*modes.split()), people)
    for act in acts.split():
        story.tell(act)
    before = story.instance
    with pytest.raises(EventRefused) as refusal:
        story.tell(then)
    assert refusal.value.code == code
    assert story.instance == before


def test_decision_of_an_earlier_visit__is_refused() -> None:
    story = Story(flow_of("any", "any"), "wang")
    story.tell("wang+")
    with pytest.raises(EventRefused, match="task_is_closed"):
        story.say(Decided(1, PEOPLE["wang"], "approve", ""))


def test_nobody_found__is_refused_never_passed() -> None:
    instance, _ = apply(Instance(flow_of("any")), Started(CLERK))
    with pytest.raises(EventRefused, match="no_approver"):
        apply(instance, ApproversFound(1, ()))


def test_started_twice__is_refused() -> None:
    story = Story(flow_of("any"), "wang")
    with pytest.raises(EventRefused, match="flow_already_started"):
        story.say(Started(CLERK))


@given(
    modes=st.lists(st.sampled_from(("any", "all", "in_order")), min_size=1, max_size=4),
    people=st.permutations(sorted(PEOPLE)).flatmap(
        lambda names: st.integers(1, 3).map(lambda count: " ".join(names[:count]))
    ),
    acts=st.lists(
        st.tuples(st.sampled_from([*PEOPLE, "clerk"]), st.sampled_from("+++-<")), max_size=12
    ),
)
def test_replay_of_any_log__gives_the_same_instance(
    modes: list[str], people: str, acts: list[tuple[str, str]]
) -> None:
    story = Story(flow_of(*modes), people)
    for name, sign in acts:
        if (name == "clerk") != (sign == "<"):
            continue
        with suppress(EventRefused):
            story.tell(name + sign)
        running = story.instance.state == "running"
        open_tasks = [t for v in story.instance.visits for t in v.tasks if t.state == "open"]
        assert bool(open_tasks) == running, "a run has an open task or has ended, never neither"
        assert [line.isupper() for line in story.heard].count(True) == (0 if running else 1)
    stored = [log.write(event) for event in story.events]
    assert replay(story.instance.flow, [log.read(*row) for row in stored]) == story.instance
