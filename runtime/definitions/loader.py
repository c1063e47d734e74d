"""JSON -> dataclasses; every problem of shape at once, each with a JSON pointer."""

import hashlib
import json
import reprlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from runtime.definitions.aggregate import read_aggregate
from runtime.definitions.app import AppDef
from runtime.definitions.app_test import read_app_test
from runtime.definitions.check import read_check
from runtime.definitions.conversion import read_conversion
from runtime.definitions.form import FormDef, SectionDef, TabDef, read_field
from runtime.definitions.label import read_label
from runtime.definitions.menu import read_menu
from runtime.definitions.option_set import OptionSetDef, read_option_set, with_sets
from runtime.definitions.posting import read_posting
from runtime.definitions.printout import read_printout
from runtime.definitions.role import read_role
from runtime.definitions.rule import read_rule
from runtime.definitions.stock import read_stock
from runtime.definitions.view import read_view
from runtime.definitions.workflow import read_workflow
from runtime.infra.errors import Problem, ValidationFailed

SCHEMAS: Final = Path(__file__).with_name("schemas")
FORMAT: Final = "dajian-app/1"
# Enough to put right at once; a hostile definition has a million.
MOST_PROBLEMS: Final = 200
# The lists of an app, by the schema of what is in them; the rest of it is its frame.
_PARTS: Final = {
    "forms": "form",
    "aggregates": "aggregate",
    "option_sets": "option_set",
    "conversions": "conversion",
    "printouts": "printout",
    "workflows": "workflow",
    "roles": "role",
    "menus": "menu",
    "tests": "test",
}
_FRAME: Final = "app without its parts"
# Digests of what was looked at and had no problem.
_GOOD: Final[set[bytes]] = set()
_MOST_GOOD: Final = 20_000
# A form of two thousand fields has fewer; what has more was made to be a burden.
_MOST_PARTS: Final = 100_000
_OPTION_VALIDATORS: Final[dict[int, tuple[Mapping[str, Any], Draft202012Validator]]] = {}


def load_app(source: Mapping[str, Any]) -> AppDef:
    """Read a whole app from its JSON (`{"format", "code", "label", "forms": [...], ...}`).

    Raises ValidationFailed with one Problem for each thing that is not of the right shape.
    """
    problems = tuple(shape_problems(source))
    if problems:
        raise ValidationFailed("definition_invalid", problems=problems)
    return read_app(source)


def read_app(source: Mapping[str, Any]) -> AppDef:
    """Turn the JSON of an app whose shape was checked, when it was published, into an AppDef."""
    stock = source.get("stock")
    sets = tuple(read_option_set(item) for item in source.get("option_sets", ()))
    return AppDef(
        code=source["code"],
        label=read_label(source["label"]),
        forms=tuple(_read_form(form, sets) for form in source["forms"]),
        source=source,
        workflows=tuple(read_workflow(item) for item in source.get("workflows", ())),
        roles=tuple(read_role(item) for item in source.get("roles", ())),
        menus=tuple(read_menu(item) for item in source.get("menus", ())),
        currency=source.get("currency", "CNY"),
        zone=source.get("zone", "Asia/Shanghai"),
        stock=read_stock(stock) if stock else None,
        aggregates=tuple(read_aggregate(item) for item in source.get("aggregates", ())),
        option_sets=sets,
        conversions=tuple(read_conversion(item) for item in source.get("conversions", ())),
        printouts=tuple(read_printout(item) for item in source.get("printouts", ())),
        tests=tuple(read_app_test(item) for item in source.get("tests", ())),
        tests_block_publish=source.get("tests_block_publish", False),
    )


def shape_problems(source: Any) -> Iterator[Problem]:
    """Yield every way in which the JSON is not an app's: the app as such, then part by part."""
    found = chain(_told(_validator(_FRAME).iter_errors(source)), _parts_problems(source))
    yield from islice(found, MOST_PROBLEMS)


def _parts_problems(source: Any) -> Iterator[Problem]:
    """Yield the problems of each part, where the app's lists are lists."""
    for name, part in _PARTS.items():
        items = source.get(name) if isinstance(source, Mapping) else None
        for index, item in enumerate(items if isinstance(items, list) else ()):
            for problem in part_problems(part, item):
                yield problem.under(f"/{name}/{index}")


def schema_problems(schema: Mapping[str, Any], value: Any) -> Iterator[Problem]:
    """Yield every way in which a value breaks one of our own JSON Schemas (kind options)."""
    known = _OPTION_VALIDATORS.get(id(schema))
    if known is None:
        # The schema is kept with its validator, so that its id stays its own.
        known = _OPTION_VALIDATORS[id(schema)] = (
            schema,
            Draft202012Validator(schema, registry=Registry()),
        )
    yield from _once((str(id(schema)), value), known[1])


def field_problems(source: Any) -> Iterator[Problem]:
    """Yield every way in which the JSON is not a field's (fields of line tables)."""
    yield from part_problems("field", source)


def part_problems(part: str, source: Any) -> Iterator[Problem]:
    """Yield every way in which the JSON is not that part of an app: `field`, `form`, `role`, …"""
    yield from _once((part, source), _validator(part))


