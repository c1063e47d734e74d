"""Text of several lines."""

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.patterns import WRITTEN
from runtime.kinds.plain_field import PlainField


class LongText(PlainField):
    """Text with line breaks."""

    kind = "long_text"
    options = options_schema(
        "多行文本",
        "Multi-line text",
        {
            **WRITTEN,
            "max_length": titled(
                "最多几个字",
                "Characters at most",
                {"type": "integer", "minimum": 1, "maximum": 20000},
            ),
            "rows": titled(
                "显示几行", "Rows shown", {"type": "integer", "minimum": 1, "maximum": 30}
            ),
        },
    )
    operators = ("contains", "empty", "not_empty")
    breaks_lines = True
