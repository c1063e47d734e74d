"""Two trees -> what is different: things that came, went or moved, and members that changed."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from builder.changes.items import Item, is_label

Kind = Literal["added", "removed", "changed", "moved"]

# Of things that have no code, what they are recognised by when not all of them is the same.
_TELLING: Final = ("label", "message", "formula", "form", "page", "items")


@dataclass(frozen=True)
class Change:
    """One difference. `trail` leads from the app to the thing, as it is or as it was.

    `name` is the member that changed. Of what moved, `before` and `after` are the sections it stood
    and stands in, and `behind` is what it stands behind now.
    """

    kind: Kind
    trail: tuple[Item, ...]
    name: str = ""
    before: Any = None
    after: Any = None
    was: Item | None = None
    behind: Item | None = None


def compare(before: Item, after: Item) -> Iterator[Change]:
    """Yield every difference between two apps."""
    yield from _things(before, after, (after,))


def _things(before: Item, after: Item, trail: tuple[Item, ...]) -> Iterator[Change]:
    yield from _members(before, after, trail)
    retyped = before.kind == "field" and before.props.get("kind") != after.props.get("kind")
    for name in dict.fromkeys((*before.parts, *after.parts)):
        # Another kind has other options: that is one change, not one for each of them.
        if not (retyped and name == "options/options"):
            yield from _lists(before.parts.get(name, ()), after.parts.get(name, ()), trail)
    if after.kind == "form":
        placed = tuple(_places(before, after, trail))
        yield from placed
        yield from _defined_order(before, after, trail, {each.trail[-1].key for each in placed})


def _members(before: Item, after: Item, trail: tuple[Item, ...]) -> Iterator[Change]:
    retyped = before.kind == "field" and before.props.get("kind") != after.props.get("kind")
    for name in dict.fromkeys((*before.props, *after.props)):
        if retyped and name.startswith("options/"):
            continue
        was, now = before.props.get(name), after.props.get(name)
        if _plain(was) != _plain(now):
            yield Change("changed", trail, name, was, now, was=before)


def _plain(value: Any) -> Any:
    """A text is the same whether it is written with its language or without."""
    if is_label(value) and set(value) == {"zh"}:
        return value["zh"]
    return value


def _lists(
    before: Sequence[Item], after: Sequence[Item], trail: tuple[Item, ...]
) -> Iterator[Change]:
    pairs = _pairs(before, after)
    kept = {id(was) for was, _ in pairs}
    for item in before:
        if id(item) not in kept:
            yield Change("removed", (*trail, item))
    came = {id(now): was for was, now in pairs}
    for item in after:
        if id(item) in came:
            yield from _things(came[id(item)], item, (*trail, item))
        else:
            yield Change("added", (*trail, item))
    place = {id(was): at for at, was in enumerate(before)}
    order = [now for now in after if id(now) in came]
    moved = _out_of_order([place[id(came[id(now)])] for now in order])
    for at in moved:
        if not _is_told_elsewhere(order[at], trail):
            yield Change("moved", (*trail, order[at]), behind=order[at - 1] if at else None)


def _is_told_elsewhere(item: Item, trail: tuple[Item, ...]) -> bool:
    """The order of fields is that of the screen, where sections say it."""
    form = trail[-1]
    return item.kind == "field" and form.kind == "form" and bool(form.placed)


def _defined_order(
    before: Item, after: Item, trail: tuple[Item, ...], told: set[str]
) -> Iterator[Change]:
    """Fields that are defined in another order, where the screen does not say so already."""
    if not after.placed:
        return
    was, now = ([item.key for item in form.parts.get("fields", ())] for form in (before, after))
    kept = [key for key in now if key in was]
    moved = {kept[at] for at in _out_of_order([was.index(key) for key in kept])}
    if moved - told:
        earlier = [key for key in was if key in now]
        yield Change("changed", trail, "fields_order", earlier, kept, was=before)


def _places(before: Item, after: Item, trail: tuple[Item, ...]) -> Iterator[Change]:
    """Fields that stand elsewhere on the screen: in another section, or in another order."""
    if not (before.placed and after.placed):
        return
    was = {key: section for section, keys in before.placed.items() for key in keys}
    fields = {item.key: item for item in after.parts.get("fields", ())}
    for section, keys in after.placed.items():
        kept = [key for key in keys if was.get(key) == section and key in fields]
        earlier = {key: at for at, key in enumerate(before.placed[section])} if kept else {}
        moved = {kept[at] for at in _out_of_order([earlier[key] for key in kept])}
        if not section:
            # Fields of no section stand nowhere, so in no order.
            moved = set()
        for at, key in enumerate(keys):
            if key not in fields or key not in was:
                continue
            if key in moved or was[key] != section:
                behind = fields.get(keys[at - 1]) if at else None
                trail_to = (*trail, fields[key])
                yield Change("moved", trail_to, "", was[key], section, was=before, behind=behind)


def _pairs(before: Sequence[Item], after: Sequence[Item]) -> list[tuple[Item, Item]]:
    """Which thing is which: by key, or where there is none by what it says."""
    keyed = {item.key: item for item in before if item.key}
    found = [(keyed[now.key], now) for now in after if now.key in keyed]
    was, now = ([item for item in items if not item.key] for items in (before, after))
    for alike in (_same, *(_telling(name) for name in _TELLING)):
        for one in list(was):
            other = next((item for item in now if alike(one, item)), None)
            if other is not None:
                found.append((one, other))
                was.remove(one)
                now.remove(other)
    return found


def _same(one: Item, other: Item) -> bool:
    return one.written == other.written


def _telling(name: str) -> Any:
    def alike(one: Item, other: Item) -> bool:
        return one.source.get(name) is not None and one.source.get(name) == other.source.get(name)

    return alike


def _out_of_order(places: Sequence[int]) -> tuple[int, ...]:
    """Which of them moved: as few as possible, so that the others stand as they stood."""
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for at, place in enumerate(places):
        length = bisect_left(tails, place)
        before[at] = ends[length - 1] if length else None
        tails[length : length + 1] = [place]
        ends[length : length + 1] = [at]
    kept: set[int] = set()
    step: int | None = ends[-1] if ends else None
    while step is not None:
        kept.add(step)
        step = before[step]
    return tuple(at for at in range(len(places)) if at not in kept)


def counts(changes: Sequence[Change]) -> Mapping[str, int]:
    """How many came, changed (or moved) and went."""
    found = {"added": 0, "changed": 0, "removed": 0}
    for each in changes:
        found["changed" if each.kind == "moved" else each.kind] += 1
    return found
