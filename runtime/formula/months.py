"""The calendar behind the date functions: months, their ends, and parts of years."""

import calendar
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from runtime.formula.cell_errors import NO_SUCH_DATE, CellFaultError

LAST_YEAR: Final = 9999


def day_of(given: date) -> date:
    """The calendar date of a date or datetime."""
    return given.date() if isinstance(given, datetime) else given


def first_of_month(year: int, month: int) -> date:
    """The first day of a month that may lie outside its year."""
    months = year * 12 + month - 1
    if not 12 <= months < (LAST_YEAR + 1) * 12:
        raise CellFaultError(NO_SUCH_DATE)
    return date(months // 12, months % 12 + 1, 1)


def last_day(given: date) -> int:
    """How many days its month has."""
    return calendar.monthrange(given.year, given.month)[1]


def months_later(given: date, months: int) -> date:
    """The same day of another month, or the last one it has."""
    first = first_of_month(given.year, given.month + months)
    return first.replace(day=min(given.day, last_day(first)))


def ends_february(given: date) -> bool:
    """Whether it is the last day of February."""
    return given.month == 2 and given.day == last_day(given)


def year_part(first: date, last: date, basis: int) -> tuple[Decimal, Decimal]:
    """Days and days of a year, as YEARFRAC counts them; `first` is not after `last`."""
    days = (last - first).days
    match basis:
        case 1:
            total, years = _actual_years(first, last)
            return Decimal(days * years), Decimal(total)
        case 2:
            return Decimal(days), Decimal(360)
        case 3:
            return Decimal(days), Decimal(365)
    begin, finish = _european(first, last) if basis else _american(first, last)
    months = (last.year - first.year) * 12 + last.month - first.month
    return Decimal(months * 30 + finish - begin), Decimal(360)


def _european(first: date, last: date) -> tuple[int, int]:
    return min(first.day, 30), min(last.day, 30)


def _american(first: date, last: date) -> tuple[int, int]:
    """The days of two months of 30 days, with February's last day as one."""
    begin, finish = first.day, last.day
    if ends_february(first):
        return 30, 30 if ends_february(last) else finish
    if finish == 31 and begin >= 30:
        finish = 30
    return min(begin, 30), finish


def _actual_years(first: date, last: date) -> tuple[int, int]:
    """The days of the years touched and how many years these are; within one year, of that one."""
    within = first.year == last.year or (
        first.year + 1 == last.year and (first.month, first.day) >= (last.month, last.day)
    )
    if within:
        return (366 if _has_leap_day(first, last) else 365), 1
    total = (date(last.year, 12, 31) - date(first.year, 1, 1)).days + 1
    return total, last.year - first.year + 1


def _has_leap_day(first: date, last: date) -> bool:
    """Whether a 29th of February lies between, or both dates in one leap year."""
    if first.year == last.year:
        return calendar.isleap(first.year)
    after = date(first.year, 3, 1)
    if calendar.isleap(first.year) and first < after:
        return True
    return calendar.isleap(last.year) and last >= date(last.year, 2, 29)
