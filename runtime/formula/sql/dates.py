"""Dates that move, and the days between them."""

from dataclasses import replace
from typing import Final

from runtime.formula.cell_errors import NO_SUCH_DATE
from runtime.formula.sql import arithmetic
from runtime.formula.sql.convert import number
from runtime.formula.sql.dialect import DAY, FIRST_DAY, LAST_DAY, Dialect, Rounded
from runtime.formula.sql.element import Element, Sql, any_of, fault_when
from runtime.formula.sql.value import Value

DATES: Final = ("date", "datetime")
_MOST_DAYS: Final = 10**9
_MOST_SECONDS: Final = 10**12


def move(dialect: Dialect, start: Value, days: Value, sign: int = 1) -> Value:
    """A date plus whole days, a datetime plus days to the second; an empty one is Python's."""
    count = number(dialect, days)
    if start.kind == "date":
        found = moved(dialect, start.sql, dialect.integer(count, _MOST_DAYS), sign)
    else:
        found = _later(dialect, start, count, sign)
    flag = Sql("({0} IS NULL)", start.sql) if start.nullable else None
    return replace(found, flag=any_of(found.flag, flag), nullable=False).with_signs(start, count)


def moved(dialect: Dialect, day: Element, count: Element, sign: int = 1) -> Value:
    """The date so many days later."""
    place = Sql("({0} + {1})" if sign > 0 else "({0} - {1})", dialect.ordinal(day), count)
    return from_ordinal(dialect, place)


def from_ordinal(dialect: Dialect, place: Element) -> Value:
    """The date of a number; there are none before the year 1 and after 9999."""
    inside = Sql(f"({{0}} BETWEEN {FIRST_DAY} AND {LAST_DAY})", place)
    made = Sql("CASE WHEN {0} THEN {1} END", inside, dialect.from_ordinal(place))
    return Value("date", made, fault=fault_when(Sql("NOT {0}", inside), NO_SUCH_DATE))


def _later(dialect: Dialect, start: Value, count: Value, sign: int) -> Value:
    exact = arithmetic.multiply(dialect, count.bare(), arithmetic.exactly(dialect, DAY, 0))
    whole = arithmetic.round_to(dialect, exact, Rounded("half", 0))
    shift = dialect.integer(whole, _MOST_SECONDS)
    place = Sql("({0} + {1})" if sign > 0 else "({0} - {1})", dialect.seconds(start.sql), shift)
    inside = Sql(f"({{0}} BETWEEN {DAY} AND {(LAST_DAY + 1) * DAY - 1})", place)
    made = Sql("CASE WHEN {0} THEN {1} END", inside, dialect.from_seconds(place))
    outside = fault_when(Sql("NOT {0}", inside), NO_SUCH_DATE)
    return Value("datetime", made, fault=outside, flag=whole.flag)


def days_between(dialect: Dialect, left: Value, right: Value) -> Value:
    """The days from `right` to `left`; nothing when one of them is empty."""
    nullable = left.nullable or right.nullable
    if left.kind == right.kind == "date":
        gap = Sql("({0} - {1})", dialect.ordinal(left.sql), dialect.ordinal(right.sql))
        found = arithmetic.integer(dialect, gap, -LAST_DAY, LAST_DAY)
        return replace(found, nullable=nullable).with_signs(left, right)
    ends = (dialect.seconds(midnight(dialect, each).sql) for each in (left, right))
    gap = Sql("({0} - {1})", *ends)
    most = LAST_DAY * DAY
    seconds = arithmetic.integer(dialect, gap, -most, most)
    found = arithmetic.divide(dialect, seconds, arithmetic.exactly(dialect, DAY, 0))
    return replace(found, nullable=nullable).with_signs(left, right)


def midnight(dialect: Dialect, value: Value) -> Value:
    """The date and time a date begins at."""
    if value.kind == "datetime":
        return value
    return replace(value, kind="datetime", sql=dialect.midnight(value.sql))


def calendar(dialect: Dialect, value: Value) -> Value:
    """The date of a date and time."""
    if value.kind == "date":
        return value
    return replace(value, kind="date", sql=dialect.day_of(value.sql))
