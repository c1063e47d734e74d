"""The difference of two JSON documents, exact to the order of their keys, and its application.

Undo and redo are made of it: whatever an operation did, the way back is exact to the byte.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

# A patch is null (nothing differs), {"=": value}, {"o": {key: patch}, "k": [keys in order]} of an
# object or {"l": [start, end, [values]]} / {"i": [index, patch]} of a list.
NOTHING: Final = None
Patch = Mapping[str, Any] | None


def difference(before: Any, after: Any) -> Patch:
    """What makes `after` of `before`."""
    if before is after:
        return NOTHING
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _objects(before, after)
    if isinstance(before, list) and isinstance(after, list):
        return _lists(before, after)
    if type(before) is type(after) and before == after:
        return NOTHING
    return {"=": after}


def patched(before: Any, patch: Patch) -> Any:
    """Apply a patch to what it was made of."""
    if patch is NOTHING:
        return before
    if "=" in patch:
        return patch["="]
    if "i" in patch:
        index, inner = patch["i"]
        return [*before[:index], patched(before[index], inner), *before[index + 1 :]]
    if "l" in patch:
        start, end, values = patch["l"]
        return [*before[:start], *values, *before[end:]]
    inner = patch["o"]
    keys = patch.get("k", before)
    return {key: patched(before.get(key), inner.get(key)) for key in keys}


def _objects(before: Mapping[str, Any], after: Mapping[str, Any]) -> Patch:
    changed: dict[str, Any] = {}
    for key, value in after.items():
        found = difference(before[key], value) if key in before else {"=": value}
        if found is not NOTHING:
            changed[key] = found
    keys = list(after)
    if keys != list(before):
        return {"o": changed, "k": keys}
    return {"o": changed} if changed else NOTHING


def _lists(before: Sequence[Any], after: Sequence[Any]) -> Patch:
    start = 0
    while start < min(len(before), len(after)) and not _differ(before[start], after[start]):
        start += 1
    ends = 0
    room = min(len(before), len(after)) - start
    while ends < room and not _differ(before[-1 - ends], after[-1 - ends]):
        ends += 1
    old, new = before[start : len(before) - ends], after[start : len(after) - ends]
    if not old and not new:
        return NOTHING
    if len(old) == len(new) == 1:
        return {"i": [start, difference(old[0], new[0])]}
    return {"l": [start, len(before) - ends, list(new)]}


def _differ(one: Any, other: Any) -> bool:
    return difference(one, other) is not NOTHING
