"""What fields that hold several people or departments have in common: a list of ids."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import JsonText
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name
from runtime.kinds.file_field import ids_in
from runtime.kinds.strict import StrictKeys

MOST = 200


class KeysField(FieldType):
    """Ids in the order chosen; that their rows exist is asked of the database."""

    operators = ("has_any", "empty", "not_empty")
    formula_type = ""

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One JSON column with the ids."""
        return (Column(column_name(field), JsonText()),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """Some ids."""
        return StrictKeys(MOST, wrong="references_expected", many="references_too_many")

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read ids between commas; names are resolved by the lookup, not guessed here."""
        found = ids_in(text)
        return Unreadable(text, "reference_unknown") if found is None else found or None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """The ids; screens show the names."""
        return "，".join(str(key) for key in value or ())
