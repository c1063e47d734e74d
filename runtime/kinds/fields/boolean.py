"""Yes or no."""

from typing import Any, Final

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import Flag
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name, options_schema
from runtime.kinds.reading import narrow
from runtime.kinds.strict import StrictFlag

_YES: Final = frozenset({"是", "有", "对", "√", "✓", "y", "yes", "true", "1", "on"})
_NO: Final = frozenset({"否", "无", "错", "×", "n", "no", "false", "0", "off"})


class Boolean(FieldType):
    """A switch."""

    kind = "boolean"
    options = options_schema("是否", "Yes or no")
    operators = ("is_true", "is_false", "empty", "not_empty")
    formula_type = "boolean"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One flag column."""
        return (Column(column_name(field), Flag()),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """True or false."""
        return StrictFlag()

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read 是/否, √/×, yes/no, true/false, 1/0."""
        word = narrow(text).lower()
        if not word:
            return None
        if word in _YES:
            return True
        return False if word in _NO else Unreadable(text, "boolean_expected")

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """是 or 否."""
        if value is None:
            return ""
        words = ("No", "Yes") if locale.startswith("en") else ("否", "是")
        return words[bool(value)]
