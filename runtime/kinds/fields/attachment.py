"""Files."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import JsonText
from runtime.kinds.field_type import (
    FieldType,
    Unreadable,
    Value,
    column_name,
    options_schema,
    titled,
)
from runtime.kinds.strict import StrictKeys


class Attachment(FieldType):
    """The ids of uploaded files."""

    kind = "attachment"
    options = options_schema(
        "附件",
        "Attachment",
        {
            "max_files": titled(
                "最多几个文件", "Files at most", {"type": "integer", "minimum": 1, "maximum": 50}
            )
        },
    )
    operators = ("empty", "not_empty")
    formula_type = ""

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One JSON column with the ids."""
        return (Column(column_name(field), JsonText()),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """File ids; that they are the actor's is asked of the database."""
        return StrictKeys(field.options.get("max_files", 10))

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read ids between commas, as the screen posts them."""
        words = [word.strip() for word in text.split(",") if word.strip()]
        if not all(word.isascii() and word.isdigit() and len(word) < 16 for word in words):
            return Unreadable(text, "files_expected")
        return tuple(int(word) for word in words) or None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """How many there are; screens show the names."""
        return "" if not value else str(len(value))
