"""Values into texts and back: formats, digits, characters."""

from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import BAD_ARGUMENT, CellFaultError
from runtime.formula.numbers import ZERO, read_number, round_to, small
from runtime.formula.text_format import format_text
from runtime.formula.values import check_text, to_text
from runtime.kinds.function import Function, gives, takes

TWO: Final = Decimal(2)


def value(text: Any) -> Decimal:
    """Read a number out of a text.

    把文字读成数字。

    也叫：转数字、文字转数字

    >>> VALUE("1,234.50")
    1234.5
    >>> VALUE("12%")
    0.12
    >>> VALUE("一百")
    #VALUE!
    """
    if text is None:
        return ZERO
    return text if isinstance(text, Decimal) else read_number(to_text(text))


def text_(given: Any, pattern: str) -> str:
    """Write a number or a date in a format.

    按格式把数字或日期写成文字。

    也叫：格式、格式化、显示、转文字

    >>> TEXT(1234.5, "#,##0.00")
    1,234.50
    >>> TEXT(0.125, "0.0%")
    12.5%
    >>> TEXT(DATE(2026,11,21), "yyyy年m月d日")
    2026年11月21日
    """
    return check_text(format_text(given, pattern))


def fixed(number: Decimal, digits: Decimal = TWO, plain_digits: bool = False) -> str:  # noqa: FBT001, FBT002 - a formula's own argument
    """Write a number with fixed decimals and thousands commas.

    按固定小数位写成文字，带千分位。

    也叫：小数位、千分位、格式

    >>> FIXED(1234.567, 1)
    1,234.6
    """
    places = small(digits, 127)
    whole_part = "0" if plain_digits else "#,##0"
    zeros = "." + "0" * places if places > 0 else ""
    return format_text(round_to(number, Decimal(places)), whole_part + zeros)


def char(code: Decimal) -> str:
    """The character with a code from 1 to 255; CHAR(10) is a line break.

    按编码取字符（1 到 255）；CHAR(10) 是换行。

    也叫：字符、换行符

    >>> CHAR(65)
    A
    """
    number = small(code)
    if number in (9, 10, 13) or 32 <= number < 127 or (160 <= number < 256 and number != 173):
        return chr(number)
    raise CellFaultError(BAD_ARGUMENT)


def code(text: str) -> Decimal:
    """The Unicode number of the first character.

    第一个字符的 Unicode 编码。

    也叫：编码、字符编码

    >>> CODE("A")
    65
    """
    if not text:
        raise CellFaultError(BAD_ARGUMENT)
    return Decimal(ord(text[0]))


def t(given: Any) -> str:
    """The text, or nothing when it is no text.

    是文字就取它，否则取空。

    也叫：取文字

    >>> T("a")
    a
    """
    return given if isinstance(given, str) else ""


def string(given: Any) -> str:
    """Turn into text.

    转成文字。

    也叫：转文字、文本

    >>> STRING(1.50)
    1.5
    """
    return to_text(given)


TEXT_TYPE: Final = gives("text")
NUMBER: Final = gives("number")
CONVERSION: Final = (
    Function("VALUE", takes("text: any"), NUMBER, value, aliases=("NUMBER",)),
    Function("TEXT", takes("value: any", "format: text"), TEXT_TYPE, text_),
    Function(
        "FIXED", takes("number: number", "digits: number?", "plain: boolean?"), TEXT_TYPE, fixed
    ),
    Function("CHAR", takes("code: number"), TEXT_TYPE, char),
    Function("CODE", takes("text: text"), NUMBER, code, aliases=("UNICODE",)),
    Function("T", takes("value: any"), TEXT_TYPE, t),
    Function("STRING", takes("value: any"), TEXT_TYPE, string),
)
