"""A difference as a sentence a person reads, in both languages."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from builder.changes.compare import Change, Kind
from builder.changes.items import DEFAULTS, Item, is_label
from runtime.definitions.label import Label, read_label
from runtime.infra import strict_json
from runtime.infra.messages import catalogue, message
from runtime.kinds.fields import FIELD_TYPES

LOCALES: Final = ("zh", "en")
# Members that hold a formula: fields stand in them by what never changes.
_FORMULAS: Final = frozenset({"formula", "when", "where", "of", "default"})
_REFERENCE: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Sentence:
    """One difference between two versions, in words.

    `part` says what changed (`field`, `rule`, `grant` …), `form` in which form, `path` where in the
    app by codes. `before` and `after` are what it said and says, to be put side by side.
    """

    kind: Kind
    part: str
    path: str
    text: Label
    form: str | None = None
    before: Label | None = None
    after: Label | None = None


def sentence(change: Change) -> Sentence:
    """The sentence of a difference."""
    before, after = _sides(change)
    texts = [_text(change, before, after, locale) for locale in LOCALES]
    form = next((item.code for item in change.trail if item.kind in {"form", "aggregate"}), None)
    path = "/".join(item.code or item.label.zh for item in change.trail[1:])
    return Sentence(
        kind=change.kind,
        part=change.trail[-1].kind,
        path=f"{path}/{change.name}" if change.name else path,
        text=Label(*texts),
        form=form,
        before=before,
        after=after,
    )


def _sides(change: Change) -> tuple[Label | None, Label | None]:
    if change.kind != "changed":
        return None, None
    now, was = change.trail[-1], change.was or change.trail[-1]
    return _shown(was, change.name, change.before), _shown(now, change.name, change.after)


def _text(change: Change, before: Label | None, after: Label | None, locale: str) -> str:
    thing = change.trail[-1]
    params = {
        "where": _where(change.trail[1:-1], locale),
        "part": message(f"change_part_{thing.kind}", {}, locale),
        "label": thing.label.text(locale),
    }
    if change.kind == "moved":
        return _moved(change, params, locale)
    if change.kind in {"added", "removed"}:
        return message(f"change_{change.kind}", {**params, "size": _size(thing, locale)}, locale)
    assert before is not None, "a change has two sides"
    assert after is not None, "a change has two sides"
    params["name"] = member_name(thing, change.name).text(locale)
    lists = _list_words(change, locale)
    if lists is not None:
        return message("change_list", {**params, "how": lists}, locale)
    sides = {"before": before.text(locale), "after": after.text(locale)}
    code = "change_changed" if len(change.trail) > 1 else "change_changed_app"
    return message(code, {**params, **sides}, locale)


def _moved(change: Change, params: Mapping[str, str], locale: str) -> str:
    form, thing = change.trail[-2], change.trail[-1]
    if change.before != change.after:
        was = change.was or form
        sections = {
            "before": _section(was, change.before, locale),
            "after": _section(form, change.after, locale),
        }
        return message("change_placed", {**params, **sections}, locale)
    if change.behind is None:
        return message("change_moved_first", params, locale)
    behind = change.behind.label.text(locale) or change.behind.code
    assert thing is not change.behind, "nothing stands behind itself"
    return message("change_moved", {**params, "behind": behind}, locale)


def _section(form: Item, code: str, locale: str) -> str:
    found = next((each for each in form.parts.get("sections", ()) if each.code == code), None)
    return found.label.text(locale) if found else message("change_no_section", {}, locale)


def _where(trail: Sequence[Item], locale: str) -> str:
    """The things around it: `销售出库 › 商品明细：`."""
    if not trail:
        return ""
    names = " › ".join(item.label.text(locale) for item in trail)
    return f"{names}: " if locale == "en" else f"{names}："


def _size(thing: Item, locale: str) -> str:
    """What a form that came or went holds."""
    fields = thing.parts.get("fields", ())
    return message("change_size", {"fields": len(fields)}, locale) if fields else ""


def member_name(thing: Item, name: str) -> Label:
    """What a member of a thing is called."""
    option = _option(thing, name)
    if option is not None and "title" in option:
        return Label(option["title"], option["title_en"])
    first, _, rest = name.partition("/")
    code = f"change_name_{first}" if first != "options" else ""
    if code not in catalogue():
        return Label(name, name)
    words = [message(code, {}, locale) for locale in LOCALES]
    return Label(*(f"{word} {rest}" if rest else word for word in words))


def _option(thing: Item, name: str) -> Mapping[str, Any] | None:
    kind = str(thing.source.get("kind"))
    first, _, option = name.partition("/")
    if first != "options" or kind not in FIELD_TYPES:
        return None
    found: Mapping[str, Any] | None = FIELD_TYPES[kind].options["properties"].get(option)
    return found


def _list_words(change: Change, locale: str) -> str | None:
    """What came into a list and went out of it, instead of the whole list twice."""
    was, now = change.before, change.after
    if not (_is_plain_list(was) and _is_plain_list(now)):
        return None
    old, new = was or [], now or []
    thing, before = change.trail[-1], change.was or change.trail[-1]
    parts = {
        "change_list_added": (thing, [each for each in new if each not in old]),
        "change_list_removed": (before, [each for each in old if each not in new]),
    }
    found = [
        message(code, {"names": _joined(item, change.name, values, locale)}, locale)
        for code, (item, values) in parts.items()
        if values
    ]
    kept = [each for each in new if each in old]
    if kept != [each for each in old if each in new] or not found:
        names = {"names": _joined(thing, change.name, new, locale)}
        found.append(message("change_list_order", names, locale))
    return ("; " if locale == "en" else "；").join(found)


def _is_plain_list(value: Any) -> bool:
    return value is None or (
        isinstance(value, list) and all(isinstance(each, str) for each in value)
    )


def _joined(thing: Item, name: str, values: Sequence[Any], locale: str) -> str:
    words = (_shown(thing, name, value).text(locale) for value in values)
    return (", " if locale == "en" else "、").join(words)


def _shown(thing: Item, name: str, value: Any) -> Label:
    """A value the way people read it."""
    if value is None:
        return _words("change_no" if False in DEFAULTS.get(name, ()) else "change_none")
    if isinstance(value, bool):
        return _words("change_yes" if value else "change_no")
    if is_label(value):
        return _both(read_label(value))
    if isinstance(value, list):
        return Label(*(_joined(thing, name, value, locale) for locale in LOCALES))
    if isinstance(value, Mapping):
        return Label(strict_json.canonical(value))
    return _of_text(thing, name, str(value))


def _of_text(thing: Item, name: str, text: str) -> Label:
    for known in _KNOWN:
        found = known(thing, name, text)
        if found is not None:
            return found
    return Label(text, text)


def _as_kind(thing: Item, name: str, text: str) -> Label | None:
    if thing.kind != "field" or name != "kind" or text not in FIELD_TYPES:
        return None
    options = FIELD_TYPES[text].options
    return Label(options["title"], options["title_en"])


def _as_choice(thing: Item, name: str, text: str) -> Label | None:
    """A value of an enumeration that has words."""
    words = (_option(thing, name) or {}).get("words", {})
    if text in words:
        return read_label(words[text])
    code = f"change_value_{text}"
    return _words(code) if code in catalogue() else None


def _as_form(thing: Item, name: str, text: str) -> Label | None:
    is_form = name.rpartition("/")[2] == "form"
    return thing.forms.get(text) if is_form else None


def _as_formula(thing: Item, name: str, text: str) -> Label | None:
    if name.rpartition("/")[2] not in _FORMULAS or "{" not in text:
        return None
    return Label(*(_by_names(thing, text, locale) for locale in LOCALES))


def _by_names(thing: Item, text: str, locale: str) -> str:
    def named(match: re.Match[str]) -> str:
        found = thing.names.get(match[1])
        return match[0] if found is None else "{" + found.text(locale) + "}"

    return _REFERENCE.sub(named, text)


def _as_field(thing: Item, name: str, text: str) -> Label | None:
    is_formula = name.rpartition("/")[2] in _FORMULAS or text.startswith("=")
    return None if is_formula else thing.names.get(text)


# What a text may be, the first that fits: a kind, a word of an enumeration, a name.
_KNOWN: Final[tuple[Callable[[Item, str, str], Label | None], ...]] = (
    _as_kind,
    _as_form,
    _as_choice,
    _as_formula,
    _as_field,
)


def _words(code: str) -> Label:
    return Label(*(message(code, {}, locale) for locale in LOCALES))


def _both(label: Label) -> Label:
    """A text with its translation, so that a change of either is seen."""
    return Label(f"{label.zh} / {label.en}", f"{label.en} / {label.zh}") if label.en else label


def sentences(changes: Sequence[Change]) -> Iterator[Sentence]:
    """The sentences of differences, in their order."""
    return map(sentence, changes)
