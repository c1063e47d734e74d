"""What flows say about a field: it follows another code, and rights at steps go with the field."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from builder.drafts.view_fields import Renamed
from builder.drafts.working import Object, Working
from builder.flow_places import START, FieldAt, FlowField, every_step, flow_places

# Members of a step that say something of fields by their paths: without the field they say nothing.
_SAID: Final = ("access", "lines")


def follow_in_flows(work: Working, what: Renamed) -> None:
    """Let every code and path in flows follow; formulas name fields by their ids."""
    wanted = FieldAt(what.form, what.lines, what.old)
    places = (each for each in flow_places(work.source) if isinstance(each, FlowField))
    found = [each for each in places if wanted in each.fields]
    if not found:
        return
    flows = work.part("workflows")
    # Another name of a member changes the way to what is inside it, so names come last.
    for place in sorted(found, key=lambda each: each.is_key):
        holder = _holder(flows, place)
        text = _followed(place, wanted, what.new)
        if place.is_key:
            members = {text if name == place.text else name: each for name, each in holder.items()}
            holder.clear()
            holder.update(members)
        else:
            holder[place.steps[-1]] = text


def out_of_flows(work: Working, form: str, path: str, places: Object) -> None:
    """Forget what steps let people do with a field: `[flow, step, member, place, path, value]`."""
    if not any(_is_said(flow, form, path) for flow in work.source.get("workflows", ())):
        return
    for flow in work.part("workflows"):
        for step, node in _saying(flow) if flow["form"] == form else ():
            for name in _SAID:
                said = node.get(name)
                for index, key in reversed(list(enumerate(said if _is_told(said) else ()))):
                    if _is_under(key, path):
                        told = [flow["code"], step, name, index, key, said.pop(key)]
                        places.setdefault("flows", []).append(told)


def into_flows(work: Working, places: Object) -> None:
    """Put back what `out_of_flows` took, at the steps that are still there."""
    if not places.get("flows"):
        return
    nodes = {
        (flow["code"], step): node
        for flow in work.part("workflows")
        for step, node in _saying(flow)
    }
    for flow, step, name, index, key, value in reversed(places["flows"]):
        node = nodes.get((flow, step))
        if node is not None:
            items = list(node.get(name, {}).items())
            items.insert(index, (key, value))
            node[name] = dict(items)


def _holder(flows: list[Any], place: FlowField) -> Any:
    """The list or the members a place is one of."""
    holder: Any = flows
    for step in place.steps[1:-1]:
        holder = holder[step]
    return holder


def _followed(place: FlowField, wanted: FieldAt, new: str) -> str:
    sign = "-" if place.text.startswith("-") else ""
    parts = place.text.removeprefix("-").split(".")
    named = zip(parts, place.fields, strict=True)
    return sign + ".".join(new if field == wanted else part for part, field in named)


def _saying(flow: Any) -> Iterator[tuple[str, Any]]:
    """Whatever of a flow says something of fields, by its id."""
    if "start" in flow:
        yield START, flow["start"]
    for step in every_step(flow):
        yield str(step["id"]), step


def _is_said(flow: Mapping[str, Any], form: str, path: str) -> bool:
    return flow["form"] == form and any(
        _is_under(key, path)
        for _step, node in _saying(flow)
        for name in _SAID
        for key in (node[name] if _is_told(node.get(name)) else ())
    )


def _is_told(said: Any) -> bool:
    """Whether it says something by path; a loop goes through `lines` by the code alone."""
    return isinstance(said, Mapping)


def _is_under(each: str, path: str) -> bool:
    return each == path or each.startswith(f"{path}.")
