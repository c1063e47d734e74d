"""A person who signs in."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import Key
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name, options_schema
from runtime.kinds.strict import StrictKey


class User(FieldType):
    """The id of a user; people see the name."""

    kind = "user"
    options = options_schema({"current": {"type": "boolean"}})
    operators = ("any_of", "none_of", "empty", "not_empty")
    formula_type = "reference"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One key column; the foreign key is added where the users' table is known."""
        return (Column(column_name(field), Key()),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """A user's id; that it exists is asked of the database."""
        return StrictKey()

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read an id."""
        source = text.strip()
        if not source:
            return None
        if source.isascii() and source.isdigit() and len(source) < 16:
            return int(source)
        return Unreadable(text, "reference_unknown")

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """The id; screens show the name, which the query brings along."""
        return "" if value is None else str(value)
