"""A calendar: a month or a week of records, each on its day."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import request

from runtime.infra.act import Act
from runtime.query import Filter
from runtime.screens.i18n import _, locale
from runtime.screens.lists.state import write_filter
from runtime.screens.lists_work.cards import Card, Look, cards, page_of

MOST: Final = 500
SHOWN: Final = {"month": 4, "week": 30}
FIRST_YEAR, LAST_YEAR = 1900, 2999
WEEKDAYS: Final = {"zh": "一二三四五六日", "en": ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")}


@dataclass(frozen=True)
class Day:
    """One day with its records; `more` leads to all of them."""

    day: date
    cards: tuple[Card, ...]
    hidden: int
    more: str
    is_outside: bool
    is_today: bool


@dataclass(frozen=True)
class Calendar:
    """The days shown, and the way to those before and after."""

    title: str
    span: str
    weekdays: tuple[str, ...]
    days: tuple[Day, ...]
    previous: str
    next: str
    today: str
    month: str
    week: str
    is_cut: bool


def month(act: Act, look: Look, here: str) -> Calendar:
    """Return the month (or the week, `span=week`) round the day `day` of the address."""
    zone = ZoneInfo(look.form.zone)
    today = act.now.astimezone(zone).date()
    span = "week" if request.args.get("span") == "week" else "month"
    middle = _day(request.args.get("day", "")) or today
    first, count = _edges(middle, span)
    days = [first + timedelta(days=n) for n in range(count)]
    placed, is_cut = _placed(act, look, days[0], days[-1], zone)
    drawn = tuple(
        _drawn(look, each, placed.get(each, []), middle, today, SHOWN[span]) for each in days
    )
    before, after = _beside(middle, span)
    return Calendar(
        title=_title(middle, days, span),
        span=span,
        weekdays=tuple(WEEKDAYS[locale()]),
        days=drawn,
        previous=_href(look, here, before, span),
        next=_href(look, here, after, span),
        today=_href(look, here, today, span),
        month=_href(look, here, middle, "month"),
        week=_href(look, here, middle, "week"),
        is_cut=is_cut,
    )


def _placed(
    act: Act, look: Look, first: date, last: date, zone: ZoneInfo
) -> tuple[dict[date, list[Card]], bool]:
    code = look.view.definition.date
    condition = Filter(code, "between", (first.isoformat(), last.isoformat()))
    filters = (*look.asked.filters, condition)
    asked = replace(look.asked, filters=filters, sort=code, size=MOST)
    page = page_of(act, look, asked, code)
    placed: dict[date, list[Card]] = {}
    for row, card in zip(page.rows, cards(act, look, page, code), strict=True):
        placed.setdefault(_day_of(row.values[code], zone), []).append(card)
    return placed, bool(page.next)


def _day_of(value: Any, zone: ZoneInfo) -> date:
    return value.astimezone(zone).date() if isinstance(value, datetime) else value


def _drawn(look: Look, day: date, found: list[Card], middle: date, today: date, most: int) -> Day:
    condition = Filter(look.view.definition.date, "on", (day.isoformat(),))
    more = f"{look.state.base}?{urlencode([('f', write_filter(condition))])}"
    shown = tuple(found[:most])
    is_outside = day.month != middle.month
    return Day(day, shown, len(found) - len(shown), more, is_outside, day == today)


def _edges(middle: date, span: str) -> tuple[date, int]:
    if span == "week":
        return middle - timedelta(days=middle.weekday()), 7
    first = middle.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    start = first - timedelta(days=first.weekday())
    weeks = ((last - start).days + 7) // 7
    return start, weeks * 7


def _beside(middle: date, span: str) -> tuple[date, date]:
    if span == "week":
        return middle - timedelta(days=7), middle + timedelta(days=7)
    first = middle.replace(day=1)
    return (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=31)).replace(day=1)


def _title(middle: date, days: list[date], span: str) -> str:
    if span == "week":
        return f"{days[0].isoformat()} – {days[-1].isoformat()}"
    return _("%(year)s 年 %(month)s 月", year=middle.year, month=middle.month)


def _href(look: Look, here: str, day: date, span: str) -> str:
    pairs = [*look.state.pairs, ("day", day.isoformat())]
    pairs += [("q", look.state.search)] if look.state.search else []
    pairs += [("span", span)] if span != "month" else []
    return f"{here}?{urlencode(pairs)}"


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    # The years before and after have no month beside them that a filter could name.
    return found if FIRST_YEAR < found.year < LAST_YEAR else None
