"""A figure over all records that refer to this one."""

from typing import Final

from runtime.kinds.decimal_field import PLACES
from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.plain_field import PlainField

MEASURES = ["sum", "count", "min", "max", "average", "distinct"]
RESULTS = ["money", "quantity", "number", "percent", "date", "datetime"]
_PATH = {"type": "string", "pattern": r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$", "maxLength": 62}

_MEASURE_WORDS: Final = {
    "sum": {"zh": "合计", "en": "Sum"},
    "count": {"zh": "个数", "en": "Count"},
    "min": {"zh": "最小", "en": "Minimum"},
    "max": {"zh": "最大", "en": "Maximum"},
    "average": {"zh": "平均", "en": "Average"},
    "distinct": {"zh": "不同值的个数", "en": "Different values"},
}


class Rollup(PlainField):
    """Kept up to date by every act on the referring form, without a limit on their number.

    `reference` is the field of `form` that points here, in its header or in its lines; `field` is
    what is summed or compared, and only records that count and satisfy `where` take part. Compiling
    replaces what is kept by the kind of the result.
    """

    kind = "rollup"
    options = options_schema(
        "汇总",
        "Roll-up",
        {
            "form": titled(
                "汇总哪张表单",
                "Form counted",
                {
                    "type": "string",
                    "pattern": "^[a-z][a-z0-9_]*$",
                    "maxLength": 24,
                    "widget": "form",
                },
            ),
            "reference": titled(
                "它指向本记录的字段",
                "Its field that points here",
                {**_PATH, "widget": "pointing_field"},
            ),
            "measure": titled("怎样汇总", "Measure", {"enum": MEASURES, "words": _MEASURE_WORDS}),
            "field": titled("汇总的字段", "Field measured", {**_PATH, "widget": "source_field"}),
            "where": titled(
                "只算满足条件的",
                "Only where",
                {"type": "string", "minLength": 1, "maxLength": 5000, "widget": "formula"},
            ),
            "result": titled("结果类型", "Result", {"enum": RESULTS, "widget": "kind"}),
            "places": titled("小数位", "Decimal places", PLACES),
        },
        required=("form", "reference", "measure", "result"),
    )
    operators = ("empty", "not_empty")
    breaks_lines = True
