"""A value computed on save."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column, Text

from runtime.definitions.form import FieldDef
from runtime.kinds.field_type import FieldType, Value, column_name, options_schema
from runtime.kinds.strict import StrictText

RESULTS = ["number", "money", "quantity", "percent", "text", "date", "datetime", "boolean"]


class Formula(FieldType):
    """Computed by the formula language and stored; `result` is the kind that is kept.

    Compiling replaces what is kept by that kind; what stands here serves a text result.
    """

    kind = "formula"
    options = options_schema(
        {
            "formula": {"type": "string", "minLength": 1, "maxLength": 5000},
            "result": {"enum": RESULTS},
            "places": {"type": "integer", "minimum": 0, "maximum": 10},
        },
        required=("formula", "result"),
    )
    operators = ("empty", "not_empty")
    formula_type = "text"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One text column."""
        return (Column(column_name(field), Text),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """Computed, so never read from outside."""
        return StrictText(5000, lines=True)

    def parse(self, text: str, field: FieldDef) -> Value:
        """Text is itself."""
        return text.strip() or None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Text is itself."""
        return "" if value is None else str(value)
