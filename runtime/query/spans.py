"""Days by the calendar's words: what `this_month` or `last_days 30` means today."""

from datetime import date, timedelta
from typing import Final

# The farthest a number of days may reach, so that a date is still one.
MOST_DAYS: Final = 3660
# Spans that are told how many days they have.
COUNTED: Final = frozenset({"last_days", "next_days"})


def relative_span(word: str, today: date, days: int = 1) -> tuple[date, date] | None:
    """Return the first and last day of a span, None for a word that means nothing."""
    if word in COUNTED:
        return _counted(word, today, days)
    found = _near(today) | _weeks(today) | _months(today) | _quarters_and_years(today)
    return found.get(word)


def _counted(word: str, today: date, days: int) -> tuple[date, date] | None:
    if not 1 <= days <= MOST_DAYS:
        return None
    reach = timedelta(days=days - 1)
    return (today - reach, today) if word == "last_days" else (today, today + reach)


Spans = dict[str, tuple[date, date]]


def _near(today: date) -> Spans:
    day = timedelta(days=1)
    return {
        "today": (today, today),
        "yesterday": (today - day, today - day),
        "tomorrow": (today + day, today + day),
        "last_7_days": (today - 6 * day, today),
        "last_30_days": (today - 29 * day, today),
        "next_7_days": (today, today + 6 * day),
        "next_30_days": (today, today + 29 * day),
    }


def _weeks(today: date) -> Spans:
    monday, week = today - timedelta(days=today.weekday()), timedelta(days=7)
    sunday = monday + timedelta(days=6)
    return {
        "this_week": (monday, sunday),
        "last_week": (monday - week, sunday - week),
        "next_week": (monday + week, sunday + week),
    }


def _months(today: date) -> Spans:
    first = today.replace(day=1)
    last_before = first - timedelta(days=1)
    following = _month_end(first) + timedelta(days=1)
    return {
        "this_month": (first, _month_end(first)),
        "last_month": (last_before.replace(day=1), last_before),
        "next_month": (following, _month_end(following)),
    }


def _quarters_and_years(today: date) -> Spans:
    first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    before = first - timedelta(days=1)
    last_year = today.year - 1
    return {
        "this_quarter": (first, _month_end(first.replace(month=first.month + 2))),
        "last_quarter": (before.replace(month=before.month - 2, day=1), before),
        "this_year": (today.replace(month=1, day=1), today.replace(month=12, day=31)),
        "last_year": (date(last_year, 1, 1), date(last_year, 12, 31)),
    }


def _month_end(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
