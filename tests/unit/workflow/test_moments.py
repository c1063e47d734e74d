"""The moments of schedules: days, working days, weeks, months and hours, in the company's zone."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from runtime.workflow.moments import is_due, next_after

ZONE = ZoneInfo("Asia/Shanghai")
# Saturday; the first of October begins a week of holidays, the tenth is a worked Saturday.
CASES: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"every": "hour", "time": "00:20"}, "2026-11-21 09:30", ["11-21 10:20", "11-21 11:20"]),
    ({"every": "day", "time": "08:30"}, "2026-11-21 09:30", ["11-22 08:30", "11-23 08:30"]),
    ({"every": "day"}, "2026-11-21 09:30", ["11-22 00:00"]),
    ({"every": "working_day", "time": "09:00"}, "2026-09-30 10:00", ["10-08 09:00", "10-09 09:00"]),
    ({"every": "week", "days": [1, 5], "time": "09:00"}, "2026-11-21 09:30",
     ["11-23 09:00", "11-27 09:00", "11-30 09:00"]),
    ({"every": "week"}, "2026-11-21 09:30", ["11-23 00:00"]),
    ({"every": "month", "days": [1, 31]}, "2026-11-21 09:30",
     ["11-30 00:00", "12-01 00:00", "12-31 00:00", "01-01 00:00"]),
    ({"every": "month", "days": [30]}, "2027-02-01 00:00", ["02-28 00:00", "03-30 00:00"]),
]  # fmt: skip


@pytest.mark.parametrize(("trigger", "after", "expected"), CASES)
def test_moments(trigger: dict[str, Any], after: str, expected: list[str]) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=ZONE)
    found: list[str] = []
    for _ in expected:
        moment = next_after(trigger, moment, ZONE)
        found.append(f"{moment:%m-%d %H:%M}")
    assert found == expected


def test_what_was_missed__is_due_once() -> None:
    trigger = {"every": "day", "time": "08:00"}
    looked = datetime(2026, 11, 21, 9, tzinfo=ZONE)
    assert not is_due(trigger, looked, looked + timedelta(hours=22), ZONE)
    assert is_due(trigger, looked, looked + timedelta(hours=23), ZONE)
    assert is_due(trigger, looked, looked + timedelta(days=40), ZONE)
