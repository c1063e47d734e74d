"""Text with emphasis, lists and links."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column, Text

from runtime.definitions.form import FieldDef
from runtime.kinds import rich
from runtime.kinds.field_type import FieldType, Value, column_name, options_schema, titled
from runtime.kinds.strict import StrictRich

LONGEST = 20_000


class RichText(FieldType):
    """Kept as HTML that was cleaned; lists, search and workbooks have its words alone."""

    kind = "rich_text"
    options = options_schema(
        "富文本",
        "Rich text",
        {
            "max_length": titled(
                "最多几个字",
                "Characters at most",
                {"type": "integer", "minimum": 1, "maximum": LONGEST},
            )
        },
    )
    operators = ("empty", "not_empty")
    formula_type = ""

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One text column with the HTML."""
        return (Column(column_name(field), Text),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """HTML or plain text; what is kept is clean."""
        return StrictRich(field.options.get("max_length", LONGEST))

    def parse(self, text: str, field: FieldDef) -> Value:
        """What the editor wrote, or plain text of a cell."""
        return rich.kept(text) or None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Its words."""
        return "" if value is None else rich.plain(value)
