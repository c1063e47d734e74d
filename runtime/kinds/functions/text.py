"""Text: joining, cutting, finding; places are counted in characters from 1."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import (
    BAD_ARGUMENT,
    LIMIT_TEXT,
    TEXT_NOT_FOUND,
    CellFaultError,
    LimitReachedError,
)
from runtime.formula.criteria import MAX_PATTERN, Pattern
from runtime.formula.numbers import ONE, small
from runtime.formula.values import MAX_TEXT, check_text, to_text
from runtime.kinds.function import Function, gives, takes

TWO: Final = Decimal(2)


def concat(values: Sequence[Any]) -> str:
    """Put texts together.

    把几段文字连起来。

    也叫：连接、合并、拼接

    >>> CONCAT("单价", 5, "元")
    单价5元
    """
    return _joined([to_text(each) for each in values], "")


def textjoin(separator: str, skip_empty: bool, values: Sequence[Any]) -> str:  # noqa: FBT001 - a formula's own argument
    """Put texts together with something between them.

    用分隔符把几段文字连起来，可以跳过空的。

    也叫：连接、合并、拼接、分隔

    >>> TEXTJOIN("、", TRUE, "甲", "", "乙")
    甲、乙
    """
    texts = [to_text(each) for each in values]
    return _joined([each for each in texts if each or not skip_empty], separator)


def _joined(texts: Sequence[str], separator: str) -> str:
    if sum(map(len, texts)) + len(separator) * max(len(texts) - 1, 0) > MAX_TEXT:
        raise LimitReachedError(LIMIT_TEXT)
    return separator.join(texts)


def left(text: str, count: Decimal = ONE) -> str:
    """The first characters.

    从左边取几个字符。

    也叫：截取、前几位

    >>> LEFT("XSCK-2026", 4)
    XSCK
    """
    return text[: _count(count)]


def right(text: str, count: Decimal = ONE) -> str:
    """The last characters.

    从右边取几个字符。

    也叫：截取、后几位

    >>> RIGHT("XSCK-2026", 4)
    2026
    """
    return text[max(len(text) - _count(count), 0) :]


def mid(text: str, start: Decimal, count: Decimal) -> str:
    """Characters from the middle.

    从中间取几个字符。

    也叫：截取、提取、子串

    >>> MID("XSCK-2026", 6, 2)
    20
    """
    begin = _place(start) - 1
    return text[begin : begin + _count(count)]


def len_(text: str) -> Decimal:
    """How many characters there are.

    字符数。

    也叫：长度、字数、位数

    >>> LEN("库存A")
    3
    """
    return Decimal(len(text))


def trim(text: str) -> str:
    """Without spaces at the ends, and with single spaces inside.

    去掉两头的空格，中间的多个空格变成一个。

    也叫：去空格、空格

    >>> TRIM("  a   b ")
    a b
    """
    return " ".join(part for part in text.split(" ") if part)


def clean(text: str) -> str:
    """Without control characters such as line breaks.

    去掉换行等控制字符。

    也叫：换行、清除

    >>> CLEAN("a" & CHAR(10) & "b")
    ab
    """
    return "".join(each for each in text if each >= " ")


def upper(text: str) -> str:
    """In capitals.

    转成大写字母。

    也叫：大写字母

    >>> UPPER("abc")
    ABC
    """
    return text.upper()


def lower(text: str) -> str:
    """In small letters.

    转成小写字母。

    也叫：小写字母

    >>> LOWER("ABC")
    abc
    """
    return text.lower()


def exact(first: str, second: str) -> bool:
    """Whether two texts are the same to the letter; = ignores capitals.

    两段文字是否完全相同（区分大小写）。

    也叫：相同、比较、区分大小写

    >>> EXACT("a", "A")
    FALSE
    """
    return first == second


def substitute(text: str, old: str, new: str, occurrence: Decimal | None = None) -> str:
    """Replace a text by another, everywhere or only one time.

    把一段文字换成另一段，可以只换第几次出现的。

    也叫：替换、换掉

    >>> SUBSTITUTE("2026/11/21", "/", "-")
    2026-11-21
    >>> SUBSTITUTE("a-b-c", "-", "+", 2)
    a-b+c
    """
    if not old:
        return text
    if occurrence is None:
        if len(text) + text.count(old) * (len(new) - len(old)) > MAX_TEXT:
            raise LimitReachedError(LIMIT_TEXT)
        return text.replace(old, new)
    parts = text.split(old)
    wanted = _place(occurrence)
    if wanted >= len(parts):
        return text
    return check_text(old.join(parts[:wanted]) + new + old.join(parts[wanted:]))


def replace(text: str, start: Decimal, count: Decimal, new: str) -> str:
    """Replace characters at a place.

    按位置替换几个字符。

    也叫：替换、替换位置

    >>> REPLACE("ABCDE", 2, 3, "-")
    A-E
    """
    begin = _place(start) - 1
    return check_text(text[:begin] + new + text[begin + _count(count) :])


def find(wanted: str, text: str, start: Decimal = ONE) -> Decimal:
    """Where a text stands in another, to the letter.

    一段文字在另一段里的位置，区分大小写；找不到是 #VALUE!。

    也叫：查找、位置、包含

    >>> FIND("-", "XSCK-2026")
    5
    """
    begin = _start(start, text)
    place = text.find(wanted, begin)
    if place < 0:
        raise CellFaultError(TEXT_NOT_FOUND)
    return Decimal(place + 1)


def search(wanted: str, text: str, start: Decimal = ONE) -> Decimal:
    """Where a text stands in another; ignores capitals, and * and ? stand for anything.

    一段文字在另一段里的位置，不分大小写，可以用 * 和 ?；找不到是 #VALUE!。

    也叫：查找、位置、包含、通配符

    >>> SEARCH("s?k", "ABSCKSXK")
    3
    """
    begin = _start(start, text)
    if len(wanted) > MAX_PATTERN:
        raise CellFaultError(BAD_ARGUMENT)
    place = Pattern(wanted).find(text, begin)
    if place is None:
        raise CellFaultError(TEXT_NOT_FOUND)
    return Decimal(place + 1)


def rept(text: str, times: Decimal) -> str:
    """Repeat a text.

    把一段文字重复几次。

    也叫：重复、填充、补零

    >>> REPT("-", 5)
    -----
    """
    count = _count(times)
    if count * len(text) > MAX_TEXT:
        raise LimitReachedError(LIMIT_TEXT)
    return text * count


def strreverse(text: str) -> str:
    """The text backwards.

    把文字反过来。

    也叫：倒序、反转

    >>> STRREVERSE("abc")
    cba
    """
    return text[::-1]


def include(text: str, part: str) -> bool:
    """Whether a text contains another.

    一段文字里有没有另一段。

    也叫：包含、含有、存在

    >>> INCLUDE("销售出库", "出库")
    TRUE
    """
    return part in text


def _count(number: Decimal) -> int:
    count = small(number)
    if count < 0:
        raise CellFaultError(BAD_ARGUMENT)
    return count


def _place(number: Decimal) -> int:
    place = small(number)
    if place < 1:
        raise CellFaultError(BAD_ARGUMENT)
    return place


def _start(start: Decimal, text: str) -> int:
    begin = _place(start) - 1
    if begin > len(text):
        raise CellFaultError(BAD_ARGUMENT)
    return begin


TEXT_TYPE: Final = gives("text")
NUMBER: Final = gives("number")
BOOLEAN: Final = gives("boolean")
_ONE: Final = takes("text: text")
_SOUGHT: Final = takes("wanted: text", "text: text", "start: number?")
TEXT: Final = (
    Function("CONCAT", takes("text: values*"), TEXT_TYPE, concat, aliases=("CONCATENATE",)),
    Function(
        "TEXTJOIN",
        takes("separator: text", "skip_empty: boolean", "text: values*"),
        TEXT_TYPE,
        textjoin,
    ),
    Function("LEFT", takes("text: text", "count: number?"), TEXT_TYPE, left),
    Function("RIGHT", takes("text: text", "count: number?"), TEXT_TYPE, right),
    Function("MID", takes("text: text", "start: number", "count: number"), TEXT_TYPE, mid),
    Function("LEN", _ONE, NUMBER, len_),
    Function("TRIM", _ONE, TEXT_TYPE, trim),
    Function("CLEAN", _ONE, TEXT_TYPE, clean),
    Function("UPPER", _ONE, TEXT_TYPE, upper),
    Function("LOWER", _ONE, TEXT_TYPE, lower),
    Function("EXACT", takes("first: text", "second: text"), BOOLEAN, exact),
    Function(
        "SUBSTITUTE",
        takes("text: text", "old: text", "new: text", "occurrence: number?"),
        TEXT_TYPE,
        substitute,
    ),
    Function(
        "REPLACE",
        takes("text: text", "start: number", "count: number", "new: text"),
        TEXT_TYPE,
        replace,
    ),
    Function("FIND", _SOUGHT, NUMBER, find),
    Function("SEARCH", _SOUGHT, NUMBER, search),
    Function("REPT", takes("text: text", "times: number"), TEXT_TYPE, rept),
    Function("STRREVERSE", _ONE, TEXT_TYPE, strreverse),
    Function("INCLUDE", takes("text: text", "part: text"), BOOLEAN, include),
)
