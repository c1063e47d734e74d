"""The formats of TEXT: 0.00, #,##0, 0.0%, yyyy-mm-dd, hh:mm; what is not understood is #VALUE!."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import BAD_FORMAT, CellFaultError
from runtime.formula.numbers import HUNDRED, ZERO, divide, multiply, plain, read_number, round_to
from runtime.formula.values import midnight, to_number, to_text

MAX_FORMAT: Final = 255
MAX_SECTIONS: Final = 3
MAX_SCALE: Final = 4
Piece = tuple[str, str]

_PIECE: Final = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<digits>[#0][#0,]*(?:\.[#0]*)?|\.[#0]+)'
    r"|(?P<noon>AM/PM|am/pm|上午/下午)|(?P<letters>[yY]+|[mM]+|[dD]+|[hH]+|[sS]+|[aA]{3,4})"
    r"|(?P<percent>%)|(?P<plain>[^A-Za-z#0.,*_?@;\[\]])",
    re.DOTALL,
)
# Excel writes the names of months and days in English, of days in Chinese as well.
_MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_CHINESE_DAYS: Final = "一二三四五六日"
_DATES: Final[dict[str, Callable[[Any], str]]] = {
    "yyyy": lambda at: f"{at.year:04}",
    "yy": lambda at: f"{at.year % 100:02}",
    "mm": lambda at: f"{at.month:02}",
    "m": lambda at: str(at.month),
    "mmm": lambda at: _MONTHS[at.month - 1][:3],
    "mmmm": lambda at: _MONTHS[at.month - 1],
    "ddd": lambda at: _DAYS[at.weekday()][:3],
    "dddd": lambda at: _DAYS[at.weekday()],
    "aaa": lambda at: f"周{_CHINESE_DAYS[at.weekday()]}",
    "aaaa": lambda at: f"星期{_CHINESE_DAYS[at.weekday()]}",
    "dd": lambda at: f"{at.day:02}",
    "d": lambda at: str(at.day),
    "hh": lambda at: f"{at.hour:02}",
    "h": lambda at: str(at.hour),
    "noon hh": lambda at: f"{at.hour % 12 or 12:02}",
    "noon h": lambda at: str(at.hour % 12 or 12),
    "ss": lambda at: f"{at.second:02}",
    "s": lambda at: str(at.second),
    "minute mm": lambda at: f"{at.minute:02}",
    "minute m": lambda at: str(at.minute),
}
# What a time of the day can be written in.
_TIMES: Final = frozenset({"hh", "h", "noon hh", "noon h", "ss", "s", "minute mm", "minute m"})


def format_text(value: Any, pattern: str) -> str:
    """Write a number or a date in a format of Excel; a text that is no number stays as it is."""
    if len(pattern) > MAX_FORMAT:
        raise CellFaultError(BAD_FORMAT)
    value = _read(value)
    if isinstance(value, str | bool) or pattern in ("@", "General"):
        return to_text(value)
    if isinstance(value, date):
        return _date_text(midnight(value), _pieces(pattern))
    if isinstance(value, time):
        return _date_text(value, _pieces(pattern))
    number = to_number(value)
    sections = pattern.split(";")
    if len(sections) > MAX_SECTIONS:
        raise CellFaultError(BAD_FORMAT)
    if number < 0 and len(sections) > 1:
        return _number_text(number.copy_negate(), _pieces(sections[1]))
    zero = not number and len(sections) == MAX_SECTIONS
    return _number_text(number, _pieces(sections[2 if zero else 0]))


def _read(value: Any) -> Any:
    try:
        return read_number(value) if isinstance(value, str) else value
    except CellFaultError:
        return value


def _pieces(pattern: str) -> list[Piece]:
    """The format as (kind, text), every character accounted for."""
    pieces, place = [], 0
    while place < len(pattern):
        found = _PIECE.match(pattern, place)
        if found is None or found.lastgroup is None:
            raise CellFaultError(BAD_FORMAT)
        pieces.append((found.lastgroup, found[found.lastgroup]))
        place = found.end()
    return pieces


def _date_text(at: datetime | time, pieces: Sequence[Piece]) -> str:
    letters = [text.lower()[0] for kind, text in pieces if kind == "letters"]
    halves = any(kind == "noon" for kind, _ in pieces)
    seen = 0
    parts = []
    for kind, text in pieces:
        if kind == "digits":
            raise CellFaultError(BAD_FORMAT)
        if kind == "noon":
            text = text.split("/")[at.hour // 12]  # noqa: PLW2901 - which half of the day it is
        if kind != "letters":
            parts.append(text)
            continue
        name = f"noon {text.lower()}" if halves and text[0] in "hH" else text.lower()
        # m means minutes after hours and before seconds, as in Excel.
        if name[0] == "m" and ("h" in letters[:seen][-1:] or "s" in letters[seen + 1 : seen + 2]):
            name = f"minute {name}"
        if name not in _DATES or (isinstance(at, time) and name not in _TIMES):
            raise CellFaultError(BAD_FORMAT)
        parts.append(_DATES[name](at))
        seen += 1
    return "".join(parts)


def _number_text(number: Decimal, pieces: Sequence[Piece]) -> str:
    kinds = [kind for kind, _ in pieces]
    if "letters" in kinds or "noon" in kinds:
        raise CellFaultError(BAD_FORMAT)
    for _ in range(kinds.count("percent")):
        number = multiply(number, HUNDRED)
    if kinds.count("digits") > 1:
        return _apart(number, pieces)
    parts, negative = [], False
    for kind, text in pieces:
        if kind != "digits":
            parts.append(text)
            continue
        digits, negative = _digits(number, text)
        parts.append(digits)
    return ("-" if negative else "") + "".join(parts)


def _apart(number: Decimal, pieces: Sequence[Piece]) -> str:
    """Digits with something between them, from the right: 000-0000-0000."""
    patterns = [text for kind, text in pieces if kind == "digits"]
    if any(set(text) & set(".,") for text in patterns):
        raise CellFaultError(BAD_FORMAT)
    rounded = round_to(number, ZERO)
    digits = plain(rounded.copy_abs()).lstrip("0").rjust("".join(patterns).count("0"), "0")
    parts = []
    left = len(patterns)
    for kind, text in reversed(pieces):
        if kind != "digits":
            parts.append(text)
            continue
        left -= 1
        cut = max(len(digits) - len(text), 0) if left else 0
        parts.append(digits[cut:])
        digits = digits[:cut]
    return ("-" if rounded < 0 else "") + "".join(reversed(parts))


def _digits(number: Decimal, pattern: str) -> tuple[str, bool]:
    """The digits in a pattern such as #,##0.0#, and whether a minus sign belongs before them."""
    before, _, after = pattern.partition(".")
    # A comma behind the digits means thousands.
    scaled = before.rstrip(",")
    scale = len(before) - len(scaled)
    if scale > MAX_SCALE:
        raise CellFaultError(BAD_FORMAT)
    number = divide(number, Decimal(1000**scale))
    before = scaled
    rounded = round_to(number, Decimal(len(after)))
    whole, _, decimals = plain(rounded.copy_abs()).partition(".")
    decimals = decimals.ljust(after.rfind("0") + 1, "0")
    whole = ("" if whole == "0" else whole).rjust(before.count("0"), "0")
    if "," in before:
        whole = _grouped(whole)
    point = "." if decimals or "." in pattern else ""
    return f"{whole}{point}{decimals}", rounded < 0


def _grouped(digits: str) -> str:
    first = len(digits) % 3
    groups = [digits[:first]] if first else []
    return ",".join([*groups, *(digits[at : at + 3] for at in range(first, len(digits), 3))])
