"""The JSON of an app as a tree of things people have names for: forms, fields, rules, grants."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from runtime.definitions.label import Label, read_label
from runtime.infra import strict_json

Json = Mapping[str, Any]

# Members of a thing that are lists of things themselves, and what those are.
_PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "app": {
        "forms": "form",
        "aggregates": "aggregate",
        "option_sets": "option_set",
        "conversions": "conversion",
        "printouts": "printout",
        "workflows": "workflow",
        "roles": "role",
        "menus": "menu",
        "tests": "test",
    },
    "form": {
        "fields": "field",
        "sections": "section",
        "tabs": "tab",
        "views": "view",
        "rules": "rule",
        "checks": "check",
    },
    "field": {"options/fields": "field", "options/options": "option"},
    "option_set": {"options": "option"},
    "aggregate": {
        "dimensions": "dimension",
        "measures": "measure",
        "sources": "source",
        "checks": "check",
    },
    "workflow": {"steps": "step"},
    "role": {"grants": "grant"},
    "menu": {"items": "menu_item"},
}
# Members that name fields of the form by code: compared by what never changes of a field.
_NAMES_FIELDS: Final = frozenset(
    {"title", "list", "search", "unique_together", "fields", "hidden", "readonly"}
)
# What a member says when it is left out: written out or not, it is the same.
DEFAULTS: Final[Mapping[str, tuple[Any, ...]]] = {
    "required": (False,),
    "unique": (False,),
    "index": (False,),
    "readonly": (False, []),
    "width": (0,),
    "phone": ("show", "open"),
    "tests_block_publish": (False,),
}


@dataclass(frozen=True, eq=False)
class Item:
    """A thing in an app. `key` tells it from the others of its list; empty where nothing does.

    `names` are the fields of its form, by what never changes of them: `lines.price` for a column.
    """

    kind: str
    key: str
    code: str
    label: Label
    source: Json
    props: Mapping[str, Any]
    parts: Mapping[str, tuple["Item", ...]]
    names: Mapping[str, Label] = field(default_factory=dict)
    # Of a form: the fields of each section, and those of no section under "".
    placed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    forms: Mapping[str, Label] = field(default_factory=dict)

    @property
    def written(self) -> str:
        """All of it, so that equal things are written equally."""
        return strict_json.canonical(self.source)


def read(source: Json) -> Item:
    """The tree of an app."""
    forms = {each["code"]: _label(each) for each in _list(source, "forms", "aggregates")}
    return _Reader(forms, source).item("app", source, {}, {})


@dataclass(frozen=True)
class _Reader:
    forms: Mapping[str, Label]
    app: Json

    def item(
        self, kind: str, source: Json, keys: Mapping[str, str], names: Mapping[str, Label]
    ) -> Item:
        """One thing with everything in it; `keys` and `names` are of the form it belongs to."""
        if kind == "form":
            keys, names = _keys(source), _names(source)
        if kind == "grant":
            of = self._form(source.get("form"))
            keys, names = _keys(of), _names(of)
        parts = {
            name: tuple(self.item(part, each, keys, names) for each in found)
            for name, part in _PARTS.get(kind, {}).items()
            if _is_list(found := _at(source, name))
        }
        return Item(
            kind=kind,
            key=_key(kind, source),
            code=str(source.get("code") or source.get("id") or ""),
            label=self._label(kind, source),
            source=source,
            props=dict(_props(kind, source, set(parts), keys)),
            parts=parts,
            names=names,
            placed=_placed(source, keys) if kind == "form" else {},
            forms=self.forms,
        )

    def _form(self, code: Any) -> Json:
        return next((each for each in self.app.get("forms", ()) if each["code"] == code), {})

    def _label(self, kind: str, source: Json) -> Label:
        if kind in {"grant", "source", "menu_item"}:
            code = str(source.get("form") or source.get("page") or "")
            return self.forms.get(code, Label(code))
        if kind == "check":
            return read_label(source.get("message"))
        return _label(source)


def _label(source: Json) -> Label:
    code = str(source.get("code") or source.get("id") or "")
    return read_label(source.get("label"), code)


def _key(kind: str, source: Json) -> str:
    if kind in {"check", "menu", "menu_item"}:
        return ""
    if kind in {"grant", "source"}:
        return f"{source.get('form')}/{source.get('lines', '')}"
    return str(source.get("id") or source.get("code") or "")


def _props(
    kind: str, source: Json, parts: Iterable[str], keys: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    """What is left of a thing without the things in it: member by member, inner ones by path."""
    apart = {"id", *parts}
    is_its_key = kind != "app" and _key(kind, source) == source.get("code")
    if is_its_key or kind in {"grant", "source"}:
        apart |= {"code"}
    if kind == "section":
        # Where a field stands is told of the field.
        apart |= {"fields"}
    for path, value in _flat(source, ""):
        if path in apart or value in DEFAULTS.get(path, ()) or value in ([], None):
            continue
        is_named = path in _NAMES_FIELDS and kind != "field"
        yield path, _keyed(value, keys) if is_named else value


def _flat(source: Json, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in source.items():
        path = f"{prefix}{name}"
        is_inner = isinstance(value, Mapping) and path not in {"label", "help", "placeholder"}
        if is_inner and not is_label(value):
            yield from _flat(value, f"{path}/")
        else:
            yield path, value


def is_label(value: Any) -> bool:
    """Whether a value is a text in several languages."""
    return isinstance(value, Mapping) and bool(value) and set(value) <= {"zh", "en"}


def _keyed(value: Any, keys: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return keys.get(value, value)
    return [_keyed(each, keys) for each in value] if isinstance(value, Sequence) else value


def _keys(form: Json) -> Mapping[str, str]:
    """What never changes of a field, by its code; of a column by `lines.code`."""
    found = {}
    for each in form.get("fields", ()):
        found[each["code"]] = own = str(each.get("id") or each["code"])
        for column in _columns(each):
            found[f"{each['code']}.{column['code']}"] = (
                f"{own}.{column.get('id') or column['code']}"
            )
    return found


def _names(form: Json) -> Mapping[str, Label]:
    """What fields are called, by what never changes of them and by their code."""
    found: dict[str, Label] = {}
    for code, key in _keys(form).items():
        lines, _, inner = code.rpartition(".")
        fields = form.get("fields", ())
        if lines:
            fields = _columns(next(each for each in fields if each["code"] == lines))
        label = _label(next(each for each in fields if each["code"] == inner))
        found.setdefault(code, label)
        found[key] = label
    return found


def _columns(source: Json) -> Sequence[Json]:
    options = source.get("options") or {}
    columns: Sequence[Json] = options.get("fields", ()) if source.get("kind") == "lines" else ()
    return columns


def _placed(form: Json, keys: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    sections = form.get("sections") or ()
    if not sections:
        return {}
    found = {
        each["code"]: tuple(keys.get(code, code) for code in each.get("fields", ()))
        for each in sections
    }
    standing = {key for fields in found.values() for key in fields}
    rest = [str(each.get("id") or each["code"]) for each in form.get("fields", ())]
    return {**found, "": tuple(key for key in rest if key not in standing)}


def _list(source: Json, *names: str) -> Iterator[Json]:
    for name in names:
        yield from source.get(name) or ()


def _at(source: Json, path: str) -> Any:
    value: Any = source
    for name in path.split("/"):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)
