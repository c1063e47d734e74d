"""Single-line text."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column, Text

from runtime.definitions.form import FieldDef
from runtime.kinds.field_type import FieldType, Value, column_name, options_schema
from runtime.kinds.strict import StrictText


class TextField(FieldType):
    """One line of text."""

    kind = "text"
    options = options_schema({"max_length": {"type": "integer", "minimum": 1, "maximum": 500}})
    operators = ("contains", "equals", "starts", "empty", "not_empty")
    formula_type = "text"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One text column."""
        return (Column(column_name(field), Text),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """Clean text up to its length."""
        return StrictText(field.options.get("max_length", 200))

    def parse(self, text: str, field: FieldDef) -> Value:
        """Text is itself."""
        return text.strip() or None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Text is itself."""
        return value or ""
