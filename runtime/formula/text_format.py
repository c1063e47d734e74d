"""The formats of TEXT: 0.00, #,##0, 0.0%, yyyy-mm-dd, hh:mm; what is not understood is #VALUE!."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import BAD_FORMAT, CellFaultError
from runtime.formula.numbers import HUNDRED, multiply, plain, round_to
from runtime.formula.values import midnight, to_number, to_text

MAX_FORMAT: Final = 255
MAX_SECTIONS: Final = 3
Piece = tuple[str, str]

_PIECE: Final = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<digits>[#0][#0,]*(?:\.[#0]*)?|\.[#0]+)'
    r"|(?P<letters>[yY]+|[mM]+|[dD]+|[hH]+|[sS]+)|(?P<percent>%)|(?P<plain>[^A-Za-z#0.,*_?@;\[\]])",
    re.DOTALL,
)
_DATES: Final[dict[str, Callable[[Any], str]]] = {
    "yyyy": lambda at: f"{at.year:04}",
    "yy": lambda at: f"{at.year % 100:02}",
    "mm": lambda at: f"{at.month:02}",
    "m": lambda at: str(at.month),
    "dd": lambda at: f"{at.day:02}",
    "d": lambda at: str(at.day),
    "hh": lambda at: f"{at.hour:02}",
    "h": lambda at: str(at.hour),
    "ss": lambda at: f"{at.second:02}",
    "s": lambda at: str(at.second),
    "minute mm": lambda at: f"{at.minute:02}",
    "minute m": lambda at: str(at.minute),
}
# What a time of the day can be written in.
_TIMES: Final = frozenset({"hh", "h", "ss", "s", "minute mm", "minute m"})


def format_text(value: Any, pattern: str) -> str:
    """Write a number or a date in a format of Excel; a text stays as it is."""
    if len(pattern) > MAX_FORMAT:
        raise CellFaultError(BAD_FORMAT)
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
    seen = 0
    parts = []
    for kind, text in pieces:
        if kind == "digits":
            raise CellFaultError(BAD_FORMAT)
        if kind != "letters":
            parts.append(text)
            continue
        name = text.lower()
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
    if kinds.count("digits") > 1 or "letters" in kinds:
        raise CellFaultError(BAD_FORMAT)
    for _ in range(kinds.count("percent")):
        number = multiply(number, HUNDRED)
    parts, negative = [], False
    for kind, text in pieces:
        if kind != "digits":
            parts.append(text)
            continue
        digits, negative = _digits(number, text)
        parts.append(digits)
    return ("-" if negative else "") + "".join(parts)


def _digits(number: Decimal, pattern: str) -> tuple[str, bool]:
    """The digits in a pattern such as #,##0.0#, and whether a minus sign belongs before them."""
    before, _, after = pattern.partition(".")
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
