"""An amount in words."""

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.plain_field import PlainField


class Rmb(PlainField):
    """The amount of another field in the capitals of a cheque, computed as it changes."""

    kind = "rmb"
    options = options_schema(
        "大写金额",
        "Amount in words",
        {
            "field": titled(
                "哪个金额",
                "Amount",
                {
                    "type": "string",
                    "pattern": "^[a-z][a-z0-9_]*$",
                    "maxLength": 40,
                    "widget": "amount_field",
                },
            )
        },
        required=("field",),
    )
    operators = ("contains", "empty", "not_empty")
