"""Times of the day, and dates moved and compared in any unit."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import (
    BAD_ARGUMENT,
    NO_SUCH_DATE,
    OUT_OF_RANGE,
    CellFaultError,
)
from runtime.formula.months import day_of, months_later
from runtime.formula.numbers import small
from runtime.formula.types import item
from runtime.formula.values import midnight, to_clock, to_number, to_time
from runtime.kinds.function import Function, gives, takes

DAY_SECONDS: Final = 86_400
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Excel takes no hour, minute or second beyond this.
MOST: Final = 32_767
MAX_MOVE: Final = 10**9
MONTHS: Final = {"Y": 12, "M": 1}
SECONDS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
# M is the month and m the minute, as 明道云 writes them; of the others the case does not matter.
UNITS: Final = {
    **{each: each for each in (*MONTHS, *SECONDS)},
    "y": "Y",
    **{each.upper(): each for each in "wdhs"},
    "年": "Y",
    "月": "M",
    "周": "w",
    "天": "d",
    "日": "d",
    "时": "h",
    "分": "m",
    "秒": "s",
}
_MOVES: Final = re.compile(r"(?:[+-]?[0-9]{1,9}[YyMwWdDhHmsS])+")
_MOVE: Final = re.compile(r"([+-]?[0-9]{1,9})([YyMwWdDhHmsS])")
MAX_MOVES: Final = 64


def time_(hour: Decimal, minute: Decimal, second: Decimal) -> time:
    """A time of the day from its parts; minutes and seconds may run over, whole days are dropped.

    由时、分、秒组成时间；超出的会自动进位，满 24 小时从零开始。

    也叫：时刻、钟点

    >>> TIME(8, 30, 0)
    08:30:00
    >>> TIME(27, 0, 0)
    03:00:00
    """
    parts = [small(each) for each in (hour, minute, second)]
    total = parts[0] * 3600 + parts[1] * 60 + parts[2]
    if max(parts) > MOST or total < 0:
        raise CellFaultError(OUT_OF_RANGE)
    minutes, seconds = divmod(total % DAY_SECONDS, 60)
    return time(minutes // 60, minutes % 60, seconds)


def timevalue(text: Any) -> time:
    """The time of the day in a text such as 8:05 or 2026-11-21 18:30, or of a datetime.

    把 8:05、6:30 PM 这样的文字读成时间，也可以取日期时间里的时间。

    也叫：时刻、文字转时间

    >>> TIMEVALUE("8:05")
    08:05:00
    >>> TIMEVALUE("2026-11-21 18:30")
    18:30:00
    """
    return to_time(to_clock(text))


def hour(given: datetime | time) -> Decimal:
    """The hour.

    小时。

    也叫：几点、钟点

    >>> HOUR(NOW())
    18
    >>> HOUR(TIME(8, 30, 0))
    8
    """
    return Decimal(given.hour)


def minute(given: datetime | time) -> Decimal:
    """The minute.

    分钟。

    也叫：几分

    >>> MINUTE(NOW())
    30
    """
    return Decimal(given.minute)


def second(given: datetime | time) -> Decimal:
    """The second.

    秒。

    也叫：秒数

    >>> SECOND(NOW())
    0
    """
    return Decimal(given.second)


def dateadd(given: date, amount: Any, unit: str = "d") -> date:
    """A date moved by an amount and a unit, or by a text such as "+1M-3d".

    日期加上或减去一段时间：DATEADD(日期, 3, "M")，或像明道云那样写成 "+1M-3d"。
    单位 Y 年、M 月、w 周、d 天、h 时、m 分、s 秒（M 是月，m 是分）；时分秒只用于日期时间。

    也叫：加天数、加月、几天后、几天前、到期

    >>> DATEADD(DATE(2026,1,31), 1, "M")
    2026-02-28
    >>> DATEADD(DATE(2026,11,21), "+1M-3d")
    2026-12-18
    >>> DATEADD(NOW(), "+2h")
    2026-11-21 20:30:00
    """
    text = amount.replace(" ", "") if isinstance(amount, str) else ""
    if not _MOVES.fullmatch(text):
        return _moved(given, small(to_number(amount), MAX_MOVE), _unit(unit))
    moves = _MOVE.findall(text)
    if len(moves) > MAX_MOVES:
        raise CellFaultError(BAD_ARGUMENT)
    for count, letter in moves:
        given = _moved(given, int(count), UNITS[letter])
    return given


def _unit(unit: str) -> str:
    if unit not in UNITS:
        raise CellFaultError(BAD_ARGUMENT)
    return UNITS[unit]


def _moved(given: date, count: int, unit: str) -> date:
    if unit in MONTHS:
        day = months_later(day_of(given), count * MONTHS[unit])
        return datetime.combine(day, given.time()) if isinstance(given, datetime) else day
    seconds = count * SECONDS[unit]
    if not isinstance(given, datetime) and seconds % DAY_SECONDS:
        raise CellFaultError(BAD_ARGUMENT)
    try:
        return given + timedelta(seconds=seconds)
    except OverflowError:
        raise CellFaultError(NO_SUCH_DATE) from None


def dateif(start: date, end: date, unit: str = "d") -> Decimal:
    """The whole units from one date to another; negative when the end comes first.

    从开始到结束有多少个整的单位，结束在前时为负。单位同 DATEADD，默认是天；得到数字，不带“天”字。

    也叫：时间差、相差、天数、小时数、工时

    >>> DATEIF(DATE(2026,11,1), DATE(2026,11,21))
    20
    >>> DATEIF(DATE(2026,11,21), NOW(), "h")
    18
    >>> DATEIF(DATE(2026,3,15), DATE(2025,3,16), "Y")
    0
    """
    chosen = _unit(unit)
    first, last = sorted((midnight(start), midnight(end)))
    sign = -1 if midnight(start) > midnight(end) else 1
    if chosen in MONTHS:
        months = (last.year - first.year) * 12 + last.month - first.month
        early = (last.day, last.time()) < (first.day, first.time())
        return Decimal(sign * ((months - early) // MONTHS[chosen]))
    gap = last - first
    return Decimal(sign * ((gap.days * DAY_SECONDS + gap.seconds) // SECONDS[chosen]))


def timestamp(zone: tzinfo, given: date) -> Decimal:
    """The milliseconds from the beginning of 1970 in UTC to a date in the zone of the app.

    时间戳：从 1970-01-01 00:00（世界时）到这个日期（按应用的时区）的毫秒数。

    也叫：毫秒、时间戳

    >>> TIMESTAMP(DATE(2026,11,21))
    1795190400000
    """
    gap = midnight(given).replace(tzinfo=zone) - BEGINNING
    return Decimal((gap.days * DAY_SECONDS + gap.seconds) * 1000)


NUMBER: Final = gives("number")
_CLOCK: Final = takes("time: clock")
TIME: Final = (
    Function(
        "TIME", takes("hour: number", "minute: number", "second: number"), gives("time"), time_
    ),
    Function("TIMEVALUE", takes("text: any"), gives("time"), timevalue),
    Function("HOUR", _CLOCK, NUMBER, hour),
    Function("MINUTE", _CLOCK, NUMBER, minute),
    Function("SECOND", _CLOCK, NUMBER, second),
    Function(
        "DATEADD",
        takes("date: date", "amount: any", "unit: text?"),
        lambda kinds: "datetime" if item(kinds[0]) == "datetime" else "date",
        dateadd,
    ),
    Function("DATEIF", takes("start: date", "end: date", "unit: text?"), NUMBER, dateif),
    Function("TIMESTAMP", takes("date: date"), NUMBER, timestamp, zoned=True, server_only=True),
)
