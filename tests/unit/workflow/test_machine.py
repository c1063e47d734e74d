"""Random flows and random acts: no run waits for nobody, no log leads anywhere else."""

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runtime.kinds.node_events import Decided, Event
from runtime.workflow.engine import EventRefused
from tests.unit.workflow.stories import NAMES, Story, by, flow_of

_people = st.lists(st.sampled_from(NAMES[1:6]), min_size=1, max_size=3, unique=True)
_modes = st.sampled_from(
    [
        {"mode": "any"},
        {"mode": "all"},
        {"mode": "in_order"},
        {"mode": "percent", "percent": 60},
        {"mode": "count", "count": 2, "reject": "counts"},
        {"mode": "all", "same_person": "any"},
    ]
)
_acts = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from("++++++-**<^>~()|\\??!#@"),
        st.sampled_from([*NAMES, "start", *(f"n{number}" for number in range(8))]),
    ),
    max_size=25,
)


@st.composite
def _steps(draw: Any, depth: int = 2) -> list[dict[str, Any]]:
    return [draw(_step(depth)) for _ in range(draw(st.integers(1, 3)))]


@st.composite
def _step(draw: Any, depth: int) -> dict[str, Any]:
    kinds = ["approve", "approve", "fill", "copy", "create"]
    kind = draw(st.sampled_from([*kinds, "branch", "parallel", "loop"] if depth else kinds))
    if kind == "approve":
        return {"type": kind, "who": by(*draw(_people)), **draw(_modes)}
    if kind in ("fill", "copy"):
        return {"type": kind, "who": by(*draw(_people))}
    if kind == "create":
        return {"type": kind, "form": "f", "set": {"x": "1"}}
    if kind == "loop":
        order = draw(st.sampled_from(["one_by_one", "together"]))
        return {"type": kind, "lines": "t", "order": order, "steps": draw(_steps(depth - 1))}
    ways: list[dict[str, Any]] = [{"steps": draw(_steps(depth - 1))} for _ in range(2)]
    if kind == "parallel":
        return {"type": kind, "branches": ways, "join": draw(st.sampled_from(["all", "any"]))}
    ways[1]["else"] = True
    ways[0]["when"] = "{x}>1"
    return {"type": kind, "branches": ways}


def _named(steps: list[dict[str, Any]], numbers: Any) -> list[dict[str, Any]]:
    """The same steps with ids n0, n1, … and w0, w1, … for their ways."""
    found = []
    for step in steps:
        own = {"id": f"n{next(numbers)}", **step}
        if "steps" in own:
            own["steps"] = _named(own["steps"], numbers)
        for way in own.get("branches", ()):
            way["id"] = f"w{next(numbers)}"
            way["steps"] = _named(way["steps"], numbers)
        found.append(own)
    return found


@given(steps=_steps(), holds=st.booleans(), acts=_acts)
def test_random_flow__is_sound_after_every_act(
    steps: list[dict[str, Any]], holds: bool, acts: list[tuple[str, str, str]]
) -> None:
    named = _named(steps, iter(range(1000)))
    ways = " ".join(way["id"] for step in named for way in step.get("branches", ())[:1])
    story = Story(flow_of(*named), holds=ways if holds else "")
    story.check()
    for name, sign, about in acts:
        before, events = story.instance, len(story.events)
        with suppress(EventRefused):
            story.tell(f"{name}{sign}{about}")
        if len(story.events) == events:
            assert story.instance == before, "what is refused changes nothing"
        for event in story.events[events:]:
            _require_right(before, event)
        story.check()


def _require_right(before: Any, event: Event) -> None:
    """Whoever decided had an open task, and it was not about their own document."""
    if isinstance(event, Decided):
        task = before.visit(event.visit).task_of(event.user_id)
        assert task is not None
        assert task.state == "open"
