"""The moments a schedule names: every hour, day, working day, week or month, at a time of day."""

import calendar
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from runtime.workflow import spans

# Beyond a year every schedule has had a moment, however many holidays there are.
FARTHEST: Final = timedelta(days=400)
MIDNIGHT: Final = "00:00"


def next_after(trigger: Mapping[str, Any], after: datetime, zone: tzinfo) -> datetime:
    """The first moment of a schedule later than another one, both instants."""
    for moment in _moments(trigger, after.astimezone(zone).date(), zone):
        if moment > after:
            return moment.astimezone(after.tzinfo)
    raise AssertionError("a schedule comes round within a year")


def is_due(trigger: Mapping[str, Any], looked: datetime, now: datetime, zone: tzinfo) -> bool:
    """Whether a moment has come since somebody looked; several that were missed are one."""
    return next_after(trigger, looked, zone) <= now


def _moments(trigger: Mapping[str, Any], first: date, zone: tzinfo) -> Iterator[datetime]:
    hour = time.fromisoformat(trigger.get("time", MIDNIGHT))
    day = first
    while day <= first + FARTHEST:
        if trigger["every"] == "hour":
            for number in range(24):
                yield datetime.combine(day, hour.replace(hour=number), zone)
        elif _falls(trigger, datetime.combine(day, hour, zone), zone):
            yield datetime.combine(day, hour, zone)
        day += timedelta(days=1)


def _falls(trigger: Mapping[str, Any], moment: datetime, zone: tzinfo) -> bool:
    match trigger["every"]:
        case "working_day":
            return spans.is_working_day(moment, zone)
        case "week":
            return moment.isoweekday() in trigger.get("days", (1,))
        case "month":
            last = calendar.monthrange(moment.year, moment.month)[1]
            # A day the month does not have is its last one.
            return moment.day in {min(day, last) for day in trigger.get("days", (1,))}
    return True
