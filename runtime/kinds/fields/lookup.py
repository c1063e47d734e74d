"""A column carried over from a referenced record."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column, Text

from runtime.definitions.form import FieldDef
from runtime.kinds.field_type import FieldType, Value, column_name, options_schema
from runtime.kinds.strict import StrictText

_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


class Lookup(FieldType):
    """Copied when the document is saved, so it says what was true then.

    Compiling replaces what is kept by the kind of the column looked at; what stands here serves
    a lookup whose target cannot be resolved.
    """

    kind = "lookup"
    options = options_schema({"reference": _CODE, "field": _CODE}, required=("reference", "field"))
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
