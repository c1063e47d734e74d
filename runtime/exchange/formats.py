"""Number formats: what kind of value a format makes, the Chinese built-in ones included."""

import re
from dataclasses import dataclass
from typing import Final, Literal

Shape = Literal["general", "number", "money", "percent", "date", "time", "datetime", "text", "code"]


@dataclass(frozen=True)
class Format:
    """A number format, understood."""

    shape: Shape
    places: int = 0
    grouped: bool = False


GENERAL: Final = Format("general")
_DATE: Final = Format("date")
_TIME: Final = Format("time")
_DATETIME: Final = Format("datetime")

# Built-in formats by number. 27 to 36 and 50 to 58 are dates in Chinese, Japanese and Korean
# Excel and stand in no styles part, so a reader that lacks them shows 46082 for 3月1日.
_CJK_TIMES: Final = frozenset({32, 33, 34, 35, 55, 56})
BUILT_IN: Final[dict[int, Format]] = {
    0: GENERAL,
    1: Format("number"),
    2: Format("number", 2),
    3: Format("number", 0, grouped=True),
    4: Format("number", 2, grouped=True),
    5: Format("money", 0, grouped=True),
    6: Format("money", 0, grouped=True),
    7: Format("money", 2, grouped=True),
    8: Format("money", 2, grouped=True),
    9: Format("percent", 0),
    10: Format("percent", 2),
    11: Format("number", 2),
    12: Format("number", 4),
    13: Format("number", 4),
    **dict.fromkeys((14, 15, 16, 17), _DATE),
    **dict.fromkeys((18, 19, 20, 21, 45, 46, 47), _TIME),
    22: _DATETIME,
    **{number: _DATE for number in (*range(27, 37), *range(50, 59)) if number not in _CJK_TIMES},
    **dict.fromkeys(_CJK_TIMES, _TIME),
    37: Format("number", 0, grouped=True),
    38: Format("number", 0, grouped=True),
    39: Format("number", 2, grouped=True),
    40: Format("number", 2, grouped=True),
    41: Format("number", 0, grouped=True),
    42: Format("money", 0, grouped=True),
    43: Format("number", 2, grouped=True),
    44: Format("money", 2, grouped=True),
    48: Format("number", 1),
    49: Format("text"),
}

_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKET: Final = re.compile(r"\[[^\[\]]*\]")
_CURRENCY: Final = re.compile(r"[¥￥$€£₩]|\[\$[^\]\-]+|元|RMB|CNY|USD", re.IGNORECASE)
_PLACES: Final = re.compile(r"[0#?]\.([0#?]+)")


def understand(code: str) -> Format:
    """Return what a format code makes of a number; only its first section counts."""
    first = _first_section(code)
    plain = _BRACKET.sub("", _LITERAL.sub("", first))
    lowered = plain.lower().replace("general", "")
    if "@" in lowered:
        return Format("text")
    if ("0" not in lowered and "#" not in lowered) or re.search(r"[ydhs]", lowered):
        moment = _moment(lowered, first.lower())
        if moment is not None:
            return moment
    places = _PLACES.search(plain)
    count = len(places[1]) if places else 0
    if "%" in plain:
        return Format("percent", count)
    if _CURRENCY.search(first):
        return Format("money", count, grouped="," in plain)
    if re.fullmatch(r"0{3,}", plain.strip()):
        # 00000 exists to show leading zeros: a code, not an amount.
        return Format("code", len(plain.strip()))
    if re.search(r"[0#?]", plain):
        return Format("number", count, grouped="," in plain)
    return GENERAL


def _first_section(code: str) -> str:
    quoted = False
    for place, char in enumerate(code):
        if char == '"':
            quoted = not quoted
        elif char == ";" and not quoted and (place == 0 or code[place - 1] != "\\"):
            return code[:place]
    return code


def _moment(plain: str, first: str) -> Format | None:
    clock = "h" in plain or "s" in plain or re.search(r"\[(h+|m+|s+)\]", first) is not None
    day = "y" in plain or "d" in plain or "e" in plain or ("m" in plain and not clock)
    if re.search(r"上午|am/pm|a/p", plain):
        clock = True
    if day and clock:
        return _DATETIME
    if day:
        return _DATE
    return _TIME if clock else None
