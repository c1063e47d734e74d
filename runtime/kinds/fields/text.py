"""Single-line text."""

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.patterns import WRITTEN
from runtime.kinds.plain_field import PlainField


class TextField(PlainField):
    """One line of text."""

    kind = "text"
    options = options_schema(
        "单行文本",
        "Single-line text",
        {
            **WRITTEN,
            "max_length": titled(
                "最多几个字",
                "Characters at most",
                {"type": "integer", "minimum": 1, "maximum": 500},
            ),
        },
    )
    default_length = 200
