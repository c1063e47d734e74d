"""Text of several lines."""

from runtime.kinds.field_type import options_schema
from runtime.kinds.plain_field import PlainField


class LongText(PlainField):
    """Text with line breaks."""

    kind = "long_text"
    options = options_schema(
        {
            "max_length": {"type": "integer", "minimum": 1, "maximum": 20000},
            "rows": {"type": "integer", "minimum": 1, "maximum": 30},
        }
    )
    operators = ("contains", "empty", "not_empty")
    breaks_lines = True
