"""A time of day."""

from datetime import time
from typing import Any

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import ClockTime
from runtime.kinds.bounds import bound, fixed_sides
from runtime.kinds.field_type import FieldType, Unreadable, Value, column_name, options_schema
from runtime.kinds.moments import read_time, show_time
from runtime.kinds.strict import StrictTime


class TimeField(FieldType):
    """Hours, minutes and perhaps seconds, of any day and without a zone."""

    kind = "time"
    options = options_schema(
        "时间",
        "Time",
        {"min": bound("最早", "Earliest", "time"), "max": bound("最晚", "Latest", "time")},
    )
    operators = ("eq", "ne", "lt", "le", "gt", "ge", "between", "empty", "not_empty")
    formula_type = "time"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One time column."""
        return (Column(column_name(field), ClockTime()),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """A time of day."""
        return StrictTime(*fixed_sides(field.options, time.fromisoformat))

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read a time in the usual spellings."""
        if not text.strip():
            return None
        found = read_time(text)
        return Unreadable(text, "time_expected") if found is None else found

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """14:30, with seconds where there are some."""
        return "" if value is None else show_time(value)
