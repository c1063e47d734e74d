"""Dates and times written as text, in the spellings people use."""

import re
from datetime import date, datetime, time
from typing import Final

Moment = date | datetime | time

_YEAR_FIRST: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?", re.ASCII
)
_YEAR_LAST: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_COMPACT: Final = re.compile(r"(19\d\d|20\d\d)(\d\d)(\d\d)", re.ASCII)
_ORDERS: Final = ((_YEAR_FIRST, (0, 1, 2)), (_COMPACT, (0, 1, 2)), (_YEAR_LAST, (2, 0, 1)))
_CLOCK: Final = re.compile(
    r"(上午|下午|AM|PM)?\s*(\d{1,2})\s*[:时]\s*(\d{1,2})\s*(?:[:分]\s*(\d{1,2})(?:\.\d+)?)?\s*[秒分]?"
    r"\s*(AM|PM)?",
    re.ASCII | re.IGNORECASE,
)


def iso_moment(text: str) -> Moment | None:
    """Return the moment of an ISO text, as cells of kind d hold it."""
    for read in (date.fromisoformat, datetime.fromisoformat, time.fromisoformat):
        try:
            found = read(text.removesuffix("Z"))
        except ValueError:
            continue
        if isinstance(found, datetime) and found.time() == time(0):
            return found.date()
        return found
    return None


def text_moment(text: str) -> Moment | None:
    """Return the date, moment or time a text spells, or None."""
    stripped = text.strip()
    if not 4 <= len(stripped) <= 40 or not any(char.isdigit() for char in stripped):
        return None
    for pattern, order in _ORDERS:
        match = pattern.match(stripped)
        if match is None:
            continue
        year, month, day = (int(match.groups()[place]) for place in order)
        return _joined(year, month, day, stripped[match.end() :].strip(" T"))
    clock = _CLOCK.fullmatch(stripped)
    return _clock(clock) if clock else None


def _joined(year: int, month: int, day: int, rest: str) -> Moment | None:
    if month > 12 >= day:
        month, day = day, month
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    if not rest:
        return found
    clock = _CLOCK.fullmatch(rest)
    hours = _clock(clock) if clock else None
    return None if hours is None else datetime.combine(found, hours)


def _clock(match: re.Match[str]) -> time | None:
    half = (match[1] or match[5] or "").upper()
    hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
    if half in {"下午", "PM"} and hour < 12:
        hour += 12
    try:
        return time(hour, minute, second)
    except ValueError:
        return None
