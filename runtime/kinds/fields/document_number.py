"""A number people call a document by."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column, Text

from runtime.definitions.form import FieldDef
from runtime.kinds.field_type import FieldType, Value, column_name, options_schema
from runtime.kinds.strict import StrictText


class DocumentNumber(FieldType):
    """Given on submit, without gaps: prefix, date part, running number."""

    kind = "document_number"
    options = options_schema(
        {
            "prefix": {"type": "string", "pattern": "^[A-Za-z0-9_/-]*$", "maxLength": 12},
            "date": {"enum": ["", "YYYY", "YYYYMM", "YYMM", "YYYYMMDD", "YYMMDD"]},
            "width": {"type": "integer", "minimum": 1, "maximum": 12},
            "reset": {"enum": ["never", "year", "month", "day"]},
        }
    )
    operators = ("contains", "equals", "starts", "empty", "not_empty")
    formula_type = "text"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One text column."""
        return (Column(column_name(field), Text),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """Given by the system, so never read from outside."""
        return StrictText(60)

    def parse(self, text: str, field: FieldDef) -> Value:
        """Text is itself."""
        return text.strip() or None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Text is itself."""
        return value or ""