def _once(asked: tuple[str, Any], validator: Draft202012Validator) -> Iterator[Problem]:
    """Yield the problems of a value; one that had none is not looked at again.

    Between two versions of an app hardly anything changes, and looking is half of publishing.
    """
    name, value = asked
    if _has_too_many_parts(value):
        yield Problem("", "definition_too_large", {"limit": _MOST_PARTS})
        return
    try:
        # Not canonical JSON, in which an exact number is written like a text.
        text = json.dumps(value, sort_keys=True)
    except (TypeError, ValueError):
        yield from _told(validator.iter_errors(value))
        return
    key = hashlib.sha256(f"{name}\n{text}".encode()).digest()
    if key in _GOOD:
        return
    problems = tuple(_told(validator.iter_errors(value)))
    yield from problems
    if not problems:
        if len(_GOOD) >= _MOST_GOOD:
            _GOOD.clear()
        _GOOD.add(key)


def _has_too_many_parts(value: Any) -> bool:
    """Say whether a value has more members than any app; it is not walked further than that."""
    waiting, count = [value], 0
    while waiting and count <= _MOST_PARTS:
        each = waiting.pop()
        if isinstance(each, Mapping):
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
        count += 1
    return count > _MOST_PARTS


@cache
def _validator(name: str) -> Draft202012Validator:
    # Only our own files can be referred to: an unknown reference is an error, never a download.
    registry: Registry[Any] = Registry()
    for path in SCHEMAS.glob("*.schema.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        registry = registry.with_resource(path.name, DRAFT202012.create_resource(content))
    file = "app" if name == _FRAME else name
    schema = json.loads((SCHEMAS / f"{file}.schema.json").read_text(encoding="utf-8"))
    for part in _PARTS if name == _FRAME else ():
        # What is in the lists is looked at by itself.
        del schema["properties"][part]["items"]
    return cast("Draft202012Validator", _VALIDATOR(schema, registry=registry))


def _items(validator: Any, items: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    """Look at what is in a list, unless there is more than there may be: that is said already."""
    if isinstance(value, list) and len(value) <= schema.get("maxItems", len(value)):
        yield from Draft202012Validator.VALIDATORS["items"](validator, items, value, schema)


_VALIDATOR: Final = cast("Any", extend)(Draft202012Validator, {"items": _items})


def _told(errors: Iterable[ValidationError]) -> Iterator[Problem]:
    """Each problem once: of an object that lacks two things the library tells both of each."""
    told: set[tuple[str, str]] = set()
    for error in islice(errors, MOST_PROBLEMS):
        for problem in _problems_of(error):
            if (problem.pointer, problem.code) not in told:
                told.add((problem.pointer, problem.code))
                yield problem


def _problems_of(error: ValidationError) -> Iterator[Problem]:
    pointer = "".join(f"/{_escaped(part)}" for part in error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        schema = error.schema if isinstance(error.schema, Mapping) else {}
        known = schema.get("properties", {})
        for name in error.instance:
            if name not in known:
                yield Problem(f"{pointer}/{_escaped(name)}", "property_unknown", {"name": name})
        return
    if error.validator == "required" and isinstance(error.instance, Mapping):
        for name in cast("list[str]", error.validator_value):
            if name not in error.instance:
                yield Problem(f"{pointer}/{_escaped(name)}", "property_missing", {"name": name})
        return
    code = _CODES.get(str(error.validator), "property_invalid")
    params = {"found": reprlib.repr(error.instance), "wanted": str(error.validator_value)[:200]}
    yield Problem(pointer, code, params)


_CODES: Final = {
    "type": "property_type",
    "enum": "property_not_allowed",
    "const": "property_not_allowed",
    "pattern": "property_pattern",
    "maxLength": "property_too_long",
    "minLength": "property_empty",
    "minItems": "property_empty",
    "maxItems": "property_too_long",
}


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _read_form(source: Mapping[str, Any], sets: Sequence[OptionSetDef] = ()) -> FormDef:
    posting = source.get("posting")
    return FormDef(
        code=source["code"],
        label=read_label(source["label"]),
        type=source["type"],
        fields=tuple(read_field(with_sets(item, sets)) for item in source["fields"]),
        icon=source.get("icon", "file-text"),
        title=source.get("title", ""),
        list_columns=tuple(source.get("list", ())),
        search=tuple(source.get("search", ())),
        sections=tuple(
            SectionDef(
                item["code"],
                read_label(item.get("label"), item["code"]),
                tuple(item["fields"]),
                item.get("tab"),
                item.get("phone", "open"),
            )
            for item in source.get("sections", ())
        ),
        workflow=source.get("workflow"),
        posting=read_posting(posting) if posting else None,
        checks=tuple(read_check(item) for item in source.get("checks", ())),
        rules=tuple(read_rule(item) for item in source.get("rules", ())),
        tabs=tuple(
            TabDef(item["code"], read_label(item["label"])) for item in source.get("tabs", ())
        ),
        unique_together=tuple(tuple(codes) for codes in source.get("unique_together", ())),
        views=tuple(read_view(item) for item in source.get("views", ())),
    )
