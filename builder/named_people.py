"""People and departments a flow names by name: whether this installation has them.

A package may name anybody. Who is nowhere in the directory would never answer, so such a flow is
not published; who has only left is told as a caution, for stand-ins and `empty` take care of that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from runtime.definitions.workflow import StepDef, read_steps, walk
from runtime.infra.errors import Problem
from runtime.workflow import directory
from runtime.workflow.directory import Called

Json = Mapping[str, Any]
_MEMBERS: Final = {"users": "users", "department": "departments"}


@dataclass(frozen=True)
class Named:
    """A name in the people of a step, with where it stands in the app."""

    member: str
    name: str
    pointer: str


@dataclass(frozen=True)
class Found:
    """What is wrong with the people a flow names: what forbids it, and what to think about."""

    unknown: tuple[Problem, ...] = ()
    gone: tuple[Problem, ...] = ()


def named_people(source: Json) -> Iterator[Named]:
    """Yield every person and department the flows of an app name, in the order they stand."""
    for index, flow in enumerate(source.get("workflows", ())):
        for pointer, step in walk(read_steps(flow["steps"]), f"/workflows/{index}/steps"):
            for place, who in _asked(step):
                yield from _names(who, pointer + place)


def people_problems(connection: Connection, source: Json) -> Found:
    """What the directory says of the people an app names."""
    named = tuple(named_people(source))
    if not named:
        return Found()
    known = {
        "users": directory.people_called(connection, _of(named, "users")),
        "departments": directory.departments_known(connection, _of(named, "departments")),
    }
    told = [(each, known[each.member].get(each.name, "unknown")) for each in named]
    return Found(
        tuple(_problem(each, "unknown") for each, state in told if state == "unknown"),
        tuple(_problem(each, "gone") for each, state in told if state == "gone"),
    )


def _of(named: tuple[Named, ...], member: str) -> list[str]:
    return [each.name for each in named if each.member == member]


def _problem(named: Named, state: Called) -> Problem:
    what = "person" if named.member == "users" else "department"
    return Problem(named.pointer, f"flow_{what}_{state}", {"name": named.name})


def _asked(step: StepDef) -> Iterator[tuple[str, Json]]:
    """Every place of a step that says who: whom it asks, who stands in, who may be chosen."""
    for name in ("who", "deputy"):
        if name in step.options:
            yield f"/{name}", step.options[name]
    if "to" in step.options.get("limit", {}):
        yield "/limit/to", step.options["limit"]["to"]
    for name, button in step.options.get("buttons", {}).items():
        if isinstance(button, Mapping) and "within" in button:
            yield f"/buttons/{name}/within", button["within"]


def _names(who: Json, pointer: str) -> Iterator[Named]:
    member = _MEMBERS.get(who["by"])
    if member is not None:
        for index, name in enumerate(who[member]):
            yield Named(member, name, f"{pointer}/{member}/{index}")
    if who["by"] == "chosen":
        yield from _names(who["within"], f"{pointer}/within")
    if who["by"] == "several":
        for index, inner in enumerate(who["of"]):
            yield from _names(inner, f"{pointer}/of/{index}")
