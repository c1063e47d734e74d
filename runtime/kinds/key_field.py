"""What references and users have in common: the id of a row somewhere else."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import Key
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name
from runtime.kinds.strict import StrictKey

_LONGEST = 15  # digits that stay exact in every program that reads JSON


class KeyField(FieldType):
    """An id; that its row exists is asked of the database, its title comes with the query."""

    operators = ("any_of", "none_of", "empty", "not_empty")
    formula_type = "reference"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One key column; the foreign key is added where the target is known."""
        return (Column(column_name(field), Key()),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """An id."""
        return StrictKey()

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read an id; codes and names are resolved by the lookup, not guessed here."""
        source = text.strip()
        if not source:
            return None
        if source.isascii() and source.isdigit() and len(source) <= _LONGEST:
            return int(source)
        return Unreadable(text, "reference_unknown")

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """The id; screens show the title."""
        return "" if value is None else str(value)
