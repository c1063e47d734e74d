"""A province, city or district of China."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column, Text

from runtime.definitions.form import FieldDef
from runtime.kinds import regions
from runtime.kinds.field_type import (
    FieldType,
    Unreadable,
    Value,
    column_name,
    options_schema,
    titled,
)
from runtime.kinds.strict import StrictField, fail

_WORDS = {
    "province": {"zh": "省", "en": "Province"},
    "city": {"zh": "省市", "en": "Province and city"},
    "district": {"zh": "省市区", "en": "Province, city and district"},
}


class _StrictRegion(StrictField):
    """The code of a division, as exact as the field asks."""

    def __init__(self, level: str) -> None:
        super().__init__()
        self.level = level

    def read(self, value: Any) -> str:
        """Return the code."""
        if not isinstance(value, str) or value not in regions.names():
            fail("region_unknown", text=str(value)[:60])
        if not regions.is_region(value, self.level):
            fail("region_not_exact", text=regions.path(value))
        return value


class Region(FieldType):
    """The code of a division (GB/T 2260); people see the names from the province down."""

    kind = "region"
    options = options_schema(
        "省市区",
        "Region",
        {
            "level": titled(
                "选到哪一级", "How exact", {"enum": list(regions.LEVELS), "words": _WORDS}
            )
        },
    )
    operators = ("within", "empty", "not_empty")
    formula_type = "text"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One text column for the code."""
        return (Column(column_name(field), Text),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """A code as exact as asked for."""
        return _StrictRegion(field.options.get("level", regions.LEVELS[-1]))

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read a code, or names one after the other."""
        if not text.strip():
            return None
        return regions.find(text) or Unreadable(text, "region_unknown")

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """The names from the province down."""
        return "" if value is None else regions.path(value)
