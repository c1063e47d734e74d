"""Parts of texts and the width of their letters; letters are taken one by one."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import (
    BAD_ARGUMENT,
    NOTHING_MATCHED,
    CellFaultError,
)
from runtime.formula.numbers import ONE, ZERO, small
from runtime.formula.values import check_text
from runtime.kinds.function import Function, gives, takes

Span = tuple[int, int]
WIDE_SPACE: Final = "\u3000"
WIDER: Final = 0xFEE0


def textbefore(
    text: str,
    mark: str,
    number: Decimal = ONE,
    fold: Decimal = ZERO,
    ending: Decimal = ZERO,
    missing: Callable[[], Any] | None = None,
) -> Any:
    """What stands before a mark in a text.

    标记之前的文字；第三个参数是第几个标记，负数从后数；找不到是 #N/A。

    也叫：截取、之前、左边、提取

    >>> TEXTBEFORE("XSCK-2026-001", "-")
    XSCK
    >>> TEXTBEFORE("XSCK-2026-001", "-", -1)
    XSCK-2026
    >>> TEXTBEFORE("无", "-", 1, 0, 0, "没有")
    没有
    """
    found = _mark(text, mark, number, fold, ending)
    return _otherwise(missing) if found is None else text[: found[0]]


def textafter(
    text: str,
    mark: str,
    number: Decimal = ONE,
    fold: Decimal = ZERO,
    ending: Decimal = ZERO,
    missing: Callable[[], Any] | None = None,
) -> Any:
    """What stands after a mark in a text.

    标记之后的文字；第三个参数是第几个标记，负数从后数；找不到是 #N/A。

    也叫：截取、之后、右边、提取

    >>> TEXTAFTER("XSCK-2026-001", "-")
    2026-001
    >>> TEXTAFTER("XSCK-2026-001", "-", -1)
    001
    """
    found = _mark(text, mark, number, fold, ending)
    return _otherwise(missing) if found is None else text[found[1] :]


def _mark(text: str, mark: str, number: Decimal, fold: Decimal, ending: Decimal) -> Span | None:
    """Where the wanted one of the marks stands; the end of the text may count as one."""
    wanted = small(number)
    if not wanted or small(fold) not in (0, 1) or small(ending) not in (0, 1):
        raise CellFaultError(BAD_ARGUMENT)
    if not mark:
        return (0, 0) if wanted > 0 else (len(text), len(text))
    spans = _spans(_folded(text), _folded(mark)) if fold else _spans(text, mark)
    if small(ending):
        spans = [*spans, (len(text), len(text))] if wanted > 0 else [(0, 0), *spans]
    if abs(wanted) > len(spans):
        return None
    return spans[wanted - 1 if wanted > 0 else wanted]


def _spans(text: str, mark: str) -> list[Span]:
    found, place = [], text.find(mark)
    while place >= 0:
        found.append((place, place + len(mark)))
        place = text.find(mark, place + len(mark))
    return found


def _folded(text: str) -> str:
    """In small letters, each staying one letter, so that places stay what they are."""
    return "".join(low if len(low := each.lower()) == 1 else each for each in text)


def _otherwise(missing: Callable[[], Any] | None) -> Any:
    found = None if missing is None else missing()
    return NOTHING_MATCHED if found is None else found


def proper(text: str) -> str:
    """The first letter of each word in capitals, the others small.

    每个单词的首字母大写，其余小写。

    也叫：首字母大写

    >>> PROPER("hello WORLD")
    Hello World
    """
    parts, inside = [], False
    for each in text:
        parts.append(each.lower() if inside else each.upper())
        inside = each.isalpha()
    return check_text("".join(parts))


def countchar(text: str, part: str | None = None) -> Decimal:
    """How many characters a text has, or how often a part occurs in it.

    文字的字符数；写了第二个参数时是它在文字里出现的次数。

    也叫：字数、出现次数、统计字符

    >>> COUNTCHAR("库存A")
    3
    >>> COUNTCHAR("a-b-c", "-")
    2
    """
    if part is None:
        return Decimal(len(text))
    if not part:
        raise CellFaultError(BAD_ARGUMENT)
    return Decimal(text.count(part))


def lenb(text: str) -> Decimal:
    """How many bytes a text has where a Chinese character counts for two.

    字节数：一个汉字或全角字符算两个。

    也叫：字节、长度

    >>> LENB("库存A")
    5
    """
    return Decimal(sum(1 if each < "\x80" else 2 for each in text))


def asc(text: str) -> str:
    """Full-width letters, digits and signs in half width.

    把全角字母、数字和符号换成半角。

    也叫：半角、全角转半角

    >>> ASC("ＡＢ（１）")
    AB(1)
    """
    return "".join(
        chr(ord(each) - WIDER) if "\uff01" <= each <= "\uff5e" else _space(each, WIDE_SPACE, " ")
        for each in text
    )


def widechar(text: str) -> str:
    """Half-width letters, digits and signs in full width.

    把半角字母、数字和符号换成全角。

    也叫：全角、半角转全角

    >>> WIDECHAR("AB(1)")
    ＡＢ（１）
    """
    return "".join(
        chr(ord(each) + WIDER) if "!" <= each <= "~" else _space(each, " ", WIDE_SPACE)
        for each in text
    )


def _space(each: str, narrow: str, wide: str) -> str:
    return wide if each == narrow else each


TEXT_TYPE: Final = gives("text")
_ONE: Final = takes("text: text")
_MARK: Final = takes(
    "text: text",
    "mark: text",
    "number: number?",
    "fold: number?",
    "ending: number?",
    "missing: lazy?",
)
PARTS: Final = (
    Function("TEXTBEFORE", _MARK, TEXT_TYPE, textbefore),
    Function("TEXTAFTER", _MARK, TEXT_TYPE, textafter),
    Function("PROPER", _ONE, TEXT_TYPE, proper),
    Function("COUNTCHAR", takes("text: text", "part: text?"), gives("number"), countchar),
    Function("LENB", _ONE, gives("number"), lenb),
    Function("ASC", _ONE, TEXT_TYPE, asc),
    Function("WIDECHAR", _ONE, TEXT_TYPE, widechar, aliases=("DBCS", "JIS")),
)
