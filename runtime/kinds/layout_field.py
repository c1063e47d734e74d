"""What stands on a form and keeps nothing: words, a line. No column, no value, nothing to fill."""

from typing import Any, Final

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.kinds.field_type import FieldType, Value
from runtime.kinds.strict import StrictKeys

# The kinds of fields that keep nothing.
LAYOUT: Final = frozenset({"note", "divider", "button", "query"})


class LayoutField(FieldType):
    """A part of the form people only look at."""

    operators = ()
    formula_type = ""

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:  # noqa: ARG002
        """None: there is nothing to keep."""
        return ()

    def schema(self, field: FieldDef) -> fields.Field[Any]:  # noqa: ARG002
        """Never asked: what is sent for it is refused before."""
        return StrictKeys(0)

    def parse(self, text: str, field: FieldDef) -> Value:  # noqa: ARG002
        """Nothing can be typed."""
        return None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:  # noqa: ARG002
        """Nothing to read."""
        return ""
