"""When something is due: spans of time, working days of the Chinese calendar, dates of fields."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo
from typing import Any, Final

from runtime.formula.workdays import Calendar
from runtime.kinds.chinese_calendar import DAYS_OFF, WORKED_WEEKENDS

_CALENDAR: Final = Calendar("0000011", DAYS_OFF, WORKED_WEEKENDS)


def after(span: Mapping[str, Any], start: datetime, zone: tzinfo) -> datetime:
    """The moment so long after a start; a working day later is the same hour of that day."""
    count, unit = int(span["n"]), span["unit"]
    if unit != "working_days":
        return start + timedelta(**{unit: count})
    local = start.astimezone(zone)
    day = _CALENDAR.moved(local.date(), count)
    return local.replace(year=day.year, month=day.month, day=day.day).astimezone(start.tzinfo)


def at(moment: Mapping[str, Any], day: datetime, zone: tzinfo) -> datetime:
    """The moment a field of a date names: so many days from it, at a time of that day."""
    local = day.astimezone(zone)
    moved = local.date() + timedelta(days=int(moment.get("days", 0)))
    hour = time.fromisoformat(moment["time"]) if "time" in moment else local.time()
    return datetime.combine(moved, hour, zone)


def is_working_day(moment: datetime, zone: tzinfo) -> bool:
    """Whether people work on the day of a moment."""
    day = moment.astimezone(zone).date()
    return _CALENDAR.between(day, day) == 1
