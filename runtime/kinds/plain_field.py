"""What fields kept as text have in common: one text column, text is itself."""

from typing import Any, ClassVar

from marshmallow import fields
from sqlalchemy import Column, Text

from runtime.definitions.form import FieldDef
from runtime.kinds.field_type import FieldType, Value, column_name
from runtime.kinds.patterns import pattern_of
from runtime.kinds.strict import StrictText


class PlainField(FieldType):
    """Text as it was typed, trimmed; a subclass says how much and whether lines may break."""

    operators: ClassVar[tuple[str, ...]] = ("contains", "equals", "starts", "empty", "not_empty")
    formula_type = "text"
    default_length: ClassVar[int] = 5000
    breaks_lines: ClassVar[bool] = False

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One text column."""
        return (Column(column_name(field), Text),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """Clean text up to its length."""
        length = field.options.get("max_length", self.default_length)
        least = field.options.get("min_length", 0)
        form = pattern_of(field.options)
        return StrictText(length, lines=self.breaks_lines, least=least, form=form)

    def parse(self, text: str, field: FieldDef) -> Value:
        """Text is itself."""
        return text.strip() or None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Text is itself."""
        return "" if value is None else str(value)
