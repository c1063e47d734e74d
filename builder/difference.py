"""What differs between two definitions of an app, field by field, by stable ids."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Difference:
    """One difference: `path` in the JSON by codes (`forms/delivery/fields/qty/required`)."""

    kind: Literal["added", "removed", "changed", "moved"]
    path: str
    before: Any = None
    after: Any = None


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return every difference between two apps' JSON; a moved field is moved, not two changes."""
    return tuple(_objects(before, after, ""))


def _objects(
    before: Mapping[str, Any], after: Mapping[str, Any], path: str
) -> Iterator[Difference]:
    for key in dict.fromkeys((*before, *after)):
        here = f"{path}/{key}" if path else key
        if key not in before:
            yield Difference("added", here, after=after[key])
        elif key not in after:
            yield Difference("removed", here, before=before[key])
        else:
            yield from _values(before[key], after[key], here)


def _values(before: Any, after: Any, path: str) -> Iterator[Difference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _objects(before, after, path)
    elif _is_named(before) and _is_named(after):
        yield from _lists(before, after, path)
    elif before != after:
        yield Difference("changed", path, before, after)


def _is_named(value: Any) -> bool:
    """Say whether a list's members have an id or code to be recognised by."""
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and bool(value)
        and all(isinstance(item, Mapping) and ("id" in item or "code" in item) for item in value)
    )


def _lists(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], path: str
) -> Iterator[Difference]:
    old = {_name(item): item for item in before}
    new = {_name(item): item for item in after}
    for name, item in old.items():
        if name not in new:
            yield Difference("removed", f"{path}/{name}", before=item)
        else:
            yield from _objects(item, new[name], f"{path}/{name}")
    for name, item in new.items():
        if name not in old:
            yield Difference("added", f"{path}/{name}", after=item)
    kept_before = [name for name in old if name in new]
    kept_after = [name for name in new if name in old]
    if kept_before != kept_after:
        yield Difference("moved", path, kept_before, kept_after)


def _name(item: Mapping[str, Any]) -> str:
    return str(item.get("id") or item["code"])
