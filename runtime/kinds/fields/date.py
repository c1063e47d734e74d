"""A calendar date."""

from datetime import date
from typing import Any

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import IsoDate
from runtime.kinds.bounds import bound, fixed_sides
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name, options_schema
from runtime.kinds.reading import read_date
from runtime.kinds.strict import StrictDate


class DateField(FieldType):
    """A day, without a zone."""

    kind = "date"
    options = options_schema(
        "日期",
        "Date",
        {"min": bound("最早", "Earliest", "date"), "max": bound("最晚", "Latest", "date")},
    )
    operators = ("on", "before", "after", "between", "relative", "empty", "not_empty")
    formula_type = "date"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One date column."""
        return (Column(column_name(field), IsoDate()),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """A real date."""
        return StrictDate(*fixed_sides(field.options, date.fromisoformat))

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read a date in the usual spellings."""
        if not text.strip():
            return None
        found = read_date(text)
        return Unreadable(text, "date_expected") if found is None else found

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """ISO: 2026-11-21."""
        return "" if value is None else value.isoformat()
