"""Working days: plain weekends as in Excel, and the calendar of mainland China."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import (
    BAD_ARGUMENT,
    OUT_OF_RANGE,
    CellError,
    CellFaultError,
)
from runtime.formula.months import day_of
from runtime.formula.numbers import small
from runtime.formula.values import to_date
from runtime.formula.workdays import Calendar
from runtime.kinds.chinese_calendar import DAYS_OFF, WORKED_WEEKENDS
from runtime.kinds.function import Function, gives, takes

Column = Sequence[Any]
MAX_DAYS: Final = 10**7
PLAIN: Final = "0000011"
# Excel's numbers of weekends: two days from Saturday on, or one day from Sunday on.
WEEKENDS: Final = {
    **{n: "".join("1" if (n + 4) % 7 == d or (n + 5) % 7 == d else "0" for d in range(7))
       for n in range(1, 8)},
    **{n: "".join("1" if (n - 12) % 7 == d else "0" for d in range(7)) for n in range(11, 18)},
}  # fmt: skip


def networkdays(start: date, end: date, holidays: Column = ()) -> Decimal:
    """The working days from one date to another, both included, without Saturdays and Sundays.

    两个日期之间（包括两端）的工作日数，不算周六、周日和给出的假日列表。
    中国的法定节假日和调休请用 NETWORKDAYSCN。

    也叫：工作日、天数、上班

    >>> NETWORKDAYS(DATE(2026,11,2), DATE(2026,11,15))
    10
    """
    return _counted(Calendar(PLAIN, _dates(holidays)), start, end)


def networkdays_intl(start: date, end: date, weekend: Any = None, holidays: Column = ()) -> Decimal:
    """The same with other weekends: a number as in Excel, or seven digits from Monday, 1 is off.

    同 NETWORKDAYS，可以指定周末：1 周六日、2 周日一 … 11 只有周日、17 只有周六，
    或从星期一写起的七位 0 和 1（1 休息），如 "0000001"。

    也叫：工作日、单休、轮休

    >>> NETWORKDAYS.INTL(DATE(2026,11,2), DATE(2026,11,15), 11)
    12
    >>> NETWORKDAYS.INTL(DATE(2026,11,2), DATE(2026,11,8), "0000001")
    6
    """
    return _counted(Calendar(_weekend(weekend), _dates(holidays)), start, end)


def workday(start: date, days: Decimal, holidays: Column = ()) -> date:
    """The date so many working days later, or with a negative number earlier.

    几个工作日以后（负数是以前）的日期，不算周六、周日和给出的假日列表。
    中国的法定节假日和调休请用 WORKDAYCN。

    也叫：工作日、交期、到期、几个工作日后

    >>> WORKDAY(DATE(2026,11,20), 1)
    2026-11-23
    >>> WORKDAY(DATE(2026,11,23), -1)
    2026-11-20
    """
    return Calendar(PLAIN, _dates(holidays)).moved(day_of(start), small(days, MAX_DAYS))


def workday_intl(start: date, days: Decimal, weekend: Any = None, holidays: Column = ()) -> date:
    """The same with other weekends, given as for NETWORKDAYS.INTL.

    同 WORKDAY，可以指定周末，写法同 NETWORKDAYS.INTL。

    也叫：工作日、单休、轮休

    >>> WORKDAY.INTL(DATE(2026,11,20), 1, 11)
    2026-11-21
    """
    mask = _weekend(weekend)
    if "0" not in mask:
        raise CellFaultError(BAD_ARGUMENT)
    return Calendar(mask, _dates(holidays)).moved(day_of(start), small(days, MAX_DAYS))


def networkdays_cn(start: date, end: date, holidays: Column = ()) -> Decimal:
    """The working days of mainland China from one date to another, both included.

    两个日期之间（包括两端）的工作日数，按国务院办公厅公布的节假日和调休计算，也可再给出假日列表。
    已知 2020 至 2026 年的安排；其他年份只按周六、周日休息。

    也叫：工作日、法定节假日、调休、中国、春节、国庆

    >>> NETWORKDAYSCN(DATE(2026,10,1), DATE(2026,10,10))
    3
    """
    return _counted(_chinese(holidays), start, end)


def workday_cn(start: date, days: Decimal, holidays: Column = ()) -> date:
    """The date so many working days of mainland China later, or earlier.

    几个工作日以后（负数是以前）的日期，按国务院办公厅公布的节假日和调休计算。
    已知 2020 至 2026 年的安排；其他年份只按周六、周日休息。

    也叫：工作日、法定节假日、调休、中国、交期、到期

    >>> WORKDAYCN(DATE(2026,9,30), 1)
    2026-10-08
    """
    return _chinese(holidays).moved(day_of(start), small(days, MAX_DAYS))


def isworkday(given: date, holidays: Column = ()) -> bool:
    """Whether a date is a working day of mainland China.

    是不是工作日，按国务院办公厅公布的节假日和调休；已知 2020 至 2026 年，其他年份只看周末。

    也叫：节假日、调休、上班、休息

    >>> ISWORKDAY(DATE(2026,10,10))
    TRUE
    >>> ISWORKDAY(DATE(2026,10,1))
    FALSE
    """
    day = day_of(given)
    return _chinese(holidays).between(day, day) == 1


def _chinese(holidays: Column) -> Calendar:
    return Calendar(PLAIN, DAYS_OFF | _dates(holidays), WORKED_WEEKENDS)


def _counted(calendar: Calendar, start: date, end: date) -> Decimal:
    first, last = day_of(start), day_of(end)
    if first > last:
        return Decimal(-calendar.between(last, first))
    return Decimal(calendar.between(first, last))


def _weekend(given: Any) -> str:
    """Seven digits from Monday on; 1 is a day off."""
    if given is None:
        return PLAIN
    if isinstance(given, str):
        if len(given) != 7 or given.strip("01"):
            raise CellFaultError(BAD_ARGUMENT)
        return given
    if not isinstance(given, Decimal):
        raise CellFaultError(BAD_ARGUMENT)
    if small(given) not in WEEKENDS:
        raise CellFaultError(OUT_OF_RANGE)
    return WEEKENDS[small(given)]


def _dates(column: Column) -> frozenset[date]:
    found = set()
    for each in column:
        if isinstance(each, CellError):
            raise CellFaultError(each)
        if each is not None and each != "":
            found.add(day_of(to_date(each)))
    return frozenset(found)


NUMBER: Final = gives("number")
DATE_TYPE: Final = gives("date")
_HOLIDAYS: Final = "holidays: array?"
_BETWEEN: Final = ("start: date", "end: date")
_MOVE: Final = ("start: date", "days: number")
WORKDAYS: Final = (
    Function(
        "NETWORKDAYS", takes(*_BETWEEN, _HOLIDAYS), NUMBER, networkdays, aliases=("NETWORKDAY",)
    ),
    Function(
        "NETWORKDAYS.INTL",
        takes(*_BETWEEN, "weekend: any?", _HOLIDAYS),
        NUMBER,
        networkdays_intl,
        aliases=("NETWORKDAYS_INTL",),
    ),
    Function("WORKDAY", takes(*_MOVE, _HOLIDAYS), DATE_TYPE, workday),
    Function(
        "WORKDAY.INTL",
        takes(*_MOVE, "weekend: any?", _HOLIDAYS),
        DATE_TYPE,
        workday_intl,
        aliases=("WORKDAY_INTL",),
    ),
    Function(
        "NETWORKDAYSCN", takes(*_BETWEEN, _HOLIDAYS), NUMBER, networkdays_cn, server_only=True
    ),
    Function("WORKDAYCN", takes(*_MOVE, _HOLIDAYS), DATE_TYPE, workday_cn, server_only=True),
    Function(
        "ISWORKDAY", takes("date: date", _HOLIDAYS), gives("boolean"), isworkday, server_only=True
    ),
)
