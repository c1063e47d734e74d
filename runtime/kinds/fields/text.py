"""Single-line text."""

from runtime.kinds.field_type import options_schema
from runtime.kinds.plain_field import PlainField


class TextField(PlainField):
    """One line of text."""

    kind = "text"
    options = options_schema({"max_length": {"type": "integer", "minimum": 1, "maximum": 500}})
    default_length = 200
