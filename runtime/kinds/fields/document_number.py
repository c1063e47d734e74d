"""A number people call a document by."""

from typing import Final

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.plain_field import PlainField

_RESET: Final = {
    "never": {"zh": "从不", "en": "Never"},
    "year": {"zh": "每年", "en": "Every year"},
    "month": {"zh": "每月", "en": "Every month"},
    "day": {"zh": "每天", "en": "Every day"},
}


class DocumentNumber(PlainField):
    """Given on submit, without gaps: prefix, date part, running number."""

    kind = "document_number"
    options = options_schema(
        "单据编号",
        "Document number",
        {
            "prefix": titled(
                "前缀",
                "Prefix",
                {"type": "string", "pattern": "^[A-Za-z0-9_/-]*$", "maxLength": 12},
            ),
            "date": titled(
                "日期部分",
                "Date part",
                {
                    "enum": ["", "YYYY", "YYYYMM", "YYMM", "YYYYMMDD", "YYMMDD"],
                    "words": {"": {"zh": "没有", "en": "None"}},
                },
            ),
            "width": titled(
                "流水号位数",
                "Digits of the running number",
                {"type": "integer", "minimum": 1, "maximum": 12},
            ),
            "reset": titled(
                "从 1 重新开始",
                "Starts again at 1",
                {"enum": ["never", "year", "month", "day"], "words": _RESET},
            ),
        },
    )
    default_length = 60
