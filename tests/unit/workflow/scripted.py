"""The flows that the scripts of `scripts.txt` are about, by name."""

from typing import Any, Final

from runtime.definitions.workflow import read_workflow
from runtime.workflow import flow
from runtime.workflow.flow import Flow
from tests.unit.workflow.stories import by, flow_of

THREE: Final = by("wang", "li", "zhao")


def ask(step_id: str, *names: str, **options: Any) -> dict[str, Any]:
    """An approval."""
    return {"id": step_id, "type": "approve", "who": by(*names), **options}


def fill(step_id: str, *names: str, **options: Any) -> dict[str, Any]:
    """Something to be filled in."""
    return {"id": step_id, "type": "fill", "who": by(*names), **options}


def way(way_id: str, *steps: dict[str, Any], **options: Any) -> dict[str, Any]:
    """A way of a branch."""
    return {"id": way_id, "steps": list(steps), **options}


def work(step_id: str) -> dict[str, Any]:
    """Something that is made once."""
    return {"id": step_id, "type": "create", "form": "f", "set": {"x": "1"}}


_MODES: Final[dict[str, dict[str, Any]]] = {
    "any": {"mode": "any"},
    "all": {"mode": "all"},
    "in_order": {"mode": "in_order"},
    "percent": {"mode": "percent", "percent": 60},
    "count": {"mode": "count", "count": 2},
    "any_counts": {"mode": "any", "reject": "counts"},
    "percent_counts": {"mode": "percent", "percent": 60, "reject": "counts"},
    "count_counts": {"mode": "count", "count": 2, "reject": "counts"},
}
_BRANCH: Final = {
    "id": "b",
    "type": "branch",
    "branches": [
        way("big", ask("g", "boss"), when="{x}>1"),
        way("low", ask("l", "wang", "li", mode="all"), when="{x}<1"),
        way("rest", **{"else": True}),
    ],
}
_PARALLEL: Final = {
    "id": "p",
    "type": "parallel",
    "branches": [way("one", ask("x", "wang"), ask("y", "li")), way("two", ask("z", "zhao"))],
}
_UPDATES: Final = {each: {"note": each} for each in ("arrive", "approve", "reject", "send_back")}

FLOWS: Final[dict[str, Flow]] = {
    **{
        name: flow_of({"id": "a", "type": "approve", "who": THREE, **options})
        for name, options in _MODES.items()
    },
    "fill": flow_of(fill("a", "wang", "li")),
    "fill_all": flow_of(fill("a", "wang", "li", mode="all"), ask("b", "boss")),
    "two": flow_of(ask("a", "wang"), ask("b", "li")),
    "three": flow_of(ask("a", "wang"), ask("b", "li"), ask("c", "zhao")),
    "branch": flow_of(ask("a", "wang"), _BRANCH, ask("c", "zhao")),
    "every": flow_of({**_BRANCH, "match": "all"}, ask("c", "zhao")),
    "parallel": flow_of(_PARALLEL, ask("c", "boss")),
    "race": flow_of({**_PARALLEL, "join": "any"}, ask("c", "boss")),
    "loop": flow_of(
        {"id": "o", "type": "loop", "lines": "items", "steps": [ask("a", "wang")]}, ask("c", "li")
    ),
    "crowd": flow_of(
        {
            "id": "o",
            "type": "loop",
            "lines": "items",
            "order": "together",
            "steps": [ask("a", "wang")],
        }
    ),
    "wait": flow_of(
        ask("a", "wang"),
        {"id": "w", "type": "wait", "for": {"n": 1, "unit": "days"}},
        ask("b", "li"),
    ),
    "work": flow_of(ask("a", "wang"), work("m"), ask("b", "li")),
    "works": flow_of(
        ask("a", "wang"),
        {"id": "f1", "type": "find", "form": "f", "match": {"x": "1"}},
        {"id": "u", "type": "update", "of": "f1", "set": {"x": "2"}},
        {"id": "v", "type": "convert", "conversion": "next"},
        {"id": "q", "type": "calculate", "set": {"x": "={x}+1"}},
        {"id": "n", "type": "notify", "who": by("sun"), "text": '="done"'},
        {"id": "h", "type": "http", "url": "https://example.com/hook"},
        {"id": "d", "type": "delete", "of": "f1"},
        {"id": "t", "type": "post"},
        ask("b", "li"),
    ),
    "copy": flow_of({"id": "k", "type": "copy", "who": by("sun", "boss")}, ask("a", "wang")),
    "updates": flow_of(ask("a", "wang", updates=_UPDATES), ask("b", "li", updates=_UPDATES)),
    "nobody": flow_of(ask("a", empty="pass"), ask("b", "li")),
    "end": flow_of(ask("a", "wang"), {"id": "z", "type": "end", "outcome": "rejected"}),
    "self_pass": flow_of(ask("a", "clerk", self="pass"), ask("b", "li")),
    "same_any": flow_of(ask("a", "wang"), ask("b", "li"), ask("c", "wang"), same_person="any"),
    "same_previous": flow_of(
        ask("a", "wang"), ask("b", "wang"), ask("c", "li"), ask("d", "wang"), same_person="previous"
    ),
    "same_demand": flow_of(
        ask("a", "wang"), ask("b", "wang", demand={"approve": ["comment"]}), same_person="any"
    ),
}


def _sub(rejected: str) -> Flow:
    inner = read_workflow(
        {"code": "sub", "form": "f", "trigger": {"on": "call"}, "steps": [ask("a", "wang")]}
    )
    calling = {"id": "s", "type": "subflow", "workflow": "sub", "rejected": rejected}
    steps = [calling, ask("b", "li")]
    return flow.of(read_workflow({"code": "w", "form": "f", "steps": steps}), {"sub": inner})


FLOWS |= {"sub": _sub("reject"), "sub_goes_on": _sub("go_on")}
