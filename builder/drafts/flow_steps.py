"""The steps of a flow as its JSON nests them: found, put in, taken out, copied.

A step may hold steps itself, and so may each of its branches. Both go by their id, which is drawn,
so that a step that was deleted is never taken for a new one by what still runs.
"""

import secrets
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from builder.drafts.working import Object, Working, refuse

Json = Mapping[str, Any]
STEPS: Final = "steps"
BRANCHES: Final = "branches"
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_ID_CHARS: Final = 6


@dataclass(frozen=True)
class Spot:
    """Where a step or a branch stands: the list that holds it, and the step the list belongs to.

    `owner` is the branch or the loop whose steps the list is, of a branch the step it is one of.
    """

    members: list[Any]
    index: int
    owner: Object | None
    is_branch: bool

    @property
    def node(self) -> Object:
        """The step or branch itself."""
        found: Object = self.members[self.index]
        return found


def flow_of(work: Working, op: Json) -> Object:
    """The flow an operation is about, to change."""
    for each in work.part("workflows"):
        if each["code"] == op["flow"]:
            found: Object = each
            return found
    return refuse("/flow", "workflow_unknown", name=str(op["flow"]))


def spots(members: list[Any], owner: Object | None = None) -> Iterator[Spot]:
    """Every step and branch, in the order somebody reads them."""
    for index, step in enumerate(members):
        yield Spot(members, index, owner, is_branch=False)
        for place, branch in enumerate(step.get(BRANCHES, ())):
            yield Spot(step[BRANCHES], place, step, is_branch=True)
            yield from spots(branch[STEPS], branch)
        if STEPS in step:
            yield from spots(step[STEPS], step)


def spot_of(flow: Object, node_id: Any, pointer: str = "/step") -> Spot:
    """Where a step or branch stands. Refuses one that is not there."""
    for spot in spots(flow[STEPS]):
        if spot.node["id"] == node_id:
            return spot
    return refuse(pointer, "flow_step_unknown", name=str(node_id))


def steps_in(flow: Object, owner_id: str) -> list[Any]:
    """The list of steps of a branch or a loop; of the flow itself for an empty id."""
    if not owner_id:
        members: list[Any] = flow[STEPS]
        return members
    owner = spot_of(flow, owner_id, "/to/in").node
    if STEPS not in owner:
        refuse("/to/in", "flow_step_holds_none", name=owner_id)
    held: list[Any] = owner[STEPS]
    return held


def within(node: Json, node_id: str) -> bool:
    """Whether an id is the node's own or that of something in it."""
    return node_id in {str(each["id"]) for each in _tree(node)}


def new_id(flow: Json, first: str = "n") -> str:
    """An id nothing in the flow has: drawn, so that it is nobody's from before either."""
    taken = {spot.node["id"] for spot in spots(list(flow.get(STEPS, ())))}
    while True:
        drawn = f"{first}_" + "".join(secrets.choice(_ALPHABET) for _ in range(_ID_CHARS))
        if drawn not in taken:
            return drawn


def copied(flow: Json, node: Json) -> Object:
    """A step or branch once more, with ids of its own all the way down."""
    copy: Object = deepcopy(dict(node))
    ids = {each["id"]: new_id(flow, str(each["id"]).partition("_")[0]) for each in _tree(copy)}
    for each in _tree(copy):
        each["id"] = ids[each["id"]]
        # Where a step leads back to one that was copied along, it leads to the copy.
        _follow(each, ids)
    return copy


def _follow(node: Object, ids: Mapping[str, str]) -> None:
    """Let what a step says of others by their ids mean the copies."""
    for name, value in node.items():
        if name not in {"id", STEPS, BRANCHES}:
            node[name] = _meant(value, ids)


def _meant(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return ids.get(value, value)
    if isinstance(value, list):
        return [_meant(each, ids) for each in value]
    if isinstance(value, Mapping):
        return {name: _meant(each, ids) for name, each in value.items()}
    return value


def _tree(node: Any) -> Iterator[Any]:
    yield node
    for branch in node.get(BRANCHES, ()):
        yield from _tree(branch)
    for step in node.get(STEPS, ()):
        yield from _tree(step)
