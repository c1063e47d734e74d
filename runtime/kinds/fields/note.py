"""Words on a form."""

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.layout_field import LayoutField
from runtime.kinds.patterns import SAID


class Note(LayoutField):
    """A remark for whoever fills the form; nothing is kept."""

    kind = "note"
    options = options_schema(
        "说明文字",
        "Note",
        {
            "text": titled("内容", "Text", {**SAID, "widget": "long_label"}),
            "tone": titled(
                "样式",
                "Style",
                {
                    "enum": ["plain", "info", "warn"],
                    "words": {
                        "plain": {"zh": "普通文字", "en": "Plain"},
                        "info": {"zh": "提示", "en": "Hint"},
                        "warn": {"zh": "注意", "en": "Warning"},
                    },
                },
            ),
        },
    )
