"""Characters by number, and texts as they stand in web addresses."""

import re
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from runtime.formula.cell_errors import BAD_ARGUMENT, CellFaultError
from runtime.formula.numbers import small
from runtime.formula.values import check_text
from runtime.kinds.function import Function, gives, takes

# What stays as it is: of a whole address also what divides it.
PLAIN: Final = "-_.!~*'()"
DIVIDING: Final = ";/?:@&=+$,#"
LAST_CHARACTER: Final = 0x10FFFF
# Half characters, private ones, and those that show nothing or turn the direction of writing.
HIDDEN: Final = (
    (0, 8),
    (11, 12),
    (14, 31),
    (127, 159),
    (173, 173),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0xD800, 0xF8FF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFF0, 0xFFFF),
    (0xE0000, LAST_CHARACTER),
)
_ESCAPES: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def unichar(code: Decimal) -> str:
    """The character with a Unicode number; invisible ones are refused.

    按 Unicode 编码取字符；看不见的字符不给。

    也叫：字符、编码

    >>> UNICHAR(20013)
    中
    """
    number = small(code)
    if number > LAST_CHARACTER or any(first <= number <= last for first, last in HIDDEN):
        raise CellFaultError(BAD_ARGUMENT)
    if number < 0:
        raise CellFaultError(BAD_ARGUMENT)
    return chr(number)


def encodeuri(text: str) -> str:
    """A whole web address with its other characters as %XX.

    把网址里的中文等字符编码成 %XX，保留 / ? & 等分隔符。

    也叫：网址编码、链接、URL

    >>> ENCODEURI("https://a.cn/库?q=1")
    https://a.cn/%E5%BA%93?q=1
    """
    return check_text(quote(text, safe=PLAIN + DIVIDING))


def encodeuricomponent(text: str) -> str:
    """A part of a web address with all special characters as %XX.

    把网址的一段（如参数值）编码成 %XX，分隔符也编码。

    也叫：网址编码、链接参数、URL

    >>> ENCODEURICOMPONENT("a&b=库")
    a%26b%3D%E5%BA%93
    """
    return check_text(quote(text, safe=PLAIN))


def decodeuri(text: str) -> str:
    """A whole web address with its %XX as characters, except those that would divide it.

    把网址里的 %XX 还原成文字，分隔符的编码不还原。

    也叫：网址解码、URL

    >>> DECODEURI("https://a.cn/%E5%BA%93?a%26b")
    https://a.cn/库?a%26b
    """
    return _decoded(text, DIVIDING)


def decodeuricomponent(text: str) -> str:
    """A part of a web address with its %XX as characters.

    把网址一段里的 %XX 还原成文字。

    也叫：网址解码、URL

    >>> DECODEURICOMPONENT("a%26b%3D%E5%BA%93")
    a&b=库
    >>> DECODEURICOMPONENT("%E5%BA")
    #VALUE!
    """
    return _decoded(text, "")


def _decoded(text: str, kept: str) -> str:
    if "%" in _ESCAPES.sub("", text):
        raise CellFaultError(BAD_ARGUMENT)
    return _ESCAPES.sub(lambda found: _characters(found[0], kept), text)


def _characters(escapes: str, kept: str) -> str:
    """What a run of %XX means; each kept character stays written as it was."""
    try:
        characters = bytes.fromhex(escapes.replace("%", "")).decode()
    except UnicodeDecodeError:
        raise CellFaultError(BAD_ARGUMENT) from None
    parts, place = [], 0
    for each in characters:
        end = place + 3 * len(each.encode())
        parts.append(escapes[place:end] if each in kept else each)
        place = end
    return "".join(parts)


TEXT_TYPE: Final = gives("text")
_ONE: Final = takes("text: text")
ENCODING: Final = (
    Function("UNICHAR", takes("code: number"), TEXT_TYPE, unichar),
    Function("ENCODEURI", _ONE, TEXT_TYPE, encodeuri),
    Function("ENCODEURICOMPONENT", _ONE, TEXT_TYPE, encodeuricomponent, aliases=("ENCODEURL",)),
    Function("DECODEURI", _ONE, TEXT_TYPE, decodeuri),
    Function("DECODEURICOMPONENT", _ONE, TEXT_TYPE, decodeuricomponent),
)
