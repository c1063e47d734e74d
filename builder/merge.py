"""Two changed copies of one app -> one: what either changed, and where both did, a choice.

`base` is what both began with (a template as it was installed), `theirs` the template's new
version, `ours` what runs here. Things are told apart by what never changes of them; a list whose
order one side changed has that order. Where both sides say something else of one thing it is a
conflict: `ours` stands until somebody chooses.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from builder.changes.items import is_label
from runtime.definitions.label import Label, read_label
from runtime.infra import strict_json
from runtime.infra.messages import catalogue, message

Json = Mapping[str, Any]
Side = Literal["theirs", "ours"]
LOCALES: Final = ("zh", "en")
_NOTHING: Final = object()
# Members that only mean something together: options are those of a kind.
_TOGETHER: Final = ("kind", "options")


@dataclass(frozen=True)
class MergeConflict:
    """A place where both sides say something else; `path` is what a choice is made by."""

    path: str
    where: Label
    base: Label
    theirs: Label
    ours: Label
    chosen: Side = "ours"


@dataclass(frozen=True)
class Merged:
    """The merged app, with what was chosen (or stands for now) where both sides changed."""

    source: dict[str, Any]
    conflicts: tuple[MergeConflict, ...]


def merge(
    base: Json, theirs: Json, ours: Json, choices: Mapping[str, Side] | None = None
) -> Merged:
    """Merge two changed copies of an app; `choices` say by path whose word counts."""
    merging = _Merging(choices or {})
    source = dict(merging.value((base, theirs, ours), ()))
    if "forms" in source:
        of_ours = {each["code"]: each for each in ours.get("forms", ())}
        source["forms"] = [_placed_once(each, of_ours) for each in source["forms"]]
    return Merged(source, tuple(merging.conflicts))


def _placed_once(form: Json, of_ours: Mapping[str, Json]) -> Json:
    """A field that each side moved to another section stands where it stands here."""
    sections = form.get("sections") or []
    standing = [code for each in sections for code in each["fields"]]
    if len(standing) == len(set(standing)):
        return form
    kept = {
        code: each["code"]
        for each in of_ours.get(form["code"], {}).get("sections", ())
        for code in each["fields"]
    }
    seen: set[str] = set()
    made = []
    for each in sections:
        here = [
            c for c in each["fields"] if c not in seen and kept.get(c, each["code"]) == each["code"]
        ]
        seen.update(here)
        made.append({**each, "fields": here})
    return {**form, "sections": made}


_Three = tuple[Any, Any, Any]


@dataclass(frozen=True)
class _Step:
    """A step into the app: how it is written in a path, and what people call it."""

    name: str
    label: Label


@dataclass
class _Merging:
    choices: Mapping[str, Side]
    conflicts: list[MergeConflict] = field(default_factory=list)

    def value(self, three: _Three, trail: tuple[_Step, ...]) -> Any:
        """One value out of three; `_NOTHING` where it is not there (any more)."""
        base, theirs, ours = three
        if _same(theirs, ours) or _same(base, theirs):
            return ours
        if _same(base, ours):
            return theirs
        if isinstance(theirs, Mapping) and isinstance(ours, Mapping):
            return self._mapping(three, trail)
        if isinstance(theirs, list) and isinstance(ours, list):
            return self._list(three, trail)
        return self._choose(three, trail)

    def _mapping(self, three: _Three, trail: tuple[_Step, ...]) -> Any:
        base = three[0] if isinstance(three[0], Mapping) else {}
        parts = (base, three[1], three[2])
        kinds = {str(part.get("kind")) for part in parts if part}
        found: dict[str, Any] = {}
        if len(kinds) > 1:
            inner = {name: tuple(part.get(name, _NOTHING) for part in parts) for name in _TOGETHER}
            found.update(self._as_one(inner, trail))
        for name in _in_order(*(list(part) for part in parts)):
            if name in _TOGETHER and len(kinds) > 1:
                continue
            inner_three = tuple(part.get(name, _NOTHING) for part in parts)
            step = _Step(name, _member(name))
            value = self.value((inner_three[0], inner_three[1], inner_three[2]), (*trail, step))
            if value is not _NOTHING:
                found[name] = value
        return found

    def _as_one(self, members: Mapping[str, tuple[Any, ...]], trail: tuple[_Step, ...]) -> Any:
        """Members that only one side may decide, all of them at once."""
        sides = [
            {name: values[at] for name, values in members.items() if values[at] is not _NOTHING}
            for at in range(3)
        ]
        base, theirs, ours = sides
        if _same(theirs, ours) or _same(base, theirs):
            return ours
        if _same(base, ours):
            return theirs
        return self._choose((base, theirs, ours), (*trail, _Step("kind", _member("kind"))))

    def _list(self, three: _Three, trail: tuple[_Step, ...]) -> Any:
        lists = tuple(part if isinstance(part, list) else [] for part in three)
        if all(isinstance(each, str) for part in lists for each in part):
            return _in_order(*lists)
        key = _key_of(lists)
        if key is None:
            return self._choose(three, trail)
        keyed = [{key(each): each for each in part} for part in lists]
        found = []
        for name in _in_order(*(list(part) for part in keyed), is_whole=True):
            inner = (
                keyed[0].get(name, _NOTHING),
                keyed[1].get(name, _NOTHING),
                keyed[2].get(name, _NOTHING),
            )
            shown = next(each for each in (inner[2], inner[1], inner[0]) if each is not _NOTHING)
            value = self.value(inner, (*trail, _Step(name, _called(shown, name))))
            if value is not _NOTHING:
                found.append(value)
        return found

    def _choose(self, three: _Three, trail: tuple[_Step, ...]) -> Any:
        path = "/".join(step.name for step in trail)
        chosen = self.choices.get(path, "ours")
        base, theirs, ours = three
        where = Label(*(" › ".join(step.label.text(at) for step in trail) for at in LOCALES))
        sides = (_shown(base), _shown(theirs), _shown(ours))
        self.conflicts.append(MergeConflict(path, where, *sides, chosen))
        return theirs if chosen == "theirs" else ours


def _same(one: Any, other: Any) -> bool:
    if one is _NOTHING or other is _NOTHING:
        return one is other
    return strict_json.canonical(one) == strict_json.canonical(other)


def _in_order(
    base: Sequence[str], theirs: Sequence[str], ours: Sequence[str], *, is_whole: bool = False
) -> list[str]:
    """Everything that is there, in the order of the side that changed it.

    What either side took away is gone; `is_whole` keeps it, for whoever looks at what it was.
    """
    kept = [each for each in ours if each in base]
    is_ours = kept != [each for each in base if each in ours]
    first, second = (ours, theirs) if is_ours else (theirs, ours)
    order = list(dict.fromkeys(first))
    before: str | None = None
    for each in second:
        if each not in order:
            # Behind what it stands behind on its own side.
            order.insert(order.index(before) + 1 if before is not None else 0, each)
        before = each
    if is_whole:
        return order
    gone = {each for each in base if each not in theirs or each not in ours}
    return [each for each in order if each not in gone]


def _key_of(lists: Iterable[Sequence[Any]]) -> Callable[[Any], str] | None:
    """What tells the things in these lists apart, if anything does."""
    parts = [list(part) for part in lists]
    if not all(isinstance(each, Mapping) for part in parts for each in part):
        return None
    for key in (_by_id, _by_form, _by_label, _by_message):
        if all(_tells_apart(key, part) for part in parts):
            return key
    return None


def _tells_apart(key: Callable[[Any], str], part: Sequence[Any]) -> bool:
    names = [key(each) for each in part]
    return all(names) and len(set(names)) == len(names)


def _by_id(item: Json) -> str:
    return str(item.get("id") or item.get("code") or "")


def _by_form(item: Json) -> str:
    name = item.get("form") or item.get("page")
    return f"{name}/{item['lines']}" if name and "lines" in item else str(name or "")


def _by_label(item: Json) -> str:
    return read_label(item["label"]).zh if "label" in item else ""


def _by_message(item: Json) -> str:
    return read_label(item["message"]).zh if "message" in item else ""


def _called(item: Any, name: str) -> Label:
    for member in ("label", "message"):
        if isinstance(item, Mapping) and member in item:
            return read_label(item[member], name)
    return Label(name, name)


def _member(name: str) -> Label:
    code = f"change_name_{name}"
    if code not in catalogue():
        code = f"change_part_{name.removesuffix('s')}"
    if code not in catalogue():
        return Label(name, name)
    return Label(*(message(code, {}, locale) for locale in LOCALES))


def _shown(value: Any) -> Label:
    """A side as people read it: what it is called, or what it says."""
    if value is _NOTHING:
        return Label(*(message("merge_not_there", {}, locale) for locale in LOCALES))
    if value is None or isinstance(value, bool):
        code = "change_none" if value is None else "change_yes" if value else "change_no"
        return Label(*(message(code, {}, locale) for locale in LOCALES))
    if is_label(value):
        return read_label(value)
    if isinstance(value, Mapping) and "label" in value:
        return read_label(value["label"])
    text = value if isinstance(value, str) else strict_json.canonical(value)
    return Label(text, text)


def unresolved(merged: Merged, choices: Mapping[str, Side]) -> Iterator[MergeConflict]:
    """The conflicts nobody has chosen in yet."""
    return (each for each in merged.conflicts if each.path not in choices)
