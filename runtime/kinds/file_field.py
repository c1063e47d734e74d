"""What fields that hold uploaded files have in common: a list of ids."""

from typing import Any, ClassVar

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import JsonText
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name
from runtime.kinds.strict import StrictKeys

_LONGEST = 15  # digits that stay exact in every program that reads JSON


class FileField(FieldType):
    """The ids of uploaded files; a subclass says which files, and how many."""

    operators = ("empty", "not_empty")
    formula_type = ""
    most: ClassVar[int] = 10

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One JSON column with the ids."""
        return (Column(column_name(field), JsonText()),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """File ids; that they are the actor's is asked of the database."""
        return StrictKeys(field.options.get("max_files", self.most))

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read ids between commas, as the screen posts them."""
        found = ids_in(text)
        return Unreadable(text, "files_expected") if found is None else found or None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """How many there are; screens show the names."""
        return "" if not value else str(len(value))


def ids_in(text: str) -> tuple[int, ...] | None:
    """Read ids between commas; None when something else stands there."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if all(word.isascii() and word.isdigit() and len(word) <= _LONGEST for word in words):
        return tuple(dict.fromkeys(map(int, words)))
    return None
