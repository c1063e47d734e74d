"""What kind of value something is."""

from datetime import date, time
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import NOT_AVAILABLE, CellError, CellFaultError
from runtime.formula.numbers import whole
from runtime.formula.values import to_number
from runtime.kinds.function import Function, gives, takes


def na() -> CellError:
    """Give the error #N/A.

    错误值 #N/A。

    也叫：空错误

    >>> NA()
    #N/A
    """
    return NOT_AVAILABLE


def isblank(value: Any) -> bool:
    """Whether there is nothing, not even an empty text.

    什么都没有时是 TRUE（空文字 "" 不算）。

    也叫：空值、没填、为空

    >>> ISBLANK("")
    FALSE
    """
    return value is None


def isempty(value: Any) -> bool:
    """Whether there is nothing or an empty text.

    为空（包括空文字）时是 TRUE。

    也叫：空值、没填、为空

    >>> ISEMPTY("")
    TRUE
    """
    return value is None or value == ""


def isnumber(value: Any) -> bool:
    """Whether it is a number; a date is one, as in Excel.

    是数字（包括日期）时是 TRUE。

    也叫：数值、判断数字

    >>> ISNUMBER(5)
    TRUE
    >>> ISNUMBER("5")
    FALSE
    """
    return isinstance(value, Decimal | date | time)


def istext(value: Any) -> bool:
    """Whether it is a text.

    是文字时是 TRUE。

    也叫：判断文字

    >>> ISTEXT("5")
    TRUE
    """
    return isinstance(value, str)


def isnontext(value: Any) -> bool:
    """Whether it is anything but a text.

    不是文字时是 TRUE。

    也叫：判断类型

    >>> ISNONTEXT(5)
    TRUE
    """
    return not isinstance(value, str)


def islogical(value: Any) -> bool:
    """Whether it is TRUE or FALSE.

    是逻辑值时是 TRUE。

    也叫：布尔、判断类型

    >>> ISLOGICAL(1>2)
    TRUE
    """
    return isinstance(value, bool)


def iserror(value: Any) -> bool:
    """Whether it is an error.

    是错误值时是 TRUE。

    也叫：出错、错误判断

    >>> ISERROR(1/0)
    TRUE
    """
    return isinstance(value, CellError)


def iserr(value: Any) -> bool:
    """Whether it is an error other than #N/A.

    是 #N/A 以外的错误值时是 TRUE。

    也叫：出错、错误判断

    >>> ISERR(NA())
    FALSE
    """
    return isinstance(value, CellError) and value.kind != NOT_AVAILABLE.kind


def isna(value: Any) -> bool:
    """Whether it is the error #N/A.

    是 #N/A 时是 TRUE。

    也叫：找不到、错误判断

    >>> ISNA(NA())
    TRUE
    """
    return isinstance(value, CellError) and value.kind == NOT_AVAILABLE.kind


def iseven(number: Decimal) -> bool:
    """Whether the whole part is even.

    整数部分是偶数时是 TRUE。

    也叫：偶数

    >>> ISEVEN(-4.5)
    TRUE
    """
    return whole(number) % 2 == 0


def isodd(number: Decimal) -> bool:
    """Whether the whole part is odd.

    整数部分是奇数时是 TRUE。

    也叫：奇数

    >>> ISODD(3)
    TRUE
    """
    return whole(number) % 2 == 1


def n(value: Any) -> Decimal:
    """Turn into a number: TRUE is 1, a text is 0.

    转成数字：TRUE 是 1，文字是 0。

    也叫：转数字

    >>> N(TRUE)
    1
    >>> N("7")
    0
    """
    return Decimal(0) if isinstance(value, str) else to_number(value)


def type_(value: Any) -> Decimal:
    """What a value is, by number: 1 number or date, 2 text, 4 yes or no, 16 error, 64 list.

    值的类型编号：1 数字或日期，2 文字，4 是否，16 错误，64 一列值。

    也叫：类型、数据类型

    >>> TYPE("a")
    2
    """
    if isinstance(value, CellError):
        return Decimal(16)
    if isinstance(value, list | tuple):
        return Decimal(64)
    if isinstance(value, bool):
        return Decimal(4)
    return Decimal(2 if isinstance(value, str) else 1)


def error_type(value: Any) -> Decimal:
    """The number of an error: 2 #DIV/0!, 3 #VALUE!, 4 #REF!, 6 #NUM!, 7 #N/A; else #N/A.

    错误的编号：2 #DIV/0!，3 #VALUE!，4 #REF!，6 #NUM!，7 #N/A；不是错误时得 #N/A。

    也叫：错误类型、错误代码

    >>> ERROR.TYPE(1/0)
    2
    """
    if not isinstance(value, CellError) or value.kind not in _ERROR_NUMBERS:
        raise CellFaultError(NOT_AVAILABLE)
    return Decimal(_ERROR_NUMBERS[value.kind])


# Excel's own numbers.
_ERROR_NUMBERS: Final = {"#DIV/0!": 2, "#VALUE!": 3, "#REF!": 4, "#NUM!": 6, "#N/A": 7}
BOOLEAN: Final = gives("boolean")
INFORMATION: Final = (
    Function("NA", (), gives("any"), na),
    Function("ISBLANK", takes("value: raw"), BOOLEAN, isblank),
    Function("ISEMPTY", takes("value: raw"), BOOLEAN, isempty),
    Function("ISNUMBER", takes("value: raw"), BOOLEAN, isnumber),
    Function("ISTEXT", takes("value: raw"), BOOLEAN, istext),
    Function("ISNONTEXT", takes("value: raw"), BOOLEAN, isnontext),
    Function("ISLOGICAL", takes("value: raw"), BOOLEAN, islogical),
    Function("ISERROR", takes("value: raw"), BOOLEAN, iserror),
    Function("ISERR", takes("value: raw"), BOOLEAN, iserr),
    Function("ISNA", takes("value: raw"), BOOLEAN, isna),
    Function("ISEVEN", takes("number: number"), BOOLEAN, iseven),
    Function("ISODD", takes("number: number"), BOOLEAN, isodd),
    Function("N", takes("value: any"), gives("number"), n),
    Function("TYPE", takes("value: raw"), gives("number"), type_, server_only=True),
    Function("ERROR.TYPE", takes("value: raw"), gives("number"), error_type, server_only=True),
)
