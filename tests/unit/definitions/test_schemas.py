"""The JSON Schemas and the dataclasses say the same, and wrong shapes are named by their place."""

import dataclasses
import json
from typing import Any

import pytest

from runtime.definitions import (
    AppDef,
    FieldDef,
    FormDef,
    GrantDef,
    Label,
    MenuDef,
    MenuItemDef,
    OptionSetDef,
    OutputsDef,
    PostingDef,
    RoleDef,
    RuleDef,
    SectionDef,
    StockDef,
    StockItemDef,
    TabDef,
    UnitsDef,
    WorkflowDef,
    load_app,
    shape_problems,
)
from runtime.definitions.label import read_label, write_label
from runtime.definitions.loader import SCHEMAS
from runtime.definitions.posting import COMMANDS, OUTPUT
from runtime.definitions.stock import CHOICES
from runtime.infra.errors import ValidationFailed

# Where JSON and Python use other words for one thing.
RENAMED = {"list": "list_columns", "format": None, "source": None}


def properties(name: str, *path: str) -> set[str]:
    found: Any = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    for step in path:
        found = found[step]
    return {RENAMED.get(key, key) or "" for key in found["properties"]} - {""}


def members(kind: type) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)} - {"source"}


PAIRS = [
    (AppDef, properties("app")),
    (FormDef, properties("form")),
    (SectionDef, properties("form", "properties", "sections", "items")),
    (TabDef, properties("form", "properties", "tabs", "items")),
    (RuleDef, properties("form", "properties", "rules", "items")),
    (FieldDef, properties("field")),
    (PostingDef, properties("posting")),
    (OutputsDef, properties("posting", "properties", "outputs")),
    (StockDef, properties("stock")),
    (StockItemDef, properties("stock", "properties", "item")),
    (UnitsDef, properties("stock", "properties", "item", "properties", "units")),
    (OptionSetDef, properties("option_set")),
    (WorkflowDef, properties("workflow")),
    (RoleDef, properties("role")),
    (GrantDef, properties("role", "properties", "grants", "items")),
    (MenuDef, properties("menu")),
    (
        MenuItemDef,
        properties("menu", "properties", "items", "items", "oneOf", 0)  # type: ignore[arg-type]
        | properties("menu", "properties", "items", "items", "oneOf", 1),  # type: ignore[arg-type]
    ),
]


@pytest.mark.parametrize(("kind", "names"), PAIRS, ids=[kind.__name__ for kind, _ in PAIRS])
def test_schema_and_dataclass__have_the_same_properties(kind: type, names: set[str]) -> None:
    assert members(kind) == names


GOOD: dict[str, Any] = {
    "format": "dajian-app/1",
    "code": "demo",
    "label": "演示",
    "forms": [
        {
            "code": "thing",
            "label": {"zh": "物品", "en": "Thing"},
            "type": "record",
            "fields": [{"code": "name", "kind": "text", "label": "名称"}],
        }
    ],
}


def changed(*path: Any, value: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(GOOD))
    place: Any = copy
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copy


SHAPES = [
    (changed("format", value="dajian-app/2"), "/format", "property_not_allowed"),
    (changed("code", value="Demo"), "/code", "property_pattern"),
    (changed("code", value="a_code_that_is_too_long"), "/code", "property_too_long"),
    (changed("label", value=...), "/label", "property_missing"),
    (changed("extra", value=1), "/extra", "property_unknown"),
    (changed("forms", 0, "type", value="table"), "/forms/0/type", "property_not_allowed"),
    (changed("forms", 0, "fields", value=[]), "/forms/0/fields", "property_empty"),
    (changed("forms", 0, "fields", 0, "required", value="yes"), "/forms/0/fields/0/required",
     "property_type"),
    (changed("forms", 0, "fields", 0, "a/b~c", value=1), "/forms/0/fields/0/a~1b~0c",
     "property_unknown"),
    (changed("forms", 0, "fields", 0, "width", value=5), "/forms/0/fields/0/width",
     "property_not_allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "pointer", "code"), SHAPES, ids=[row[1] for row in SHAPES])
def test_wrong_shape(source: Any, pointer: str, code: str) -> None:
    assert [(p.pointer, p.code) for p in shape_problems(source)] == [(pointer, code)]
    with pytest.raises(ValidationFailed):
        load_app(source)


def test_all_problems_at_once() -> None:
    source = changed("label", value=...) | {"code": "X", "nothing": 1}
    assert {p.pointer for p in shape_problems(source)} == {"/label", "/code", "/nothing"}


@pytest.mark.parametrize("source", ["not an app", [], None, 7, {"format": "dajian-app/1"}])
def test_no_app_at_all(source: Any) -> None:
    assert list(shape_problems(source))


LABELS = [
    ("客户", Label("客户"), "客户"),
    ({"zh": "客户", "en": "Customer"}, Label("客户", "Customer"), {"zh": "客户", "en": "Customer"}),
    ({"en": "Customer"}, Label("Customer", "Customer"), {"zh": "Customer", "en": "Customer"}),
    (None, Label("code"), "code"),
]


@pytest.mark.parametrize(("source", "label", "written"), LABELS)
def test_label(source: Any, label: Label, written: Any) -> None:
    assert read_label(source, "code") == label
    assert write_label(label) == written
    assert label.text("en") == (label.en or label.zh)
    assert label.text("zh") == label.zh


def test_commands__the_schema_and_the_table_name_the_same() -> None:
    schema: Any = json.loads((SCHEMAS / "posting.schema.json").read_text(encoding="utf-8"))
    assert list(schema["properties"]["command"]["enum"]) == list(COMMANDS)
    parts = set().union(*(command.parts for command in COMMANDS.values()))
    assert parts - {"source"} == members(PostingDef) - {"command", "date", "lines", "purpose"}
    assert members(OutputsDef) - {"lines"} == OUTPUT.parts


def test_stock__the_schema_and_the_table_offer_the_same() -> None:
    rules: Any = json.loads((SCHEMAS / "stock.schema.json").read_text(encoding="utf-8"))
    offered = {
        name: tuple(rule["enum"])
        for name, rule in rules["properties"]["rules"]["properties"].items()
    }
    assert {name: offered[name] for name in CHOICES if name in offered} == {
        name: words for name, words in CHOICES.items() if name in offered
    }


def test_stock__is_read() -> None:
    settings = {
        "item": {
            "form": "thing",
            "method": "method",
            "units": {"lines": "u", "uom": "u.uom", "qty": "u.qty", "base_qty": "u.base"},
        },
        "warehouse": "place",
        "rules": {"negative": "allow"},
    }
    app = load_app({**GOOD, "stock": settings})
    assert app.stock == StockDef(
        StockItemDef("thing", method="method", units=UnitsDef("u", "u.uom", "u.qty", "u.base")),
        "place",
        {"negative": "allow"},
    )


def test_posting__outputs_are_read() -> None:
    rule = {
        "command": "assemble", "date": "day", "lines": "inputs", "item": "inputs.item",
        "qty": "inputs.qty", "warehouse": "place",
        "outputs": {"lines": "outputs", "item": "outputs.item", "qty": "outputs.qty",
                    "warehouse": "place", "share": "outputs.share"},
    }  # fmt: skip
    form = load_app({**GOOD, "forms": [{**GOOD["forms"][0], "posting": rule}]}).forms[0]
    assert form.posting is not None
    assert form.posting.outputs == OutputsDef(
        "outputs", "outputs.item", "outputs.qty", "place", share="outputs.share"
    )
