"""A record of another form."""

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.key_field import KeyField

_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


class Reference(KeyField):
    """The id of a record; people see its title.

    `columns` are what the lookup shows, `fill` copies columns of the chosen record into fields
    that are still empty.
    """

    kind = "reference"
    options = options_schema(
        "关联记录",
        "Reference",
        {
            "form": titled("引用哪张表单", "Form referred to", {**_CODE, "widget": "form"}),
            "columns": titled(
                "选择时显示的列",
                "Columns of the lookup",
                {"type": "array", "maxItems": 8, "items": _CODE, "widget": "target_fields"},
            ),
            "fill": titled(
                "选中后带出",
                "Filled when chosen",
                {
                    "type": "object",
                    "propertyNames": _CODE,
                    "additionalProperties": _CODE,
                    "widget": "fill",
                },
                about=(
                    "本表单还空着的字段取所选记录的字段",
                    "Fields still empty take the chosen record's",
                ),
            ),
            "fill_policy": titled(
                "换了记录以后",
                "When another one is chosen",
                {
                    "enum": ["empty", "follow"],
                    "words": {
                        "empty": {"zh": "只填空着的字段", "en": "Fill empty fields only"},
                        "follow": {"zh": "带出的字段跟着换", "en": "Filled fields follow"},
                    },
                },
            ),
        },
        required=("form",),
    )
