"""A value computed on save."""

from runtime.kinds.field_type import options_schema
from runtime.kinds.plain_field import PlainField

RESULTS = ["number", "money", "quantity", "percent", "text", "date", "datetime", "boolean"]


class Formula(PlainField):
    """Computed by the formula language and stored; `result` is the kind that is kept.

    Compiling replaces what is kept by that kind; being text serves a text result.
    """

    kind = "formula"
    options = options_schema(
        {
            "formula": {"type": "string", "minLength": 1, "maxLength": 5000},
            "result": {"enum": RESULTS},
            "places": {"type": "integer", "minimum": 0, "maximum": 10},
        },
        required=("formula", "result"),
    )
    operators = ("empty", "not_empty")
    breaks_lines = True
