"""Several of a list."""

import re
from collections.abc import Sequence
from typing import Any, Final

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import JsonText
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name
from runtime.kinds.options import choice_options, option_code, option_codes, option_label
from runtime.kinds.strict import StrictOptions

# What stands between labels is kept: a label may hold it, too.
_SEPARATOR: Final = re.compile(r"([,，、;；\n])")


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
        pieces = _SEPARATOR.split(text)
        codes: list[str] = []
        start = 0
        while start < len(pieces):
            found = _longest(field, pieces[start:])
            if found is None:
                return Unreadable(text, "option_unknown")
            code, taken = found
            codes += [code] if code else []
            start += taken
        return tuple(dict.fromkeys(codes)) or None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """The labels between commas."""
        return "，".join(option_label(field, code, locale) for code in value or ())


def _longest(field: FieldDef, pieces: Sequence[str]) -> tuple[str, int] | None:
    """The option the first words are, as many as make one, and how many pieces that takes.

    Words and what stands between them take turns; nothing between two of them is no option.
    """
    for end in range(len(pieces) - (len(pieces) + 1) % 2, 0, -2):
        word = "".join(pieces[:end]).strip()
        code = option_code(field, word) if word else None
        if code is not None:
            return code, end + 1
    return None if pieces[0].strip() else ("", 2)
