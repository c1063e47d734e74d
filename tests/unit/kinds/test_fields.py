"""What each field type reads, refuses and shows: one row a case."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from marshmallow import ValidationError

from runtime.definitions import FieldDef, Label
from runtime.infra.columns import ExactDecimal
from runtime.infra.errors import Problem
from runtime.kinds.field_type import Unreadable
from runtime.kinds.fields import FIELD_TYPES

COLOURS = {"options": [{"code": "red", "label": {"zh": "红", "en": "Red"}}, {"code": "blue"}]}


def field(kind: str, **options: Any) -> FieldDef:
    return FieldDef(code="a", kind=kind, label=Label("甲"), options=options)


TYPED = [
    # kind, options, what a person types, value, what people read
    ("text", {}, "  螺栓 ", "螺栓", "螺栓"),
    ("text", {}, "   ", None, ""),
    ("long_text", {}, "第一行\n第二行 ", "第一行\n第二行", "第一行\n第二行"),
    ("lookup", {"reference": "item", "field": "name"}, "螺栓", "螺栓", "螺栓"),
    ("rollup", {"form": "order", "reference": "item"}, " 12 ", "12", "12"),
    ("document_number", {"prefix": "CK-"}, " CK-1 ", "CK-1", "CK-1"),
    ("lines", {"fields": []}, "任何", None, "0"),
    ("number", {"places": 0}, "１２", Decimal(12), "12"),
    ("number", {}, "1,234.5", Decimal("1234.5"), "1,234.5"),
    ("number", {}, "-3.10", Decimal("-3.10"), "-3.1"),
    ("money", {}, "￥1，234", Decimal(1234), "1,234.00"),
    ("money", {"places": 4}, "0.1250", Decimal("0.1250"), "0.125"),
    ("money", {}, "1.2万", Decimal("12000.0"), "12,000.00"),
    ("money", {}, "12 元", Decimal(12), "12.00"),
    ("quantity", {}, "0.333333", Decimal("0.333333"), "0.333333"),
    ("quantity", {}, "100", Decimal(100), "100"),
    ("percent", {}, "13%", Decimal("0.13"), "13%"),
    ("percent", {}, "13", Decimal("0.13"), "13%"),
    ("percent", {}, "0.5％", Decimal("0.005"), "0.5%"),
    ("date", {}, "2026/11/2", date(2026, 11, 2), "2026-11-02"),
    ("date", {}, "2026年11月2日", date(2026, 11, 2), "2026-11-02"),
    ("date", {}, "20261102", date(2026, 11, 2), "2026-11-02"),
    ("datetime", {"zone": "Asia/Shanghai"}, "2026-11-02 08:30",
     datetime(2026, 11, 2, 0, 30, tzinfo=UTC), "2026-11-02 08:30"),
    ("boolean", {}, "是", True, "是"),
    ("boolean", {}, "×", False, "否"),
    ("choice", COLOURS, "红", "red", "红"),
    ("choice", COLOURS, "blue", "blue", "blue"),
    ("multi_choice", COLOURS, "红，blue", ("red", "blue"), "红，blue"),
    ("reference", {"form": "item"}, "17", 17, "17"),
    ("attachment", {}, "3,4", (3, 4), "2"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "options", "text", "value", "shown"), TYPED)
def test_typed(kind: str, options: dict[str, Any], text: str, value: Any, shown: str) -> None:
    definition = field(kind, **options)
    found = FIELD_TYPES[kind].parse(text, definition)
    assert found == value
    assert FIELD_TYPES[kind].format(found, definition) == shown


UNREADABLE = [
    ("number", {}, "abc", "number_expected"),
    ("number", {}, "1e5", "number_expected"),
    ("number", {}, "NaN", "number_expected"),
    ("money", {}, "12,34", "number_expected"),
    ("date", {}, "2026-02-30", "date_expected"),
    ("date", {}, "待定", "date_expected"),
    ("datetime", {}, "2026-11-02 25:00", "datetime_expected"),
    ("boolean", {}, "也许", "boolean_expected"),
    ("choice", COLOURS, "绿", "option_unknown"),
    ("multi_choice", COLOURS, "红、绿", "option_unknown"),
    ("reference", {"form": "item"}, "螺栓", "reference_unknown"),
    ("attachment", {}, "3;4", "files_expected"),
]


@pytest.mark.parametrize(("kind", "options", "text", "code"), UNREADABLE)
def test_unreadable(kind: str, options: dict[str, Any], text: str, code: str) -> None:
    definition = field(kind, **options)
    found = FIELD_TYPES[kind].parse(text, definition)
    assert found == Unreadable(text, code)
    assert refusal(kind, definition, found) == code


SENT = [
    # kind, options, JSON value, code it is refused with
    ("text", {"max_length": 3}, "abcd", "text_too_long"),
    ("text", {}, "a\u202eb", "text_control_character"),
    ("text", {}, "a\x00b", "text_control_character"),
    ("text", {}, 7, "text_expected"),
    ("long_text", {"max_length": 2}, "a\nb", "text_too_long"),
    ("document_number", {}, 7, "text_expected"),
    ("lookup", {}, 7, "text_expected"),
    ("lines", {}, [1], "files_too_many"),
    ("number", {}, 1.5, "number_expected"),
    ("number", {}, True, "number_expected"),
    ("number", {}, "１", "number_expected"),
    ("number", {}, "1_000", "number_expected"),
    ("number", {}, Decimal("NaN"), "number_too_large"),
    ("number", {}, Decimal("1e30"), "number_too_large"),
    ("number", {"places": 2}, "1.005", "number_too_many_places"),
    ("number", {"places": 10}, "99999999", "number_too_large"),
    ("quantity", {"min": "0", "min_exclusive": True}, "0", "number_not_above"),
    ("quantity", {"min": "0"}, "-1", "number_below"),
    ("percent", {"max": "1"}, "1.01", "number_above"),
    ("date", {}, "2026-2-3", "date_expected"),
    ("date", {}, "0001-01-01", "date_out_of_range"),
    ("datetime", {}, "2026-11-02T08:30:00", "datetime_expected"),
    ("boolean", {}, "true", "boolean_expected"),
    ("boolean", {}, 1, "boolean_expected"),
    ("choice", COLOURS, "green", "option_unknown"),
    ("multi_choice", COLOURS, "red", "options_expected"),
    ("reference", {"form": "item"}, "17", "reference_expected"),
    ("reference", {"form": "item"}, -1, "reference_expected"),
    ("reference", {"form": "item"}, True, "reference_expected"),
    ("user", {}, 2**60, "reference_expected"),
    ("attachment", {"max_files": 1}, [1, 2], "files_too_many"),
]


@pytest.mark.parametrize(("kind", "options", "value", "code"), SENT)
def test_refused(kind: str, options: dict[str, Any], value: Any, code: str) -> None:
    assert refusal(kind, field(kind, **options), value) == code


def refusal(kind: str, definition: FieldDef, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        FIELD_TYPES[kind].schema(definition).deserialize(value)
    messages = caught.value.messages
    assert isinstance(messages, list)
    fault = messages[0]
    assert isinstance(fault, dict)
    return str(Problem("", fault["code"], fault["params"]).code)


ROUND_TRIP = [
    ("number", {"places": 3}, "1.5", Decimal("1.500")),
    ("money", {"places": 4}, "1.23450", Decimal("1.2345")),
    ("reference", {"form": "item"}, {"id": 5, "label": "螺栓"}, 5),
    ("multi_choice", COLOURS, ["red", "red"], ("red",)),
    ("text", {}, " ", None),
]


@pytest.mark.parametrize(("kind", "options", "value", "kept"), ROUND_TRIP)
def test_kept(kind: str, options: dict[str, Any], value: Any, kept: Any) -> None:
    assert FIELD_TYPES[kind].schema(field(kind, **options)).deserialize(value) == kept


@pytest.mark.parametrize("kind", list(FIELD_TYPES))
def test_every_kind_answers_all_eight(kind: str) -> None:
    options = {"form": "x", "formula": "=1", "result": "number", "reference": "r", "field": "f"}
    definition = field(kind, **options, **COLOURS)
    found = FIELD_TYPES[kind]
    assert found.kind == kind
    assert found.options["additionalProperties"] is False
    assert all(column.name == "f_a" for column in found.columns(definition))
    assert found.format(None, definition) in {"", "0"}
    assert isinstance(found.formula_type, str)
    assert isinstance(found.operators, tuple)
    assert found.schema(definition) is not None
    for column in found.columns(definition):
        assert "REAL" not in str(column.type).upper()
        assert "FLOAT" not in str(column.type).upper()
    if kind in {"number", "money", "quantity", "percent"}:
        assert isinstance(found.columns(definition)[0].type, ExactDecimal)


def schemas_in(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema of options and those of objects inside it."""
    yield schema
    for inner in schema.get("properties", {}).values():
        yield from schemas_in(inner)
    yield from schemas_in(schema["items"]) if "items" in schema else ()


@pytest.mark.parametrize("kind", list(FIELD_TYPES))
def test_every_option_has_a_name_in_both_languages(kind: str) -> None:
    options = FIELD_TYPES[kind].options
    assert options["title"]
    assert options["title_en"]
    nameless = [
        name
        for schema in schemas_in(options)
        for name, each in schema.get("properties", {}).items()
        if not (each.get("title") and each.get("title_en"))
    ]
    assert nameless == []


@pytest.mark.parametrize("kind", list(FIELD_TYPES))
def test_the_words_of_an_enumeration_are_of_its_values(kind: str) -> None:
    for schema in schemas_in(FIELD_TYPES[kind].options):
        words = schema.get("words", {})
        assert set(words) <= set(schema.get("enum", ()))
        assert all(set(each) == {"zh", "en"} for each in words.values())
