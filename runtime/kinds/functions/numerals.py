"""Numbers in other writing: other bases, Roman figures, other separators, dollars."""

import re
from decimal import Decimal
from functools import partial
from typing import Final

from runtime.formula.cell_errors import (
    BAD_ARGUMENT,
    NOT_A_NUMBER,
    OUT_OF_RANGE,
    CellFaultError,
)
from runtime.formula.numbers import (
    HUNDRED,
    ZERO,
    divide,
    fit,
    read_number,
    round_to,
    small,
    whole,
)
from runtime.kinds.function import Function, gives, takes

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_DIGITS: Final = 255
# Excel's own bounds: what a float holds whole, and the greatest Roman figure.
GREATEST: Final = 2**53
GREATEST_ROMAN: Final = 3999
MOST_PLACES: Final = 28
TWO: Final = Decimal(2)
_LETTERS: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
# By form: which pairs may stand for what is left of them; each form adds shorter ones.
_PAIRS: Final = (
    ((900, "CM"), (400, "CD"), (90, "XC"), (40, "XL"), (9, "IX"), (4, "IV")),
    ((950, "LM"), (450, "LD"), (95, "VC"), (45, "VL")),
    ((990, "XM"), (490, "XD"), (99, "IC"), (49, "IL")),
    ((995, "VM"), (495, "VD")),
    ((999, "IM"), (499, "ID")),
)
_GROUPED: Final = re.compile(r"[+-]?[0-9]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,4})?%*", re.ASCII)


def base(number: Decimal, radix: Decimal, length: Decimal = ZERO) -> str:
    """A whole number in another base, with zeros in front up to a length.

    把整数写成其他进制（2 到 36），第三个参数是最短位数。

    也叫：进制、二进制、十六进制

    >>> BASE(255, 16)
    FF
    >>> BASE(7, 2, 8)
    00000111
    """
    left, radix_, least = whole(number), small(radix), small(length)
    if not 0 <= left < GREATEST or not 2 <= radix_ <= 36 or not 0 <= least <= MOST_DIGITS:
        raise CellFaultError(OUT_OF_RANGE)
    written = ""
    while left:
        left, digit = divmod(left, radix_)
        written = DIGITS[digit] + written
    return (written or "0").rjust(least, "0")


def decimal(text: str, radix: Decimal) -> Decimal:
    """The number a text means in another base.

    把其他进制的文字变成数字。

    也叫：进制、十进制、二进制、十六进制

    >>> DECIMAL("FF", 16)
    255
    """
    radix_ = small(radix)
    digits = text.strip().upper()
    if not 2 <= radix_ <= 36 or len(digits) > MOST_DIGITS:
        raise CellFaultError(OUT_OF_RANGE)
    total = 0
    for each in digits:
        digit = DIGITS.find(each)
        if not 0 <= digit < radix_:
            raise CellFaultError(OUT_OF_RANGE)
        total = total * radix_ + digit
    return fit(Decimal(total))


def roman(number: Decimal, form: Decimal = ZERO) -> str:
    """A whole number up to 3999 in Roman figures; forms 1 to 4 are ever shorter.

    罗马数字，到 3999 为止；第二个参数 0 到 4，越大写得越短。

    也叫：罗马数字

    >>> ROMAN(2026)
    MMXXVI
    >>> ROMAN(499, 4)
    ID
    """
    left, style = whole(number), small(form)
    if not 0 <= left <= GREATEST_ROMAN or not 0 <= style < len(_PAIRS):
        raise CellFaultError(BAD_ARGUMENT)
    signs = [(value, letter) for letter, value in _LETTERS.items()]
    signs += [pair for pairs in _PAIRS[: style + 1] for pair in pairs]
    written = ""
    for value, sign in sorted(signs, reverse=True):
        count, left = divmod(left, value)
        written += sign * count
    return written


def arabic(text: str) -> Decimal:
    """The number Roman figures mean.

    把罗马数字变成数字。

    也叫：罗马数字

    >>> ARABIC("MMXXVI")
    2026
    """
    figures = text.strip().upper()
    sign = -1 if figures.startswith("-") else 1
    figures = figures.removeprefix("-")
    if len(figures) > MOST_DIGITS or any(each not in _LETTERS for each in figures):
        raise CellFaultError(BAD_ARGUMENT)
    values = [_LETTERS[each] for each in figures]
    total = 0
    for value, following in zip(values, [*values[1:], 0], strict=True):
        total += -value if value < following else value
    return Decimal(sign * total)


def numbervalue(text: str, point: str = ".", groups: str = ",") -> Decimal:
    """The number a text means, with the decimal and group separators it was written with.

    按指定的小数点和千分位符号把文字变成数字。

    也叫：转数字、文本转数值、欧洲格式

    >>> NUMBERVALUE("2.500,27", ",", ".")
    2500.27
    >>> NUMBERVALUE("3.5%")
    0.035
    """
    if not point or not groups or point[0] == groups[0]:
        raise CellFaultError(BAD_ARGUMENT)
    plain = "".join(text.split())
    front, mark, places = plain.partition(point[0])
    written = front.replace(groups[0], "") + ("." if mark else "") + places
    if not _GROUPED.fullmatch(written):
        raise CellFaultError(NOT_A_NUMBER)
    bare = written.rstrip("%")
    if not bare:
        return ZERO
    found = read_number(bare)
    for _percent in range(len(written) - len(bare)):
        found = divide(found, HUNDRED)
    return found


def dollar(number: Decimal, places: Decimal = TWO) -> str:
    """An amount in dollars, rounded, in groups of three; less than nothing in brackets.

    美元金额的文字，带千分位，负数加括号。

    也叫：美元、货币格式

    >>> DOLLAR(1234.567)
    $1,234.57
    >>> DOLLAR(-1234.567, -2)
    ($1,200)
    """
    digits = small(places, MOST_PLACES)
    rounded = round_to(number, places)
    written = f"${abs(rounded):,.{max(digits, 0)}f}"
    return f"({written})" if rounded < 0 else written


NUMBER: Final = gives("number")
TEXT_TYPE: Final = gives("text")
# Seldom typed and never while a total is watched: the server's alone.
_ONLY: Final = partial(Function, server_only=True)
NUMERALS: Final = (
    _ONLY("BASE", takes("number: number", "radix: number", "length: number?"), TEXT_TYPE, base),
    _ONLY("DECIMAL", takes("text: text", "radix: number"), NUMBER, decimal),
    _ONLY("ROMAN", takes("number: number", "form: number?"), TEXT_TYPE, roman),
    _ONLY("ARABIC", takes("text: text"), NUMBER, arabic),
    _ONLY("NUMBERVALUE", takes("text: text", "point: text?", "groups: text?"), NUMBER, numbervalue),
    _ONLY("DOLLAR", takes("number: number", "places: number?"), TEXT_TYPE, dollar),
)
