"""A moment, shown in the app's zone."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import fields
from sqlalchemy import Column

from runtime.definitions.form import FieldDef
from runtime.infra.columns import Instant
from runtime.kinds.bounds import bound, fixed_sides
from runtime.kinds.field_type import (
    FieldType,
    Unreadable,
    Value,
    column_name,
    options_schema,
    titled,
)
from runtime.kinds.reading import narrow, read_date
from runtime.kinds.strict import StrictInstant


class DateTimeField(FieldType):
    """An instant; `zone` is filled from the app when it is compiled."""

    kind = "datetime"
    options = options_schema(
        "日期时间",
        "Date and time",
        {
            "min": bound("最早", "Earliest", "datetime"),
            "max": bound("最晚", "Latest", "datetime"),
            "zone": titled(
                "时区",
                "Time zone",
                {"type": "string", "maxLength": 40, "widget": "hidden"},
                about=("由应用的时区填写", "Filled from the app's zone"),
            ),
        },
    )
    operators = ("on", "before", "after", "between", "relative", "empty", "not_empty")
    formula_type = "datetime"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One instant column."""
        return (Column(column_name(field), Instant()),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """A moment with its offset."""
        return StrictInstant(*fixed_sides(field.options, datetime.fromisoformat))

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read `2026-11-21 14:32` as wall time in the app's zone."""
        source = narrow(text).replace("T", " ")
        if not source:
            return None
        day, _, clock = source.partition(" ")
        found = read_date(day)
        try:
            wall = time.fromisoformat(clock.strip() or "00:00")
        except ValueError:
            found = None
            wall = time()
        if found is None or wall.tzinfo is not None:
            return Unreadable(text, "datetime_expected")
        return datetime.combine(found, wall, _zone(field)).astimezone(UTC)

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Wall time: 2026-11-21 14:32, with seconds and their parts where there are some.

        What is shown in a box is what comes back from it: nothing may get lost on the way.
        """
        if value is None:
            return ""
        wall = value.astimezone(_zone(field)).replace(tzinfo=None)
        if wall.microsecond:
            return str(wall.isoformat(" ")).rstrip("0")
        return str(wall.isoformat(" ", "seconds" if wall.second else "minutes"))


def _zone(field: FieldDef) -> ZoneInfo:
    return ZoneInfo(field.options.get("zone") or "Asia/Shanghai")
