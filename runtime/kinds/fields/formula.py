"""A value computed on save."""

from runtime.kinds.decimal_field import PLACES
from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.plain_field import PlainField

RESULTS = ["number", "money", "quantity", "percent", "text", "date", "datetime", "boolean"]


class Formula(PlainField):
    """Computed by the formula language and stored; `result` is the kind that is kept.

    Compiling replaces what is kept by that kind; being text serves a text result.
    """

    kind = "formula"
    options = options_schema(
        "公式",
        "Formula",
        {
            "formula": titled(
                "公式",
                "Formula",
                {"type": "string", "minLength": 1, "maxLength": 5000, "widget": "formula"},
            ),
            "result": titled("结果类型", "Result", {"enum": RESULTS, "widget": "kind"}),
            "places": titled("小数位", "Decimal places", PLACES),
        },
        required=("formula", "result"),
    )
    operators = ("empty", "not_empty")
    breaks_lines = True
