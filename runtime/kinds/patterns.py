"""How a text must be written: forms that are known by name, or an expression of the author's.

Expressions are run by RE2, whose time grows with the text and nothing else, so no expression makes
the server think for long.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol, cast

from runtime.definitions.label import Label, read_label
from runtime.kinds.field_type import titled

LONGEST: Final = 500
# Memory one expression may take while it runs.
_MOST_MEMORY: Final = 4 << 20
# GB 32100: without the letters that look like digits.
_CREDIT_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Expression(Protocol):
    """What an expression is asked."""

    def fullmatch(self, text: str) -> object | None:
        """Whether the whole text is of that form."""
        ...


class BadExpressionError(ValueError):
    """What an author wrote is no expression RE2 knows."""


@dataclass(frozen=True)
class Pattern:
    """A form a text must have, what it is called, and what the author says when it has not."""

    holds: Callable[[str], bool]
    name: Label
    message: Label | None = None


@lru_cache(maxsize=256)
def compiled(expression: str) -> Expression:
    """An expression, ready to run. Raises BadExpressionError."""
    import re2  # type: ignore[import-untyped]  # noqa: PLC0415 - only where an author uses it

    options = re2.Options()
    options.max_mem = _MOST_MEMORY
    options.log_errors = False
    try:
        return cast("Expression", re2.compile(expression, options=options))
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise BadExpressionError(reason) from error


def pattern_of(options: Mapping[str, Any]) -> Pattern | None:
    """The form the options of a field ask for, if they do."""
    said = options.get("pattern_message")
    message = read_label(said) if said else None
    known, expression = NAMED.get(options.get("pattern", "")), options.get("expression")
    if known is not None:
        return Pattern(known.holds, known.name, message)
    if expression:
        asked = compiled(str(expression))
        shown = Label(str(expression), str(expression))
        return Pattern(lambda text: asked.fullmatch(text) is not None, shown, message)
    return None


def credit_code(text: str) -> bool:
    """Whether it is a 统一社会信用代码: 18 signs, the last of which checks the others."""
    if len(text) != 18 or any(sign not in _CREDIT_SIGNS for sign in text):
        return False
    values = [_CREDIT_SIGNS.index(sign) for sign in text]
    total = sum(value * pow(3, place, 31) for place, value in enumerate(values[:17]))
    return values[17] == (31 - total % 31) % 31


def card_number(text: str) -> bool:
    """Whether it is the number of a bank card: 12 to 19 digits, the last of which checks."""
    if not (_digits(text) and 12 <= len(text) <= 19):
        return False
    total = 0
    for place, digit in enumerate(reversed(text)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _letters(text: str) -> bool:
    return text.isascii() and text.isalpha()


def _chinese(text: str) -> bool:
    return all(unicodedata.name(sign, "").startswith("CJK UNIFIED") for sign in text)


_PROVINCES: Final = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
_PLATE: Final = (
    # Ordinary plates, those of new-energy cars (small, then large), police, trailers, Hong Kong.
    rf"{_PROVINCES}[A-HJ-NP-Z](?:[A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9挂学警港澳]"
    r"|[DFABCEGHJK][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[DFABCEGHJK])"
)


def _plate(text: str) -> bool:
    return compiled(_PLATE).fullmatch(text) is not None


NAMED: Final[Mapping[str, Pattern]] = {
    "digits": Pattern(_digits, Label("数字", "digits")),
    "letters": Pattern(_letters, Label("英文字母", "letters A to Z")),
    "letters_digits": Pattern(
        lambda text: text.isascii() and text.isalnum(),
        Label("英文字母和数字", "letters and digits"),
    ),
    "capitals_digits": Pattern(
        lambda text: text.isascii() and text.isalnum() and text == text.upper(),
        Label("大写字母和数字", "capital letters and digits"),
    ),
    "chinese": Pattern(_chinese, Label("汉字", "Chinese characters")),
    "postal_code": Pattern(
        lambda text: _digits(text) and len(text) == 6,
        Label("6 位邮政编码", "postal code, 6 digits"),
    ),
    "credit_code": Pattern(
        credit_code, Label("18 位统一社会信用代码", "unified social credit code, 18 signs")
    ),
    "plate": Pattern(_plate, Label("车牌号", "number plate")),
    "bank_card": Pattern(card_number, Label("银行卡号", "bank card number")),
}

# Words of the author's, in one language or two.
SAID: Final[Mapping[str, Any]] = {
    "oneOf": [
        {"type": "string", "minLength": 1, "maxLength": 2000},
        {
            "type": "object",
            "properties": {
                "zh": {"type": "string", "title": "中文", "title_en": "Chinese"},
                "en": {"type": "string", "title": "英文", "title_en": "English"},
            },
            "required": ["zh"],
            "additionalProperties": False,
        },
    ],
}

WRITTEN: Final[Mapping[str, Any]] = {
    "min_length": titled(
        "最少几个字", "Characters at least", {"type": "integer", "minimum": 1, "maximum": 20000}
    ),
    "pattern": titled(
        "格式",
        "Form",
        {
            "enum": list(NAMED),
            "words": {key: {"zh": each.name.zh, "en": each.name.en} for key, each in NAMED.items()},
        },
    ),
    "expression": titled(
        "自定义格式",
        "Form of your own",
        {"type": "string", "minLength": 1, "maxLength": LONGEST, "widget": "expression"},
        about=(
            "正则表达式（RE2），要与全部文字相符；选了上面的格式就不看它",
            "A regular expression (RE2) the whole text must match; not looked at with a form above",
        ),
    ),
    "pattern_message": titled(
        "格式不对时提示",
        "What is said otherwise",
        {**SAID, "widget": "label"},
    ),
}
