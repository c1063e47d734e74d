"""Times of day and lengths of time as people write them; exact seconds, never a float."""

import re
import unicodedata
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Final

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86_400
# What a bare number may count.
UNITS: Final = {"second": 1, "minute": MINUTE, "hour": HOUR}
DEFAULT_UNIT: Final = "minute"
# More than three centuries, and far inside what a column holds.
LONGEST: Final = 10**10

_CLOCK: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", re.ASCII)
_BARE: Final = re.compile(r"([0-9]{1,2})([0-9]{2})", re.ASCII)
_SPOKEN: Final = re.compile(r"([0-9]{1,2})[点时](?:([0-9]{1,2})分?|(半))?(?:([0-9]{1,2})秒)?")
_HALVES: Final = ("上午", "早上", "凌晨", "中午", "下午", "晚上", "am", "pm")
_LATER: Final = frozenset({"下午", "晚上", "pm"})

_AMOUNT: Final = r"([0-9]+(?:\.[0-9]+)?)"
_PARTS: Final = (
    (re.compile(rf"{_AMOUNT}\s*(?:天|日|days?|d)"), DAY),
    (re.compile(rf"{_AMOUNT}\s*(?:个?小时|时|hours?|hrs?|h)"), HOUR),
    (re.compile(rf"{_AMOUNT}\s*(?:分钟|分|minutes?|mins?|m(?!s))"), MINUTE),
    (re.compile(rf"{_AMOUNT}\s*(?:秒钟?|seconds?|secs?|s)"), 1),
)
_RUN: Final = re.compile(r"([0-9]{1,7}):([0-9]{2})(?::([0-9]{2}))?", re.ASCII)


def read_time(text: str) -> time | None:
    """Read `14:30`, `1430`, `14:30:05`, `下午2:30`, `2点半`, `2:30 pm`."""
    source = unicodedata.normalize("NFKC", text).strip().lower()
    half = next((word for word in _HALVES if source.startswith(word) or source.endswith(word)), "")
    source = source.removeprefix(half).removesuffix(half).strip()
    found = _CLOCK.fullmatch(source) or _BARE.fullmatch(source)
    spoken = _SPOKEN.fullmatch(source)
    if found:
        hour, minute = int(found[1]), int(found[2])
        second = int(found[3] or 0) if found.re is _CLOCK else 0
    elif spoken:
        hour = int(spoken[1])
        minute = 30 if spoken[3] else int(spoken[2] or 0)
        second = int(spoken[4] or 0)
    else:
        return None
    return _of_day(hour, minute, second, half)


def _of_day(hour: int, minute: int, second: int, half: str) -> time | None:
    if half in _LATER and hour < 12:
        hour += 12
    elif half in {"am", "凌晨"} and hour == 12:
        hour = 0
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def show_time(value: time) -> str:
    """Write a time: 14:30, with seconds where there are some."""
    return value.strftime("%H:%M:%S" if value.second else "%H:%M")


def read_duration(text: str, unit: int) -> int | None:
    """Read `1:30`, `1:30:15`, `90 分钟`, `1 小时 30 分`, `1.5h`; a bare number counts `unit`s.

    The answer is in whole seconds; half a second is nothing people mean.
    """
    source = unicodedata.normalize("NFKC", text).strip().lower()
    run = _RUN.fullmatch(source)
    if run:
        minutes, seconds = int(run[2]), int(run[3] or 0)
        fits = minutes < MINUTE and seconds < MINUTE
        return _within(int(run[1]) * HOUR + minutes * MINUTE + seconds) if fits else None
    try:
        return _whole(Decimal(source) * unit) if re.fullmatch(_AMOUNT, source) else _parts(source)
    except InvalidOperation:
        return None


def _parts(source: str) -> int | None:
    total, rest = Decimal(0), source
    for pattern, seconds in _PARTS:
        found = pattern.match(rest)
        if found:
            total += Decimal(found[1]) * seconds
            rest = rest[found.end() :].lstrip(" ,，零又")
    return _whole(total) if not rest and rest != source else None


def _whole(seconds: Decimal) -> int | None:
    return _within(int(seconds)) if seconds == seconds.to_integral_value() else None


def _within(seconds: int) -> int | None:
    return seconds if seconds < LONGEST else None


def show_duration(seconds: int, *, has_seconds: bool) -> str:
    """Write a length of time: 26:30, or 26:30:15 where seconds count."""
    sign, left = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, rest = divmod(left, HOUR)
    minutes, odd = divmod(rest, MINUTE)
    tail = f":{odd:02}" if has_seconds or odd else ""
    return f"{sign}{hours}:{minutes:02}{tail}"
