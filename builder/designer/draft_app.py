"""A draft compiled as far as it goes: what formulas of it are written, checked and read with."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from threading import Lock
from typing import Any, Final

from builder.drafts import Draft
from runtime.compile import App, compile_app
from runtime.definitions import read_app
from runtime.definitions.loader import schema_problems
from runtime.infra import strict_json
from runtime.infra.errors import ValidationFailed
from runtime.kinds.fields import FIELD_TYPES

Json = Mapping[str, Any]
_HELD: Final = 4
_cache: dict[str, App | None] = {}
_lock: Final = Lock()


def app_of_draft(draft: Draft) -> App | None:
    """Return the app of a draft; one that is not finished has its names and none of its formulas.

    None where not even the names can be told. Compiling takes a while, so the last are kept.
    """
    key = strict_json.canonical(draft.source)
    with _lock:
        if key not in _cache:
            while len(_cache) >= _HELD:
                _cache.pop(next(iter(_cache)))
            _cache[key] = _compiled(draft.source, draft.base_version)
        return _cache[key]


def _compiled(source: Json, version: int) -> App | None:
    for attempt in (source, _names_only(source)):
        try:
            return compile_app(read_app(attempt), version)
        except (ValidationFailed, KeyError, TypeError, ValueError):
            # A draft may lack what a published app never lacks; its names may still be told.
            continue
    return None


def _names_only(source: Json) -> dict[str, Any]:
    """The app with nothing in it that can be wrong but the names of its fields."""
    left: dict[str, Any] = deepcopy(dict(source))
    left.pop("aggregates", None)
    left.pop("workflows", None)
    forms = {form["code"]: form for form in left["forms"]}
    for form in left["forms"]:
        for part in ("checks", "rules", "posting", "workflow"):
            form.pop(part, None)
        for field, near in _fields(form):
            _plain(field, near, forms)
    left.pop("stock", None)
    for role in left.get("roles", ()):
        role["grants"] = [_ungoverned(grant) for grant in role["grants"]]
    return left


def _ungoverned(grant: Json) -> dict[str, Any]:
    """A grant without the condition that says whose records it reaches."""
    return {name: value for name, value in grant.items() if name not in ("rows", "condition")}


def _fields(form: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each field with those a lookup of it may go through."""
    for field in form["fields"]:
        yield field, form["fields"]
        if field["kind"] == "lines":
            columns = field.get("options", {}).get("fields", [])
            yield from ((column, [*columns, *form["fields"]]) for column in columns)


def _plain(field: dict[str, Any], near: list[dict[str, Any]], forms: Mapping[str, Json]) -> None:
    field.pop("default", None)
    kind, options = field["kind"], field.get("options", {})
    known = FIELD_TYPES.get(kind)
    if known is None or (kind != "lines" and any(schema_problems(known.options, options))):
        result = options.get("result")
        field.update(kind="formula" if result else "text", options=_constant(options))
    elif kind in ("formula", "rollup"):
        field.update(kind="formula", options=_constant(options))
    elif not _resolves(kind, options, near, forms):
        field.update(kind="text", options={})


def _constant(options: Json) -> dict[str, Any]:
    kept = {name: options[name] for name in ("result", "places") if name in options}
    return {"formula": "=0", **kept} if "result" in kept else {}


def _resolves(
    kind: str, options: Json, near: list[dict[str, Any]], forms: Mapping[str, Json]
) -> bool:
    """Whether what a field names is there."""
    if kind == "reference":
        return options["form"] in forms
    return kind != "lookup" or _leads(options, near, forms)


def _leads(options: Json, near: list[dict[str, Any]], forms: Mapping[str, Json]) -> bool:
    """Whether a lookup leads to a column that can be carried over."""
    through = next((each for each in near if each["code"] == options["reference"]), None)
    target = forms.get((through or {}).get("options", {}).get("form", ""))
    if target is None:
        return False
    column = next((each for each in target["fields"] if each["code"] == options["field"]), None)
    return column is not None and column["kind"] not in {"lines", "attachment", "lookup"}
