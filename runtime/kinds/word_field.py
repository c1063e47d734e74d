"""What email, phone, url and identity numbers have in common: one text in one spelling."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from marshmallow import fields
from sqlalchemy import Column, Text

from runtime.definitions.form import FieldDef
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name
from runtime.kinds.strict import StrictWord

# Kinds that are one line of text: found by their letters, compared as they stand.
WORDS: Final = frozenset({"text", "document_number", "email", "phone", "url", "id_card"})


class WordField(FieldType):
    """A text that `reader` understands; what it does not understand is refused with `code`."""

    operators = ("contains", "equals", "starts", "empty", "not_empty")
    formula_type = "text"
    reader: ClassVar["staticmethod[[str, Mapping[str, Any]], str | None]"]
    code: ClassVar[str]
    longest: ClassVar[int] = 200

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One text column."""
        return (Column(column_name(field), Text),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """The text in its one spelling."""
        reader, options = type(self).reader, field.options
        return StrictWord(self.longest, self.code, lambda text: reader(text, options))

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read it in the spellings people use."""
        if not text.strip():
            return None
        found = type(self).reader(text, field.options)
        return Unreadable(text, self.code) if found is None else found

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:  # noqa: ARG002
        """As it is kept."""
        return "" if value is None else str(value)
