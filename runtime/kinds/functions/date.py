"""Dates and times, as the wall clock of the app's zone shows them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import OUT_OF_RANGE, CellFaultError
from runtime.formula.months import (
    day_of,
    ends_february,
    first_of_month,
    last_day,
    months_later,
    year_part,
)
from runtime.formula.numbers import ONE, ZERO, divide, small
from runtime.formula.types import item
from runtime.formula.values import days_between, move, to_date
from runtime.kinds.function import Function, gives, takes

MAX_MONTHS: Final = 200_000


def today(moment: datetime) -> date:
    """The date of this evaluation.

    今天的日期。

    也叫：当天、当前日期、现在、系统日期

    >>> TODAY()
    2026-11-21
    """
    return moment.date()


def now(moment: datetime) -> datetime:
    """The date and time of this evaluation.

    现在的日期和时间。

    也叫：当前时间、系统时间、此刻

    >>> NOW()
    2026-11-21 18:30:00
    """
    return moment


def date_(year: Decimal, month: Decimal, day: Decimal) -> date:
    """A date from its parts; months and days may run over.

    由年、月、日组成日期；月和日可以超出范围，会自动进位。

    也叫：组成日期、年月日

    >>> DATE(2026, 2, 30)
    2026-03-02
    >>> DATE(2026, 13, 1)
    2027-01-01
    """
    number = small(year)
    if 0 <= number < 1900:  # as Excel has it: years below 1900 count from 1900
        number += 1900
    first = first_of_month(number, small(month))
    return move(first, Decimal(small(day) - 1))


def year(given: date) -> Decimal:
    """The year.

    年份。

    也叫：年份、哪一年

    >>> YEAR(DATE(2026,11,21))
    2026
    """
    return Decimal(given.year)


def month(given: date) -> Decimal:
    """The month.

    月份。

    也叫：月份、几月

    >>> MONTH(DATE(2026,11,21))
    11
    """
    return Decimal(given.month)


def day(given: date) -> Decimal:
    """The day of the month.

    日。

    也叫：几号、日期

    >>> DAY(DATE(2026,11,21))
    21
    """
    return Decimal(given.day)


def edate(given: date, months: Decimal) -> date:
    """The same day so many months later, or the last day of that month.

    几个月以后的同一天；没有那一天时取月末。

    也叫：加月、几个月后、到期

    >>> EDATE(DATE(2026,1,31), 1)
    2026-02-28
    """
    return months_later(given, small(months, MAX_MONTHS))


def eomonth(given: date, months: Decimal = ZERO) -> date:
    """The last day of the month so many months later.

    几个月以后那个月的最后一天。

    也叫：月末、月底

    >>> EOMONTH(DATE(2026,11,21), 0)
    2026-11-30
    """
    first = first_of_month(given.year, given.month + small(months, MAX_MONTHS))
    return first.replace(day=last_day(first))


def days(end: date, start: date) -> Any:
    """The days from one date to another.

    两个日期之间的天数。

    也叫：天数、相差、间隔

    >>> DAYS(DATE(2026,11,21), DATE(2026,11,1))
    20
    """
    return days_between(day_of(end), day_of(start))


def datedif(start: date, end: date, unit: str = "D") -> Decimal:
    """The whole years "Y", months "M" or days "D" from one date to another.

    两个日期之间的整年 "Y"、整月 "M" 或天数 "D"；
    "YM" 是不足一年的月数，"MD" 是不足一月的天数，"YD" 是不足一年的天数。

    也叫：相差、年龄、工龄、账龄、间隔

    >>> DATEDIF(DATE(2025,3,15), DATE(2026,11,21), "Y")
    1
    >>> DATEDIF(DATE(2025,3,15), DATE(2026,11,21), "YM")
    8
    >>> DATEDIF(DATE(2025,3,15), DATE(2026,11,21), "MD")
    6
    """
    first, last = day_of(start), day_of(end)
    if first > last:
        raise CellFaultError(OUT_OF_RANGE)
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    match unit.upper():
        case "D":
            return Decimal((last - first).days)
        case "M":
            return Decimal(months)
        case "Y":
            return Decimal(months // 12)
        case "YM":
            return Decimal(months % 12)
        case "MD":
            return Decimal((last - months_later(first, months)).days)
        case "YD":
            return Decimal((last - months_later(first, months // 12 * 12)).days)
    raise CellFaultError(OUT_OF_RANGE)


# Excel's kinds of week: which weekday is the first, and the number it has.
_WEEKS: Final = {
    1: (6, 1),
    2: (0, 1),
    3: (0, 0),
    17: (6, 1),
    **{10 + n: (n - 1, 1) for n in range(1, 7)},
}


def weekday(given: date, kind: Decimal = ONE) -> Decimal:
    """The day of the week: from Sunday 1, with kind 2 from Monday 1, with kind 3 from Monday 0.

    星期几：默认星期日是 1；类型 2 星期一是 1；类型 3 星期一是 0。

    也叫：星期、周几、礼拜

    >>> WEEKDAY(DATE(2026,11,21))
    7
    >>> WEEKDAY(DATE(2026,11,21), 2)
    6
    """
    if small(kind) not in _WEEKS:
        raise CellFaultError(OUT_OF_RANGE)
    start, number = _WEEKS[small(kind)]
    return Decimal((given.weekday() - start) % 7 + number)


def weeknum(given: date, kind: Decimal = ONE) -> Decimal:
    """The week of the year; with kind 2 weeks begin on Monday, 21 is ISO.

    一年中的第几周；类型 2 从星期一开始，21 是 ISO 周。

    也叫：第几周、周数

    >>> WEEKNUM(DATE(2026,11,21))
    47
    """
    if small(kind) == 21:
        return isoweeknum(given)
    if small(kind) == 3 or small(kind) not in _WEEKS:
        raise CellFaultError(OUT_OF_RANGE)
    first = date(given.year, 1, 1)
    offset = (first.weekday() - _WEEKS[small(kind)][0]) % 7
    return Decimal(((day_of(given) - first).days + offset) // 7 + 1)


def isoweeknum(given: date) -> Decimal:
    """The ISO week of the year.

    ISO 周数。

    也叫：第几周、周数

    >>> ISOWEEKNUM(DATE(2026,1,1))
    1
    """
    return Decimal(given.isocalendar().week)


def datevalue(text: Any) -> date:
    """Read a date such as 2026-11-21 or 2026/11/21 out of a text.

    把 2026-11-21 或 2026/11/21 这样的文字读成日期。

    也叫：文字转日期

    >>> DATEVALUE("2026/1/5")
    2026-01-05
    """
    return day_of(to_date(text))


def datedelta(given: date, days_later: Decimal) -> date:
    """The date so many days later, as + does.

    几天以后的日期，同 +。

    也叫：加天数、几天后

    >>> DATEDELTA(DATE(2026,11,21), 10)
    2026-12-01
    """
    return move(given, days_later)


def days360(start: date, end: date, european: bool = False) -> Decimal:  # noqa: FBT001, FBT002 - a formula's own argument
    """The days between two dates in a year of twelve months of 30 days.

    按每月 30 天计算的天数。

    也叫：天数、利息

    >>> DAYS360(DATE(2026,1,30), DATE(2026,3,31))
    60
    """
    first, last = day_of(start), day_of(end)
    begin, finish = first.day, last.day
    if european:
        begin, finish = min(begin, 30), min(finish, 30)
    else:
        begin = 30 if begin == 31 or ends_february(first) else begin
        if finish == 31 and begin == 30:
            finish = 30
    months = (last.year - first.year) * 12 + last.month - first.month
    return Decimal(months * 30 + finish - begin)


def yearfrac(start: date, end: date, basis: Decimal = ZERO) -> Decimal:
    """The part of a year between two dates.

    两个日期之间占一年的几分之几：基准 0 按每月 30 天每年 360 天（美国），1 按实际天数，
    2 按实际天数每年 360 天，3 按实际天数每年 365 天，4 按每月 30 天每年 360 天（欧洲）。

    也叫：年数、工龄、年龄、账龄

    >>> YEARFRAC(DATE(2026,1,1), DATE(2026,7,1))
    0.5
    >>> ROUND(YEARFRAC(DATE(2024,1,1), DATE(2024,7,30), 1), 8)
    0.57650273
    """
    if not 0 <= small(basis) <= 4:
        raise CellFaultError(OUT_OF_RANGE)
    first, last = sorted((day_of(start), day_of(end)))
    days_passed, days_of_year = year_part(first, last, small(basis))
    return divide(days_passed, days_of_year)


NUMBER: Final = gives("number")
DATE_TYPE: Final = gives("date")
_ONE: Final = takes("date: date")
_MONTHS: Final = takes("date: date", "months: number")
_WEEK: Final = takes("date: date", "kind: number?")
DATE: Final = (
    Function("TODAY", (), DATE_TYPE, today, volatile=True),
    Function("NOW", (), gives("datetime"), now, aliases=("SYSTIME", "DATENOW"), volatile=True),
    Function("DATE", takes("year: number", "month: number", "day: number"), DATE_TYPE, date_),
    Function("YEAR", _ONE, NUMBER, year),
    Function("MONTH", _ONE, NUMBER, month),
    Function("DAY", _ONE, NUMBER, day),
    Function("EDATE", _MONTHS, DATE_TYPE, edate),
    Function("EOMONTH", _MONTHS, DATE_TYPE, eomonth),
    Function("DAYS", takes("end: date", "start: date"), NUMBER, days),
    Function("DATEDIF", takes("start: date", "end: date", "unit: text?"), NUMBER, datedif),
    Function("DAYS360", takes("start: date", "end: date", "european: boolean?"), NUMBER, days360),
    Function("YEARFRAC", takes("start: date", "end: date", "basis: number?"), NUMBER, yearfrac),
    Function("WEEKDAY", _WEEK, NUMBER, weekday),
    Function("WEEKNUM", _WEEK, NUMBER, weeknum),
    Function("ISOWEEKNUM", _ONE, NUMBER, isoweeknum),
    Function("DATEVALUE", takes("text: any"), DATE_TYPE, datevalue),
    Function(
        "DATEDELTA", takes("date: date", "days: number"), lambda kinds: _like(kinds[0]), datedelta
    ),
)


def _like(kind: str) -> str:
    return "datetime" if item(kind) == "datetime" else "date"
