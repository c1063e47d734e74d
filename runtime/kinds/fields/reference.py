"""A record of another form."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import Key
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name, options_schema
from runtime.kinds.strict import StrictKey

_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


class Reference(FieldType):
    """The id of a record; people see its title.

    `columns` are what the lookup shows, `fill` copies columns of the chosen record into fields
    that are still empty.
    """

    kind = "reference"
    options = options_schema(
        {
            "form": _CODE,
            "columns": {"type": "array", "maxItems": 8, "items": _CODE},
            "fill": {"type": "object", "propertyNames": _CODE, "additionalProperties": _CODE},
        },
        required=("form",),
    )
    operators = ("any_of", "none_of", "empty", "not_empty")
    formula_type = "reference"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One key column; the foreign key is added where the target is known."""
        return (Column(column_name(field), Key()),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """A record's id; that it exists is asked of the database."""
        return StrictKey()

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read an id; codes and names are resolved by the lookup, not guessed here."""
        source = text.strip()
        if not source:
            return None
        if source.isascii() and source.isdigit() and len(source) < 16:
            return int(source)
        return Unreadable(text, "reference_unknown")

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """The id; screens show the record's title, which the query brings along."""
        return "" if value is None else str(value)
