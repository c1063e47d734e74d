"""A cell as the file holds it, addresses, and what its text means as a number or a moment."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from runtime.exchange.refusals import FileRefused

MAX_ROW: Final = 1_048_576
MAX_COLUMN: Final = 16_384
# Letters go on behind Excel's last column: there stand columns that are made of others.
LAST_LETTERS: Final = 18_278

# What a cell holds: text, number (its digits as written), boolean, error, moment (ISO text),
# bad (a number or moment that is none); for import also picture: the parts it is kept in.
TEXT: Final = "t"
NUMBER: Final = "n"
BOOLEAN: Final = "b"
ERROR: Final = "e"
MOMENT: Final = "d"
BAD: Final = "x"
PICTURE: Final = "p"


class Cell(NamedTuple):
    """One filled cell; `formula` is None, or its text as it reads in this cell."""

    column: int
    kind: str
    value: str
    style: int
    formula: str | None


_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", re.ASCII)
_LETTERS: Final[dict[str, int]] = {}
# A number that is written as people read it: no exponent, nothing to be dropped, and no more
# digits than Excel keeps, or a leading nought besides.
_READABLE: Final = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]*[1-9]", re.ASCII)
# Excel keeps 15 significant digits; what stands behind them in the file is binary noise.
_EXCEL: Final = Context(prec=15)
_LARGEST: Final = 307
_SMALLEST: Final = -307
LONG_DIGITS: Final = 15
# 9999-12-31, counted from 1900; counting from 1904 it comes so many days earlier.
LAST_DAY: Final = 2_958_465
DAYS_BETWEEN_EPOCHS: Final = 1_462


def column_number(letters: str) -> int:
    """Return 1 for A, 27 for AA; letters past ZZZ are refused."""
    known = _LETTERS.get(letters)
    if known is not None:
        return known
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    if number > LAST_LETTERS:
        raise FileRefused("sheet_bad_address", {"cell": letters[:20]})
    return _LETTERS.setdefault(letters, number)


@lru_cache(maxsize=1024)
def column_letters(number: int) -> str:
    """Return A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def split_reference(reference: str) -> tuple[int, int]:
    """Return row and column of an address such as B7; any other text is refused."""
    match = _REFERENCE.fullmatch(reference)
    if match is None or int(match[2]) > MAX_ROW or column_number(match[1]) > MAX_COLUMN:
        raise FileRefused("sheet_bad_address", {"cell": reference[:20]})
    return int(match[2]), column_number(match[1])


def column_in(reference: str, row: str) -> int | None:
    """Return the column of an address in a row whose digits these are; None: it takes a look."""
    if not reference.endswith(row):
        return None
    # Only letters that were met as a column are known, so what is left is nothing else.
    number = _LETTERS.get(reference[: -len(row)])
    return number if number is not None and number <= MAX_COLUMN else None


def row_number(told: str) -> int:
    """Return the number a row gives itself; one no sheet has is refused."""
    if told.isascii() and told.isdigit() and len(told) < 8 and 0 < int(told) <= MAX_ROW:
        return int(told)
    raise FileRefused("sheet_bad_address", {"cell": told[:20]})


def style_number(told: str) -> int:
    """Return the style a cell refers to; nonsense means the plain one."""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 7 else 0


def split_range(reference: str) -> tuple[int, int, int, int]:
    """Return first row, first column, last row, last column of an address such as A1:C9."""
    first, _, last = reference.replace("$", "").partition(":")
    top, left = split_reference(first)
    bottom, right = split_reference(last or first)
    return top, left, bottom, right


def is_number(text: str) -> bool:
    """Whether a stored number is one that Excel could hold."""
    found = None if len(text) > 400 else _NUMBER.fullmatch(text)
    if found is None:
        return False
    if found[2] is None and len(text) < _LARGEST:
        # So few digits without an exponent are neither too large nor too small.
        return True
    value = Decimal(text)
    return value == 0 or _SMALLEST <= value.adjusted() <= _LARGEST


def decimal_of(text: str) -> Decimal:
    """Return a stored number at Excel's 15 significant digits, without trailing zeros."""
    value = _EXCEL.create_decimal(text)
    if value == value.to_integral_value() and value.adjusted() < 30:
        return value.quantize(Decimal(1))
    return value.normalize()


def plain_text(text: str) -> str:
    """Return a stored number the way a person reads it: no exponent, all digits of a long code."""
    if text.isascii() and text.isdigit():
        return text
    if len(text) <= LONG_DIGITS and _READABLE.fullmatch(text):
        return text
    return format(decimal_of(text), "f")


# The same days stand in row after row.
@lru_cache(maxsize=8_192)
def moment_of(text: str, *, epoch_1904: bool) -> date | datetime | time | None:
    """Return the date, moment or time of day of a serial number; None where there is none."""
    serial = Decimal(text)
    if not 0 <= serial < LAST_DAY + 1:
        return None
    days = int(serial)
    seconds = int(((serial - days) * 86_400).to_integral_value())
    if days == 0 and not epoch_1904:
        return _time_of(seconds)
    start = _epoch(days, epoch_1904=epoch_1904)
    if start is None or days + seconds // 86_400 > LAST_DAY:
        return None
    moment = start + timedelta(days=days, seconds=seconds)
    return moment.date() if moment.time() == time(0) else moment


def _epoch(days: int, *, epoch_1904: bool) -> datetime | None:
    if epoch_1904:
        is_too_late = days >= LAST_DAY - DAYS_BETWEEN_EPOCHS
        return None if is_too_late else datetime(1904, 1, 1)  # noqa: DTZ001 - no zone in a workbook
    if days == 60:
        # Excel believes in 1900-02-29; nobody else does.
        return None
    return datetime(1899, 12, 31 if days < 60 else 30)  # noqa: DTZ001


def _time_of(seconds: int) -> time | None:
    if not 0 < seconds < 86_400:
        return None
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)
