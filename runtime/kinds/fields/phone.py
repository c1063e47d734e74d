"""A telephone number."""

from runtime.kinds.contacts import read_phone
from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.word_field import WordField


class Phone(WordField):
    """A number of mainland China, mobile or not, or one of another country with its +."""

    kind = "phone"
    options = options_schema(
        "电话",
        "Phone",
        {
            "number": titled(
                "哪种号码",
                "Which numbers",
                {
                    "enum": ["mobile", "landline"],
                    "words": {
                        "mobile": {"zh": "只要手机", "en": "Mobile only"},
                        "landline": {"zh": "只要固定电话", "en": "Landline only"},
                    },
                },
            ),
            "mask": titled(
                "列表里遮住中间几位", "Masked in lists", {"type": "boolean", "default": False}
            ),
        },
    )
    reader = staticmethod(read_phone)
    code = "phone_expected"
