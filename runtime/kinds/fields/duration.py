"""A length of time."""

from decimal import Decimal

from runtime.definitions.form import FieldDef
from runtime.kinds.bounds import bound
from runtime.kinds.decimal_field import DecimalField
from runtime.kinds.field_type import Unreadable, Value, options_schema, titled
from runtime.kinds.moments import DEFAULT_UNIT, UNITS, read_duration, show_duration


class Duration(DecimalField):
    """Whole seconds, exactly; formulas count seconds too, so `f / 3600` are hours."""

    kind = "duration"
    options = options_schema(
        "时长",
        "Duration",
        {
            "unit": titled(
                "只写数字时的单位",
                "Unit of a bare number",
                {
                    "enum": list(UNITS),
                    "default": DEFAULT_UNIT,
                    "words": {
                        "second": {"zh": "秒", "en": "Seconds"},
                        "minute": {"zh": "分钟", "en": "Minutes"},
                        "hour": {"zh": "小时", "en": "Hours"},
                    },
                },
            ),
            "min": bound("最短（秒）", "At least (seconds)", "decimal"),
            "max": bound("最长（秒）", "At most (seconds)", "decimal"),
        },
    )
    formula_type = "number"
    default_places = 0

    def parse(self, text: str, field: FieldDef) -> Value | Unreadable:
        """Read `1:30`, `90 分钟`, `1.5h`."""
        if not text.strip():
            return None
        found = read_duration(text, UNITS[field.options.get("unit", DEFAULT_UNIT)])
        return Unreadable(text, "duration_expected") if found is None else Decimal(found)

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Hours and minutes, with seconds where there are some: 26:30."""
        if value is None:
            return ""
        return show_duration(int(value), has_seconds=field.options.get("unit") == "second")
