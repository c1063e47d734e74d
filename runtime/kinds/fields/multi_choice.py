"""Several of a list."""

import re
from typing import Any, Final

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import JsonText
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name
from runtime.kinds.options import choice_options, option_code, option_codes, option_label
from runtime.kinds.strict import StrictOptions

_SEPARATOR: Final = re.compile(r"[,，、;；\n]")


class MultiChoice(FieldType):
    """Several options; their codes are kept in the order chosen."""

    kind = "multi_choice"
    options = choice_options("多选", "Several choices")
    operators = ("has_any", "empty", "not_empty")
    formula_type = "text"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One JSON column with the codes."""
        return (Column(column_name(field), JsonText()),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """Some of the codes."""
        return StrictOptions(option_codes(field))

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read labels or codes between commas of either width."""
        words = [word.strip() for word in _SEPARATOR.split(text) if word.strip()]
        codes = [option_code(field, word) for word in words]
        if None in codes:
            return Unreadable(text, "option_unknown")
        return tuple(dict.fromkeys(codes)) or None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """The labels between commas."""
        return "，".join(option_label(field, code, locale) for code in value or ())
