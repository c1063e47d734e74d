"""A column carried over from a referenced record."""

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.plain_field import PlainField

_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


class Lookup(PlainField):
    """Copied when the document is saved, so it says what was true then.

    A `live` one follows the record it looks at for as long as its own record may change: master
    data always, a document until it is submitted.
    Compiling replaces what is kept by the kind of the column looked at; being text serves a lookup
    whose target cannot be resolved.
    """

    kind = "lookup"
    options = options_schema(
        "关联带出",
        "Lookup",
        {
            "reference": titled(
                "经过的引用", "Through the reference", {**_CODE, "widget": "reference"}
            ),
            "field": titled(
                "带出的字段", "Field carried over", {**_CODE, "widget": "target_field"}
            ),
            "live": titled(
                "跟随对方变化",
                "Follows the record",
                {"type": "boolean"},
                about=(
                    "不勾选：保存时复制，以后不变",
                    "If not, it is copied when the record is saved and stays as it was",
                ),
            ),
        },
        required=("reference", "field"),
    )
    operators = ("empty", "not_empty")
    breaks_lines = True
