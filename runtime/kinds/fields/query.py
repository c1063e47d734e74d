"""Records of another form that fit this one: looked up whenever it is shown, never kept."""

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.layout_field import LayoutField

_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


class Query(LayoutField):
    """A list that is always as it is now; formulas cannot use it.

    `where` says which of their fields is equal to which of ours, `id` is this record.
    """

    kind = "query"
    options = options_schema(
        "查询",
        "Query",
        {
            "form": titled("查哪张表单", "Form looked up", {**_CODE, "widget": "form"}),
            "where": titled(
                "条件",
                "Conditions",
                {
                    "type": "object",
                    "propertyNames": _CODE,
                    "additionalProperties": _CODE,
                    "minProperties": 1,
                    "maxProperties": 5,
                    "widget": "fill",
                },
                about=(
                    "对方字段 = 本表单字段，id 是本条记录",
                    "Theirs = ours; id is the record",
                ),
            ),
            "columns": titled(
                "显示的列",
                "Columns",
                {"type": "array", "maxItems": 8, "items": _CODE, "widget": "target_fields"},
            ),
            "limit": titled(
                "最多几行", "Rows at most", {"type": "integer", "minimum": 1, "maximum": 50}
            ),
        },
        required=("form", "where"),
    )
