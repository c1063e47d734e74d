"""One of a list."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column, Text

from runtime.definitions.form import FieldDef
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name
from runtime.kinds.options import choice_options, option_code, option_codes, option_label
from runtime.kinds.strict import StrictOption


class Choice(FieldType):
    """One option; its code is kept, its label is shown."""

    kind = "choice"
    options = choice_options("单选", "Choice")
    operators = ("any_of", "none_of", "empty", "not_empty")
    formula_type = "choice"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One text column for the code."""
        return (Column(column_name(field), Text),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """One of the codes."""
        return StrictOption(option_codes(field))

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read a label or a code."""
        if not text.strip():
            return None
        code = option_code(field, text.strip())
        return Unreadable(text, "option_unknown") if code is None else code

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """The option's label."""
        return "" if value is None else option_label(field, value, locale)
