"""A button that leads on: to a new record, to another record, to a page elsewhere."""

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.layout_field import LayoutField

_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
# The host of an address is the author's word, never a field's.
_URL = {"type": "string", "maxLength": 500, "pattern": r"^(https?://[^/{}\s]+(/|$)|/[^/])[^\s]*$"}
_ACTIONS = {
    "create": {"zh": "新建一条记录", "en": "Make a record"},
    "open": {"zh": "打开关联的记录", "en": "Open a record referred to"},
    "url": {"zh": "打开网址", "en": "Open an address"},
}


class Button(LayoutField):
    """It keeps nothing. `values` fill fields of the new record from this one, `id` is this record.

    In an address `{code}` stands for the value of a field.
    """

    kind = "button"
    options = options_schema(
        "按钮",
        "Button",
        {
            "action": titled("点击后", "When pressed", {"enum": list(_ACTIONS), "words": _ACTIONS}),
            "form": titled("新建哪张表单", "Form of the record", {**_CODE, "widget": "form"}),
            "values": titled(
                "带过去的值",
                "Values taken along",
                {
                    "type": "object",
                    "propertyNames": _CODE,
                    "additionalProperties": _CODE,
                    "widget": "fill",
                },
                about=(
                    "目标字段 ← 本表单字段，id 是本条记录",
                    "Theirs ← ours; id is the record",
                ),
            ),
            "field": titled("打开哪个关联字段", "Which reference", {**_CODE, "widget": "field"}),
            "url": titled(
                "网址",
                "Address",
                _URL,
                about=("{字段编码} 换成字段的值", "{code} stands for a field's value"),
            ),
        },
        required=("action",),
    )
