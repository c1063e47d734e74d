"""The number of a Chinese identity card."""

from runtime.kinds.contacts import read_id_card
from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.word_field import WordField


class IdCard(WordField):
    """18 signs, the last of which checks the others; lists show the beginning and the end."""

    kind = "id_card"
    options = options_schema(
        "身份证号",
        "Identity card",
        {
            "mask": titled(
                "列表里遮住中间几位", "Masked in lists", {"type": "boolean", "default": True}
            )
        },
    )
    reader = staticmethod(read_id_card)
    code = "id_card_expected"
